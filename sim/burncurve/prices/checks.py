"""What must hold across the entries of a book; each check returns every problem it finds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, groupby, pairwise

from burncurve.errors import Problem, did_you_mean, shown
from burncurve.prices.book import NEEDED, PIECE_METERS, PROMPT_METERS, USD, Book, Price, moment_text
from burncurve.prices.timeline import ends


def problems_of(book: Book) -> Iterator[Problem]:
    """Yield every problem that no single field shows."""
    for price in book.prices:
        yield from _rates(price)
        yield from _bands(price)
        yield from _currency(book, price)
        yield from _excess(price)
        yield from _holidays(book, price)
        yield from _hours(price)
    ordered = sorted(book.prices, key=_offer_and_tier)
    for _, prices in groupby(ordered, key=_offer_and_tier):
        yield from _overlaps(list(prices))


def _offer_and_tier(price: Price) -> tuple[str, str, str]:
    return price.offer, price.service_tier, price.region


def _rates(price: Price) -> Iterator[Problem]:
    for name, bands in price.tariffs():
        if not any(meter in bands[0].rates for meter in NEEDED):
            place = f" in window {name}" if name else ""
            yield Problem(
                price.where,
                f"{price.offer}: neither an input nor an output price{place}",
                "an offer whose price is not known has no entry",
            )


def _bands(price: Price) -> Iterator[Problem]:
    for _, bands in price.tariffs():
        bounds = [band.above_tokens for band in bands]
        if any(low >= high for low, high in pairwise(bounds)):
            yield Problem(
                price.where, f"{price.offer}: long_context bounds {bounds[1:]} do not rise", "list the smallest first"
            )


def _excess(price: Price) -> Iterator[Problem]:
    beyond = {meter for _, bands in price.tariffs() for band in bands[1:] for meter in band.rates} - set(PROMPT_METERS)
    if price.long_context.excess_only and beyond - set(PIECE_METERS):
        yield Problem(
            price.where,
            f"{price.offer}: long_context_pays `excess` has rates of {', '.join(sorted(beyond - set(PIECE_METERS)))}",
            "only prompt tokens are above a bound; leave the others out, or write `long_context_pays: whole call`",
        )


def _holidays(book: Book, price: Price) -> Iterator[Problem]:
    for window in price.windows:
        if window.not_on and window.not_on not in book.holidays:
            what = f"{price.offer}: window {window.name} names the holidays {shown(window.not_on)}, which are not there"
            yield Problem(price.where, what, did_you_mean(window.not_on, book.holidays))


def _hours(price: Price) -> Iterator[Problem]:
    for one, other in combinations(price.windows, 2):
        day = one.hours.meet_on(other.hours)
        if day and not (one.not_on or other.not_on):  # of those that holidays may turn off the first counts
            what = f"{price.offer}: windows {shown(one.name)} and {shown(other.name)} meet on {day}"
            yield Problem(price.where, what, "give each hour to one of them, or other `days`")


def _currency(book: Book, price: Price) -> Iterator[Problem]:
    if price.currency != USD and price.currency not in book.exchanges:
        yield Problem(
            price.where,
            f"{price.offer}: priced in {price.currency}, and the book has no exchange rate for it",
            f"add `exchange_rates: {{{price.currency}: {{usd_per_unit: ..., on: ..., source: ...}}}}`",
        )


def _overlaps(prices: list[Price]) -> Iterator[Problem]:
    spans = zip(prices, ends(prices), strict=True)
    for (one, one_end), (other, other_end) in combinations(spans, 2):
        meet = one.valid_from < other_end and other.valid_from < one_end
        later = other if other.known_since > one.known_since else one
        again = (one.multiplied_at, one.where) == (other.multiplied_at, other.where)  # a multiple of two that meet
        if meet and not again and (one.known_since == other.known_since or not later.corrects):
            yield _overlap(one, other)


def _overlap(one: Price, other: Price) -> Problem:
    apart = one.multiplied_at != other.multiplied_at  # else it is their entries that meet
    here, there = ((price.multiplied_at if apart else "") or price.where for price in (other, one))
    if apart and one.multiplied_at and other.multiplied_at:
        of = f"in region {one.region}" if one.region else f"at the tier {one.service_tier}"
        what = f"{one.offer}: its price {of} is a multiple here and by the one at {there}"
        return Problem(here, what, "leave the offer out of one of the two")
    what = f"{other.offer}: valid from {moment_text(other.valid_from)} overlaps the entry at {there}"
    return Problem(here, what, "give the earlier one a valid_until, or, if this corrects it, a later known_since")
