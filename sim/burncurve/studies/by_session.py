"""What observed calls come to, added up from parts of whole sessions: memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from burncurve.billing import Bill, amounts_usd, bill, merged
from burncurve.ledger import Ledger
from burncurve.prices import Book
from burncurve.studies import by_offer, figures, growth, totals
from burncurve.studies.bins import Row, added
from burncurve.studies.by_offer import ByOffer
from burncurve.studies.figures import OUTCOMES, Ints
from burncurve.studies.growth import Growth, Tasks
from burncurve.studies.totals import Sums

LARGEST = "peak_context"  # of figures.COLUMNS; the others, but those of outcomes, add up


@dataclass(slots=True)
class _Pile:
    """What has been added up so far; `families` are the tasks that spawned others, and those."""

    spawning: Ints
    columns: Mapping[str, Ints] = field(default_factory=dict)
    hours: Row = ()
    by_offer: ByOffer = field(default_factory=dict)
    growth: Growth = field(default_factory=Growth)
    families: list[Tasks] = field(default_factory=list)
    rows: int = 0

    def add(self, part: Ledger) -> None:
        self.columns = _added(self.columns, figures.columns_of(part))
        self.by_offer = by_offer.added(self.by_offer, by_offer.of_ledger(part))
        self._grow(part)
        self.rows += len(part)

    def _grow(self, part: Ledger) -> None:
        """Add what tasks came to; those of a family may lie in several parts, and wait for each other."""
        tasks = growth.tasks_of(part)
        waits = (tasks.depth > 0) | np.isin(tasks.key, self.spawning)
        alone = tasks.of(np.flatnonzero(~waits))
        self.growth += Growth(growth.by_calls(part), tasks.by_depth(), alone.by_children())
        self.families.append(tasks.of(np.flatnonzero(waits)))

    def grown(self) -> Growth:
        """Return what all tasks came to."""
        return self.growth + Growth(by_children=growth.joined(self.families).by_children())


def reduced(parts: Iterable[Ledger], spawning: Ints, book: Book, deployment: str, as_of: date | None = None) -> Sums:
    """Return what one replication comes to of which the parts hold whole sessions, as totals.reduced does of all.

    `spawning` are the tasks that spawned others, in order. There must be one part, which may be without rows.
    """
    pile = _Pile(spawning)
    paid = merged(_billed(parts, pile, book, deployment, as_of))
    return Sums(
        first=0,
        count=1,
        rows=pile.rows,
        columns=pile.columns,
        bill=paid,
        hours=() if paid.unpriced else pile.hours,
        by_offer=pile.by_offer,
        growth=pile.grown(),
    )


def _billed(parts: Iterable[Ledger], pile: _Pile, book: Book, deployment: str, as_of: date | None) -> Iterator[Bill]:
    """Yield the bill of each part, which is added to all else on the way."""
    for part in parts:
        pile.add(part)
        paid = bill(part, book, deployment=deployment, as_of=as_of)
        if not paid.unpriced:
            pile.hours = added(pile.hours, totals.hours_of(part, amounts_usd(part, book, as_of=as_of)))
        yield paid


def _added(some: Mapping[str, Ints], others: Mapping[str, Ints]) -> Mapping[str, Ints]:
    if not some:
        return others
    return {name: _together(name, values, others[name]) for name, values in some.items()}


def _together(name: str, one: Ints, other: Ints) -> Ints:
    if name in OUTCOMES:  # which every part has of the whole
        return one
    return np.maximum(one, other) if name == LARGEST else one + other
