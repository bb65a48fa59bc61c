"""Contracts by hand: discounts, fees on purchases, minimums, seats, tax; all of them lines that add up exactly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from burncurve.billing import Bill, amounts_usd, bill, merged
from burncurve.ledger import Ledger
from burncurve.prices import Book, load
from burncurve.words import NO_TERMS, Discount, SeatFee, Terms

Make = Callable[..., Ledger]
USD = 10**12
CENT = USD // 100
MILLION_IN = {"input": 1_000_000, "fresh": 1_000_000}


@pytest.fixture
def made_book(tmp_path: Path) -> Book:
    """Return a book with a reseller that takes 5.5% of purchases, at least $0.80, later 6%; yuan at $0.15."""
    path = tmp_path / "made.yaml"
    path.write_text(
        "checked: 2026-12-31\n"
        "exchange_rates: {CNY: {usd_per_unit: 0.15, on: 2026-02-17, source: by hand}}\n"
        "fees:\n"
        "  shop:\n"
        "    - {valid_from: 2026-01-01, percent: 5.5, at_least_usd: 0.80, source: by hand}\n"
        "    - {valid_from: 2026-06-01, percent: 6, source: by hand}\n"
        "offers:\n"
        "  shop/model:\n"
        "    - {valid_from: 2026-01-01, per_mtok: {input: 3, output: 9}, source: by hand}\n"
        "  maker/model:\n"
        "    - {valid_from: 2026-01-01, per_mtok: {input: 1, output: 4}, per_1000: {web_searches: 10}, source: x}\n"
    )
    return load(str(path))


def under(ledger: Ledger, book: Book, terms: Terms) -> Bill:
    made = bill(ledger, book, deployment="d", terms=terms)
    assert made.total_pico == sum(line.amount_pico for line in made.lines) == sum(made.per_replication)
    return made


def beside(made: Bill) -> dict[tuple[str, str, str], int]:
    """Return the amounts that are no call's, by kind, seller and how they come."""
    return {(line.meter, line.offer, line.price_line): line.amount_pico for line in made.lines if line.cause == "fees"}


def test_a_discount_is_in_the_rates_and_on_the_line(make: Make, made_book: Book) -> None:
    """A tenth off the provider, a quarter off the offer, which counts; searches are discounted too."""
    ledger = make([{**MILLION_IN, "web_searches": 100}], ("maker/model",))
    tenth = under(ledger, made_book, Terms(discounts=(Discount("maker", 100_000),)))
    assert (tenth.total_pico, {line.price_line for line in tenth.lines}) == (180 * CENT, {"from 2026-01-01, less 10%"})
    both = Terms(discounts=(Discount("maker", 100_000), Discount("maker/model", 250_000)))
    assert under(ledger, made_book, both).total_pico == 150 * CENT
    assert amounts_usd(ledger, made_book, terms=both).tolist() == pytest.approx([1.5])
    assert under(ledger, made_book, Terms(discounts=(Discount("shop", 100_000),))).total_pico == 200 * CENT


@pytest.mark.parametrize(
    ("millions", "purchase", "fee"),
    [
        (1, 10, 80),  # $3 used: one purchase of $10, 55 cents are below the least
        (3, 10, 80),  # $9
        (4, 10, 160),  # $12: two purchases
        (4, 20, 110),  # one of $20: 5.5%
        (5, 15, 83),  # $15, exactly one purchase of $15: 82.5 cents
        (6, 15, 165),  # $18: two
    ],
)
def test_a_reseller_takes_a_fee_on_whole_purchases(
    make: Make, made_book: Book, millions: int, purchase: int, fee: int
) -> None:
    ledger = make([MILLION_IN] * millions, ("shop/model",))
    made = under(ledger, made_book, Terms(purchase=purchase * USD))
    exact = {83: 82_500_000 * 10_000}.get(fee, fee * CENT)
    assert made.total_pico == 300 * CENT * millions + exact
    assert beside(made) == {
        ("fee", "shop", f"5.5% on purchases of ${purchase}.00, at least $0.80 for each"): exact,
    }


def test_a_fee_is_that_of_its_day_and_of_its_seller(make: Make, made_book: Book) -> None:
    later = make([MILLION_IN], ("shop/model",), datetime(2026, 6, 1, tzinfo=UTC))
    made = under(later, made_book, Terms(purchase=5 * USD))
    assert beside(made) == {("fee", "shop", "6% on purchases of $5.00"): 30 * CENT}
    assert beside(under(make([MILLION_IN], ("maker/model",)), made_book, Terms(purchase=5 * USD))) == {}


