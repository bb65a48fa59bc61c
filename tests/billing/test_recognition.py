"""What calls under a plan cost in effect: fees spread over months, borne by what they cover, to the last digit."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from burncurve.billing.invoice import InvoiceLine
from burncurve.billing.recognition import Payment, recognised

DAY = 86_400_000_000
USD = 10**12


def covered(pieces: int, plan: str = "p") -> InvoiceLine:
    return InvoiceLine("maker", "maker/model", f"covered by {plan}", "input", pieces, 0, "USD", 0, 0)


def fee(usd: int, plan: str = "p") -> InvoiceLine:
    return InvoiceLine("", plan, "1 seat", "plan", 0, 0, "USD", usd * USD, usd * USD)


PAID = InvoiceLine("maker", "maker/model", "from 2026-01-01", "input", 5, 2, "USD", 10, 10)


def costs(months: list[tuple[InvoiceLine, ...]]) -> list[list[int]]:
    return [[line.costs_pico for line in lines] for lines in months]


def test_a_fee_is_borne_by_what_it_covers_in_the_months_that_it_is_paid_for() -> None:
    """$100 for 20 days from day 5 on: 15 of them before day 20, where a month ends, and 5 after it."""
    months = [(covered(300), covered(100), PAID, fee(100)), (covered(7), PAID)]
    made = recognised(months, [20 * DAY, 30 * DAY], [Payment("p", 5 * DAY, 25 * DAY, 100 * USD)])
    quarter = 25 * USD
    assert costs(made) == [[quarter * 9 // 4, quarter * 3 // 4, 10, 0], [quarter, 10]]


def test_what_is_paid_beyond_the_end_counts_with_the_last_month() -> None:
    made = recognised([(covered(1), fee(100))], [DAY], [Payment("p", 0, 28 * DAY, 100 * USD)])
    assert costs(made) == [[100 * USD, 0]]


def test_months_in_which_nothing_is_covered_are_borne_by_the_next_or_the_last_that_has_something() -> None:
    payment = [Payment("p", 0, 40 * DAY, 100 * USD)]
    ends = [10 * DAY, 20 * DAY, 30 * DAY, 40 * DAY]
    made = recognised([(fee(100),), (covered(1),), (PAID,), (PAID,)], ends, payment)
    assert costs(made) == [[0], [100 * USD], [10], [10]]
    made = recognised([(fee(100),), (PAID,), (covered(1),), (covered(1),)], ends, payment)
    assert costs(made) == [[0], [10], [75 * USD], [25 * USD]]


def test_a_plan_that_covered_nothing_costs_its_fee() -> None:
    months = [(PAID, fee(100))]
    assert recognised(months, [DAY], [Payment("p", 0, 28 * DAY, 100 * USD)]) == months


def test_plans_do_not_bear_each_others_fees() -> None:
    months = [(covered(1), covered(1, "q"), fee(3), fee(5, "q"))]
    payments = [Payment("p", 0, DAY, 3 * USD), Payment("q", 0, DAY, 5 * USD)]
    assert costs(recognised(months, [DAY], payments)) == [[3 * USD, 5 * USD, 0, 0]]


@given(
    st.lists(st.lists(st.integers(0, 10**9), max_size=4), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 39), st.integers(1, 40), st.integers(0, 10**15)), min_size=1, max_size=3),
)
def test_both_costs_have_the_same_sum(tokens: list[list[int]], paid: list[tuple[int, int, int]]) -> None:
    ends = [(month + 1) * 10 * DAY for month in range(len(tokens))]
    payments = [Payment("p", at * DAY, (at + days) * DAY, pico) for at, days, pico in paid if at * DAY < ends[-1]]
    months = [tuple(covered(pieces) for pieces in each) for each in tokens]
    whole = sum(payment.pico for payment in payments)
    months[0] = (*months[0], replace(fee(1), amount_pico=whole, list_pico=whole))
    made = [line for lines in recognised(months, ends, payments) for line in lines]
    assert sum(line.costs_pico for line in made) == whole
    assert all(line.costs_pico >= 0 for line in made)
