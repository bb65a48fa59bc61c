"""Agents at work at once: a place each, given first come first served (the twin of the reference's Places)."""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import moments
from burncurve.engines.compiled.jit import frequent, inlined
from burncurve.engines.compiled.layout import NONE

LARGEST = 1 << 40


@inlined
def ask(w: Any, slot: Any) -> None:
    """Let a task wait for a place."""
    clock = w.clock[0]
    if clock.places_first >= 0:
        w.tasks[clock.places_last].next = slot
    else:
        clock.places_first = slot
    clock.places_last = slot
    _look_soon(w)


@inlined
def give_back(w: Any) -> None:
    """Free a place."""
    w.clock[0].free += 1
    if w.clock[0].places_first >= 0:
        _look_soon(w)


@inlined
def _look_soon(w: Any) -> None:
    clock = w.clock[0]
    if not clock.look_due:
        clock.look_due = 1
        moments.at(w, clock.now, moments.GRANT, 0, 0, 0)


@frequent
def look(w: Any) -> None:
    """Give free places to those who wait."""
    clock = w.clock[0]
    clock.look_due = 0
    while clock.places_first >= 0 and clock.free and not clock.full:
        clock.free -= 1
        slot = clock.places_first
        clock.places_first, w.tasks[slot].next = w.tasks[slot].next, NONE
        moments.soon(w, slot)
