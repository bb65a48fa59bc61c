"""The trace of a workload in arrays, its tasks linked to those that come next and to their children."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from burncurve.engines.compiled.layout import NONE, TRACED_TASK, TRACED_TURN
from burncurve.workload import NOBODY, Trace, TraceTasks, TraceTurns

Ints = NDArray[np.int64]


class Script(NamedTuple):
    """Tasks, turns, and the first task of each conversation."""

    tasks: NDArray[np.void]
    turns: NDArray[np.void]
    conversations: Ints


def script_of(trace: Trace | None) -> Script:
    """Return the trace in arrays; empty ones for a workload without."""
    if trace is None:
        return Script(np.zeros(0, TRACED_TASK), np.zeros(0, TRACED_TURN), np.zeros(0, np.int64))
    tasks, turns = _tasks(trace.tasks, len(trace.turns.kind)), _turns(trace.turns)
    born = np.array(trace.tasks.spawned_by, np.int64)
    awaited = tasks["awaited_by"][(born != NOBODY) & (tasks["awaited_by"] != NOBODY)]
    turns["awaited"] = np.bincount(awaited, minlength=len(turns))
    turns["first_born"] = NONE
    _chained(np.flatnonzero(born != NOBODY), born, tasks["next_born"], turns["first_born"])
    return Script(tasks, turns, _conversations(np.flatnonzero(born == NOBODY), trace.tasks, tasks["following"]))


def _conversations(roots: Ints, given: TraceTasks, following: Ints) -> Ints:
    """Link the root tasks of each session; return the first ones, in order of appearance."""
    _, first, number = np.unique(np.array(given.session, np.int64)[roots], return_index=True, return_inverse=True)
    session = np.full(len(given.session), NONE)
    session[roots] = number
    heads = np.full(len(first), NONE)
    _chained(roots, session, following, heads)
    return np.sort(heads)


def _chained(members: Ints, group: Ints, following: Ints, heads: Ints) -> None:
    """Link members of a group in their order: heads[group] is the first, following[member] the next one."""
    following[:] = NONE
    order = members[np.argsort(group[members], kind="stable")]
    same = group[order[1:]] == group[order[:-1]]
    following[order[:-1][same]] = order[1:][same]
    begins = order[np.concatenate(([True], ~same))[: len(order)]]
    heads[group[begins]] = begins


def _tasks(given: TraceTasks, turns: int) -> NDArray[np.void]:
    columns = {
        "agent": given.agent, "base": given.base_tokens, "wait": given.wait_us, "warm": given.warm_tokens,
        "awaited_by": given.awaited_by, "first_turn": given.first_turn, "end": (*given.first_turn[1:], turns),
    }  # fmt: skip
    return _filled(len(given.agent), TRACED_TASK, columns)


def _turns(given: TraceTurns) -> NDArray[np.void]:
    columns = {
        "wait": given.wait_us, "kept": given.kept_tokens, "user": given.user_tokens, "tools": given.tool_tokens,
        "agents": given.agent_tokens, "summary": given.summary_tokens, "output": given.output_tokens,
        "reasoning": given.reasoning_tokens, "stays": given.stays_tokens, "kind": given.kind,
    }  # fmt: skip
    return _filled(len(given.kind), TRACED_TURN, columns)


def _filled(count: int, kind: Any, columns: Mapping[str, Iterable[int]]) -> NDArray[np.void]:
    made = np.zeros(count, kind)
    for name, values in columns.items():
        made[name] = np.array(values, np.int64)
    return made
