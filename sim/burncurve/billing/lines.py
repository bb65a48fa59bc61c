"""Which price line each call falls under: offer, validity, hours of the day, long-context band."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from burncurve.billing.sums import Ints, sum_of
from burncurve.errors import Problem
from burncurve.ledger import PROMPT_METERS, Ledger
from burncurve.prices.book import NEEDED, STANDARD, Book, Window, moment_of, moment_us, pico
from burncurve.prices.queries import missing
from burncurve.prices.timeline import Period, series, timeline
from burncurve.words import US_PER_DAY, US_PER_MINUTE

NO_LINE = -1
_MINUTES_PER_DAY = 1440
_WEEKDAY_OF_1970 = 3  # a Thursday
_STAND_IN = {
    "cache_read": "input",
    "cache_write_5m": "input",
    "cache_write_1h": "input",
    "reasoning": "output",
}


@dataclass(frozen=True, slots=True)
class PriceLine:
    """Rates of one offer in one period, window and band, in pico-units of the currency per token or search.

    `stated` are the meters the list prices; the others stand in for them as said in design section 4.
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


@dataclass(slots=True)
class Assignment:
    """The price line of each billed row (NO_LINE: there is none), and what a reader must know about it."""

    row_lines: NDArray[np.int32]
    lines: list[PriceLine] = field(default_factory=list)
    missing: dict[str, Problem] = field(default_factory=dict)
    notes: set[str] = field(default_factory=set)


def assign(ledger: Ledger, book: Book, rows: Ints, as_of: date | None) -> Assignment:
    """Return the price line of each of the rows, by the UTC time of its grant and its whole prompt."""
    utc_us = ledger.start_utc_us + ledger["grant_us"][rows].astype(np.int64)
    prompt = sum_of(ledger, PROMPT_METERS, rows)
    tiers = ledger.names.get("service_tiers", (STANDARD,))
    offer_tier = ledger["offer"][rows].astype(np.int64) * len(tiers) + ledger["service_tier"][rows]
    found = Assignment(np.full(len(rows), NO_LINE, dtype=np.int32))
    for key in np.flatnonzero(np.bincount(offer_tier)).tolist():
        offer, tier = ledger.names["offers"][key // len(tiers)], tiers[key % len(tiers)]
        at = np.flatnonzero(offer_tier == key)
        _assign_offer(found, book, (offer, tier, as_of), at, utc_us[at], prompt[at])
    return found


def _assign_offer(
    found: Assignment, book: Book, wanted: tuple[str, str, date | None], at: Ints, utc_us: Ints, prompt: Ints
) -> None:
    offer = wanted[0]
    entries = series(book, *wanted)
    periods = timeline(entries)
    for period in periods:
        inside = np.flatnonzero((utc_us >= moment_us(period.start)) & (utc_us < moment_us(period.until)))
        if inside.size:
            local = _lines_of_rows(period, utc_us[inside], prompt[inside])
            found.row_lines[at[inside]] = len(found.lines) + local
            found.lines += _lines(period)
            found.notes.update(_going_on(book, period, int(utc_us[inside].max()), wanted[2]))
    unplaced = np.flatnonzero(found.row_lines[at] == NO_LINE)
    if unplaced.size:
        found.missing.setdefault(offer, missing(book, offer, moment_of(int(utc_us[unplaced].min())), entries))


def _lines_of_rows(period: Period, utc_us: Ints, prompt: Ints) -> Ints:
    """Return each call's place among `_lines(period)`."""
    tariff_of_row = _tariffs(period.price.windows, utc_us)
    places = np.zeros(len(utc_us), dtype=np.int64)
    first = 0
    for number, (_, bands) in enumerate(period.price.tariffs()):
        # A band counts for prompts larger than its bound, and then for the whole request.
        band = np.searchsorted([band.above_tokens for band in bands[1:]], prompt, side="left")
        places = np.where(tariff_of_row == number, first + band, places)
        first += len(bands)
    return places


def _tariffs(windows: Sequence[Window], utc_us: Ints) -> Ints:
    minute = utc_us // US_PER_MINUTE % _MINUTES_PER_DAY
    weekday = (utc_us // US_PER_DAY + _WEEKDAY_OF_1970) % 7
    tariff = np.zeros(len(utc_us), dtype=np.int64)
    for number, window in reversed(list(enumerate(windows, start=1))):  # where two overlap, the first named counts
        in_hours = np.zeros(len(utc_us), dtype=bool)
        for start, until in window.spans:
            in_hours |= (minute >= start) & (minute < until)
        tariff[in_hours & np.isin(weekday, window.days)] = number
    return tariff


def _lines(period: Period) -> Iterator[PriceLine]:
    price = period.price
    for window, bands in price.tariffs():
        for band in bands:
            yield PriceLine(
                price.offer,
                _label(price.valid_from, price.service_tier, window, band.above_tokens),
                price.currency,
                _rates_pico({meter: pico(meter, rate) for meter, rate in band.rates.items()}),
                frozenset(band.rates),
                price.where,
            )


def _rates_pico(stated: Mapping[str, int]) -> dict[str, int]:
    stand_ins = {meter: stated[other] for meter, other in _STAND_IN.items() if other in stated}
    return {**stand_ins, **stated}


def _label(valid_from: datetime, tier: str, window: str, above_tokens: int) -> str:
    moment = f"{valid_from:%Y-%m-%d}" if valid_from.time() == time() else f"{valid_from:%Y-%m-%dT%H:%M}"
    parts = [
        "from " + moment,
        "" if tier == STANDARD else tier,
        window,
        f"above {above_tokens:,}" if above_tokens else "",
    ]
    return ", ".join(part for part in parts if part)


def _going_on(book: Book, period: Period, last_us: int, as_of: date | None) -> Iterator[str]:
    price = period.price
    known = min(as_of, book.checked) if as_of else book.checked
    if last_us >= moment_us(period.stated_until):
        ended = f"{period.stated_until:%Y-%m-%d}"
        yield f"{price.offer}: the price that ended on {ended} goes on, book {book.name} has no later one"
    if last_us >= moment_us(datetime.combine(known, time(), UTC) + timedelta(days=1)):
        yield f"{price.offer}: the price known on {known} goes on after that day, book {book.name} ends there"
