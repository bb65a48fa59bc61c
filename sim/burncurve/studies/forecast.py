"""What sessions come to, seen or simulated: a fitted scenario played as often as wanted, and figures of periods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from burncurve.studies import turns as turns_of
from burncurve.studies.turns import Floats, Ints, Turns
from burncurve.words import US_PER_DAY

if TYPE_CHECKING:
    from burncurve.catalogue import Catalogue
    from burncurve.deployment import Deployment
    from burncurve.ledger import Ledger
    from burncurve.prices import Book

MEASURES = ("calls", "prompt", "output", "usd")
DEEPEST = 100


@dataclass(frozen=True)
class Sessions:
    """Columns by session that nobody spawned, the work of its children included; `usd` is nan where unknown."""

    replication: Ints
    start_us: Ints
    calls: Floats
    prompt: Floats
    output: Floats
    read: Floats
    usd: Floats

    def __len__(self) -> int:
        return len(self.start_us)

    def of(self, chosen: Ints) -> Sessions:
        """Return some of the sessions."""
        return Sessions(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def sessions_of(turns: Turns, usd: Floats, replication: Ints, read: Ints | None = None) -> Sessions:
    """Return what sessions came to; `usd` and `replication` go with the rows, `read` instead of the turns' own."""
    top = tops(turns)
    opened, place = np.unique(top, return_inverse=True)
    firsts = turns.first[opened]

    def summed(values: Ints | Floats) -> Floats:
        sums: Floats = np.bincount(place[turns.session], weights=values, minlength=len(opened)).astype(np.float64)
        return sums

    return Sessions(
        replication=replication[firsts],
        start_us=turns.start_us[firsts],
        calls=summed(np.ones(len(turns))),
        prompt=summed(turns.prompt),
        output=summed(turns.output + turns.reasoning),
        read=summed(np.maximum(turns.read if read is None else read, 0)),
        usd=summed(usd),
    )


def tops(turns: Turns) -> Ints:
    """Return by session the one at the root of its tree."""
    births = turns.parent[turns.first[:-1]]
    above = np.where(births >= 0, turns.session[births], np.arange(turns.sessions))
    for _ in range(DEEPEST):
        higher = above[above]
        if (higher == above).all():
            break
        above = higher
    return above


def resampled(turns: Turns, luck: np.random.Generator) -> Turns:
    """Return as many trees of sessions as there are, drawn from them with replacement (bootstrap, Efron 1979)."""
    top = tops(turns)
    opened = np.unique(top)
    trees = {int(root): np.flatnonzero(top == root) for root in opened.tolist()}
    sessions = [int(one) for root in luck.choice(opened, len(opened)).tolist() for one in trees[root].tolist()]
    spans = [np.arange(turns.first[one], turns.first[one + 1]) for one in sessions]
    rows = np.concatenate(spans)
    number = np.repeat(np.arange(len(sessions)), [len(span) for span in spans])
    columns = {name: values[rows] for name, values in turns.columns.items()}
    place: dict[int, int] = {}
    parents = np.full(len(sessions), -1)
    starts = np.cumsum([0, *(len(span) for span in spans)])
    for index, one in enumerate(sessions):
        place[one] = int(starts[index])  # of its newest copy, to which the children that follow belong
        birth = int(turns.parent[turns.first[one]])
        if birth >= 0:
            above = int(turns.session[birth])
            parents[index] = place[above] + birth - int(turns.first[above])
    return Turns(**{**columns, "session": number, "parent": parents[number]}, agents=turns.agents)


def joined(parts: Sequence[Sessions]) -> Sessions:
    """Return sessions of several plays as those of so many more replications."""
    shifts, last = [], 0
    for part in parts:
        shifts.append(part.replication + last)
        last = int(shifts[-1].max(initial=last - 1)) + 1
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in Sessions.__dataclass_fields__}
    return Sessions(**{**columns, "replication": np.concatenate(shifts)})


@dataclass(frozen=True)
class Known:
    """What is known of offers and of their prices, on a day (None: now)."""

    catalogue: Catalogue
    book: Book
    as_of: date | None = None


def played(
    text: str, replications: int, known: Known, serve: Callable[[Deployment], Deployment] | None = None,
    deployment: int = 0, seed: int = 0, engine: str = "auto",
) -> Sessions:  # fmt: skip
    """Return the sessions of a scenario, played so often; their dollars are nan where a price is missing.

    `serve` turns the deployment into the one that is played. Raises InputError and MissingFact as a run does.
    """
    from burncurve import deploy
    from burncurve.engines import play
    from burncurve.prepare import prepare
    from burncurve.scenario.reading import read_text

    scenario = read_text(text, "the fitted scenario")
    served = deploy.deployments(scenario, known.catalogue, book=known.book, as_of=known.as_of)
    chosen = served[deployment]
    ledger = play(prepare(scenario, seed), serve(chosen) if serve else chosen, range(replications), engine)
    rows = turns_of.rows_of(ledger)
    paid = amounts(ledger, known)[rows]
    return sessions_of(turns_of.of_ledger(ledger), paid, ledger["replication"][rows].astype(np.int64))


def amounts(ledger: Ledger, known: Known) -> Floats:
    """Return dollars by row of a ledger; nan where the book misses a price."""
    from burncurve.billing import amounts_usd

    return amounts_usd(ledger, known.book, as_of=known.as_of)


def figures(found: Sessions, days: int) -> Mapping[str, float]:
    """Return the figures of one period of so many days by name; nan where nothing was seen."""
    if not len(found):
        return dict.fromkeys(FIGURES, float("nan"))
    told = {"sessions per day": len(found) / days, "cached share": float(found.read.sum() / found.prompt.sum())}
    for name in MEASURES:
        values: Floats = getattr(found, name)
        told |= {f"{name} per session, mean": float(values.mean()), f"{name} per day": float(values.sum()) / days}
        if name in ("prompt", "usd"):
            told |= {f"{name} per session, p{100 * p:g}": float(np.quantile(values, p)) for p in (0.5, 0.9)}
    return {name: told[name] for name in FIGURES}


FIGURES = (
    "sessions per day", "calls per day", "prompt per day", "output per day", "usd per day",
    "calls per session, mean", "prompt per session, mean", "prompt per session, p50", "prompt per session, p90",
    "output per session, mean", "usd per session, mean", "usd per session, p50", "usd per session, p90",
    "cached share",
)  # fmt: skip


def by_day(found: Sessions, days: int) -> Mapping[str, Floats]:
    """Return by measure the sum of each span of 24 hours from 0 on, empty ones too; all of a session when it began."""
    day = np.minimum(found.start_us // US_PER_DAY, days - 1)
    place = (found.replication - found.replication.min(initial=0)) * days + day
    count = (int(found.replication.max(initial=0) - found.replication.min(initial=0)) + 1) * days
    return {
        name: np.bincount(place, weights=getattr(found, name), minlength=count).astype(np.float64) for name in MEASURES
    }
