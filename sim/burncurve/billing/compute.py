"""Ledger and price book to Bill: integer token sums per price line, multiplied once (design section 4)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from burncurve.billing.bill import Bill, BillLine, ListTotal, added, settled, unpriced
from burncurve.billing.causes import (
    CAUSES,
    METERS,
    PURPOSES,
    UNCACHED_METERS,
    Cause,
    billed_rows,
    meters_and_causes,
    split,
)
from burncurve.billing.lines import NO_LINE, Assignment, PriceLine, assign
from burncurve.billing.sums import Ints, combined, grouped, separated, summed
from burncurve.errors import Problem
from burncurve.ledger import Ledger
from burncurve.prices.book import USD, Book

_USD_PER_PICO = 1e-12


@dataclass(frozen=True, slots=True)
class _Item:
    """A sum of tokens of one replication, agent and account at one line, meter and cause."""

    replication: int
    agent: str
    account: str
    line: PriceLine
    meter: str
    cause: Cause
    tokens: int


def bill(ledger: Ledger, book: Book, *, deployment: str, as_of: date | None = None) -> Bill:
    """Return the exact bill of a ledger at the prices in force at each call's grant.

    `as_of` selects what the book knew on that day, by default everything. An offer without an input
    or output price leaves the bill without a total, never at 0. Raises InternalError on a ledger
    that contradicts itself.
    """
    rows = billed_rows(ledger)
    found = assign(ledger, book, rows, as_of)
    replications = _replications(ledger)
    items = list(_items(ledger, rows, found)) if not found.missing else []
    missing = {**_without_price(items, book), **found.missing}
    notes = tuple(sorted(found.notes | set(_stand_ins(items, book))))
    if missing:
        return unpriced(deployment, replications, missing, notes)
    lines = added(_lines(deployment, items))
    return settled(deployment, lines, _list_totals(items, book), replications, notes=notes)


def amounts_usd(ledger: Ledger, book: Book, *, as_of: date | None = None) -> NDArray[np.float64]:
    """Return the dollars of each row as floats, for curves only; NaN where the offer has no price."""
    rows = billed_rows(ledger)
    found = assign(ledger, book, rows, as_of)
    rates = np.array([_float_rates(line, book) for line in found.lines] + [[np.nan] * len(METERS)])
    amounts = np.zeros(len(ledger))
    for number, meter in enumerate(METERS):
        tokens = ledger[meter][rows]
        # An unknown rate of a meter that stands at 0 costs nothing.
        amounts[rows] += np.where(tokens > 0, tokens * rates[found.row_lines, number], 0.0)
    amounts[rows[found.row_lines == NO_LINE]] = np.nan
    return amounts


def _replications(ledger: Ledger) -> set[int]:
    numbers = {outcome.replication for outcome in ledger.outcomes}
    return numbers | {int(number) for number in np.unique(ledger["replication"])}


def _items(ledger: Ledger, rows: Ints, found: Assignment) -> Iterator[_Item]:
    if not rows.size:
        return
    parts = split(ledger, rows)
    replication = ledger["replication"][rows].astype(np.int64)
    agents, accounts = ledger.names["agents"], ledger.names["accounts"]
    columns = [replication, ledger["agent"][rows].astype(np.int64), ledger["account"][rows].astype(np.int64)]
    columns += [found.row_lines.astype(np.int64), parts.purpose, parts.uncached_meter]
    sizes = [int(replication.max()) + 1, len(agents), len(accounts), len(found.lines), PURPOSES, len(UNCACHED_METERS)]
    present, group = grouped(combined(columns, sizes), math.prod(sizes))
    number, agent, account, line, purpose, uncached = separated(present, sizes)
    for tokens, (meter, cause) in zip(parts.tokens, meters_and_causes(purpose, uncached), strict=True):
        sums = summed(group, tokens, len(present))
        for i in np.flatnonzero(sums).tolist():
            yield _Item(
                int(number[i]),
                agents[agent[i]],
                accounts[account[i]],
                found.lines[line[i]],
                METERS[meter[i]],
                CAUSES[cause[i]],
                int(sums[i]),
            )


def _lines(deployment: str, items: Sequence[_Item]) -> Iterator[BillLine]:
    tokens: dict[tuple[object, ...], int] = defaultdict(int)
    kinds: dict[tuple[object, ...], _Item] = {}
    for item in items:
        key: tuple[object, ...] = (
            item.account,
            item.agent,
            item.line.offer,
            item.line.where,
            item.line.label,
            item.meter,
            item.cause,
        )
        tokens[key] += item.tokens
        kinds[key] = item
    for key, item in kinds.items():
        yield _line(deployment, item, tokens[key])


def _line(deployment: str, item: _Item, tokens: int) -> BillLine:
    rate = item.line.rates[item.meter]
    return BillLine(
        deployment=deployment,
        account=item.account,
        offer=item.line.offer,
        agent=item.agent,
        price_line=item.line.label,
        meter=item.meter,
        cause=item.cause,
        tokens=tokens,
        rate_pico=rate,
        amount_pico=0,
        currency=item.line.currency,
        list_pico=tokens * rate,
    )


def _list_totals(items: Sequence[_Item], book: Book) -> Iterator[ListTotal]:
    totals: dict[str, dict[int, int]] = {}
    for item in items:
        by_replication = totals.setdefault(item.line.currency, defaultdict(int))
        by_replication[item.replication] += item.tokens * item.line.rates[item.meter]
    for currency, by_replication in totals.items():
        yield ListTotal(currency, _usd_per_unit(book, currency), dict(by_replication))


def _usd_per_unit(book: Book, currency: str) -> Fraction:
    return Fraction(1) if currency == USD else Fraction(book.exchanges[currency].usd_per_unit)


def _without_price(items: Sequence[_Item], book: Book) -> dict[str, Problem]:
    missing: dict[str, Problem] = {}
    for item in sorted(items, key=lambda item: (item.line.where, item.meter), reverse=True):
        lacks = item.line.lacks or ((item.meter,) if item.meter not in item.line.rates else ())
        if lacks:
            what = f"book {book.name} has no price of {item.line.offer} for {' and '.join(lacks)}"
            remedy = "choose another --book, or leave the offer out"
            missing[item.line.offer] = Problem(item.line.where, what, remedy)
    return missing


def _stand_ins(items: Sequence[_Item], book: Book) -> Iterator[str]:
    for item in items:
        if item.meter not in item.line.stated and item.meter in item.line.rates and item.meter != "reasoning":
            yield f"{item.line.offer}: {item.meter} is billed as input, book {book.name} has no price for it"


def _float_rates(line: PriceLine, book: Book) -> list[float]:
    if line.lacks:
        return [np.nan] * len(METERS)
    worth = float(_usd_per_unit(book, line.currency)) * _USD_PER_PICO
    return [line.rates[meter] * worth if meter in line.rates else np.nan for meter in METERS]
