"""What an offer costs over a span of time, as integers: the one place where rates are resolved.

Whoever values a call reads it here: bills (burncurve.billing) and the rates that a deployment carries
for budgets. A call is valued in three steps, the same for both:

1. its moment: `stretch_at(grant)`, the UTC microsecond at which the account let it through;
2. its band: `tariff.band(compared tokens)`: the first whose bound is not exceeded, so that a call exactly at
   a bound still pays the lower price. Where `tariff.long_context.excess_only`, only the prompt tokens above
   the bound pay the band's rates, counted from the front: base, history read, history paid anew, new tokens;
   output pays those of the lowest band;
3. tokens times `line.rates[meter]`, pico-units of `line.currency` per token (web searches: per search), added up
   exactly. Reasoning pays the output rate, cache meters that the list does not price the input rate.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from burncurve.documents.hours import turns
from burncurve.prices.book import (
    NEEDED,
    PROMPT_METERS,
    STANDARD,
    Band,
    Book,
    LongContext,
    Price,
    moment_of,
    moment_text,
    moment_us,
    pico,
)
from burncurve.prices.timeline import FOREVER, Period, at, series, timeline

NO_TARIFF = -1
_STAND_IN = {
    "cache_read": "input",
    "cache_write_5m": "input",
    "cache_write_1h": "input",
    "reasoning": "output",
}


@dataclass(frozen=True, slots=True)
class PriceLine:
    """Rates of one offer in one period, window and band, in pico-units of the currency per token or search.

    `stated` are the meters the list prices; the others stand in for them.
    """

    offer: str
    label: str
    currency: str
    rates: Mapping[str, int]
    stated: frozenset[str]
    where: str

    @property
    def lacks(self) -> tuple[str, ...]:
        """The meters without which nothing can be billed and that the list does not price."""
        return tuple(meter for meter in NEEDED if meter not in self.stated)


@dataclass(frozen=True, slots=True)
class Tariff:
    """The price lines of one period and window: `lines[0]`, and `lines[i]` above `bounds[i - 1]`."""

    lines: tuple[PriceLine, ...]
    bounds: tuple[int, ...]
    long_context: LongContext

    def band(self, compared_tokens: int) -> int:
        """Return the place of the line for a call with so many compared tokens."""
        return bisect_left(self.bounds, compared_tokens)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The tariffs of an offer over a span: `tariffs[places[i]]` from `edges_us[i]` (UTC) to the next edge.

    A place of NO_TARIFF is a gap. `notes[i]` is what a reader must know of calls in that stretch.
    `entries` are those of the book, empty where it has none of the offer.
    """

    edges_us: tuple[int, ...]
    places: tuple[int, ...]
    tariffs: tuple[Tariff, ...]
    notes: tuple[tuple[str, ...], ...]
    entries: tuple[Price, ...]

    def stretch_at(self, utc_us: int) -> int:
        """Return the number of the stretch that holds a moment within the span."""
        return bisect_right(self.edges_us, utc_us) - 1


def schedule(
    book: Book,
    offer: str,
    start_us: int,
    until_us: int,
    *,
    service_tier: str = STANDARD,
    region: str = "",
    as_of: date | None = None,
) -> Schedule:
    """Return what an offer costs for calls granted from `start_us` up to and without `until_us`, UTC microseconds."""
    entries = series(book, offer, service_tier, as_of, region)
    periods = timeline(entries)
    numbered = _Numbered()
    edges: list[int] = []
    places: list[int] = []
    notes: list[tuple[str, ...]] = []
    for edge in sorted({start_us, *_edges(book, periods, start_us, until_us, as_of)}):
        period = at(periods, moment_of(edge))
        place = NO_TARIFF if period is None else numbered.place(period.price, _tariff_at(book, period.price, edge))
        said = () if period is None else tuple(_notes(book, period, edge, as_of))
        if not places or (place, said) != (places[-1], notes[-1]):
            edges.append(edge)
            places.append(place)
            notes.append(said)
    return Schedule(tuple(edges), tuple(places), tuple(numbered.tariffs), tuple(notes), entries)


