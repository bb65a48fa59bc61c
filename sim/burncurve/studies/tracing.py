"""Observed turns as the trace of a workload: the same calls, sizes, pauses and children, for any offer to serve.

What logs do not say is inferred from how prompts grow. A prompt that has grown holds what the model wrote before, as
far as it has room for it, and what people, tools or children brought. Of one that was cut down what is known to stay
unchanged stays (else the base). Sizes are tokens as observed; times count from the first call.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from burncurve.studies import fit_parts as parts
from burncurve.studies.turns import Flags, Ints, Turns
from burncurve.words import US_PER_DAY
from burncurve.workload import ALL, NOBODY, ONE, ZERO, Agent, Trace, TraceTasks, TraceTurns, Workload


def workload(turns: Turns, roles: Sequence[str], name: str, start_utc_us: int, *, cold: bool = False) -> Workload:
    """Return the workload of observed turns, agent n of which plays the role n; `start_utc_us` is its first moment.

    It lasts as many whole days as were seen, and what an offer is too slow to do in them stays undone.
    """
    agents = tuple(Agent(agent, number, base=ZERO, turns=ONE, output=ZERO) for number, agent in enumerate(turns.agents))
    horizon_us = days(turns) * US_PER_DAY
    return Workload(name, 0, start_utc_us, horizon_us, tuple(roles), agents, trace=trace(turns, cold=cold))


def days(turns: Turns) -> int:
    """Return how many days the turns take up, the last one whole."""
    return int(turns.end_us.max() - turns.start_us.min()) // US_PER_DAY + 1


def trace(turns: Turns, *, cold: bool = False) -> Trace:
    """Return the literal columns of observed turns; row n is the call n.

    The first call of a session finds in the cache what the log says that it read, for sessions before the log's, or of
    others, left it there; if `cold`, or where the log does not say, only what the trace itself leaves there.
    """
    begins = _begins(turns)
    task = np.cumsum(begins) - 1
    awaited = _awaited_by(turns, task)
    base = _bases(turns)
    warm = np.zeros_like(turns.read) if cold else turns.read
    return Trace(_tasks(turns, begins, base, awaited, warm), _turns(turns, begins, base, awaited))


def _begins(turns: Turns) -> Flags:
    """Return the first row of each task: a request's, or one from which on another agent serves."""
    changes: Flags = np.diff(turns.agent, prepend=-1) != 0
    return turns.asks | changes


def _bases(turns: Turns) -> Ints:
    """Return the base of each row's session: its agent's, at most the session's smallest prompt."""
    kinds = parts.session_agents(turns)
    known = {agent: parts.base_of(turns, np.flatnonzero(kinds == agent)) for agent in np.unique(kinds).tolist()}
    smallest = np.minimum.reduceat(turns.prompt, turns.first[:-1])
    mine = np.array([known[agent] for agent in kinds.tolist()])
    bases: Ints = np.minimum(mine, smallest)
    return bases[turns.session]


def _awaited_by(turns: Turns, task: Ints) -> Ints:
    """Return, by session, the row that waits for it: the call after the spawning one, if the child was back by then."""
    firsts = turns.first[:-1]
    births = turns.parent[firsts]
    ends = np.maximum.reduceat(turns.end_us, firsts)
    after = np.minimum(births + 1, len(turns) - 1)
    waits = (births >= 0) & (task[after] == task[births]) & (after > births) & (turns.start_us[after] >= ends)
    return np.where(waits, after, NOBODY)


