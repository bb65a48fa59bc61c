"""Drawn workloads with a trace: literal tasks and turns, on the agents and deployments that `strategies` draws."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from burncurve.ledger import Kind
from burncurve.workload import ALL, NOBODY, Trace, TraceTasks, TraceTurns

from .build import S
from .strategies import Case, Draw, cases, number, pick, seldom

KINDS = (*[Kind.TURN] * 5, Kind.COMPACTION, Kind.ANNOUNCE, Kind.JUDGE, Kind.FLUSH, Kind.SIDE)


@dataclass
class Told:
    """A task before its rows are known; a child's `birth` is a turn of its parent, and so is `wanted_by`."""

    session: int
    agent: int
    base: int
    wait_us: int
    turns: int
    parent: Told | None = None
    birth: int = 0
    wanted_by: int | None = None
    first: int = field(default=0, init=False)


def _waits(draw: Draw) -> int:
    return pick(draw, 0, 0, S, 2 * S, 7 * S, 400 * S)


def _told(draw: Draw, agents: int, session: int, base: int) -> Told:
    return Told(session, number(draw, 0, agents - 1), base, _waits(draw), pick(draw, 1, 2, 2, 3, 4, 0))


def _bases(draw: Draw) -> int:
    return pick(draw, 64, 200, 20, 0)


def _conversation(draw: Draw, agents: int, session: int) -> list[Told]:
    base = _bases(draw)
    return [_told(draw, agents, session, base) for _ in range(number(draw, 1, 3))]


def _child(draw: Draw, agents: int, parent: Told) -> Told:
    child = _told(draw, agents, NOBODY, _bases(draw))
    child.parent, child.birth = parent, pick(draw, 0, number(draw, 0, parent.turns - 1))
    if child.birth + 1 < parent.turns and not seldom(draw):
        child.wanted_by = number(draw, child.birth + 1, parent.turns - 1)
    return child


def _groups(draw: Draw, agents: int) -> list[list[Told]]:
    """Draw conversations and children, who stand before or behind their parents."""
    groups = [_conversation(draw, agents, session) for session in range(number(draw, 1, 3))]
    able = [task for group in groups for task in group if task.turns]
    longest = max(able, key=lambda task: task.turns, default=None)
    for _ in range(number(draw, 0, 6) if longest else 0):
        child = _child(draw, agents, pick(draw, longest, pick(draw, *able)))  # many have the same parent
        groups.insert(number(draw, 0, len(groups)), [child])
        able += [child] if child.turns else []
    sessions = {told.session: i for i, told in enumerate(group[0] for group in groups if not group[0].parent)}
    for told in (task for group in groups for task in group if not task.parent):
        told.session = sessions[told.session]
    return groups


def _turns(draw: Draw, rows: int) -> TraceTurns:
    def some(*values: int) -> tuple[int, ...]:
        return tuple(pick(draw, *values) for _ in range(rows))

    return TraceTurns(
        wait_us=tuple(_waits(draw) for _ in range(rows)),
        kept_tokens=some(ALL, ALL, ALL, 64, 100, 20, 0, 230),
        user_tokens=some(0, 30, 5),
        tool_tokens=some(0, 0, 40, 300),
        agent_tokens=some(0, 0, 25),
        summary_tokens=some(0, 0, 0, 20),
        output_tokens=some(10, 60, 1, 0),
        reasoning_tokens=some(0, 0, 8, 30),
        stays_tokens=some(10, 60, 75, 0, 5, 1 << 20),
        kind=some(*map(int, KINDS)),
    )


def traces(draw: Draw, agents: int) -> Trace:
    """Draw a trace for so many agents."""
    told = [task for group in _groups(draw, agents) for task in group]
    rows = 0
    for task in told:
        task.first, rows = rows, rows + task.turns
    tasks = TraceTasks(
        session=tuple(task.session for task in told),
        agent=tuple(task.agent for task in told),
        base_tokens=tuple(task.base for task in told),
        wait_us=tuple(task.wait_us for task in told),
        spawned_by=tuple(task.parent.first + task.birth if task.parent else NOBODY for task in told),
        awaited_by=tuple(
            task.parent.first + task.wanted_by if task.parent and task.wanted_by is not None else NOBODY
            for task in told
        ),
        first_turn=tuple(task.first for task in told),
        warm_tokens=tuple(pick(draw, 0, 0, 30, 100, 1 << 20) for _ in told),
    )
    return Trace(tasks, _turns(draw, rows))


@st.composite
def traced_cases(draw: Draw) -> Case:
    """Draw a case with a trace, in half of them beside triggers and people."""
    case: Case = draw(cases())
    work = replace(case.workload, trace=traces(draw, len(case.workload.agents)))
    return replace(case, workload=replace(work, triggers=(), users=()) if pick(draw, True, False) else work)


def _waits_apart(tasks: TraceTasks) -> bool:
    """Say whether the children of a task are awaited at different turns of it."""
    awaited = {row for row in tasks.awaited_by if row != NOBODY}
    at = [bisect_right(tasks.first_turn, row) for row in awaited]
    return len(set(at)) < len(at)


def asked_for(trace: Trace) -> set[str]:
    """Name what a trace asks of an engine."""
    tasks, turns = trace.tasks, trace.turns
    born = [task for task, row in enumerate(tasks.spawned_by) if row != NOBODY]
    roots = [task for task, row in enumerate(tasks.spawned_by) if row == NOBODY]
    ends = (*tasks.first_turn[1:], len(turns.kind))
    found = {
        "trace: child": bool(born),
        "trace: children of one turn": len({tasks.spawned_by[child] for child in born}) < len(born),
        "trace: child awaited": any(tasks.awaited_by[child] != NOBODY for child in born),
        "trace: children awaited at different turns": _waits_apart(tasks),
        "trace: child that nobody waits for": any(tasks.awaited_by[child] == NOBODY for child in born),
        "trace: conversation that opens warm": any(tasks.warm_tokens[task] for task in roots),
        "trace: child that opens warm": any(tasks.warm_tokens[task] for task in born),
        "trace: child without a pause": any(tasks.wait_us[child] == 0 for child in born),
        "trace: several requests": len({tasks.session[root] for root in roots}) < len(roots),
        "trace: several conversations": len({tasks.session[root] for root in roots}) > 1,
        "trace: request at once": any(tasks.wait_us[root] == 0 for root in roots),
        "trace: task without turns": any(first == end for first, end in zip(tasks.first_turn, ends, strict=True)),
        "trace: no gap": 0 in turns.wait_us,
        "trace: context cut": any(kept != ALL for kept in turns.kept_tokens),
        "trace: context cut to nothing": 0 in turns.kept_tokens,
        "trace: answer that does not stay": any(
            stays < output for stays, output in zip(turns.stays_tokens, turns.output_tokens, strict=True)
        ),
        "trace: reasoning that stays": any(
            reasoning and stays > output
            for stays, output, reasoning in zip(
                turns.stays_tokens, turns.output_tokens, turns.reasoning_tokens, strict=True
            )
        ),
    }
    return {name for name, yes in found.items() if yes}
