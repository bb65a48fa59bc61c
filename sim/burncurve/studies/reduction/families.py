"""What tasks and their families come to, replication by replication; twin of `growth.of_ledger` and of answers."""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled.jit import frequent, inlined
from burncurve.engines.compiled.rules import most
from burncurve.ledger import Status
from burncurve.studies.growth import OF_CONTEXT
from burncurve.studies.reduction import layout

OK = int(Status.OK)
CONTEXT_KINDS = sum(1 << kind for kind in OF_CONTEXT)


@inlined
def of_task(s: Any, w: Any, row: Any, prompt: Any) -> None:
    """Add a served call to its task."""
    number, depth = s.task[row], s.depth[row]
    task = w.tasks[number]
    if task.calls == 0:
        task.depth, task.parent = depth, s.parent[row]
        w.state[0].tasks = most(w.state[0].tasks, number + 1)
    task.calls += 1
    task.tokens += prompt + s.output[row] + s.reasoning[row]
    if depth == 0 and s.status[row] == OK and (CONTEXT_KINDS >> s.kind[row]) & 1:
        if task.try_number != s.task_attempt[row]:
            if s.task_attempt[row] < task.try_number:
                w.state[0].wrong = 1
            _close_try(w, task)
            task.try_number = s.task_attempt[row]
        if task.try_calls == 0:
            task.try_first = prompt
        task.try_calls += 1
        task.try_prompt += prompt
        task.try_last = prompt


@frequent
def _close_try(w: Any, task: Any) -> None:
    calls = task.try_calls
    if calls:
        w.by_calls[calls, 0] += 1
        w.by_calls[calls, 1] += task.try_prompt
        w.by_calls[calls, 2] += task.try_first
        w.by_calls[calls, 3] += task.try_last - task.try_first
        w.state[0].most_calls = most(w.state[0].most_calls, calls)
    task.try_calls = task.try_prompt = 0


@frequent
def close_families(w: Any, i: Any) -> None:
    """Add up the tasks of a replication, and make them ready for the next one."""
    tasks = w.state[0].tasks
    for number in range(tasks):
        task = w.tasks[number]
        if task.calls and task.depth > 0:
            root = w.tasks[_root(w, number)]
            root.below += 1
            root.below_tokens += task.tokens
    for number in range(tasks):
        task = w.tasks[number]
        _close_try(w, task)
        if task.calls:
            _add_task(w, task)
        if task.last_us >= 0:
            w.counted[i, layout.ANSWERS] += 1
            w.counted[i, layout.ANSWER_US] += task.last_us - task.first_us
        task.calls = task.tokens = task.below = task.below_tokens = task.try_number = 0
        task.last_us = -1
    w.state[0].tasks = 0


@frequent
def _root(w: Any, number: Any) -> Any:
    """Return the task's root: itself, or that of its parent, which is older, where that one has called."""
    parent = w.tasks[number].parent
    while parent >= 0:
        if parent >= number:
            w.state[0].wrong = 1
            return number
        if w.tasks[parent].calls == 0:
            return number
        number, parent = parent, w.tasks[parent].parent
    return number


@inlined
def _add_task(w: Any, task: Any) -> None:
    w.state[0].served = 1
    w.by_depth[task.depth, 0] += 1
    w.by_depth[task.depth, 1] += task.calls
    w.by_depth[task.depth, 2] += task.tokens
    if task.depth == 0:
        below = task.below
        w.by_children[below, 0] += 1
        w.by_children[below, 1] += task.tokens
        w.by_children[below, 2] += task.below_tokens
        w.state[0].most_below = most(w.state[0].most_below, below)
