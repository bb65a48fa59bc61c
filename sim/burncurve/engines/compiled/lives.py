"""A task's life from asking for a place to giving it back (the twin of the reference's Task.life)."""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import family, labels, moments, places, turns
from burncurve.engines.compiled.draws import drawn
from burncurve.engines.compiled.jit import frequent, inlined, kernel


@inlined
def enter(w: Any, slot: Any, after: Any) -> Any:
    """Ask for a place."""
    w.tasks[slot].label = after
    places.ask(w, slot)
    return labels.WAIT


@inlined
def placed(s: Any, w: Any, slot: Any) -> Any:
    """Begin with the side calls of the request, if there are any."""
    task = w.tasks[slot]
    task.started, task.side_each, task.side_at = w.clock[0].now, turns.EACH_REQUEST, 0
    return labels.SIDE if s.agents[task.agent].sides else labels.COUNT_TURNS


@inlined
def behaved(w: Any, slot: Any) -> Any:
    """After the last turn take in what is still out."""
    w.tasks[slot].take_in_for = turns.AT_END
    return labels.TAKE_IN


@kernel
def fail(w: Any, slot: Any) -> Any:
    """Give up: children not yet started never start, results of the others reach nobody."""
    task = w.tasks[slot]
    task.failed = task.abandoned = 1
    return labels.LEAVE


@frequent
def leave(s: Any, w: Any, slot: Any) -> Any:
    """Give the place back; a child returns its result."""
    task = w.tasks[slot]
    places.give_back(w)
    if task.source != family.AS_CHILD:
        return labels.RETURN
    task.result = 0 if task.failed else drawn(s, s.agents[task.agent].result, task, task.key, 0)
    moments.at(w, w.clock[0].now, moments.CHILD_RESULT, task.parent_number, task.number, slot)
    return labels.WAIT
