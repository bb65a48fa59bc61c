"""Totals of chunks added up, one after the other, to what a whole deployment comes to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from burncurve.billing import Bill, BillLine, ListTotal, added, settled, unpriced
from burncurve.errors import Problem
from burncurve.studies import bins, by_offer
from burncurve.studies.bins import Bins, Row
from burncurve.studies.by_offer import ByOffer
from burncurve.studies.curves import Ints, Sessions
from burncurve.studies.growth import Growth
from burncurve.studies.totals import Totals


@dataclass(slots=True)
class _Pile:
    """What has been added up so far; a bill is settled once, at the end, for conversion rounds the total."""

    columns: dict[str, list[Ints]] = field(default_factory=lambda: defaultdict(list))
    lines: list[BillLine] = field(default_factory=list)
    amounts: dict[tuple[str, Fraction], dict[int, int]] = field(default_factory=dict)
    missing: set[tuple[str, Problem]] = field(default_factory=set)
    bill_notes: set[str] = field(default_factory=set)
    hours: Row = ()
    by_offer: ByOffer = field(default_factory=dict)
    growth: Growth = field(default_factory=Growth)
    bins: Bins = field(default_factory=bins.nothing)
    rows: int = 0

    def add(self, part: Totals) -> None:
        for name, values in part.columns.items():
            self.columns[name].append(values)
        self.lines = added((*self.lines, *part.bill.lines))
        for total in part.bill.list_totals:
            self.amounts.setdefault((total.currency, total.usd_per_unit), {}).update(total.by_replication)
        self.missing |= set(zip(part.bill.unpriced, part.bill.missing, strict=True))
        self.bill_notes |= set(part.bill.notes)
        self.hours = bins.added(self.hours, part.hours)
        self.by_offer = by_offer.added(self.by_offer, part.by_offer)
        self.growth += part.growth
        self.bins += part.bins
        self.rows += part.rows

    def bill(self, deployment: str, replications: range) -> Bill:
        notes = tuple(sorted(self.bill_notes))
        if self.missing:  # one reason for each offer, the same whatever the chunks
            missing = dict(sorted(self.missing, key=str, reverse=True))
            return unpriced(deployment, replications, missing, notes)
        totals = [ListTotal(currency, rate, amounts) for (currency, rate), amounts in self.amounts.items()]
        return settled(deployment, self.lines, totals, replications, notes=notes)


def gathered(deployment: str, parts: Iterable[Totals]) -> Totals:
    """Return the totals of a deployment's chunks, which come in order of their replications without gap or overlap."""
    pile = _Pile()
    first = end = 0
    sessions: Sessions | None = None
    notes: tuple[str, ...] = ()
    for number, part in enumerate(parts):
        first = part.first if number == 0 else first
        pile.add(part)
        end, sessions, notes = part.first + part.count, sessions or part.sessions, part.notes
    columns = {name: _joined(values) for name, values in pile.columns.items()}
    paid = pile.bill(deployment, range(first, end))
    return Totals(
        first=first,
        count=end - first,
        rows=pile.rows,
        columns=columns,
        bill=paid,
        hours=() if paid.unpriced else pile.hours,
        by_offer=pile.by_offer,
        growth=pile.growth,
        bins=pile.bins,
        sessions=sessions,
        notes=notes,
    )


def _joined(values: list[Ints]) -> Ints:
    whole: Ints = np.concatenate(values)
    whole.setflags(write=False)
    return whole
