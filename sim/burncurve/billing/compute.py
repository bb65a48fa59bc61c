"""Ledger and price books to bills: integer token sums per price line, multiplied once (design section 4)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from burncurve.billing.bill import Bill, BillLine, ListTotal, settled, unpriced
from burncurve.billing.causes import CAUSES, METER, METERS, Tokens
from burncurve.billing.places import Entry
from burncurve.billing.sums import Ints
from burncurve.billing.tally import Tally, Uses, blocks, places_for, tally
from burncurve.billing.terms import (
    Usage,
    added_to,
    charges,
    fee_notes,
    lines_of,
    seats_without_price,
    usd_per_unit,
)
from burncurve.errors import Problem
from burncurve.ledger import Ledger
from burncurve.prices import contracted
from burncurve.prices.book import USD, Book, moment_of
from burncurve.prices.queries import missing
from burncurve.prices.schedule import PriceLine
from burncurve.words import NO_TERMS, Terms

_USD_PER_PICO = 1e-12
_LARGEST = 2.0**62
_UNKNOWN = -1


def bill(ledger: Ledger, book: Book, *, deployment: str, as_of: date | None = None, terms: Terms = NO_TERMS) -> Bill:
    """Return the exact bill of a ledger at the prices in force at each call's grant, under a contract's terms.

    `as_of` selects what the book knew on that day, by default everything. An offer without an input
    or output price leaves the bill without a total, never at 0. Raises InternalError on a ledger
    that contradicts itself.
    """
    return bills(tally(ledger, (contracted(book, terms),), as_of, terms.months_us), deployment, terms)[0]


def bills(sums: Tally, deployment: str, terms: Terms = NO_TERMS) -> tuple[Bill, ...]:
    """Return the bills under each of the books for which a ledger was added up; exact, as `bill` of each alone.

    The books of the tally are taken as they are: under discounts they must be `contracted` ones.
    """
    return tuple(_bill(sums, number, deployment, terms) for number in range(len(sums.books)))


def amounts_usd(
    ledger: Ledger, book: Book, *, as_of: date | None = None, terms: Terms = NO_TERMS
) -> NDArray[np.float64]:
    """Return the dollars of each row as floats, for curves only; NaN where the offer has no price.

    Fees, minimums, seats and taxes are no call's and not in them.
    """
    book = contracted(book, terms)
    places = places_for(ledger, (book,), as_of)
    rates = np.array([_float_rates(entry.line, book) for entry in places.entries[0]])
    amounts = np.zeros(len(ledger))
    for block, place, chosen in blocks(ledger, places):
        worth = np.zeros(block.rows)
        for tokens, meter in _metered(block.parts, block.uncached_meter):
            # An unknown rate of a meter that stands at 0 costs nothing.
            worth += np.where(tokens > 0, tokens * rates[place, meter], 0.0)
        if chosen is None:
            amounts[block.first : block.first + block.rows] = worth
        else:
            amounts[chosen] += worth
    if ledger.names.get("plans"):
        amounts[ledger["plan"] >= 0] = 0.0
    return amounts


def _metered(parts: Sequence[Tokens | None], uncached: Tokens | int) -> Iterator[tuple[Tokens, Tokens | int]]:
    """Yield the tokens of each part that has any, and their meters as places in METERS."""
    for number, part in enumerate(parts):
        if part is not None:
            yield part, METER[number, uncached]


def _float_rates(line: PriceLine | None, book: Book) -> list[float]:
    if line is None or line.lacks:
        return [np.nan] * len(METERS)
    worth = float(usd_per_unit(book, line.currency)) * _USD_PER_PICO
    return [line.rates[meter] * worth if meter in line.rates else np.nan for meter in METERS]


def _bill(sums: Tally, number: int, deployment: str, terms: Terms) -> Bill:
    book, entries = sums.books[number], sums.places.entries[number]
    rates = rates_of(entries)
    used = set(zip(sums.uses.place.tolist(), sums.uses.meter.tolist(), strict=True))
    sellers = {(entries[place].sold.seller, entries[place].since_us) for place, _ in used}
    notes = tuple(sorted({*_notes(used, book, entries), *fee_notes(sellers, book, terms)}))
    lacking = {**_without_price(used, rates, sums, number), **dict(seats_without_price(book, terms))}
    if lacking:
        return unpriced(deployment, sums.replications, lacking, notes)
    usages = _usages(sums, book, entries, rates) if terms.by_usage else []
    beside = list(charges(usages, sums.replications, book, terms))
    totals = added_to(_list_totals(sums, book, entries, rates), beside)
    lines = [*_lines(sums, entries, rates, deployment), *lines_of(beside, deployment)]
    return settled(deployment, lines, totals, sums.replications, notes=notes)


def _usages(sums: Tally, book: Book, entries: Sequence[Entry], rates: Ints) -> list[Usage]:
    """Return what each replication used of each seller in each month, in exact pico-dollars."""
    uses = sums.uses
    found: dict[tuple[int, str, int], Usage] = {}
    columns = (uses.replication, uses.place, _exact(uses, rates))
    for replication, place, amount in zip(*(column.tolist() for column in columns), strict=True):
        entry = entries[place]
        key = sums.replications[replication], entry.sold.seller, entry.month
        pico = amount * usd_per_unit(book, entry.line.currency) if entry.line else Fraction(0)
        known = found.get(key)
        since_us = min(entry.since_us, known.utc_us) if known else entry.since_us
        found[key] = Usage(*key, since_us, pico + known.pico if known else pico)
    return list(found.values())


def rates_of(entries: Sequence[Entry]) -> Ints:
    """Return pico-units by place and meter, [places, METERS]; -1 where there is no price."""
    return np.array([_int_rates(entry.line) for entry in entries], dtype=np.int64).reshape(-1, len(METERS))


def is_in_usd(book: Book, entries: Sequence[Entry]) -> bool:
    """Say whether every price at some places is one in dollars."""
    return all(entry.line is None or usd_per_unit(book, entry.line.currency) == 1 for entry in entries)


def _int_rates(line: PriceLine | None) -> list[int]:
    if line is None or line.lacks:
        return [_UNKNOWN] * len(METERS)
    return [line.rates.get(meter, _UNKNOWN) for meter in METERS]


def _list_totals(sums: Tally, book: Book, entries: Sequence[Entry], rates: Ints) -> Iterator[ListTotal]:
    uses = sums.uses
    currencies = sorted({entry.line.currency for entry in entries if entry.line})
    places = [currencies.index(entry.line.currency) if entry.line else 0 for entry in entries]
    currency_of = np.array(places, dtype=np.intp)  # of this type even where nothing was called
    amounts = _exact(uses, rates)
    totals = np.zeros((max(1, len(currencies)), len(sums.replications)), dtype=amounts.dtype)
    np.add.at(totals, (currency_of[uses.place], uses.replication), amounts)
    for currency, row in zip(currencies, totals.tolist(), strict=False):
        found = {each: amount for each, amount in zip(sums.replications, row, strict=True) if amount}
        if found:
            yield ListTotal(currency, usd_per_unit(book, currency), found)


def _exact(uses: Uses, rates: Ints) -> NDArray[Any]:
    """Return the amounts exactly: in 64 bits where each replication's stay below them, else as Python's integers."""
    rate = rates[uses.place, uses.meter]
    about = np.bincount(uses.replication, weights=uses.tokens * rate.astype(float))
    kind = np.int64 if about.max(initial=0) < _LARGEST else object
    amounts: NDArray[Any] = uses.tokens.astype(kind) * rate.astype(kind)
    return amounts


def _lines(sums: Tally, entries: Sequence[Entry], rates: Ints, deployment: str) -> Iterator[BillLine]:
    """Yield one line for each account, agent, plan, price line, meter and cause; what a plan covers costs nothing."""
    line_of, lines = _line_kinds(entries)
    kinds, names = sums.kinds, sums.names
    rate = np.where(kinds.plan > 0, 0, rates[kinds.place, kinds.meter])
    columns = (kinds.account, kinds.agent, kinds.plan, line_of[kinds.place], kinds.meter, kinds.cause)
    pieces: dict[tuple[int, ...], int] = {}
    for *key, tokens in zip(*(column.tolist() for column in (*columns, rate, kinds.tokens)), strict=True):
        pieces[tuple(key)] = pieces.get(tuple(key), 0) + tokens
    plans = ("", *names.get("plans", ()))
    for (account, agent, plan, line, meter, cause, price), tokens in pieces.items():
        entry = lines[line]
        yield BillLine(
            deployment=deployment,
            account=names["accounts"][account],
            offer=entry.sold.offer,
            agent=names["agents"][agent],
            price_line=f"covered by {plans[plan]}" if plan or not entry.line else entry.line.label,
            meter=METERS[meter],
            cause=CAUSES[cause],
            tokens=tokens,
            rate_pico=price,
            amount_pico=tokens * price,  # until the bill is settled in dollars
            currency=USD if plan or not entry.line else entry.line.currency,
            list_pico=tokens * price,
        )


def _line_kinds(entries: Sequence[Entry]) -> tuple[Ints, list[Entry]]:
    """Return the number of the price line at each place, and an entry for each of them."""
    numbers: dict[tuple[str, ...], int] = {}
    kinds: list[Entry] = []
    line_of = np.zeros(len(entries), dtype=np.int64)
    for place, entry in enumerate(entries):
        key = (entry.sold.offer, *((entry.line.where, entry.line.label) if entry.line else ()))
        if key not in numbers:
            numbers[key] = len(kinds)
            kinds.append(entry)
        line_of[place] = numbers[key]
    return line_of, kinds


def _without_price(used: Collection[tuple[int, int]], rates: Ints, sums: Tally, number: int) -> dict[str, Problem]:
    """Return what is wrong with each offer that cannot be billed; a gap in time goes before a missing meter."""
    book, entries = sums.books[number], sums.places.entries[number]
    gaps: dict[str, Problem] = {}
    meters: dict[tuple[str, str, str], Problem] = {}
    for place, meter in sorted(used):
        sold, line, _, since_us, _ = entries[place]
        if line is None:
            known = sums.places.schedules[number, sold].entries
            gaps.setdefault(sold.offer, missing(book, sold.offer, moment_of(since_us), known, sold.service_tier))
        elif rates[place, meter] == _UNKNOWN:
            what = f"book {book.name} has no price of {sold.offer} for {' and '.join(line.lacks or (METERS[meter],))}"
            remedy = "choose another --book, or leave the offer out"
            meters[line.where, METERS[meter], sold.offer] = Problem(line.where, what, remedy)
    return {**{key[2]: meters[key] for key in sorted(meters, reverse=True)}, **gaps}


def _notes(used: Collection[tuple[int, int]], book: Book, entries: Sequence[Entry]) -> Iterator[str]:
    for place, meter in used:
        _, line, notes, _, _ = entries[place]
        yield from notes
        name = METERS[meter]
        if line and name not in line.stated and name in line.rates and name != "reasoning":
            yield f"{line.offer}: {name} is billed as input, book {book.name} has no price for it"
