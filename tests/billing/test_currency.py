"""Another currency is converted once, half to even, and the lines still add up."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burncurve.billing import amounts_usd, bill, merged
from burncurve.billing.currency import allocated, converted
from burncurve.ledger import Ledger
from burncurve.prices import Book, load

Make = Callable[..., Ledger]


@pytest.fixture
def yuan(tmp_path: Path) -> Book:
    path = tmp_path / "yuan.yaml"
    path.write_text(
        "checked: 2026-12-31\n"
        "exchange_rates: {CNY: {usd_per_unit: 0.14325, on: 2026-02-17, source: by hand}}\n"
        "offers:\n"
        "  maker/model:\n"
        "    - {valid_from: 2026-01-01, currency: CNY, per_mtok: {input: 0.8, output: 4.8}, source: by hand}\n"
        "  maker/other:\n"
        "    - {valid_from: 2026-01-01, per_mtok: {input: 1, output: 2}, source: by hand}\n"
    )
    return load(str(path))


def test_a_million_tokens_by_hand(make: Make, yuan: Book) -> None:
    """0.8 CNY at $0.14325 are $0.1146."""
    made = bill(make([{"input": 1_000_000, "fresh": 1_000_000}]), yuan, deployment="d")
    assert made.total_pico == 114_600_000_000
    assert (made.currency, made.lines[0].currency, made.lines[0].list_pico) == ("USD", "CNY", 800_000_000_000)


@pytest.mark.parametrize(("millionths", "rounded"), [("0.5", 0), ("1.5", 2), ("2.5", 2), ("2.51", 3), ("-0.5", 0)])
def test_halves_go_to_the_even_millionth(millionths: str, rounded: int) -> None:
    assert converted(10**12, Fraction(millionths) / 10**6) == rounded * 10**6


def test_each_replication_is_converted_once_on_its_total(make: Make, yuan: Book) -> None:
    """Three calls of one token: 2.4 micro-CNY, 0.3438 micro-USD, so 0; 30 of them 3.438, so 3 millionths."""
    row = {"input": 1, "fresh": 1}
    assert bill(make([row] * 3), yuan, deployment="d").total_pico == 0
    assert bill(make([row] * 30), yuan, deployment="d").total_pico == 3_000_000


def test_largest_remainders_by_hand() -> None:
    """Ten over weights 1 : 1 : 1 : 4 are 1.43, 1.43, 1.43, 5.71; the two left go to the last and the first."""
    assert allocated(10_000_000, [1, 1, 1, 4]) == [2_000_000, 1_000_000, 1_000_000, 6_000_000]


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**20), min_size=1, max_size=20))
def test_shares_add_up_and_stay_within_a_millionth(millionths: int, weights: list[int]) -> None:
    shares = allocated(millionths * 10**6, weights)
    if sum(weights) == 0:
        return
    assert sum(shares) == millionths * 10**6
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(millionths * 10**6 * weight, sum(weights))) < 10**6


def test_lines_of_a_bill_in_two_currencies_add_up(make: Make, yuan: Book) -> None:
    rows = [{"input": 7 * n, "fresh": 7 * n, "output": n, "offer": n % 2, "replication": n % 3} for n in range(1, 90)]
    whole = bill(make(rows, ("maker/model", "maker/other")), yuan, deployment="d")
    assert sum(line.amount_pico for line in whole.lines) == whole.total_pico == sum(whole.per_replication)
    dollars = [line for line in whole.lines if line.currency == "USD"]
    assert all(line.amount_pico == line.tokens * line.rate_pico for line in dollars)
    parts = [bill(make(part, ("maker/model", "maker/other")), yuan, deployment="d") for part in (rows[:40], rows[40:])]
    assert merged(parts) == whole
    ledger = make(rows, ("maker/model", "maker/other"))
    total = whole.total()
    assert total is not None
    assert amounts_usd(ledger, yuan).sum() / 3 == pytest.approx(total, abs=1e-6)
