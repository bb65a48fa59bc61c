"""The calendar: a binary heap in the documented order, and what runs behind the moment being handled."""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import layout
from burncurve.engines.compiled.jit import inlined

CALL_END, TOOL_END, CHILD_RESULT, RETRY, ARRIVAL, BUDGET, GRANT = range(7)
ENTITY_BITS, KIND_BITS, SLOT_BITS = 32, 3, 32
SLOT_MASK = (1 << SLOT_BITS) - 1


@inlined
def at(w: Any, at_us: Any, kind: Any, entity: Any, ordinal: Any, slot: Any) -> None:
    """Let something happen; work for the current time gets the next round. `slot` says to whom."""
    clock = w.clock[0]
    last = clock.moments
    if last >= len(w.moments):
        clock.full = layout.MOMENTS
        return
    round_ = clock.round + 1 if at_us == clock.now else 0
    order = (((round_ << KIND_BITS) | kind) << ENTITY_BITS) | entity
    clock.moments = last + 1
    _sift_up(w.moments, last, at_us, order, (ordinal << SLOT_BITS) | slot)


@inlined
def before(at_us: Any, order: Any, value: Any, moment: Any) -> Any:
    """Say whether a key stands before that of a moment."""
    if at_us != moment.at:
        return at_us < moment.at
    if order != moment.order:
        return order < moment.order
    return value < moment.value


@inlined
def _sift_up(moments: Any, hole: Any, at_us: Any, order: Any, value: Any) -> None:
    while hole > 0:
        above = (hole - 1) >> 1
        if not before(at_us, order, value, moments[above]):
            break
        moments[hole] = moments[above]
        hole = above
    moment = moments[hole]
    moment.at, moment.order, moment.value = at_us, order, value


@inlined
def drop_first(w: Any) -> None:
    """Take the first moment out."""
    clock, moments = w.clock[0], w.moments
    last = clock.moments - 1
    clock.moments = last
    at_us, order, value = moments[last].at, moments[last].order, moments[last].value
    hole, below = 0, 1
    while below < last:
        right = moments[below + 1]
        if below + 1 < last and before(right.at, right.order, right.value, moments[below]):
            below += 1
        child = moments[below]
        if before(at_us, order, value, child):
            break
        moments[hole] = child
        hole, below = below, 2 * below + 1
    moment = moments[hole]
    moment.at, moment.order, moment.value = at_us, order, value


@inlined
def soon(w: Any, process: Any) -> None:
    """Let a task (its slot) or a person (-1 - number) go on behind the moment being handled, in order of asking."""
    clock = w.clock[0]
    if clock.soon_tail >= len(w.soon):
        clock.full = layout.SOON
        return
    w.soon[clock.soon_tail] = process
    clock.soon_tail += 1
