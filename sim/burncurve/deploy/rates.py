"""What the offers of a deployment cost over the run, for engines that count dollars: integers from a price book."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from burncurve.deployment import Band, Compared, Currency, Offer, Rates, Tariff
from burncurve.errors import MissingFact, Problem
from burncurve.ledger import METERS
from burncurve.prices import NO_TARIFF, Book, PriceLine, Schedule, schedule
from burncurve.prices import Tariff as Listed
from burncurve.prices.book import USD, moment_of
from burncurve.prices.queries import missing

WEB_SEARCHES = "web_searches"
UNUSED = 0


@dataclass(frozen=True, slots=True)
class Prices:
    """A book, as it was known, and the run (UTC microseconds) it is asked about; `searches`: whether any are made."""

    book: Book
    as_of: date | None
    start_utc_us: int
    horizon_us: int
    searches: bool


def rates_of(offers: Sequence[Offer], prices: Prices) -> tuple[tuple[Rates, ...], tuple[Currency, ...]]:
    """Return the rates of each offer and the currencies they are in, as the bill resolves them.

    Raises MissingFact for every offer that the book does not price over the whole run.
    """
    schedules = [_schedule(offer, prices) for offer in offers]
    problems = [
        problem for offer, found in zip(offers, schedules, strict=True) for problem in _unpriced(offer, found, prices)
    ]
    if problems:
        raise MissingFact(*dict.fromkeys(problems))
    names = dict.fromkeys(line.currency for found in schedules for line in _lines(found))
    currencies = tuple(_currency(prices.book, name) for name in names)
    return tuple(_rates(found, list(names), prices) for found in schedules), currencies


def _schedule(offer: Offer, prices: Prices) -> Schedule:
    until_us = prices.start_utc_us + prices.horizon_us  # nothing is granted from the horizon on
    return schedule(
        prices.book, offer.name, prices.start_utc_us, until_us,
        service_tier=offer.service_tier, region=offer.region, as_of=prices.as_of,
    )  # fmt: skip


def _lines(found: Schedule) -> Iterator[PriceLine]:
    for tariff in found.tariffs:
        yield from tariff.lines


def _unpriced(offer: Offer, found: Schedule, prices: Prices) -> Iterator[Problem]:
    for edge_us, place in zip(found.edges_us, found.places, strict=True):
        if place == NO_TARIFF:
            yield missing(prices.book, offer.name, moment_of(edge_us), found.entries, offer.service_tier)
            return
    for line in _lines(found):
        lacks = [*line.lacks, *([WEB_SEARCHES] if prices.searches and WEB_SEARCHES not in line.rates else [])]
        if lacks:
            what = f"book {prices.book.name} has no price of {offer.name} for {' and '.join(lacks)}"
            yield Problem(line.where, what, "choose another --book, or leave the offer out")


def _currency(book: Book, name: str) -> Currency:
    if name == USD:
        return Currency()
    worth = Fraction(book.exchanges[name].usd_per_unit)
    return Currency(name, worth.numerator, worth.denominator)


def _rates(found: Schedule, currencies: list[str], prices: Prices) -> Rates:
    return Rates(
        starts_us=tuple(edge - prices.start_utc_us for edge in found.edges_us),
        places=found.places,
        tariffs=tuple(_tariff(tariff, currencies) for tariff in found.tariffs),
    )


def _tariff(listed: Listed, currencies: list[str]) -> Tariff:
    bounds = (0, *listed.bounds)
    bands = tuple(Band(bound, _by_meter(line)) for bound, line in zip(bounds, listed.lines, strict=True))
    rule = listed.long_context
    currency = currencies.index(listed.lines[0].currency)
    return Tariff(bands, currency, Compared[rule.compares.name], rule.excess_only)


def _by_meter(line: PriceLine) -> tuple[int, ...]:
    return tuple(line.rates.get(meter, UNUSED) for meter in METERS)
