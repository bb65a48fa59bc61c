"""The way of most calls in one piece: from an answer to the tools, from the tools to the next call.

These are the steps of `serving` and `turns`, one after the other without a look at the label in between; whatever
is not the common case goes on at its label.
"""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import labels, lives, serving, turns
from burncurve.engines.compiled.jit import inlined, usual


@inlined
def call_ended(s: Any, w: Any, slot: Any) -> Any:
    """Take the answer, begin the tools; return the label where the task goes on."""
    task = w.tasks[slot]
    if task.status != serving.OK or task.after_served != labels.WRITTEN:
        return labels.ANSWERED
    after = serving.written(w, slot)
    if after != labels.TURN_DONE or s.agents[task.agent].sides:
        return after
    label = turns.spawn(s, w, slot)
    is_over = label == labels.JOIN and task.turn >= task.turns and task.born == 0
    return labels.LEAVE if is_over else label


@inlined
def placed(s: Any, w: Any, slot: Any) -> Any:
    """Begin the request, up to its first call; return the label where the task goes on."""
    label = lives.placed(s, w, slot)
    if label == labels.COUNT_TURNS:
        label = turns.count_turns(s, w, slot)
        if label == labels.TURN:
            return turns.turn(s, w, slot)
    return label


@inlined
def tools_ended(s: Any, w: Any, slot: Any) -> Any:
    """Take the results, make the call of the next turn; return the label where the task goes on."""
    task = w.tasks[slot]
    if not usual(task.label == labels.TOOLS_DONE):
        return task.label
    turns.tools_done(s, w, slot)
    if task.born_first >= 0 or task.results_first >= 0 or task.turn >= task.turns:
        return labels.JOIN
    turns.turn(s, w, slot)
    label = serving.start_call(s, w, slot)
    return serving.ask(s, w, slot) if usual(label == labels.ASK) else label
