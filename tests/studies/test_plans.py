"""A plan beside API prices: fees whole by billing month, spread beside it, and from where on it pays."""

from __future__ import annotations

from pathlib import Path

import pytest

from burncurve.studies.document import document
from burncurve.studies.study import Choices, Study, open_study, results

SCENARIO = Path(__file__).resolve().parents[2] / "scenarios" / "openclaw-plan.yaml"
USD = 10**12
DAY_US = 86_400_000_000


def study(*settings: str) -> Study:
    return open_study(SCENARIO, Choices(replications=1, settings=settings, engine="reference"))


def test_a_month_is_paid_if_the_plan_admits_the_client_as_it_begins() -> None:
    """40 days from 5 February: Claude's plan shuts OpenClaw out on the 18th, so only the first month is paid."""
    fees = {each.name: each.terms.seats for each in study("horizon=40d").deployments}
    assert [(seat.at_us, seat.pico, seat.currency) for seat in fees["plan"]] == [(0, 200 * USD, "USD")]
    assert [(seat.at_us, seat.pico, seat.currency) for seat in fees["kimi-plan"]] == [
        (0, 199 * USD, "CNY"),
        (28 * DAY_US, 199 * USD, "CNY"),
    ]
    assert fees["api"] == fees["kimi"] == ()


def test_nobody_renews_a_plan_that_shuts_him_out() -> None:
    fees = {each.name: each.terms.seats for each in study("start=2026-02-19T08:00").deployments}
    assert fees["plan"] == ()


def test_who_is_let_in_within_a_month_pays_from_then_on() -> None:
    """From 4 April, 19:00 UTC, Claude's plans admit the Agent SDK: its user pays then, as calls are covered then."""
    settings = ("start=2026-04-03T20:00", "horizon=3d", "deployments.plan.seats.client=agent-sdk")
    made = study(*settings)
    (seat,) = made.deployments[0].terms.seats
    assert (seat.at_us, seat.pico) == (19 * DAY_US // 24, 200 * USD)  # the start is 0:00 UTC on the 4th
    ledger = results(made)[0].ledger
    assert ledger is not None
    covered = ledger["grant_us"][ledger["plan"] >= 0]
    assert len(covered) > 0
    assert covered.min() >= seat.at_us
    assert study("horizon=12h", *settings[:1], settings[2]).deployments[0].terms.seats == ()


def test_figures_of_two_days_by_hand() -> None:
    """$200 whole, 2 of 30.4375 days of it beside; it pays from 200 over what a request costs on the API."""
    asked = study("horizon=2d")
    found = results(asked)
    parts = {part["name"]: part for part in document(asked, found)["deployments"]}
    plan, api = parts["plan"]["plans"][0], parts["api"]
    assert (plan["fee_usd"], plan["api_twin"], plan["api_usd"]) == (200, "api", api["bill_usd"]["mean"])
    assert plan["amortised_usd"] == pytest.approx(200 * 2 / 30.4375, rel=1e-3)
    assert plan["pays_from_requests"] == pytest.approx(200 / api["per_request_usd"], rel=1e-9)
    assert plan["requests_per_month"] == pytest.approx(api["requests"] / 2 * 30.4375, rel=1e-3)
    assert plan["covered_calls"] == parts["plan"]["calls"] == api["calls"]
    assert parts["plan"]["bill_usd"]["mean"] == 200
    assert api["plans"] == []


def test_covered_calls_are_lines_that_cost_nothing_and_curves_hold_the_fee() -> None:
    result = results(study("horizon=2d"))[0]
    covered = [line for line in result.bill.lines if line.price_line == "covered by claude-max-20x"]
    assert sum(line.tokens for line in covered) > 1_000_000
    assert {(line.rate_pico, line.amount_pico) for line in covered} == {(0, 0)}
    assert sum(result.totals.hours) == sum(map(sum, result.totals.bins.apart)) == 200 * USD


def test_after_the_ban_calls_are_billed_at_api_prices() -> None:
    """From eight hours before the terms change: covered up to 2026-02-18 03:48 UTC, paid from then on."""
    asked = study("start=2026-02-17T16:00", "horizon=16h")
    result = results(asked)[0]
    assert result.ledger is not None
    turned_us = (6 * 60 + 48) * 60_000_000  # 16:00 in New York is 21:00 UTC
    covered = result.ledger["plan"] >= 0
    assert covered[result.ledger["grant_us"] < turned_us].all()
    assert not covered[result.ledger["grant_us"] >= turned_us].any()
    assert covered.any()
    assert not covered.all()
    lines = {line.price_line for line in result.bill.lines}
    assert {"covered by claude-max-20x", "from 2026-02-05"} <= lines
