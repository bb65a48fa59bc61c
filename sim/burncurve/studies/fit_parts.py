"""What a fit reads off whole sessions: where contexts are cut, what caches lose, who starts children, kinds of session.

All take Turns whose agents are those to be fitted; sizes are tokens as observed, times microseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from burncurve.studies.families import Fitted, fitted
from burncurve.studies.turns import UNKNOWN, Flags, Floats, Ints, Turns

SHORT_LIFE_US = 300_000_000  # the shortest time to live that is sold: within it, what was sent can be read
ALL_READ = 0.98  # reads are floored to blocks, so that a whole prefix is read a little short
SPLIT_Z = 2.0  # normal deviate beyond which requests per session and turns per request are taken to depend
FEWEST_OF_A_KIND = 20
DOUBLINGS = (1, 2, 4, 8)  # kinds of session: up to so many requests each, and more


@dataclass(frozen=True, slots=True)
class Share:
    """A probability, and of how many occasions (tokens at stake for misses) it was read off."""

    value: float
    of: int


@dataclass(frozen=True, slots=True)
class Compacting:
    """The context above which half of the sessions compact, what one then starts from, and how it was seen."""

    at: int
    left: Fitted
    summary: Fitted | None
    seen: int


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


def compacting(turns: Turns, rows: Flags, base: int) -> Compacting | None:
    """Return how contexts are compacted, None where fewer than five were seen."""
    cut = rows & turns.shrunk
    if cut.sum() < 5:
        return None
    before = turns.previous(turns.prompt)[cut]
    ends = turns.first[1:] - 1
    spared = turns.prompt[ends[rows[ends]]]
    summaries = turns.output[rows & turns.summarises]
    summary = fitted(summaries) if len(summaries) else None
    left = fitted(np.maximum(turns.prompt[cut] - base - (round(summary.mean) if summary else 0), 0))
    return Compacting(_half_gone(before, spared), left, summary, int(cut.sum()))


def _half_gone(cut: Ints, spared: Ints) -> int:
    """Return the context at which half would have been cut, those spared so far counted (Kaplan and Meier 1958)."""
    events = sorted([(int(size), 0) for size in cut] + [(int(size), 1) for size in spared])
    alive, share = len(events), 1.0
    for size, was_spared in events:
        share *= 1 - (not was_spared) / alive
        alive -= 1
        if share <= 0.5:
            return size
    return int(max(cut.max(), spared.max(initial=0)))


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


def by_requests(turns: Turns) -> Turns:
    """Return the turns with a root agent told apart by requests per session, where turns per request depend on them.

    Drawn independently, many requests and long ones would meet more often than they do, and sessions would spread
    too far. Where they depend on each other, kinds of session are told apart by their number of requests: 1, 2, 3 to
    4, 5 to 8, more; kinds with too few sessions go with the next.
    """
    kinds, names = session_agents(turns).copy(), list(turns.agents)
    counts = np.bincount(turns.session[turns.asks], minlength=turns.sessions)
    spans = np.diff(turns.first)
    for agent in np.unique(kinds[roots(turns)]).tolist():
        mine = np.flatnonzero((kinds == agent) & roots(turns))
        if _independent(counts[mine], spans[mine]):
            continue
        for low, high in _classes(counts[mine]):
            names.append(f"{turns.agents[agent]}-{_named(low, high)}")
            kinds[mine[(counts[mine] >= low) & (counts[mine] <= high)]] = len(names) - 1
    return replace(turns, agent=kinds[turns.session], agents=tuple(names))


def _independent(requests: Ints, turns: Ints) -> bool:
    """Say whether a session's turns go with its requests as they do on average, by a score that bears unequal spread.

    Without dependence the turns beyond requests times the mean are correlated with nothing that requests tell.
    """
    if len(requests) < 2 * FEWEST_OF_A_KIND or requests.min() == requests.max():
        return True
    beyond = turns - requests * turns.sum() / requests.sum()
    weight = np.log(requests) - np.log(requests).mean()
    return bool(abs((weight * beyond).sum()) < SPLIT_Z * np.sqrt(((weight * beyond) ** 2).sum()))


def _classes(requests: Ints) -> list[tuple[int, int]]:
    """Return the bounds of the kinds, each with enough sessions."""
    most, low, found = int(requests.max()), 1, []
    for high in (*(bound for bound in DOUBLINGS if bound < most), most):
        enough = int(((requests >= low) & (requests <= high)).sum()) >= FEWEST_OF_A_KIND
        if enough:
            found.append((low, high))
            low = high + 1
    if found and found[-1][1] < most:
        found[-1] = (found[-1][0], most)
    return found or [(1, most)]


def _named(low: int, high: int) -> str:
    return f"{low}-request{'s' if high > 1 else ''}" if low == high else f"{low}-to-{high}-requests"
