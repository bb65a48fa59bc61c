"""What a fit reads off whole sessions: the base, what caches lose, who starts children.

All take Turns whose agents are those to be fitted; sizes are tokens as observed, times microseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from burncurve.studies.families import Fitted, fitted
from burncurve.studies.turns import UNKNOWN, Flags, Floats, Ints, Turns

SHORT_LIFE_US = 300_000_000  # the shortest time to live that is sold: within it, what was sent can be read
ALL_READ = 0.98  # reads are floored to blocks, so that a whole prefix is read a little short


@dataclass(frozen=True, slots=True)
class Share:
    """A probability, and of how many occasions (tokens at stake for misses) it was read off."""

    value: float
    of: int


@dataclass(frozen=True, slots=True)
class Spawning:
    """Children of one agent that turns of another start."""

    child: str
    probability: Share
    count: Fitted
    brief: Fitted | None
    waits: bool


def session_agents(turns: Turns) -> Ints:
    """Return the agent of each session: that of its first call."""
    return turns.agent[turns.first[:-1]]


def roots(turns: Turns) -> Flags:
    """Return which sessions nobody spawned."""
    return turns.parent[turns.first[:-1]] < 0


def returns(turns: Turns) -> Flags:
    """Return the rows that are the first of their session after a child of it has come back."""
    flags = np.zeros(len(turns), dtype=bool)
    for session in np.flatnonzero(~roots(turns)).tolist():
        low, high = turns.first[session], turns.first[session + 1]
        above = int(turns.session[turns.parent[low]])
        start, stop = turns.first[above], turns.first[above + 1]
        row = start + np.searchsorted(turns.start_us[start:stop], turns.end_us[low:high].max())
        if row < stop:
            flags[row] = True
    return flags


def written_before(turns: Turns, keeps: Flags) -> Ints:
    """Return what each prompt holds of the answer before it: no more than it has grown by.

    `keeps` says, row by row, whether reasoning stays in the context.
    """
    wrote = turns.output + np.where(keeps, turns.reasoning, 0)
    return np.minimum(turns.grown, turns.previous(wrote))


def keeps_reasoning(turns: Turns, rows: Flags) -> bool:
    """Say whether prompts grow by at least what was reasoned and written, nine times out of ten."""
    told = rows & (turns.before >= 0) & ~turns.shrunk & (turns.previous(turns.reasoning) > 0)
    if not told.any():
        return True
    whole = turns.grown[told] >= turns.previous(turns.output + turns.reasoning)[told]
    return bool(whole.mean() >= 0.9)


def base_of(turns: Turns, sessions: Ints) -> int:
    """Return what every prompt of an agent begins with, as far as it shows, at most the smallest first prompt.

    It shows where a context was cut and something stayed, and where a first call reads what other sessions wrote;
    where it does not, the smallest first prompt stands for it.
    """
    firsts = turns.first[sessions]
    within = np.isin(turns.session, sessions)
    stayed = turns.kept[within & turns.shrunk & (turns.kept > 0)]
    read = turns.read[firsts][turns.read[firsts] > 0]
    prompts = turns.prompt[firsts]
    smallest = int(np.quantile(prompts, 0.05, method="lower"))
    shown = stayed if len(stayed) >= 5 else read
    return min(int(np.median(shown)), smallest) if len(shown) else int(prompts.min())


def misses(turns: Turns, rows: Flags, base: int) -> tuple[Share, Share]:
    """Return which share of the history is lost on the first turn of a request, and on the others."""
    stake, lost = _lost(turns, base)
    judged = rows & (turns.before >= 0) & ~turns.shrunk & (stake > 0) & (lost >= 0)
    return _share(stake, lost, judged & turns.asks), _share(stake, lost, judged & ~turns.asks)


def _share(stake: Floats, lost: Floats, rows: Flags) -> Share:
    total = float(stake[rows].sum())
    return Share(float((stake * lost)[rows].sum()) / total if total else 0.0, int(rows.sum()))


def _lost(turns: Turns, base: int) -> tuple[Floats, Floats]:
    """Return per row the history that could be read again, and which share of it could not; -1: nobody knows."""
    prompt = turns.previous(turns.prompt)
    stake = np.maximum(prompt - base, 0).astype(np.float64)
    soon = turns.start_us - turns.previous(turns.start_us) < SHORT_LIFE_US
    stays = np.where(turns.kept >= 0, turns.kept, np.where(soon & (turns.read >= 0), turns.read, UNKNOWN))
    stays = np.where((turns.kept < 0) & (stays >= ALL_READ * prompt), prompt, stays)
    share = 1 - np.clip((stays - base) / np.maximum(stake, 1), 0, 1)
    return stake, np.where(stays >= 0, share, -1.0)


def spawning(turns: Turns, agent: int, bases: Sequence[int]) -> Iterator[Spawning]:
    """Yield what the turns of an agent start, one rule for each kind of child."""
    kinds = session_agents(turns)
    children = np.flatnonzero(~roots(turns))
    births = turns.parent[turns.first[children]]
    by_agent = kinds[turns.session[births]] == agent if len(births) else np.zeros(0, dtype=bool)
    eligible = (kinds[turns.session] == agent) & ~turns.summarises & ~returns(turns)
    for child in np.unique(kinds[children[by_agent]]).tolist():
        mine = by_agent & (kinds[children] == child)
        rows, counts = np.unique(births[mine], return_counts=True)
        briefs = turns.prompt[turns.first[children[mine]]] - bases[child]
        yield Spawning(
            child=turns.agents[child],
            probability=Share(len(rows) / int(eligible.sum()), int(eligible.sum())),
            count=fitted(counts),
            brief=fitted(briefs) if (briefs > 0).all() else None,
            waits=_waits(turns, births[mine], children[mine]),
        )


def _waits(turns: Turns, births: Ints, children: Ints) -> bool:
    """Say whether the parent's next call mostly comes only after the child's last one."""
    ends = np.array([turns.end_us[turns.first[child] : turns.first[child + 1]].max() for child in children.tolist()])
    after = np.minimum(births + 1, len(turns) - 1)
    same = turns.session[after] == turns.session[births]
    return bool(np.mean(~same | (turns.start_us[after] >= ends)) >= 0.5)
