"""The tools of a turn: how many run, which, for how long, and what they return."""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import ahead, context, tasks
from burncurve.engines.compiled.draws import draw, step_of
from burncurve.engines.compiled.jit import inlined, usual
from burncurve.engines.compiled.layout import NONE
from burncurve.engines.compiled.rules import least, most, ordinal_of
from burncurve.engines.rules import MAX_TRIES


@inlined
def begin(s: Any, w: Any, slot: Any) -> Any:
    """Draw how many tools run after this turn; say whether any does. The last turn is the answer and runs none."""
    task, sheet = w.tasks[slot], w.sheets[slot]
    agent = s.agents[task.agent]
    task.tools = 0
    if agent.uses_tools and task.turn < task.turns:
        if usual(agent.tools.single):
            task.tools = 1
        else:
            at = task.turn - task.drawn_from
            number = ahead.taken(s, sheet.tools, at, agent.tools.calls, task, task.key, task.turn)
            task.tools = least(number, MAX_TRIES)
    return task.tools > 0


@inlined
def _place(s: Any, task: Any, i: Any) -> Any:
    """Return where in its sheet a task's i-th tool of this turn stands: the first does, if there is but one kind."""
    return NONE if i or s.agents[task.agent].tools.choices > 1 else task.turn - task.drawn_from


@inlined
def _chosen(s: Any, task: Any, i: Any) -> Any:
    tools, step = s.agents[task.agent].tools, 0
    if tools.choices > 1:
        u = draw(task.key, tools.salt, ordinal_of(task.turn, i))
        step = step_of(s.thresholds, tools.first_step, tools.choices, u)
    return tools.first_choice + step


@inlined
def lasting_us(s: Any, w: Any, slot: Any) -> Any:
    """Return how long this turn's tools take."""
    task, sheet = w.tasks[slot], w.sheets[slot]
    if usual(s.agents[task.agent].tools.single):
        task.searches += s.choices[s.agents[task.agent].tools.first_choice].searches
        return sheet.time[task.turn - task.drawn_from]
    total = longest = 0
    for i in range(task.tools):
        tool = s.choices[_chosen(s, task, i)]
        time = ahead.taken(s, sheet.time, _place(s, task, i), tool.time, task, task.key, ordinal_of(task.turn, i))
        task.searches += tool.searches
        total += time
        longest = most(longest, time)
    return longest if s.agents[task.agent].tools.parallel else total


@inlined
def results(s: Any, w: Any, slot: Any) -> None:
    """Append what this turn's tools return."""
    task, sheet = w.tasks[slot], w.sheets[slot]
    if usual(s.agents[task.agent].tools.single):
        tasks.receive(s, w, task, context.TOOLS, sheet.result[task.turn - task.drawn_from])
        return
    for i in range(task.tools):
        tool = s.choices[_chosen(s, task, i)]
        result = ahead.taken(s, sheet.result, _place(s, task, i), tool.result, task, task.key, ordinal_of(task.turn, i))
        tasks.receive(s, w, task, context.TOOLS, least(result, tool.cap))
