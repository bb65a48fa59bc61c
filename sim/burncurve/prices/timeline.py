"""Which entry of a book counts when: validity in time, corrected by what became known later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise

from burncurve.prices.book import STANDARD, Book, Price

FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time with one price; `stated_until` earlier than `until`: the last price going on."""

    price: Price
    start: datetime
    until: datetime
    stated_until: datetime


def series(
    book: Book, offer: str, service_tier: str = STANDARD, as_of: date | None = None, region: str = ""
) -> tuple[Price, ...]:
    """Return the entries of an offer that were known on `as_of` (default: all), in order of validity.

    Those of the region where the book has any, else those of every region.
    """
    known = [
        price
        for price in book.prices
        if price.offer == offer
        and price.service_tier == service_tier
        and price.region in ("", region)
        and (as_of is None or price.known_since <= as_of)
    ]
    here = [price for price in known if price.region == region]
    return tuple(sorted(here or known, key=lambda price: (price.valid_from, price.known_since)))


def ends(prices: Sequence[Price]) -> tuple[datetime, ...]:
    """Return when each entry stops: as stated, else where the next one without a stated end begins."""
    open_starts = sorted(price.valid_from for price in prices if price.valid_until is None)
    return tuple(price.valid_until or _next(open_starts, price.valid_from) for price in prices)


def timeline(prices: Sequence[Price]) -> tuple[Period, ...]:
    """Return the periods of one offer's entries in order; where two cover a time the later known one counts.

    Gaps between entries stay gaps. After the last period its price goes on.
    """
    spans = list(zip(prices, ends(prices), strict=True))
    edges = sorted({edge for price, end in spans for edge in (price.valid_from, end)})
    periods: list[Period] = []
    for start, until in pairwise(edges):
        covering = [price for price, end in spans if price.valid_from <= start < end]
        if covering:
            _append(periods, Period(max(covering, key=lambda price: price.known_since), start, until, until))
    if periods:
        last = periods[-1]
        periods[-1] = Period(last.price, last.start, FOREVER, last.stated_until)
    return tuple(periods)


def at(periods: Iterable[Period], moment: datetime) -> Period | None:
    """Return the period that holds at a UTC moment, None in a gap."""
    return next((period for period in periods if period.start <= moment < period.until), None)


def _next(starts: Sequence[datetime], after: datetime) -> datetime:
    return next((start for start in starts if start > after), FOREVER)


def _append(periods: list[Period], period: Period) -> None:
    if periods and periods[-1].price is period.price and periods[-1].until == period.start:
        period = Period(period.price, periods.pop().start, period.until, period.stated_until)
    periods.append(period)