def _tasks(turns: Turns, begins: Flags, base: Ints, awaited: Ints, warm: Ints) -> TraceTasks:
    rows = np.flatnonzero(begins)
    opens, session = turns.opens[rows], turns.session[rows]
    born = np.where(turns.parent[rows] >= 0, turns.parent[rows], NOBODY)
    since = np.where(born >= 0, turns.end_us[np.maximum(born, 0)], turns.start_us.min())
    pause = turns.start_us[rows] - np.where(opens, since, turns.end_us[np.maximum(rows - 1, 0)])
    follows = (born >= 0) & ~opens  # a child's later requests go on in its own session, as tasks of its first
    root = np.where(born >= 0, NOBODY, session)
    return TraceTasks(
        session=_plain(root[~follows]),
        agent=_plain(turns.agent[rows][~follows]),
        base_tokens=_plain(base[rows][~follows]),
        wait_us=_plain(np.maximum(pause, 0)[~follows]),
        spawned_by=_plain(born[~follows]),
        awaited_by=_plain(np.where(born >= 0, awaited[session], NOBODY)[~follows]),
        first_turn=_plain(rows[~follows]),
        warm_tokens=_plain(np.where(opens, np.maximum(warm[rows], 0), 0)[~follows]),
    )


def _turns(turns: Turns, begins: Flags, base: Ints, awaited: Ints) -> TraceTurns:
    kept, stays, brought = _contents(turns, base)
    back = _brought_back(turns, awaited)
    agents = np.where(turns.opens & (turns.parent >= 0), brought, np.minimum(back, np.maximum(brought, 0)))
    rest = brought - agents
    summary = np.where(_after_summary(turns), np.minimum(_behind(turns.output), rest), 0)
    rest = rest - summary
    user = np.where(turns.asks & (turns.parent < 0), rest, 0)
    return TraceTurns(
        wait_us=_plain(_waits(turns, begins, awaited)),
        kept_tokens=_plain(kept),
        user_tokens=_plain(user),
        tool_tokens=_plain(rest - user),
        agent_tokens=_plain(agents),
        summary_tokens=_plain(summary),
        output_tokens=_plain(turns.output),
        reasoning_tokens=_plain(turns.reasoning),
        stays_tokens=_plain(stays),
        kind=_plain(turns.kind),
    )


def _contents(turns: Turns, base: Ints) -> tuple[Ints, Ints, Ints]:
    """Return by row what stays of the context before, what joins it of the answer, and what is new in the prompt."""
    before, wrote = turns.previous(turns.prompt), turns.output + turns.reasoning
    cut = turns.shrunk | _after_summary(turns)
    known = np.where(turns.kept >= 0, turns.kept, np.where(cut, base, np.minimum(before, turns.prompt)))
    whole = (known >= before) & ~turns.opens & ~_after_summary(turns) & (turns.prompt >= before)
    carried = np.where(whole, np.minimum(turns.previous(wrote), turns.prompt - before), 0)
    kept = np.where(whole | turns.opens, ALL, np.minimum(known, turns.prompt))
    stands = np.where(whole, before + carried, np.maximum(np.where(turns.opens, 0, kept), base))
    stays = np.where(turns.summarises, 0, wrote)
    follows = np.flatnonzero(whole)
    stays[turns.before[follows]] = carried[follows]
    return kept, stays, turns.prompt - stands


def _brought_back(turns: Turns, awaited: Ints) -> Ints:
    """Return by row what awaited children answered last, which is what their parent reads."""
    back = np.zeros(len(turns), dtype=np.int64)
    children = np.flatnonzero(awaited >= 0)
    np.add.at(back, awaited[children], turns.output[turns.first[children + 1] - 1])
    return back


def _after_summary(turns: Turns) -> Flags:
    flags: Flags = (_behind(turns.summarises.astype(np.int64)) == 1) & ~turns.opens
    return flags


def _behind(column: Ints) -> Ints:
    """Return a column's value of the row just before, whatever it is; 0 for the first."""
    return np.concatenate(([0], column[:-1]))


def _waits(turns: Turns, begins: Flags, awaited: Ints) -> Ints:
    """Return by row the time since the call before, and since awaited children were back; tasks wait on their own."""
    since = _behind(turns.end_us)
    ends = np.maximum.reduceat(turns.end_us, turns.first[:-1])
    children = np.flatnonzero(awaited >= 0)
    np.maximum.at(since, awaited[children], ends[children])
    own = begins & (turns.parent < 0) | turns.opens
    return np.where(own, 0, np.maximum(turns.start_us - since, 0))


def _plain(values: Ints) -> tuple[int, ...]:
    return tuple(values.astype(np.int64).tolist())
