"""Which entry counts when: validity, gaps, and corrections that became known later."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from burncurve.prices import Band, Book, Price, load
from burncurve.prices.book import pico
from burncurve.prices.timeline import at, series, timeline


def entry(rate: int, start: str, until: str | None = None, known: str | None = None) -> Price:
    return Price(
        offer="maker/model",
        service_tier="standard",
        valid_from=datetime.fromisoformat(start).replace(tzinfo=UTC),
        valid_until=datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None,
        known_since=date.fromisoformat(known or start),
        currency="USD",
        bands=(Band(0, {"input": Decimal(rate), "output": Decimal(rate)}),),
        windows=(),
        source="by hand",
        note="",
        where="here",
    )


def rate_on(entries: list[Price], day: str, as_of: str | None = None) -> int | None:
    book = Book("hand", "", date(2026, 12, 31), {}, tuple(entries), "here", "")
    known = series(book, "maker/model", as_of=date.fromisoformat(as_of) if as_of else None)
    period = at(timeline(known), datetime.fromisoformat(day).replace(tzinfo=UTC))
    return None if period is None else int(period.price.bands[0].rates["input"])


def test_an_open_entry_holds_until_the_next_one_begins() -> None:
    entries = [entry(1, "2026-01-01"), entry(2, "2026-03-01")]
    days = ("2025-12-31", "2026-01-01", "2026-02-28T23:59:59", "2026-03-01", "2030-01-01")
    assert [rate_on(entries, day) for day in days] == [None, 1, 1, 2, 2]


def test_a_gap_stays_a_gap() -> None:
    entries = [entry(1, "2026-01-01", "2026-02-01"), entry(2, "2026-03-01")]
    assert [rate_on(entries, day) for day in ("2026-01-31", "2026-02-01", "2026-03-01")] == [1, None, 2]


def test_after_the_last_entry_its_price_goes_on() -> None:
    entries = [entry(1, "2026-01-01", "2026-02-01")]
    assert rate_on(entries, "2026-06-01") == 1
    assert timeline(entries)[0].stated_until == datetime(2026, 2, 1, tzinfo=UTC)


def test_what_became_known_later_corrects_what_was_believed() -> None:
    entries = [entry(1, "2026-01-01"), entry(5, "2026-03-01", "2026-04-01", known="2026-06-01")]
    assert [rate_on(entries, day) for day in ("2026-02-15", "2026-03-15", "2026-04-15")] == [1, 5, 1]
    assert rate_on(entries, "2026-03-15", as_of="2026-05-31") == 1
    assert rate_on(entries, "2026-03-15", as_of="2026-06-01") == 5


def test_a_correction_of_an_open_entry_ends_where_the_next_one_begins() -> None:
    entries = [entry(1, "2026-01-01"), entry(9, "2026-01-01", known="2026-05-01"), entry(2, "2026-03-01")]
    assert [rate_on(entries, day) for day in ("2026-02-01", "2026-03-01")] == [9, 2]


def test_a_later_price_is_unknown_before_it_was_announced() -> None:
    entries = [entry(1, "2026-01-01"), entry(2, "2026-09-01", known="2026-08-01")]
    assert rate_on(entries, "2026-10-01", as_of="2026-07-31") == 1
    assert rate_on(entries, "2026-10-01", as_of="2026-08-01") == 2


def test_rates_resolve_to_whole_pico_dollars_half_up() -> None:
    """$1 per million tokens is a million pico-dollars per token; $10 per thousand searches a cent each."""
    assert pico("input", Decimal("0.003625")) == 3_625
    assert pico("output", Decimal(25)) == 25_000_000
    assert pico("web_searches", Decimal(10)) == 10**10
    assert [pico("input", Decimal(text)) for text in ("0.0000005", "0.0000015", "0.0000025")] == [1, 2, 3]


def test_a_rate_of_several_factors_is_rounded_once() -> None:
    """6.25 x 0.5 x 1.1 x 0.875 is 3.0078125: 3,007,812.5 pico-dollars per token."""
    assert pico("cache_write_5m", Decimal("6.25") * Decimal("0.5") * Decimal("1.1") * Decimal("0.875")) == 3_007_813


def test_every_rate_of_the_shipped_books_is_a_whole_number_of_pico_dollars() -> None:
    for name in ("list", "articles-2026-02"):
        for price in load(name).prices:
            for _, bands in price.tariffs():
                for meter, rate in ((meter, rate) for band in bands for meter, rate in band.rates.items()):
                    scale = 1000 if meter == "web_searches" else 10**6
                    assert pico(meter, rate) * scale == rate * 10**12