class _Numbered:
    """Tariffs in the order in which they are first met, each made once."""

    def __init__(self) -> None:
        self.tariffs: list[Tariff] = []
        self._places: dict[tuple[int, int], int] = {}

    def place(self, price: Price, number: int) -> int:
        key = (id(price), number)
        if key not in self._places:
            self._places[key] = len(self.tariffs)
            self.tariffs.append(_tariff(price, *price.tariffs()[number]))
        return self._places[key]


def _tariff(price: Price, window: str, bands: Sequence[Band]) -> Tariff:
    if price.long_context.excess_only:  # output is never above a bound
        rest = {meter: rate for meter, rate in bands[0].rates.items() if meter not in PROMPT_METERS}
        bands = [Band(band.above_tokens, {**rest, **band.rates}) for band in bands]
    lines = tuple(_line(price, window, band) for band in bands)
    return Tariff(lines, tuple(band.above_tokens for band in bands[1:]), price.long_context)


def _line(price: Price, window: str, band: Band) -> PriceLine:
    stated = {meter: pico(meter, rate) for meter, rate in band.rates.items()}
    stand_ins = {meter: stated[other] for meter, other in _STAND_IN.items() if other in stated}
    rates = {**stand_ins, **stated}
    label = _label(price, window, band.above_tokens)
    return PriceLine(price.offer, label, price.currency, rates, frozenset(band.rates), price.where)


def _label(price: Price, window: str, above_tokens: int) -> str:
    parts = [
        "from " + moment_text(price.valid_from),
        "" if price.service_tier == STANDARD else price.service_tier,
        f"in {price.region}" if price.region else "",
        window,
        f"less {(price.less * 100).normalize():f}%" if price.less else "",
        f"above {above_tokens:,}" if above_tokens else "",
    ]
    return ", ".join(part for part in parts if part)


def _edges(book: Book, periods: Iterable[Period], start_us: int, until_us: int, as_of: date | None) -> Iterator[int]:
    """Yield every moment inside the span at which a tariff or a note may change."""
    for period in periods:
        moments = [period.start, period.until, period.stated_until, _unknown_from(book, as_of)]
        found = [moment_us(moment) for moment in moments if moment != FOREVER]
        low, high = max(start_us, moment_us(period.start)), min(until_us, moment_us(period.until))
        if period.price.windows and low < high:
            hours = [window.hours for window in period.price.windows]
            found += [moment_us(turn) for turn in turns(hours, moment_of(low).date(), moment_of(high).date())]
        yield from (edge for edge in found if start_us < edge < until_us)


def _tariff_at(book: Book, price: Price, utc_us: int) -> int:
    """Return the number of the tariff among `price.tariffs()`; where two windows overlap, the first counts."""
    moment = moment_of(utc_us)
    for number, window in enumerate(price.windows, start=1):
        off = window.not_on and moment.date() in book.holidays[window.not_on].days
        if window.hours.hold(moment) and not off:
            return number
    return 0


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _unknown_from(book: Book, as_of: date | None) -> datetime:
    known = min(as_of, book.checked) if as_of else book.checked
    return _midnight(known) + timedelta(days=1)


def _notes(book: Book, period: Period, utc_us: int, as_of: date | None) -> Iterator[str]:
    price, moment, unknown_from = period.price, moment_of(utc_us), _unknown_from(book, as_of)
    if moment >= period.stated_until:
        ended = f"{period.stated_until:%Y-%m-%d}"
        yield f"{price.offer}: the price that ended on {ended} goes on, book {book.name} has no later one"
    if moment >= unknown_from:
        known = f"{unknown_from - timedelta(days=1):%Y-%m-%d}"
        yield f"{price.offer}: the price known on {known} goes on after that day, book {book.name} ends there"
    for holidays in {book.holidays[window.not_on].name for window in price.windows if window.not_on}:
        known_days = book.holidays[holidays]
        if not known_days.first <= moment.date() <= known_days.last:
            told = f"from {known_days.first} to {known_days.last}"
            yield f"{price.offer}: holidays {holidays} are known {told}, other days are billed as no holidays"
