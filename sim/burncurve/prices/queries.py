"""Questions to a price book: what is in force on a day, from where, and what changed between two days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import pairwise

from burncurve.errors import MissingFact, Problem, did_you_mean
from burncurve.prices.book import METERS, STANDARD, Book, Price, Window
from burncurve.prices.timeline import Period, at, series, timeline

OTHER_BOOK = "another --book"
HOURS, NEVER = "hours", "never"


@dataclass(frozen=True, slots=True)
class Quote:
    """One line of a price table: rates per million tokens (web searches: per thousand), None where not known.

    `hours` are those of its window, and the holidays on which that does not count; "" for prices at all other hours.
    """

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
    hours: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One rate that changed, or the hours of a window, in words, where `meter` is HOURS; None: there was no price."""

    offer: str
    window: str
    above_tokens: int
    meter: str
    currency_before: str
    before: Decimal | str | None
    currency_after: str
    after: Decimal | str | None
    since: datetime
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


def missing(
    book: Book, offer: str, moment: datetime, entries: Sequence[Price], service_tier: str = STANDARD
) -> Problem:
    """Return the problem of an offer without a price at a moment: a gap, named with its place, or no entry at all."""
    kind = kind_of(service_tier)
    if not entries:
        place = f"book {book.name}" if book.shipped else book.where
        return Problem(place, f"has no {kind} of {offer}", _remedy(book, offer, service_tier))
    before = [price for price in entries if price.valid_from <= moment]
    after = [price for price in entries if price.valid_from > moment]
    nearest = after[0] if after else before[-1]
    ended = max((price.valid_until for price in before if price.valid_until), default=None)
    told = [f"the entry before ends on {ended:%Y-%m-%d}"] if ended else []
    told += [f"the {'next' if before else 'first'} entry begins on {nearest.valid_from:%Y-%m-%d}"] if after else []
    what = f"has no {kind} of {offer} on {moment:%Y-%m-%d}: {' and '.join(told)}"
    remedy = f"bill with {OTHER_BOOK}, or, if it is a scenario, choose a --start from {nearest.valid_from:%Y-%m-%d} on"
    return Problem(_place(book, nearest), what, remedy)


def kind_of(service_tier: str) -> str:
    """Return what the price of a tier is called."""
    return "price" if service_tier == STANDARD else f"{service_tier} price"


def _remedy(book: Book, offer: str, service_tier: str) -> str:
    tiers = {price.service_tier for price in book.prices if price.offer == offer}
    if tiers and service_tier not in tiers:
        return f"known are prices of the tiers {', '.join(sorted(tiers))}; or bill with {OTHER_BOOK}"
    if tiers:
        return f"ask with a later --as-of, or with {OTHER_BOOK}"
    return f"{did_you_mean(offer, [name for name in book.offers if name != offer])}; or bill with {OTHER_BOOK}"


def _place(book: Book, price: Price) -> str:
    """Return where an entry stands: nobody has the file of a shipped book at hand."""
    if not book.shipped:
        return price.where
    return f"book {book.name}, entry from {price.valid_from:%Y-%m-%d}"


def quotes(
    book: Book,
    on: date,
    offers: Sequence[str] = (),
    *,
    service_tier: str = STANDARD,
    as_of: date | None = None,
    region: str = "",
) -> tuple[Quote, ...]:
    """Return the prices in force at 00:00 UTC of a day, by offer, window and band; offers without one are left out."""
    moment = datetime.combine(on, time(), UTC)
    known = (timeline(series(book, offer, service_tier, as_of, region)) for offer in offers or book.offers)
    return tuple(quote for periods in known for quote in _quotes_at(book, periods, moment))


def _quotes_at(book: Book, periods: Sequence[Period], moment: datetime) -> tuple[Quote, ...]:
    period = at(periods, moment)
    return () if period is None else tuple(_quotes_of(book, period.price))


def _quotes_of(book: Book, price: Price) -> Iterator[Quote]:
    hours = ("", *(_hours_text(book, window) for window in price.windows))
    for (window, bands), told in zip(price.tariffs(), hours, strict=True):
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
                told,
            )


def _hours_text(book: Book, window: Window) -> str:
    if not window.not_on:
        return str(window.hours)
    days = {day.toordinal() for day in book.holidays[window.not_on].days}
    firsts = sorted(day for day in days if day - 1 not in days)
    lasts = sorted(day for day in days if day + 1 not in days)
    each = (tuple(map(date.fromordinal, span)) for span in zip(firsts, lasts, strict=True))
    spans = (f"{first}" if first == last else f"{first} to {last}" for first, last in each)
    return f"{window.hours}, not on holidays {window.not_on}: {', '.join(spans) or 'none'}"


def changes(
    book: Book,
    from_date: date,
    to_date: date,
    offers: Sequence[str] = (),
    *,
    service_tier: str = STANDARD,
    as_of: date | None = None,
    region: str = "",
) -> tuple[Change, ...]:
    """Return every change of a rate, and of a window's hours, between 00:00 UTC of two days, in order.

    Offers that came or went are included.

    Windows and bands before a change are compared with what applies in their place after it.
    """
    first, last = (datetime.combine(day, time(), UTC) for day in (from_date, to_date))
    found: list[Change] = []
    for offer in offers or book.offers:
        periods = timeline(series(book, offer, service_tier, as_of, region))
        edges = {edge for period in periods for edge in (period.start, period.until)}
        moments = sorted({first, last, *(edge for edge in edges if first < edge <= last)})
        for before, after in pairwise(moments):
            found += _changed(_quotes_at(book, periods, before), _quotes_at(book, periods, after), after)
    return tuple(found)


def _changed(old: Sequence[Quote], new: Sequence[Quote], moment: datetime) -> Iterator[Change]:
    for window in sorted({quote.window for quote in (*old, *new) if quote.window}):
        was, is_now = (_hours(quotes, window) for quotes in (old, new))
        if was != is_now:
            quote = (new or old)[0]
            since = quote.valid_from if new else moment
            yield Change(quote.offer, window, 0, HOURS, "", was, "", is_now, since, quote.source)
    for window, above_tokens in sorted({(quote.window, quote.above_tokens) for quote in (*old, *new)}):
        before, after = (_applying(quotes, window, above_tokens) for quotes in (old, new))
        yield from _differences(before, after, window, above_tokens, moment)


def _hours(found: Sequence[Quote], window: str) -> str | None:
    if not found:
        return None
    return "; ".join(dict.fromkeys(quote.hours for quote in found if quote.window == window)) or NEVER


def _applying(found: Sequence[Quote], window: str, above_tokens: int) -> Quote | None:
    named = [quote for quote in found if quote.window == window] or [quote for quote in found if not quote.window]
    reached = [quote for quote in named if quote.above_tokens <= above_tokens]
    return max(reached, key=lambda quote: quote.above_tokens, default=None)


def _differences(
    before: Quote | None, after: Quote | None, window: str, above_tokens: int, moment: datetime
) -> Iterator[Change]:
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
                after.valid_from if after else moment,
                quote.source,
            )
