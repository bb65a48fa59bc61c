"""Where a task goes on. The reference's generators remember this by themselves; compiled, each place has a number."""

from __future__ import annotations

WAIT = 0  # for a moment of the calendar or for somebody else
OPEN, LINE_UP, LINE, REQUEST, RETURN = range(1, 6)  # as a root task
ENTER, PLACED, BEHAVED, FAIL, LEAVE = range(6, 11)  # life
SIDE, COUNT_TURNS, NEXT_TURN, TURN, TURN_DONE, SPAWN, TOOLS_DONE = range(11, 18)  # turns
JOIN, JOINED, AWAIT, TAKE_IN, RE_ENTER = range(18, 23)  # children's results
CALL, COMPACT, COMPACTED, FIT, WRITTEN = range(23, 28)  # a call that grows the context
ASK, ANSWERED = range(28, 30)  # any call
