"""Every rule of a price book, each worked out by hand, each bound at -1, 0 and +1."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from burncurve.billing import amounts_usd, bill, bills, tally
from burncurve.ledger import Ledger
from burncurve.prices import Book, load

Make = Callable[..., Ledger]
MILLION = 10**6
MONDAY = datetime(2026, 2, 23, 14, 30, tzinfo=UTC)


def book(tmp_path: Path, entry: str, name: str = "made") -> Book:
    """Write a book of one offer; `entry` are the lines of its one entry beside validity, base rates and source."""
    path = tmp_path / f"{name}.yaml"
    path.write_text(
        "checked: 2026-12-31\n"
        "holidays: {feast: {from: 2026-01-01, to: 2026-12-31, days: [2026-02-24], source: by hand}}\n"
        "offers:\n  maker/model:\n    - valid_from: 2026-01-01\n      source: by hand\n"
        "      per_mtok: {input: 1, cache_read: 0.1, cache_write_5m: 1.25, output: 4}\n"
        f"{entry}"
    )
    return load(str(path))


def micro_usd(make: Make, made: Book, row: dict[str, int]) -> float:
    """Return a call's cost in millionths of a dollar: tokens times dollars per million."""
    ledger = make([row])
    total = bill(ledger, made, deployment="d").total_pico
    assert total is not None
    assert amounts_usd(ledger, made).sum() == pytest.approx(total / 10**12, rel=1e-12)
    return total / MILLION


WHOLE = """\
      long_context:
        - {above_tokens: 1000, per_mtok: {input: 2, cache_read: 0.2, cache_write_5m: 2.5, output: 8}}
        - {above_tokens: 2000, per_mtok: {input: 3, cache_read: 0.3, cache_write_5m: 3.75, output: 12}}
"""


@pytest.mark.parametrize(("prompt", "rate"), [(999, 1), (1000, 1), (1001, 2), (1999, 2), (2000, 2), (2001, 3)])
def test_a_whole_call_pays_the_price_of_its_band(make: Make, tmp_path: Path, prompt: int, rate: int) -> None:
    row = {"cache_read": 500, "input": prompt - 500, "fresh": prompt - 500, "output": 10}
    assert micro_usd(make, book(tmp_path, WHOLE), row) == pytest.approx(rate * (prompt - 500 + 50 + 40), rel=1e-12)


@pytest.mark.parametrize(("uncached", "rate"), [(999, 1), (1000, 1), (1001, 2)])
def test_a_bound_on_uncached_tokens_leaves_reads_aside(make: Make, tmp_path: Path, uncached: int, rate: int) -> None:
    row = {"cache_read": 5000, "cache_write_5m": uncached, "fresh": uncached}
    made = book(tmp_path, WHOLE + "      long_context_compares: uncached\n")
    assert micro_usd(make, made, row) == pytest.approx(rate * (500 + 1.25 * uncached), rel=1e-12)


@pytest.mark.parametrize(("reasoning", "rate"), [(99, 1), (100, 1), (101, 2)])
def test_a_bound_on_the_context_counts_output_and_reasoning(
    make: Make, tmp_path: Path, reasoning: int, rate: int
) -> None:
    row = {"input": 800, "fresh": 800, "output": 100, "reasoning": reasoning}
    made = book(tmp_path, WHOLE + "      long_context_compares: context\n")
    assert micro_usd(make, made, row) == pytest.approx(rate * (800 + 4 * (100 + reasoning)), rel=1e-12)


EXCESS = """\
      long_context_pays: excess
      long_context:
        - {above_tokens: 1000, per_mtok: {input: 2, cache_read: 0.2, cache_write_5m: 2.5}}
        - {above_tokens: 2000, per_mtok: {input: 3, cache_read: 0.3, cache_write_5m: 3.75}}
"""


@pytest.mark.parametrize(
    ("prompt", "paid"),
    [
        (999, 999),
        (1000, 1000),
        (1001, 1000 + 2),
        (1999, 1000 + 2 * 999),
        (2000, 1000 + 2 * 1000),
        (2001, 1000 + 2 * 1000 + 3),
    ],
)
def test_only_the_excess_pays_more(make: Make, tmp_path: Path, prompt: int, paid: int) -> None:
    """Output is never above a bound: 10 tokens at $4."""
    row = {"input": prompt, "fresh": prompt, "output": 10}
    assert micro_usd(make, book(tmp_path, EXCESS), row) == pytest.approx(paid + 40, rel=1e-12)


def test_the_excess_is_counted_from_the_front_of_the_prompt(make: Make, tmp_path: Path) -> None:
    """1,500 read (300 of them base) and 1,000 written, 600 of them new: bounds cut the history, then the new tokens.

    Up to 1,000: 300 base, 700 history. Up to 2,000: 500 history, 400 missed, 100 new. Above: 500 new.
    """
    row = {"cache_read": 1500, "from_base": 300, "cache_write_5m": 1000, "fresh": 600}
    made = bill(make([row, {"input": 5, "fresh": 5}]), book(tmp_path, EXCESS), deployment="d")
    found = {(line.price_line, line.cause.value, line.tokens, line.amount_pico / MILLION) for line in made.lines}
    assert found == {
        ("from 2026-01-01", "base_reread", 300, 30),
        ("from 2026-01-01", "history_reread", 700, 70),
        ("from 2026-01-01", "new_input", 5, 5),
        ("from 2026-01-01, above 1,000", "history_reread", 500, 100),
        ("from 2026-01-01, above 1,000", "miss", 400, 1000),
        ("from 2026-01-01, above 1,000", "cache_write", 100, 250),
        ("from 2026-01-01, above 2,000", "cache_write", 500, 1875),
    }


WINDOWS = """\
      windows:
        - {name: peak, utc: ["14:00-15:00"], days: [mon, tue], not_on: feast, per_mtok: {input: 7, output: 4}}
"""


@pytest.mark.parametrize(
    ("seconds", "rate"),  # from Monday 2026-02-23 14:30 UTC
    [(0, 7), (1799, 7), (1800, 1), (-1800, 7), (86_400, 1), (7 * 86_400, 7), (8 * 86_400, 7), (9 * 86_400, 1)],
)
def test_hours_weekdays_and_holidays(make: Make, tmp_path: Path, seconds: int, rate: int) -> None:
    """Tuesday 2026-02-24 is a holiday: no peak. The Tuesday after it is none."""
    ledger = make([{"input": 1000, "fresh": 1000}], start=MONDAY + timedelta(seconds=seconds))
    assert bill(ledger, book(tmp_path, WINDOWS), deployment="d").total_pico == rate * 1000 * MILLION


def test_several_books_at_once_bill_as_each_alone(make: Make, tmp_path: Path) -> None:
    books = [book(tmp_path, entry, f"b{n}") for n, entry in enumerate((WHOLE, EXCESS, WINDOWS, ""))]
    rows = [
        {"input": 700 * i, "fresh": 700 * i, "output": i, "replication": i % 3, "grant_us": i * 600_000_000}
        for i in range(1, 9)
    ]
    ledger = make([*rows, {"cache_read": 2500, "from_base": 100, "output": 3}])
    together = bills(tally(ledger, books), "d")
    assert together == tuple(bill(ledger, each, deployment="d") for each in books)
    assert len({made.total_pico for made in together}) == 4
