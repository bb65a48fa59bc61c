"""The calendar: a tournament in the documented order, and what runs behind the moment being handled.

Every moment has a lane, eight lanes meet in a match, and the earliest goes on to the next one, again among eight.
A moment that is taken leaves its lane as a hole, and the matches on its way are played anew at once, each in one
register: who is next is known while the moment is handled. Most moments bring about one other, which takes the hole and
meets only the winners. No branch depends on who wins; in a heap every step down is one that nobody can guess.
"""

from __future__ import annotations

from typing import Any

from numba.cpython.unsafe.numbers import trailing_zeros

from burncurve.engines.compiled import layout
from burncurve.engines.compiled.jit import either, frequent, inlined, kernel, usual
from burncurve.engines.compiled.layout import IN_A_MATCH, NONE
from burncurve.engines.compiled.matches import earliest

CALL_END, TOOL_END, CHILD_RESULT, RETRY, ARRIVAL, BUDGET, GRANT = range(7)
ENTITY_BITS, KIND_BITS, SLOT_BITS = 32, 3, 32
SLOT_MASK = (1 << SLOT_BITS) - 1
MATCH_BITS, PLACE_MASK = IN_A_MATCH.bit_length() - 1, IN_A_MATCH - 1
NEVER = 1 << 62  # and a little more, another number for every lane without a moment: they are never equal


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
    order = (((round_ << KIND_BITS) | kind) << ENTITY_BITS) | entity
    _enter(w, lane, at_us, order, (ordinal << SLOT_BITS) | slot)


@frequent
def _new_lane(w: Any) -> Any:
    """Return a lane without a moment, NONE if there is none."""
    clock, lane = w.clock[0], w.clock[0].free_lane
    if lane != NONE:
        clock.free_lane = w.moments[lane].order
    else:
        lane = clock.lanes
        if lane == len(w.moments):
            clock.full = layout.MOMENTS
            return NONE
        if lane == clock.width:
            _widen(w)
        clock.lanes += 1
    clock.moments += 1
    return lane


@kernel
def _widen(w: Any) -> None:
    """Add a round of matches before all others; now every lane has a moment."""
    begin(w, IN_A_MATCH * w.clock[0].width)
    for lane in range(w.clock[0].lanes):
        moment = w.moments[lane]
        _enter(w, lane, moment.at, moment.order, moment.value)


@kernel
def begin(w: Any, width: Any) -> None:
    """Lay out a tournament of so many lanes, a power of IN_A_MATCH, in which nobody plays."""
    clock = w.clock[0]
    clock.width, clock.first_match = width, (width // IN_A_MATCH - 1) // (IN_A_MATCH - 1)
    clock.next_at = NEVER + width
    for number in range((width - 1) // (IN_A_MATCH - 1)):
        for place in range(IN_A_MATCH):
            lane = _lane_at(clock.first_match, number, place)
            w.matches[number].at[place], w.matches[number].lanes[place] = NEVER + lane, lane


@inlined
def _lane_at(first_match: Any, number: Any, place: Any) -> Any:
    """Return the first of the lanes from which one comes to a place in a match."""
    while number < first_match:
        number, place = IN_A_MATCH * number + 1 + place, 0
    return IN_A_MATCH * (number - first_match) + place


@inlined
def _enter(w: Any, lane: Any, at_us: Any, order: Any, value: Any) -> None:
    """Let a moment take its place in a lane that has none, and in the matches that it wins."""
    clock, moment = w.clock[0], w.moments[lane]
    moment.at, moment.order, moment.value = at_us, order, value
    number, place = clock.first_match + (lane >> MATCH_BITS), lane & PLACE_MASK
    w.matches[number].at[place] = at_us
    while number > 0:
        number, place = (number - 1) >> MATCH_BITS, (number - 1) & PLACE_MASK
        match = w.matches[number]
        if not _is_before(w, lane, match.at[place], match.lanes[place]):
            break
        match.at[place], match.lanes[place] = at_us, lane
    wins = at_us < clock.next_at
    if not usual(at_us != clock.next_at):
        wins = _is_first(moment, w.moments[clock.next_lane])
    clock.next_at, clock.next_lane = either(wins, at_us, clock.next_at), either(wins, lane, clock.next_lane)
    clock.next_order = either(wins, order, clock.next_order)
    clock.next_value = either(wins, value, clock.next_value)


@inlined
def _is_before(w: Any, lane: Any, at_us: Any, other: Any) -> Any:
    """Say whether a lane's moment comes before that of another lane, whose time this is."""
    moment = w.moments[lane]
    return moment.at < at_us or (moment.at == at_us and _is_first(moment, w.moments[other]))


@inlined
def _is_first(a: Any, b: Any) -> Any:
    """Say whether the first of two moments of the same time comes first."""
    return a.order < b.order or (a.order == b.order and a.value < b.value)


@inlined
def _leave(w: Any, lane: Any) -> None:
    """Play the matches of a lane on the way to the last, which stands in front, without its moment."""
    clock, at_us = w.clock[0], NEVER + lane
    number, place = clock.first_match + (lane >> MATCH_BITS), lane & PLACE_MASK
    while True:
        match = w.matches[number]
        match.lanes[place] = lane
        at_us, winners = earliest(match.at, place, at_us)
        lane = match.lanes[trailing_zeros(winners)]
        if not usual(winners & (winners - 1) == 0):
            lane = _first_of(w, number, winners)
        if number == 0:
            break
        number, place = (number - 1) >> MATCH_BITS, (number - 1) & PLACE_MASK
    clock.next_at, clock.next_lane = at_us, lane
    clock.next_order, clock.next_value = w.moments[lane].order, w.moments[lane].value


@kernel
def _first_of(w: Any, number: Any, winners: Any) -> Any:
    """Return the lane of the first of several moments of the same time in a match, whose places are bits."""
    first = NONE
    for place in range(IN_A_MATCH):
        if (winners >> place) & 1:
            lane = w.matches[number].lanes[place]
            if first == NONE or _is_first(w.moments[lane], w.moments[first]):
                first = lane
    return first


@inlined
def next_us(w: Any) -> Any:
    """Return when something happens next, NEVER or later if nothing does."""
    return w.clock[0].next_at


@inlined
def take(w: Any) -> Any:
    """Return time, order and value of the next moment, which leaves a hole."""
    clock = w.clock[0]
    at_us, order, value = clock.next_at, clock.next_order, clock.next_value
    clock.hole = clock.next_lane
    _leave(w, clock.hole)
    return at_us, order, value


@inlined
def close_hole(w: Any) -> None:
    """Free the lane whose moment has been handled, if nothing has taken it."""
    clock, lane = w.clock[0], w.clock[0].hole
    if lane == NONE:
        return
    clock.hole = NONE
    clock.moments -= 1
    w.moments[lane].order, clock.free_lane = clock.free_lane, lane


@inlined
def soon(w: Any, process: Any) -> None:
    """Let a task (its slot) or a person (-1 - number) go on behind the moment being handled, in order of asking."""
    clock = w.clock[0]
    if clock.soon_tail >= len(w.soon):
        clock.full = layout.SOON
        return
    w.soon[clock.soon_tail] = process
    clock.soon_tail += 1
