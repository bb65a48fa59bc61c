"""Where contexts are cut, as a fit reads it off sessions.

A scenario cuts the contexts of an agent at one size. Seen are cuts at many sizes, and contexts that grew beyond most
of them and were never cut. The size taken is the one with which the sessions seen, each with its own opening and its
own growth, come to the prompt tokens that they came to: then contexts are as large as they were, in the mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from burncurve.studies.families import Fitted, fitted
from burncurve.studies.turns import Flags, Floats, Ints, Turns

FEWEST_CUTS = 5  # from which on a rule is seen in them
HALVINGS = 14  # of the span in which the size is looked for
LEAST_ROOM = 1.05  # times what stays after a cut: the least size at which the next one comes


@dataclass(frozen=True, slots=True)
class Compacting:
    """The context at which sessions compact, what one then starts from, and how often it was seen."""

    at: int
    left: Fitted
    summary: Fitted | None
    seen: int


def compacting(turns: Turns, sessions: Flags, kin: Flags, base: int) -> Compacting | None:
    """Return how contexts of sessions are compacted, None where fewer than five cuts were seen.

    What an agent's own sessions do not tell is taken from its `kin`, whose contexts are cut by the same rule; where
    they were never cut, that is done at no size that they were seen at.
    """
    own, others = ((chosen[turns.session] & turns.shrunk) for chosen in (sessions, kin))
    if others.sum() < FEWEST_CUTS:
        return None
    cut, rows = (own, sessions) if own.sum() >= FEWEST_CUTS else (others, kin)
    summaries = turns.output[rows[turns.session] & turns.summarises]
    summary = fitted(summaries) if len(summaries) else None
    left = fitted(np.maximum(turns.prompt[cut] - base - (round(summary.mean) if summary else 0), 0))
    stays = base + left.mean + (summary.mean if summary else 0)
    if own.any():
        return Compacting(_cut_at(turns, sessions, stays), left, summary, int(own.sum()))
    largest = int(turns.prompt[sessions[turns.session]].max())
    return Compacting(max(_cut_at(turns, kin, stays), largest), left, summary, 0)


def _cut_at(turns: Turns, sessions: Flags, stays: float) -> int:
    """Return the size at which cutting contexts to what `stays` gives the prompt tokens that were seen."""
    rows = np.flatnonzero(sessions[turns.session] & ~turns.summarises)
    grown = turns.grown[rows].astype(np.float64)
    usual = float(grown[(turns.before >= 0)[rows] & ~turns.shrunk[rows]].mean())
    grown[turns.shrunk[rows]] = usual  # by how much a context had grown when it was cut, nobody saw
    grown[turns.opens[rows]] = turns.prompt[rows][turns.opens[rows]]
    seen = float(turns.prompt[rows].sum())
    low = LEAST_ROOM * stays
    high = max(2 * float(turns.prompt[rows].max()), 2 * low)
    places = list(_by_place(turns.session[rows]))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _sent(grown, places, middle, stays) < seen else (low, middle)
    return round(high)


def _by_place(session: Ints) -> Iterator[Ints]:
    """Yield the first rows of all sessions, longest first, then the second ones, and so on."""
    first = np.flatnonzero(np.diff(session, prepend=-1))
    length = np.diff(np.append(first, len(session)))
    order = np.argsort(-length, kind="stable")
    first, length = first[order], length[order]
    for place in range(int(length[0])):
        yield first[: int(np.searchsorted(-length, -place, side="left"))] + place


def _sent(grown: Floats, places: list[Ints], at: float, stays: float) -> float:
    """Return the prompt tokens of sessions whose contexts are cut to what stays when they are beyond a size."""
    context, total = np.zeros(len(places[0])), 0.0
    for rows in places:
        context = context[: len(rows)] + grown[rows]
        context[context > at] = stays
        total += float(context.sum())
    return total
