"""Kinds of session: told apart where what a scenario draws independently depends on each other.

Drawn independently, long openings and many calls, or many requests and long ones, would meet more often than they
do, and sessions would come to too much or spread too far. Where such a dependence is sure, kinds are told apart by
requests or first prompts, cut in two again and again where that mends most tokens, until what is left is small or
sessions are too few. Contexts that grow beyond what others are cut at are a kind of their own: theirs is another
window.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from burncurve.studies.fit_cuts import FEWEST_CUTS
from burncurve.studies.fit_parts import roots, session_agents
from burncurve.studies.turns import Flags, Floats, Ints, Turns

SURE_Z = 3.0  # normal deviate beyond which sessions are taken to be of several kinds at all
FEWEST_OF_A_KIND = 12
BEYOND = 1.25  # times the size at which half of all contexts are cut: who gets there is cut by another rule
MOST_KINDS, LEAST = 14, 0.002  # kinds of one agent, and the share of its tokens for which another is made
UNBOUNDED = 1 << 62

Worth = tuple[float, str, int]
NOTHING: Worth = (0.0, "", 0)


@dataclass(frozen=True, slots=True)
class Kind:
    """Bounds of a kind of session, both included; first prompts and contexts in tokens."""

    requests: tuple[int, int] = (1, UNBOUNDED)
    opening: tuple[int, int] = (0, UNBOUNDED)
    largest: tuple[int, int] = (0, UNBOUNDED)


@dataclass(frozen=True)
class Traits:
    """What sessions are told apart by, a value for each: requests, first prompt, largest prompt, and their calls.

    `later` are the calls after the first request: what is drawn for it does not depend on how many follow.
    """

    requests: Ints
    opening: Ints
    largest: Ints
    calls: Ints
    later: Ints

    def __len__(self) -> int:
        return len(self.calls)

    def of(self, rows: Flags) -> Traits:
        """Return some of the sessions."""
        return Traits(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def are(self, kind: Kind) -> Flags:
        """Say which sessions are of a kind."""
        flags = np.ones(len(self), dtype=bool)
        for name in ("requests", "opening", "largest"):
            low, high = getattr(kind, name)
            flags &= (getattr(self, name) >= low) & (getattr(self, name) <= high)
        return flags


def told_apart(turns: Turns) -> tuple[Turns, dict[str, Kind]]:
    """Return the turns with each kind of session of a root agent as an agent of its own, and the kinds by name."""
    agents, names, found = session_agents(turns).copy(), list(turns.agents), {}
    for agent in np.unique(agents[roots(turns)]).tolist():
        mine = np.flatnonzero((agents == agent) & roots(turns))
        traits = _traits(turns, mine)
        kinds = _parted(traits, _windows(turns, traits, mine))
        for kind in kinds if len(kinds) > 1 else ():
            name = f"{turns.agents[agent]}-{_named(kind, traits)}"
            names.append(name if name not in names else f"{name}-{len(names)}")
            found[names[-1]] = kind
            agents[mine[traits.are(kind)]] = len(names) - 1
    return replace(turns, agent=agents[turns.session], agents=tuple(names)), found


def _traits(turns: Turns, sessions: Ints) -> Traits:
    return Traits(
        requests=np.bincount(turns.session[turns.asks], minlength=turns.sessions)[sessions],
        opening=turns.prompt[turns.first[:-1]][sessions],
        largest=np.maximum.reduceat(turns.prompt, turns.first[:-1])[sessions],
        calls=np.diff(turns.first)[sessions],
        later=np.bincount(turns.session[turns.request > 0], minlength=turns.sessions)[sessions],
    )


def _windows(turns: Turns, traits: Traits, sessions: Ints) -> list[Kind]:
    """Return two kinds where contexts are cut and enough sessions grow beyond that, else one."""
    cut = turns.previous(turns.prompt)[turns.shrunk & np.isin(turns.session, sessions)]
    if len(cut) < FEWEST_CUTS:
        return [Kind()]
    bound = round(BEYOND * float(np.median(cut)))
    beyond = int((traits.largest > bound).sum())
    if min(beyond, len(traits) - beyond) < FEWEST_OF_A_KIND:
        return [Kind()]
    return [Kind(largest=(0, bound)), Kind(largest=(bound + 1, UNBOUNDED))]


def _parted(traits: Traits, kinds: list[Kind]) -> list[Kind]:
    """Return the kinds after cutting, again and again, the one whose dependences are worth most tokens."""
    least = LEAST * float((traits.calls * traits.opening).sum() + _growth(traits) * (traits.calls**2).sum() / 2)
    found = {}
    for kind in kinds:
        mine = traits.of(traits.are(kind))
        found[kind] = _worth_cutting(mine) if _worth_cutting(mine, SURE_Z) != NOTHING else NOTHING
    while len(found) < MOST_KINDS:
        kind, (worth, name, cut) = max(found.items(), key=lambda one: one[1][0])
        if worth < least:
            break
        low, high = getattr(kind, name)
        del found[kind]
        for bounds in ((low, cut), (cut + 1, high)):
            part = replace(kind, **{name: bounds})
            found[part] = _worth_cutting(traits.of(traits.are(part)))
    return sorted(found, key=lambda kind: (kind.largest, kind.opening, kind.requests))


def _growth(traits: Traits) -> float:
    """Return the tokens that contexts grow by with a call."""
    return float((traits.largest - traits.opening).sum() / traits.calls.sum())


def _worth_cutting(traits: Traits, sure: float = 0.0) -> Worth:
    """Return the tokens by which drawing independently errs, over all sessions, and the cut that mends most of it.

    Drawn independently, first prompts and calls multiply to sums that are off by what they vary together. Requests
    and the turns of each make numbers of calls whose squares are off by twice the mean turns times what those vary
    together; a context that grows evenly sums up to half its growth times that square. The first request has turns
    of its own, so that calls are expected to be those and as many more for each further request.
    """
    if len(traits) < 2 * FEWEST_OF_A_KIND:
        return NOTHING
    requests, opening, calls = (each.astype(np.float64) for each in (traits.requests, traits.opening, traits.calls))
    more = requests - 1
    expected = calls.mean() + (more - more.mean()) * float(traits.later.sum() / max(more.sum(), 1.0))
    turns = float(calls.sum() / requests.sum())
    return max(
        _worth("opening", opening, calls, calls - calls.mean(), 1.0, sure),
        _worth("requests", requests, calls, calls - expected, turns * _growth(traits), sure),
        key=lambda one: one[0],
    )


def _worth(name: str, values: Floats, calls: Floats, beyond: Floats, tokens: float, sure: float) -> Worth:
    """Return what one dependence is worth; nothing where it may be luck or too few sessions would be left."""
    logs = np.log(np.maximum(values, 1))
    each = (logs - logs.mean()) * beyond  # its sum is a score that bears unequal spread
    if abs(float(each.sum())) <= sure * float(np.sqrt((each**2).sum())):
        return NOTHING
    cut = _best_cut(values, calls, name == "requests")
    total = abs(float(((values - values.mean()) * beyond).sum()))
    return NOTHING if cut is None else (tokens * total, name, cut)


def _best_cut(values: Floats, calls: Floats, in_step: bool) -> int | None:
    """Return the value up to which a part goes so that the least is left to vary together; None: too few sessions."""
    order = np.argsort(values, kind="stable")
    x, y = values[order], calls[order]
    left = np.abs(_together(x, y, in_step))[:-1] + np.abs(_together(x[::-1], y[::-1], in_step))[::-1][1:]
    count = np.arange(1, len(x))
    allowed = (x[1:] > x[:-1]) & (np.minimum(count, len(x) - count) >= FEWEST_OF_A_KIND)
    return int(x[:-1][allowed][np.argmin(left[allowed])]) if allowed.any() else None


def _together(x: Floats, y: Floats, in_step: bool) -> Floats:
    """Return for the first 1, 2, 3, ... sessions the sum of what x and y vary together, `in_step` beyond y ~ x."""
    n, sums, other = np.arange(1, len(x) + 1), np.cumsum(x), np.cumsum(y)
    both = np.cumsum(x * y) - sums * other / n
    return both - other / sums * (np.cumsum(x * x) - sums**2 / n) if in_step else both


def _named(kind: Kind, traits: Traits) -> str:
    """Return the name of a kind, by the bounds that tell it from others."""
    words = ["large"] if kind.largest[0] else []
    low, high = (f"{round(bound / 1000)}k" if bound >= 10_000 else str(bound) for bound in kind.opening)
    if kind.opening != (0, UNBOUNDED):
        words.append(f"below-{high}" if not kind.opening[0] else f"from-{low}"
                     if kind.opening[1] == UNBOUNDED else f"{low}-to-{high}")  # fmt: skip
    if kind.requests != (1, UNBOUNDED):
        words.append(_requests(kind.requests[0], min(kind.requests[1], int(traits.requests.max()))))
    return "-".join(words or ["usual"])


def _requests(low: int, high: int) -> str:
    return f"{low}-request{'s' if high > 1 else ''}" if low == high else f"{low}-to-{high}-requests"
