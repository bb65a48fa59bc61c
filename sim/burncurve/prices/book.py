"""A price book as frozen values: dated, sourced list prices, exactly as their makers write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from pathlib import Path

from burncurve.documents.hours import Hours

BOOKS = Path(__file__).parent / "books"

TOKEN_METERS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")
PROMPT_METERS = TOKEN_METERS[:4]
PIECE_METERS = ("web_searches",)
METERS = (*TOKEN_METERS, *PIECE_METERS)
NEEDED = ("input", "output")
UNKNOWN = "unknown"
"""What a file says of a rate that nobody states: what is merely left out is an error."""

STANDARD = "standard"
SERVICE_TIERS = (STANDARD, "batch", "flex", "priority", "fast")
USD = "USD"

_PICO_PER_UNIT = 10**12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Rates = Mapping[str, Decimal]
"""List price by meter: per million tokens, for web searches per thousand. What is not there is not known."""


class Compared(StrEnum):
    """Which tokens of a call are held against a long-context bound."""

    PROMPT = "prompt"  # reads and writes included
    UNCACHED = "uncached"  # the prompt without what is read from the cache
    CONTEXT = "context"  # prompt and output


@dataclass(frozen=True, slots=True)
class LongContext:
    """How long-context prices work: what is compared, and whether they count for the tokens above the bound alone.

    Under `excess_only` prompt tokens above the bound, counted from the front of the prompt, pay the
    band's rates; output pays the lowest band's.
    """

    compares: Compared = Compared.PROMPT
    excess_only: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """Rates once a call's compared tokens are more than `above_tokens`."""

    above_tokens: int
    rates: Rates


@dataclass(frozen=True, slots=True)
class Holidays:
    """Days on which windows that name them do not count; known from `first` to `last`, both included."""

    name: str
    first: date
    last: date
    days: frozenset[date]
    source: str


@dataclass(frozen=True, slots=True)
class Window:
    """Other rates at some hours; `not_on` names the book's holidays on which it does not count, "" for none."""

    name: str
    hours: Hours
    bands: tuple[Band, ...]
    not_on: str = ""


@dataclass(frozen=True, slots=True)
class Price:
    """One entry of a book: what an offer costs from `valid_from` until `valid_until` (excluded), both UTC.

    Without `valid_until` it holds until the next entry of that offer without one. `known_since` is
    the day on which it could be known; `where` the place in the file; `differs` names the meters for which
    genai-prices, held beside the shipped list, has another rate.
    """

    offer: str
    service_tier: str
    valid_from: datetime
    valid_until: datetime | None
    known_since: date
    currency: str
    bands: tuple[Band, ...]
    windows: tuple[Window, ...]
    source: str
    note: str
    where: str
    differs: tuple[str, ...] = ()
    long_context: LongContext = LongContext()
    region: str = ""  # where it is served; "" for every region without an entry of its own
    corrects: bool = False  # it says itself since when it is known, and so may contradict one that was known before
    multiplied_at: str = ""  # the place of the multiple that made it of the entry at `where`; "" where none did
    less: Decimal = Decimal(0)  # part of the list price that a contract takes off, in its rates already

    def tariffs(self) -> tuple[tuple[str, tuple[Band, ...]], ...]:
        """Return (name, bands) of the rates outside all windows, named "", and of each window."""
        return (("", self.bands), *((window.name, window.bands) for window in self.windows))


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one unit of a currency is worth, on which day, according to whom."""

    currency: str
    usd_per_unit: Decimal
    on: date
    source: str


@dataclass(frozen=True, slots=True)
class Fee:
    """What a seller takes for the purchase of credits: a part of each purchase, and at least an amount of dollars.

    It holds for calls from `valid_from` (UTC) until the seller's next entry.
    """

    seller: str
    valid_from: datetime
    part: Decimal
    at_least_usd: Decimal
    source: str
    where: str


@dataclass(frozen=True, slots=True)
class Book:
    """Prices of many offers; `checked` is the last day they were held against their sources, `digest` of the file."""

    name: str
    about: str
    checked: date
    exchanges: Mapping[str, Exchange]
    prices: tuple[Price, ...]
    where: str
    digest: str
    holidays: Mapping[str, Holidays] = field(default_factory=dict)
    fees: tuple[Fee, ...] = ()

    @property
    def shipped(self) -> bool:
        """Whether the book comes with the package."""
        return Path(self.where).parent == BOOKS

    @property
    def offers(self) -> tuple[str, ...]:
        """Names of all offers with an entry, sorted."""
        return tuple(sorted({price.offer for price in self.prices}))


def moment_us(moment: datetime) -> int:
    """Return a UTC moment in microseconds since 1970, exactly."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment_of(us: int) -> datetime:
    """Return the UTC moment of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=us)


def moment_text(moment: datetime) -> str:
    """Return a UTC moment as files write it: its day, and the time of day where that is not midnight."""
    return f"{moment:%Y-%m-%d}" if moment.time() == time() else f"{moment:%Y-%m-%dT%H:%M}"


def pico(meter: str, rate: Decimal) -> int:
    """Return a price, all its factors in it, as integer pico-units per token, or per search, rounded half up once."""
    pieces = 1_000 if meter in PIECE_METERS else 1_000_000
    return int((rate * _PICO_PER_UNIT / pieces).to_integral_value(ROUND_HALF_UP))
