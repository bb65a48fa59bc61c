"""Where a task goes on. The reference's generators remember this by themselves; compiled, each place has a number."""

from __future__ import annotations

WAIT = 0  # for a moment of the calendar or for somebody else
OPEN, LINE_UP, LINE, REQUEST, RETURN = range(1, 6)  # as a root task
ENTER, PLACED, BEHAVED, FAIL, LEAVE = range(6, 11)  # life
SIDE, SIDE_CALL, COUNT_TURNS, NEXT_TURN, TURN, TURN_DONE, SPAWN, TOOLS_DONE = range(11, 19)  # turns
JOIN, JOINED, AWAIT, TAKE_IN, RE_ENTER = range(19, 24)  # children's results
CALL, ROOM, FLUSH, COMPACT, COMPACTED, FIT, WRITTEN = range(24, 31)  # a call that grows the context
ASK, ANSWERED, MOVED = range(31, 34)  # any call
TRACED, AWAKE, BORN, UNDER_WAY, AWAIT_BACK, PAUSE, NEXT_CALL, CALLED = range(34, 42)  # as a trace has it
