"""How an agent behaves that names no behaviour of its own (mechanics M3-M9)."""

from __future__ import annotations

from collections.abc import Sequence

from burncurve.engines.reference.task import Steps, Task
from burncurve.workload import Each, Join


def standard(task: Task) -> Steps:
    """Make the side calls of the request, then the drawn number of turns."""
    yield from task.side_calls(Each.REQUEST)
    turns = task.drawn_turns()
    for turn in range(1, turns + 1):
        if task.results:
            yield from task.take_in()
        yield from task.next_turn()
        born = [(rule.join, task.spawn(rule)) for rule in task.agent.spawns]
        if turn < turns:
            yield from task.use_tools()
        if born:
            yield from task.join(_of(Join.WAIT, born))
            awaited = _of(Join.ANNOUNCE, born)
            if awaited:
                yield from task.take_in(awaited)


def _of(join: Join, born: Sequence[tuple[Join, Sequence[Task]]]) -> Sequence[Task]:
    return [child for how, children in born if how == join for child in children]
