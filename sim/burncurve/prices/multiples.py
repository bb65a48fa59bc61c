"""Prices that a list states as a multiple of others: batch at half, priority at double, a region at a tenth more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from itertools import groupby

from burncurve.prices.book import METERS, STANDARD, Band, Book, Price, Rates
from burncurve.prices.timeline import ends
from burncurve.words import PPM, Terms


@dataclass(frozen=True, slots=True)
class Multiple:
    """A service tier, or a region, at a multiple of the rates of some meters, from a moment on.

    `offers` are names of offers, or `seller/*` for all of a seller's; `where` is its place in the file.
    """

    offers: tuple[str, ...]
    service_tier: str
    region: str
    factor: Decimal
    meters: tuple[str, ...]
    valid_from: datetime
    known_since: date
    source: str
    where: str

    def covers(self, offer: str) -> bool:
        """Say whether it is said of an offer."""
        return offer in self.offers or f"{offer.partition('/')[0]}/*" in self.offers


def multiplied(prices: Iterable[Price], multiples: Iterable[Multiple]) -> tuple[Price, ...]:
    """Return the entries, those of the tiers made from them, and those of the regions made from both."""
    rules = list(multiples)
    made = tuple(prices)
    made += tuple(tier for rule in rules if rule.service_tier for tier in _made(made, rule))
    return made + tuple(region for rule in rules if rule.region for region in _made(made, rule))


def contracted(book: Book, terms: Terms) -> Book:
    """Return the book at a contract's prices: whoever values a call under a contract must take this one.

    Discounts are by offer or by provider; an offer's own counts.
    """
    if not terms.discounts:
        return book
    parts = {of: Decimal(ppm) / PPM for of, ppm in terms.discounts}
    return replace(book, prices=tuple(_less(price, parts) for price in book.prices))


def _less(price: Price, parts: Mapping[str, Decimal]) -> Price:
    part = parts.get(price.offer, parts.get(price.offer.partition("/")[0], Decimal(0)))
    if not part:
        return price
    scaled = partial(_scaled, factor=1 - part, meters=METERS)
    windows = tuple(replace(window, bands=scaled(window.bands)) for window in price.windows)
    return replace(price, bands=scaled(price.bands), windows=windows, less=part)


def _made(prices: Sequence[Price], rule: Multiple) -> Iterator[Price]:
    said = [price for price in prices if rule.covers(price.offer) and not price.region]
    said = [price for price in said if rule.region or price.service_tier == STANDARD]
    for _, group in groupby(sorted(said, key=_series_of), key=_series_of):
        entries = list(group)
        for price, end in zip(entries, ends(entries), strict=True):
            if end > rule.valid_from:
                yield _times_of(price, rule)


def _series_of(price: Price) -> tuple[str, str]:
    return price.offer, price.service_tier


def _times_of(price: Price, rule: Multiple) -> Price:
    scaled = partial(_scaled, factor=rule.factor, meters=rule.meters)
    return replace(
        price,
        service_tier=rule.service_tier or price.service_tier,
        region=rule.region,
        valid_from=max(price.valid_from, rule.valid_from),
        known_since=max(price.known_since, rule.known_since),
        bands=scaled(price.bands),
        windows=tuple(replace(window, bands=scaled(window.bands)) for window in price.windows),
        source=f"{price.source}; times {rule.factor}: {rule.source}",
        multiplied_at=rule.where,
    )


def _scaled(bands: Iterable[Band], factor: Decimal, meters: Collection[str]) -> tuple[Band, ...]:
    return tuple(Band(band.above_tokens, _times(band.rates, factor, meters)) for band in bands)


def _times(rates: Rates, factor: Decimal, meters: Collection[str]) -> Rates:
    return {meter: rate * factor if meter in meters else rate for meter, rate in rates.items()}
