"""The calendar: a binary heap in the documented order, and what runs behind the moment being handled.

A moment that is handled leaves a hole in the first place. Most moments bring about one other, which then sinks from
there: half the work of filling the hole first and letting the new one rise.
"""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import layout
from burncurve.engines.compiled.jit import inlined

CALL_END, TOOL_END, CHILD_RESULT, RETRY, ARRIVAL, BUDGET, GRANT = range(7)
ENTITY_BITS, KIND_BITS, SLOT_BITS = 32, 3, 32
SLOT_MASK = (1 << SLOT_BITS) - 1
NEVER = 1 << 62


@inlined
def at(w: Any, at_us: Any, kind: Any, entity: Any, ordinal: Any, slot: Any) -> None:
    """Let something happen; work for the current time gets the next round. `slot` says to whom."""
    clock = w.clock[0]
    put(w, at_us, clock.round + 1 if at_us == clock.now else 0, kind, entity, ordinal, slot)


@inlined
def put(w: Any, at_us: Any, round_: Any, kind: Any, entity: Any, ordinal: Any, slot: Any) -> None:
    """Let something happen in a certain round of its time."""
    clock = w.clock[0]
    last = clock.moments
    if last + 1 >= len(w.moments):
        clock.full = layout.MOMENTS
        return
    order = (((round_ << KIND_BITS) | kind) << ENTITY_BITS) | entity
    value = (ordinal << SLOT_BITS) | slot
    if clock.hole:
        clock.hole = 0
        _sink(w, last, at_us, order, value)
        return
    clock.moments = last + 1
    w.moments[last + 1].at = NEVER
    _rise(w, last, at_us, order, value)


@inlined
def _before(a: Any, at_us: Any, order: Any, value: Any) -> Any:
    """Say whether a moment stands before a key; the times alone are compared without a branch, ties are seldom."""
    if a.at == at_us:
        return (a.order < order) | ((a.order == order) & (a.value < value))
    return a.at < at_us


@inlined
def _write(moment: Any, at_us: Any, order: Any, value: Any) -> None:
    moment.at, moment.order, moment.value = at_us, order, value


@inlined
def _rise(w: Any, hole: Any, at_us: Any, order: Any, value: Any) -> None:
    moments = w.moments
    while hole > 0:
        above = moments[(hole - 1) >> 1]
        if _before(above, at_us, order, value):
            break
        _write(moments[hole], above.at, above.order, above.value)
        hole = (hole - 1) >> 1
    _write(moments[hole], at_us, order, value)


@inlined
def _sink(w: Any, count: Any, at_us: Any, order: Any, value: Any) -> None:
    """Put a key into the first place, or below what stands before it; behind the last moment stands one at NEVER."""
    moments = w.moments
    hole, below = 0, 1
    while below < count:
        left, right = moments[below], moments[below + 1]
        below += _before(right, left.at, left.order, left.value)
        child = moments[below]
        if not _before(child, at_us, order, value):
            break
        _write(moments[hole], child.at, child.order, child.value)
        hole, below = below, 2 * below + 1
    _write(moments[hole], at_us, order, value)


@inlined
def close_hole(w: Any) -> None:
    """Fill the first place, if its moment has been handled and nothing has taken it."""
    clock, moments = w.clock[0], w.moments
    if not clock.hole:
        return
    last = clock.moments - 1
    clock.hole, clock.moments = 0, last
    moment = moments[last]
    at_us, order, value = moment.at, moment.order, moment.value
    moment.at = NEVER
    if last:
        _sink(w, last, at_us, order, value)


@inlined
def soon(w: Any, process: Any) -> None:
    """Let a task (its slot) or a person (-1 - number) go on behind the moment being handled, in order of asking."""
    clock = w.clock[0]
    if clock.soon_tail >= len(w.soon):
        clock.full = layout.SOON
        return
    w.soon[clock.soon_tail] = process
    clock.soon_tail += 1
