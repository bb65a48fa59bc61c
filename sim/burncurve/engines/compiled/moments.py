"""The calendar: a tournament in the documented order, and what runs behind the moment being handled.

Every moment has a lane, and of two that meet the earlier one goes on to the next match. A moment that is handled leaves
its lane as a hole, most bring about one other, which takes it: then the matches on its way are played anew. Whom it
meets is known beforehand, and no branch depends on who wins: in a heap every step down is one that nobody can guess.
"""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import layout
from burncurve.engines.compiled.jit import either, frequent, inlined, kernel
from burncurve.engines.compiled.layout import NONE

CALL_END, TOOL_END, CHILD_RESULT, RETRY, ARRIVAL, BUDGET, GRANT = range(7)
ENTITY_BITS, KIND_BITS, SLOT_BITS = 32, 3, 32
SLOT_MASK = (1 << SLOT_BITS) - 1
NEVER = 1 << 62  # and a little more, another number for every lane without a moment: they are never equal
FIRST_WIDTH = 8  # lanes at the beginning


@inlined
def at(w: Any, at_us: Any, kind: Any, entity: Any, ordinal: Any, slot: Any) -> None:
    """Let something happen; work for the current time gets the next round. `slot` says to whom."""
    clock = w.clock[0]
    put(w, at_us, clock.round + 1 if at_us == clock.now else 0, kind, entity, ordinal, slot)


@inlined
def put(w: Any, at_us: Any, round_: Any, kind: Any, entity: Any, ordinal: Any, slot: Any) -> None:
    """Let something happen in a certain round of its time."""
    clock = w.clock[0]
    lane = clock.hole
    if lane == NONE:
        lane = _new_lane(w)
        if lane == NONE:
            return
    clock.hole = NONE
    moment = w.moments[lane]
    moment.order = (((round_ << KIND_BITS) | kind) << ENTITY_BITS) | entity
    moment.value = (ordinal << SLOT_BITS) | slot
    _play(w, lane, at_us)


@frequent
def _new_lane(w: Any) -> Any:
    """Return a lane without a moment, NONE if there is none."""
    clock, lane = w.clock[0], w.clock[0].free_lane
    if lane != NONE:
        clock.free_lane = w.moments[lane].order
    else:
        lane = clock.lanes
        if lane == clock.width and not _widen(w):
            return NONE
        clock.lanes += 1
    clock.moments += 1
    return lane


@kernel
def _widen(w: Any) -> Any:
    """Double the lanes; say whether there was memory for that."""
    clock = w.clock[0]
    if 2 * clock.width > len(w.moments):
        clock.full = layout.MOMENTS
        return False
    begin(w, 2 * clock.width)
    for lane in range(clock.lanes):
        _play(w, lane, w.moments[lane].at)
    return True


@kernel
def begin(w: Any, width: Any) -> None:
    """Lay out a tournament of so many lanes, a power of two, in which nobody plays."""
    w.clock[0].width = width
    for number in range(1, 2 * width):
        lane = number
        while lane < width:
            lane *= 2
        match = w.matches[number]
        match.at, match.lane = NEVER + lane - width, lane - width


@inlined
def _play(w: Any, lane: Any, at_us: Any) -> None:
    """Give a lane its time, and play all matches on the way to the first anew."""
    w.moments[lane].at = at_us
    number = w.clock[0].width + lane
    match = w.matches[number]
    match.at, match.lane = at_us, lane
    while number > 1:
        rival = w.matches[number ^ 1]
        ahead_us = 0 if rival.at != at_us else _is_first(w.moments[rival.lane], w.moments[lane])
        loses = rival.at < at_us + ahead_us
        at_us, lane = either(loses, rival.at, at_us), either(loses, rival.lane, lane)
        number >>= 1
        match = w.matches[number]
        match.at, match.lane = at_us, lane


@inlined
def _is_first(a: Any, b: Any) -> Any:
    """Say whether the first of two moments of the same time comes first: 1 or 0."""
    return 1 if (a.order < b.order) | ((a.order == b.order) & (a.value < b.value)) else 0


@inlined
def next_us(w: Any) -> Any:
    """Return when something happens next, NEVER or later if nothing does."""
    return w.matches[1].at


@inlined
def take(w: Any) -> Any:
    """Return the next moment, which leaves a hole."""
    clock = w.clock[0]
    clock.hole = w.matches[1].lane
    return w.moments[clock.hole]


@inlined
def close_hole(w: Any) -> None:
    """Free the lane whose moment has been handled, if nothing has taken it."""
    clock, lane = w.clock[0], w.clock[0].hole
    if lane == NONE:
        return
    clock.hole = NONE
    clock.moments -= 1
    w.moments[lane].order, clock.free_lane = clock.free_lane, lane
    _play(w, lane, NEVER + lane)


@inlined
def soon(w: Any, process: Any) -> None:
    """Let a task (its slot) or a person (-1 - number) go on behind the moment being handled, in order of asking."""
    clock = w.clock[0]
    if clock.soon_tail >= len(w.soon):
        clock.full = layout.SOON
        return
    w.soon[clock.soon_tail] = process
    clock.soon_tail += 1
