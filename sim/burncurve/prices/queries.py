"""Questions to a price book: what is in force on a day, from where, and what changed between two days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import groupby

from burncurve.errors import MissingFact, Problem, did_you_mean
from burncurve.prices.book import METERS, STANDARD, Book, Price
from burncurve.prices.timeline import at, series, timeline


@dataclass(frozen=True, slots=True)
class Quote:
    """One line of a price table: rates per million tokens (web searches: per thousand), None where not known."""

    offer: str
    service_tier: str
    window: str
    above_tokens: int
    currency: str
    rates: tuple[tuple[str, Decimal | None], ...]
    valid_from: datetime
    valid_until: datetime | None
    known_since: date
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class Change:
    """One rate that differs between two days; None: there was, or is, no price."""

    offer: str
    window: str
    above_tokens: int
    meter: str
    currency_before: str
    before: Decimal | None
    currency_after: str
    after: Decimal | None
    since: datetime | None
    source: str


def price_at(
    book: Book, offer: str, moment: datetime, *, service_tier: str = STANDARD, as_of: date | None = None
) -> Price:
    """Return the entry in force at a UTC moment; raises MissingFact where the book has none."""
    entries = series(book, offer, service_tier, as_of)
    period = at(timeline(entries), moment)
    if period is None:
        raise MissingFact(missing(book, offer, moment, entries))
    return period.price


def missing(book: Book, offer: str, moment: datetime, entries: Sequence[Price]) -> Problem:
    """Return the problem of an offer without a price at a moment: a gap, named with its place, or no entry at all."""
    if not entries:
        remedy = did_you_mean(offer, book.offers) if offer not in book.offers else "ask with a later --as-of"
        return Problem(book.where, f"book {book.name} has no price of {offer}", remedy)
    later = next((price for price in entries if price.valid_from > moment), entries[-1])
    return Problem(
        later.where,
        f"book {book.name} has no price of {offer} on {moment:%Y-%m-%d}: "
        f"the entry here holds from {later.valid_from:%Y-%m-%d}",
        "choose another --start or --book",
    )


def quotes(
    book: Book, on: date, offers: Sequence[str] = (), *, service_tier: str = STANDARD, as_of: date | None = None
) -> tuple[Quote, ...]:
    """Return the prices in force at 00:00 UTC of a day, by offer, window and band; offers without one are left out."""
    moment = datetime.combine(on, time(), UTC)
    found: list[Quote] = []
    for offer in offers or book.offers:
        period = at(timeline(series(book, offer, service_tier, as_of)), moment)
        if period is not None:
            found += _quotes_of(period.price)
    return tuple(found)


def _quotes_of(price: Price) -> Iterator[Quote]:
    for window, bands in price.tariffs():
        for band in bands:
            yield Quote(
                price.offer,
                price.service_tier,
                window,
                band.above_tokens,
                price.currency,
                tuple((meter, band.rates.get(meter)) for meter in METERS),
                price.valid_from,
                price.valid_until,
                price.known_since,
                price.source,
                price.note,
            )


def changes(book: Book, from_date: date, to_date: date, offers: Sequence[str] = ()) -> tuple[Change, ...]:
    """Return every rate that differs between 00:00 UTC of two days, offers that came or went included.

    Windows and bands of either day are compared with what applies in their place on the other.
    """
    before, after = (_by_offer(quotes(book, day, offers)) for day in (from_date, to_date))
    found: list[Change] = []
    for offer in sorted(before.keys() | after.keys()):
        old, new = before.get(offer, []), after.get(offer, [])
        for window, above_tokens in sorted({(quote.window, quote.above_tokens) for quote in (*old, *new)}):
            found += _differences(
                _applying(old, window, above_tokens), _applying(new, window, above_tokens), window, above_tokens
            )
    return tuple(found)


def _by_offer(found: Sequence[Quote]) -> dict[str, list[Quote]]:
    return {offer: list(group) for offer, group in groupby(found, key=lambda quote: quote.offer)}


def _applying(found: Sequence[Quote], window: str, above_tokens: int) -> Quote | None:
    named = [quote for quote in found if quote.window == window] or [quote for quote in found if not quote.window]
    reached = [quote for quote in named if quote.above_tokens <= above_tokens]
    return max(reached, key=lambda quote: quote.above_tokens, default=None)


def _differences(before: Quote | None, after: Quote | None, window: str, above_tokens: int) -> Iterator[Change]:
    quote = after or before
    if quote is None:
        return
    old, new = (dict(side.rates) if side else {} for side in (before, after))
    moved = before is not None and after is not None and before.currency != after.currency
    for meter in METERS:
        if moved or old.get(meter) != new.get(meter):
            yield Change(
                quote.offer,
                window,
                above_tokens,
                meter,
                before.currency if before else "",
                old.get(meter),
                after.currency if after else "",
                new.get(meter),
                after.valid_from if after else None,
                quote.source,
            )
