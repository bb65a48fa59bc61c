"""Bills worked out by hand, cent by cent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest

from burncurve.billing import amounts_usd, bill
from burncurve.ledger import Kind, Ledger, Status
from burncurve.prices import load

OPUS = ("anthropic/claude-opus-4.6",)
Make = Callable[..., Ledger]


def cents(ledger: Ledger, book: str = "list", **options: Any) -> float:
    total = bill(ledger, load(book), deployment="d", **options).total()
    assert total is not None
    return total * 100


def test_one_call_on_every_meter(make: Make) -> None:
    """Read 10,000 at $0.5, written 4,000 at $6.25, out 1,000 + 600 at $25 per million, two searches at a cent.

    0.5 c + 2.5 c + 2.5 c + 1.5 c + 2 c = 9 c.
    """
    row = {"cache_read": 10_000, "cache_write_5m": 4_000, "output": 1_000, "reasoning": 600, "web_searches": 2}
    made = bill(make([{**row, "fresh": 4_000, "from_base": 9_000}], OPUS), load("list"), deployment="d")
    assert made.total_pico == 90_000_000_000
    assert made.by_meter() == {
        "cache_write_5m": 0.025,
        "output": 0.025,
        "web_searches": 0.02,
        "reasoning": 0.015,
        "cache_read": 0.005,
    }
    assert made.by_cause() == {
        "cache_write": 0.025,
        "output": 0.025,
        "web_search": 0.02,
        "reasoning": 0.015,
        "base_reread": 0.0045,
        "history_reread": 0.0005,
    }


@pytest.mark.parametrize(("prompt", "cents_per_thousand"), [(199_999, 0.5), (200_000, 0.5), (200_001, 1.0)])
def test_the_whole_request_pays_the_long_context_price_above_the_bound(
    make: Make, prompt: int, cents_per_thousand: float
) -> None:
    """Opus 4.6 before 2026-03-13: $5 up to 200,000 tokens of prompt, $10 above; output $25 and $37.50."""
    row = {"input": prompt - 150_000, "cache_read": 150_000, "fresh": prompt - 150_000, "output": 1_000}
    scale = cents_per_thousand / 0.5
    expected = (prompt - 150_000) * 0.0005 * scale + 150_000 * 0.00005 * scale + (2.5 if scale == 1 else 3.75)
    assert cents(make([row], OPUS)) == pytest.approx(expected, rel=1e-12)


def test_the_long_context_price_has_ended_on_the_thirteenth_of_march(make: Make) -> None:
    row = {"input": 300_000, "fresh": 300_000, "grant_us": 60_000_000}
    start = datetime(2026, 3, 12, 23, 59, tzinfo=UTC)
    assert cents(make([row], OPUS, start)) == 150  # granted at midnight
    assert cents(make([{**row, "grant_us": 59_999_999}], OPUS, start)) == 300


@pytest.mark.parametrize(
    ("when", "usd"),
    [
        ("2026-11-18T00:59:59", 0.66),  # Wednesday
        ("2026-11-18T01:00:00", 1.32),
        ("2026-11-18T03:59:59", 1.32),
        ("2026-11-18T04:00:00", 0.66),
        ("2026-11-18T06:00:00", 1.32),
        ("2026-11-18T10:00:00", 0.66),
        ("2026-11-21T02:00:00", 0.66),  # Saturday
        ("2026-11-22T02:00:00", 0.66),  # Sunday
        ("2026-11-23T02:00:00", 1.32),  # Monday
        ("2026-08-22T02:00:00", 1.32),  # Saturday, before weekends were off-peak
        ("2026-08-16T15:59:59", 0.435),
        ("2026-08-16T16:00:00", 0.66),
    ],
)
def test_hours_and_weekdays_of_deepseek(make: Make, when: str, usd: float) -> None:
    ledger = make([{"input": 1_000_000, "fresh": 1_000_000}], ("deepseek/deepseek-v4-pro",), _utc(when))
    assert bill(ledger, load("list"), deployment="d").total() == usd


def test_each_call_has_the_price_of_its_own_moment(make: Make) -> None:
    row = {"input": 1_000_000, "fresh": 1_000_000}
    rows = [row, {**row, "grant_us": 3_600_000_000}]
    ledger = make(rows, ("deepseek/deepseek-v4-pro",), _utc("2026-11-18T00:30"))
    made = bill(ledger, load("list"), deployment="d")
    assert {(line.price_line, line.amount_pico) for line in made.lines} == {
        ("from 2026-08-22T16:00", 660_000_000_000),
        ("from 2026-08-22T16:00, peak", 1_320_000_000_000),
    }
    assert amounts_usd(ledger, load("list")) == pytest.approx([0.66, 1.32])


def test_a_cache_price_that_the_book_lacks_is_billed_as_input_and_said(make: Make) -> None:
    """The articles quote $5 for input and nothing for the cache: a million read costs $5 there, $0.50 on the list."""
    ledger = make([{"cache_read": 1_000_000, "from_base": 1_000_000}], OPUS, _utc("2026-03-13"))
    made = bill(ledger, load("articles-2026-02"), deployment="d")
    assert made.total() == 5
    assert bill(ledger, load("list"), deployment="d").total() == 0.5
    assert "cache_read is billed as input" in made.notes[0]


def test_the_last_price_goes_on_with_a_note(make: Make) -> None:
    row = {"input": 1_000_000, "fresh": 1_000_000}
    ended = bill(make([row], ("deepseek/deepseek-v3.2",), _utc("2026-05-01")), load("list"), deployment="d")
    assert ended.total() == 0.28
    assert ended.notes == (
        "deepseek/deepseek-v3.2: the price that ended on 2026-04-25 goes on, book list has no later one",
    )
    later = bill(make([row], OPUS, _utc("2027-05-01")), load("list"), deployment="d")
    assert later.notes == (
        "anthropic/claude-opus-4.6: the price known on 2026-11-21 goes on after that day, book list ends there",
    )
    assert bill(make([row], OPUS, _utc("2026-11-21T23:59:59")), load("list"), deployment="d").notes == ()


def test_as_of_bills_with_what_was_known(make: Make) -> None:
    """On 2026-03-01 the end of the long-context price of Opus 4.6 was not known: $10, later $5, per million."""
    ledger = make([{"input": 1_000_000, "fresh": 1_000_000}], OPUS, _utc("2026-04-01"))
    assert cents(ledger) == 500
    assert cents(ledger, as_of=date(2026, 3, 1)) == 1_000


@pytest.mark.parametrize("status", [Status.REFUSED, Status.STOPPED, Status.OVERFLOW])
def test_what_was_not_served_is_not_billed(make: Make, status: Status) -> None:
    ledger = make([{"status": status, "grant_us": -1}], OPUS)
    assert bill(ledger, load("list"), deployment="d").total() == 0
    assert amounts_usd(ledger, load("list")).tolist() == [0.0]


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ({"status": Status.ERROR, "kind": Kind.COMPACTION}, "failed"),
        ({"task_attempt": 1}, "failed"),
        ({"kind": Kind.COMPACTION}, "compaction"),
        ({"kind": Kind.FLUSH}, "compaction"),
        ({"kind": Kind.ANNOUNCE}, "coordination"),
    ],
)
def test_the_purpose_of_a_call_decides_over_its_tokens(make: Make, row: dict[str, int], cause: str) -> None:
    meters = {"cache_read": 100, "cache_write_5m": 50, "fresh": 20, "fresh_agents": 5, "output": 7, "reasoning": 3}
    made = bill(make([{**row, **meters, "web_searches": 1}], OPUS), load("list"), deployment="d")
    assert list(made.by_cause()) == [cause]


def test_an_ordinary_call_by_hand(make: Make) -> None:
    """Prompt 1,000: base 300, then 400 sent before, 300 new of which 120 a child's result; 500 read from the cache.

    Read 500 = base 300 + history 200; sent before and not read 700 - 500 = 200: missed; new 300 = 120 + 180.
    """
    row = {"cache_read": 500, "cache_write_1h": 500, "from_base": 300, "fresh": 300, "fresh_agents": 120}
    made = bill(make([{**row, "output": 40, "reasoning": 60}], OPUS), load("list"), deployment="d")
    assert {(line.cause.value, line.meter, line.tokens, line.rate_pico) for line in made.lines} == {
        ("base_reread", "cache_read", 300, 500_000),
        ("history_reread", "cache_read", 200, 500_000),
        ("miss", "cache_write_1h", 200, 10_000_000),
        ("coordination", "cache_write_1h", 120, 10_000_000),
        ("cache_write", "cache_write_1h", 180, 10_000_000),
        ("output", "output", 40, 25_000_000),
        ("reasoning", "reasoning", 60, 25_000_000),
    }


def test_floats_for_curves_add_up_to_the_bill(make: Make) -> None:
    rows = [{"input": n, "fresh": n, "output": 3 * n, "offer": n % 2} for n in range(1, 200)]
    ledger = make(rows, ("anthropic/claude-opus-4.6", "zai/glm-5"))
    total = bill(ledger, load("list"), deployment="d").total()
    assert np.sum(amounts_usd(ledger, load("list"))) == pytest.approx(total, rel=1e-12)


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "usd"),
    [
        ("2026-09-24T02:00:00", 1.32),  # the Thursday before Mid-Autumn
        ("2026-09-25T02:00:00", 0.66),  # Mid-Autumn, a Friday
        ("2026-10-01T02:00:00", 0.66),  # National Day, a Thursday
        ("2026-10-07T09:59:59", 0.66),  # its last day, a Wednesday
        ("2026-10-08T02:00:00", 1.32),
        ("2026-10-10T02:00:00", 0.66),  # a Saturday on which one works: weekends are off-peak
    ],
)
def test_chinese_public_holidays_are_off_peak(make: Make, when: str, usd: float) -> None:
    ledger = make([{"input": 1_000_000, "fresh": 1_000_000}], ("deepseek/deepseek-v4-pro",), _utc(when))
    assert bill(ledger, load("list"), deployment="d").total() == usd


def test_holidays_were_not_known_to_the_book_of_an_earlier_day(make: Make) -> None:
    ledger = make([{"input": 1_000_000, "fresh": 1_000_000}], ("deepseek/deepseek-v4-pro",), _utc("2026-10-01T02:00"))
    assert bill(ledger, load("list"), deployment="d", as_of=date(2026, 10, 31)).total() == 1.32


def test_days_whose_holidays_are_not_known_are_said(make: Make) -> None:
    ledger = make([{"input": 1_000_000, "fresh": 1_000_000}], ("deepseek/deepseek-v4-pro",), _utc("2027-01-01T02:00"))
    made = bill(ledger, load("list"), deployment="d")
    assert made.total() == 1.32
    assert any("holidays china are known from 2026-01-01 to 2026-12-31" in note for note in made.notes)


def test_a_run_across_the_end_of_the_long_context_price(make: Make) -> None:
    """An hour of calls of 250,000 tokens around 2026-03-13 00:00: $2.50 each before, $1.25 each after."""
    rows = [{"input": 250_000, "fresh": 250_000, "grant_us": minute * 60_000_000} for minute in (0, 29, 30, 59)]
    made = bill(make(rows, OPUS, datetime(2026, 3, 12, 23, 30, tzinfo=UTC)), load("list"), deployment="d")
    assert [(line.price_line, line.amount_pico) for line in made.lines] == [
        ("from 2026-02-05, above 200,000", 5_000_000_000_000),
        ("from 2026-03-13", 2_500_000_000_000),
    ]
