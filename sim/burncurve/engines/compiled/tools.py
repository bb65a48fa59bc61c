"""The tools of a turn: how many run, which, for how long, and what they return."""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import context, tasks
from burncurve.engines.compiled.draws import draw, drawn, step_of
from burncurve.engines.compiled.jit import inlined
from burncurve.engines.compiled.rules import least, most, ordinal_of
from burncurve.engines.rules import MAX_TRIES


@inlined
def begin(s: Any, task: Any) -> Any:
    """Draw how many tools run after this turn; say whether any does. The last turn is the answer and runs none."""
    agent = s.agents[task.agent]
    task.tools = 0
    if agent.uses_tools and task.turn < task.turns:
        task.tools = least(drawn(s, agent.tools.calls, task, task.key, task.turn), MAX_TRIES)
    return task.tools > 0


@inlined
def _chosen(s: Any, task: Any, slot: Any) -> Any:
    tools, step = s.agents[task.agent].tools, 0
    if tools.choices > 1:
        u = draw(task.key, tools.salt, ordinal_of(task.turn, slot))
        step = step_of(s.thresholds, tools.first_step, tools.choices, u)
    return tools.first_choice + step


@inlined
def lasting_us(s: Any, task: Any) -> Any:
    """Return how long this turn's tools take."""
    total = longest = 0
    for slot in range(task.tools):
        tool = s.choices[_chosen(s, task, slot)]
        time = drawn(s, tool.time, task, task.key, ordinal_of(task.turn, slot))
        task.searches += tool.searches
        total += time
        longest = most(longest, time)
    return longest if s.agents[task.agent].tools.parallel else total


@inlined
def results(s: Any, w: Any, task: Any) -> None:
    """Append what this turn's tools return."""
    for slot in range(task.tools):
        tool = s.choices[_chosen(s, task, slot)]
        result = least(drawn(s, tool.result, task, task.key, ordinal_of(task.turn, slot)), tool.cap)
        tasks.receive(s, w, task, context.TOOLS, result)
