"""What a chunk of replications comes to: small integers that add up, so that no ledger has to be kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from burncurve.billing import Bill, amounts_usd, bill, bills, seat_payments
from burncurve.deployment import Plan
from burncurve.ledger import Ledger
from burncurve.prices import Book, contracted
from burncurve.studies import bins, budgets, by_offer, figures, growth
from burncurve.studies.bins import Bins, Row
from burncurve.studies.by_offer import ByOffer
from burncurve.studies.curves import Floats, Ints, Sessions, sessions_of, summable_pico
from burncurve.studies.growth import Growth
from burncurve.words import NO_TERMS, US_PER_HOUR, Terms


@dataclass(frozen=True, slots=True)
class Sums:
    """What documents and files tell of one deployment's replications `first` to `first + count - 1`.

    `columns` holds figures.COLUMNS and those of budgets and plans, an integer per replication; `hours`
    pico-dollars by clock hour of the run.
    """

    first: int
    count: int
    rows: int
    columns: Mapping[str, Ints]
    bill: Bill
    hours: Row
    by_offer: ByOffer
    growth: Growth


@dataclass(frozen=True, slots=True)
class Totals(Sums):
    """The same with what pictures show; `sessions` are the contexts of replication 0, where it is among them."""

    bins: Bins
    sessions: Sessions | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Sums:
    """What a ledger comes to; `hours` and the bins of money are of its calls alone."""

    columns: dict[str, Ints]
    bill: Bill
    hours: Row
    by_offer: ByOffer
    growth: Growth
    bins: Bins


def reduced(
    ledger: Ledger,
    book: Book,
    deployment: str,
    as_of: date | None = None,
    terms: Terms = NO_TERMS,
    *,
    plans: Sequence[Plan] = (),
    compiled: bool = False,
) -> Totals:
    """Bill a ledger of consecutive replications and return what it comes to, `compiled` or not the same.

    `plans` are the deployment's.
    """
    sums = _in_one_pass(ledger, book, deployment, as_of, terms) if compiled else None
    sums = sums or _by_column(ledger, book, deployment, as_of, terms)
    priced = not sums.bill.unpriced
    first, count = ledger.outcomes[0].replication, len(ledger.outcomes)
    payments = seat_payments(book, terms) if priced else []
    return Totals(
        first=first,
        count=count,
        rows=len(ledger),
        columns=sums.columns | budgets.columns_of(ledger, plans),
        bill=sums.bill,
        hours=with_payments(sums.hours, payments, count) if priced else (),
        by_offer=sums.by_offer,
        growth=sums.growth,
        bins=bins.with_payments(sums.bins, ledger.horizon_us, payments, count),
        sessions=None if first else sessions_of(ledger),
        notes=ledger.notes,
    )


def _by_column(ledger: Ledger, book: Book, deployment: str, as_of: date | None, terms: Terms) -> _Sums:
    paid = bill(ledger, book, deployment=deployment, as_of=as_of, terms=terms)
    amounts = None if paid.unpriced else amounts_usd(ledger, book, as_of=as_of, terms=terms)
    hours = () if amounts is None else hours_of(ledger, amounts)
    columns, done = figures.columns_of(ledger), by_offer.of_ledger(ledger)
    return _Sums(columns, paid, hours, done, growth.of_ledger(ledger), bins.bins_of(ledger, amounts))


def _in_one_pass(ledger: Ledger, book: Book, deployment: str, as_of: date | None, terms: Terms) -> _Sums | None:
    from burncurve.studies.reduction.one_pass import found

    sums = found(ledger, contracted(book, terms), as_of, terms.months_us)
    if sums is None:
        return None
    (paid,) = bills(sums.tally, deployment, terms)
    if sum(paid.per_replication) >= bins.LARGEST:  # the kernel's sums of money may have left 64 bits
        return None
    hours: Row = ()
    rest, apart = bins.NO_MONEY
    if not paid.unpriced:
        hours, (rest, apart) = tuple(sums.hours.tolist()), bins.kept_apart(sums.tally.replications, sums.pico)
    whole = Bins(sums.level, sums.last_us, bins.rows_of(sums.tokens), rest, apart)
    return _Sums(sums.columns, paid, hours, sums.by_offer, sums.growth, whole)


def without(ledger: Ledger, offers: Collection[str]) -> Ledger:
    """Return the ledger without the calls of some offers."""
    if not offers:
        return ledger
    wanted = np.array([name not in offers for name in ledger.names["offers"]], dtype=bool)
    rows = np.flatnonzero(wanted[ledger["offer"]])
    return replace(ledger, columns={name: values[rows] for name, values in ledger.columns.items()})


def with_payments(hours: Row, payments: Sequence[tuple[int, int]], replications: int) -> Row:
    """Return pico-dollars by clock hour with what each replication pays at some moments beside its calls."""
    for at_us, amount in payments:
        hours = bins.added(hours, (*(0,) * (at_us // US_PER_HOUR), amount * replications))
    return hours


def hours_of(ledger: Ledger, amounts: Floats) -> Row:
    """Return pico-dollars by clock hour of the run; a call counts in the hour in which it ended."""
    served = np.flatnonzero(ledger["end_us"] >= 0)
    hour = ledger["end_us"][served] // US_PER_HOUR
    pico = summable_pico(amounts[served])
    sums = np.zeros(int(hour.max(initial=-1)) + 1, dtype=pico.dtype)
    np.add.at(sums, hour, pico)
    return tuple(sums.tolist())