def test_a_fee_that_is_left_out_is_said(make: Make, made_book: Book) -> None:
    made = under(make([MILLION_IN], ("shop/model",)), made_book, NO_TERMS)
    assert made.total_pico == 300 * CENT
    assert any("shop takes 5.5% on purchases of credits: left out" in note for note in made.notes)


def test_a_minimum_holds_for_each_month_alone(make: Make, made_book: Book) -> None:
    """$3 in the first month, $1 in the second, nothing in the third, at least $2 in each: $1 and $2 are lacking."""
    day = 86_400_000_000
    rows = [{"input": 3_000_000, "fresh": 3_000_000}, {**MILLION_IN, "grant_us": 10 * day}]
    terms = Terms(minimum_per_month=2 * USD, months_us=(6 * day, 37 * day, 67 * day))
    made = under(make(rows, ("maker/model",)), made_book, terms)
    assert beside(made) == {("minimum", "", "to $2.00 in a month"): 3 * USD}
    assert made.total_pico == 7 * USD


@pytest.mark.parametrize(("tokens", "lacking"), [(1_999_999, 1), (2_000_000, 0), (2_000_001, 0)])
def test_a_minimum_is_reached_to_the_token(make: Make, made_book: Book, tokens: int, lacking: int) -> None:
    terms = Terms(minimum_per_month=2 * USD, months_us=(86_400_000_000,))
    made = under(make([{"input": tokens, "fresh": tokens}], ("maker/model",)), made_book, terms)
    assert sum(beside(made).values()) == lacking * 1_000_000


def test_a_minimum_is_reached_to_the_last_digit(make: Make, made_book: Book) -> None:
    """1,000,001 tokens at $0.67 per million are $0.67000067: of $2 it lacks $1.32999933, no rounder sum."""
    terms = Terms(minimum_per_month=2 * USD, months_us=(86_400_000_000,), discounts=(Discount("maker", 330_000),))
    made = under(make([{"input": 1_000_001, "fresh": 1_000_001}], ("maker/model",)), made_book, terms)
    assert sum(beside(made).values()) == 1_329_999_330_000
    assert made.total_pico == 2 * USD


def test_seats_in_another_currency_are_converted_and_taxed(make: Make, made_book: Book) -> None:
    """$1 used, two seats of 49 CNY at $0.15 are $14.70, a fifth of it all is tax: $3.14."""
    terms = Terms(tax_ppm=200_000, seats=(SeatFee("plan", "2 seats", 98 * USD, "CNY"),))
    made = under(make([MILLION_IN], ("maker/model",)), made_book, terms)
    assert beside(made) == {("plan", "plan", "2 seats"): 1470 * CENT, ("tax", "", "20%"): 314 * CENT}
    assert made.by_cause() == {"fees": 17.84, "new_input": 1.0}


@pytest.mark.parametrize(
    ("seat", "told"),
    [
        (SeatFee("plan", "never published", None, "USD"), "its price is not known: never published"),
        (SeatFee("plan", "1 seat", USD, "EUR"), "has no exchange rate for it"),
    ],
)
def test_a_seat_without_a_price_is_never_free(make: Make, made_book: Book, seat: SeatFee, told: str) -> None:
    made = bill(make([MILLION_IN], ("maker/model",)), made_book, deployment="d", terms=Terms(seats=(seat,)))
    assert (made.total(), made.unpriced) == (None, ("plan",))
    assert told in made.missing[0].what


def test_every_replication_pays_its_own(make: Make, made_book: Book) -> None:
    rows = [{**MILLION_IN, "replication": 0}, {**MILLION_IN, "replication": 1}, {**MILLION_IN, "replication": 1}]
    made = under(make(rows, ("shop/model",)), made_book, Terms(purchase=5 * USD, tax_ppm=100_000))
    assert made.per_replication == ((300 + 80) * CENT * 11 // 10, (600 + 160) * CENT * 11 // 10)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3_000_000), st.integers(0, 1)), min_size=1, max_size=12))
def test_chunks_of_replications_pay_the_same(make: Make, made_book: Book, calls: list[tuple[int, int, int]]) -> None:
    """Cut between replications, as studies do."""
    terms = Terms((Discount("shop", 123_456),), 2 * USD, (86_400_000_000,), 7 * USD, 190_000)
    rows = [{"replication": r, "input": n, "fresh": n, "offer": o} for r, n, o in sorted(calls)]
    offers = ("shop/model", "maker/model")
    whole = under(make(rows, offers), made_book, terms)
    parts = [
        bill(make(chunk, offers), made_book, deployment="d", terms=terms)
        for number in sorted({row["replication"] for row in rows})
        if (chunk := [row for row in rows if row["replication"] == number])
    ]
    assert merged(parts[::-1]) == whole
