"""What a chunk of replications comes to: small integers that add up, so that no ledger has to be kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from burncurve.billing import Bill, amounts_usd, bill, seat_payments
from burncurve.ledger import Ledger
from burncurve.prices import Book
from burncurve.studies import bins, budgets, figures, growth
from burncurve.studies.bins import Bins, Row
from burncurve.studies.curves import Floats, Ints, Sessions, sessions_of
from burncurve.studies.growth import Growth
from burncurve.studies.spend import PICO
from burncurve.words import NO_TERMS, US_PER_HOUR, Terms


@dataclass(frozen=True, slots=True)
class Totals:
    """One deployment's replications `first` to `first + count - 1`, reduced.

    `columns` holds figures.COLUMNS and those of budgets and plans, an integer per replication; `hours`
    pico-dollars by clock hour of the run; `sessions` the contexts of replication 0, where it is among them.
    """

    first: int
    count: int
    rows: int
    columns: Mapping[str, Ints]
    bill: Bill
    hours: Row
    growth: Growth
    bins: Bins
    sessions: Sessions | None
    notes: tuple[str, ...]


def reduced(ledger: Ledger, book: Book, deployment: str, as_of: date | None = None, terms: Terms = NO_TERMS) -> Totals:
    """Bill a ledger of consecutive replications and return what it comes to."""
    paid = bill(ledger, book, deployment=deployment, as_of=as_of, terms=terms)
    amounts = None if paid.unpriced else amounts_usd(ledger, book, as_of=as_of, terms=terms)
    first = ledger.outcomes[0].replication
    count = len(ledger.outcomes)
    payments = [] if amounts is None else seat_payments(book, terms)
    return Totals(
        first=first,
        count=count,
        rows=len(ledger),
        columns=figures.columns_of(ledger) | budgets.columns_of(ledger),
        bill=paid,
        hours=() if amounts is None else hours_of(ledger, amounts, payments),
        growth=growth.of_ledger(ledger),
        bins=bins.with_payments(bins.bins_of(ledger, amounts), ledger.horizon_us, payments, count),
        sessions=None if first else sessions_of(ledger),
        notes=ledger.notes,
    )


def hours_of(ledger: Ledger, amounts: Floats, payments: Sequence[tuple[int, int]] = ()) -> Row:
    """Return pico-dollars by clock hour of the run; a call counts in the hour in which it ended.

    `payments` are what each replication pays at some moments beside its calls.
    """
    served = np.flatnonzero(ledger["end_us"] >= 0)
    hour = ledger["end_us"][served] // US_PER_HOUR
    pico = np.rint(amounts[served] * PICO).astype(np.int64)
    sums = np.zeros(int(hour.max(initial=-1)) + 1, dtype=np.int64)
    np.add.at(sums, hour, pico)
    row: Row = tuple(sums.tolist())
    for at_us, amount in payments:
        row = bins.added(row, (*(0,) * (at_us // US_PER_HOUR), amount * len(ledger.outcomes)))
    return row
