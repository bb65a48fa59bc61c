"""Plans beside API prices: the fee as it falls and as it spreads, and from how many requests on it pays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from burncurve.catalogue.plan_telling import told_within
from burncurve.deployment import Deployment
from burncurve.prepare.calendars import EPOCH
from burncurve.studies.figures import DAYS_PER_MONTH
from burncurve.studies.spend import SEATS, dollars
from burncurve.studies.study import Result, Study
from burncurve.words import NO_TERMS, PPM, US_PER_DAY, SeatFee


def of_plan(plan: str, result: Result, others: Sequence[Result], horizon_us: int) -> dict[str, Any]:
    """Return what a plan of a deployment costs against the same work at API prices.

    `fee_usd` falls whole as each billing month begins, `amortised_usd` is its part for the time until the end of the
    run, each payment spread evenly over what it is paid for. The twin is the first deployment that differs in nothing
    but the plan and the contract; from `pays_from_requests` a month on, at the twin's cost of a request, its API bill
    is above the fee with its tax, if the plan covers all. `undone_share` are calls that only the twin makes.
    """
    paid = [seat for seat in result.deployment.terms.seats if seat.plan == plan]
    fee, months = _fee_usd(plan, result), len(paid)
    twin = next((other for other in others if is_twin(result.deployment, other.deployment)), None)
    each = None if twin is None else _per_request_usd(twin)
    days = horizon_us / US_PER_DAY
    return {
        "fee_usd": fee,
        "amortised_usd": None if fee is None or not months else fee * _elapsed(paid, horizon_us),
        "api_twin": None if twin is None else twin.name,
        "api_usd": None if twin is None else twin.bill.total(),
        "pays_from_requests": fee * _taxed(result) / months / each if fee and months and each else None,
        "requests_per_month": _requests(result) / days * DAYS_PER_MONTH if days else None,
        "undone_share": None if twin is None else _undone(result, twin),
    }


def facts_of(plan: str, study: Study) -> dict[str, dict[str, str]]:
    """Return what is known of a plan in the time of the run: fees, quotas and clients, and from when on."""
    if study.catalogue is None:
        return {}
    start_us = study.workload.start_utc_us
    begin, end = (EPOCH + timedelta(microseconds=at) for at in (start_us, start_us + study.workload.horizon_us))
    return told_within(study.catalogue.plans[plan], begin, end)


def is_twin(planned: Deployment, other: Deployment) -> bool:
    """Say whether two deployments differ in nothing but the plan of the first, and what is paid beside list prices."""
    bare = [replace(each, name="", plans=(), notes=(), rates=(), terms=NO_TERMS) for each in (planned, other)]
    return not other.plans and bare[0] == bare[1]


def _fee_usd(plan: str, result: Result) -> float | None:
    if result.bill.unpriced:
        return None
    pico = sum(line.amount_pico for line in result.bill.lines if line.meter == SEATS and line.offer == plan)
    return dollars(pico, len(result.bill.replications))


def _taxed(result: Result) -> float:
    return 1 + result.deployment.terms.tax_ppm / PPM


def _elapsed(paid: Sequence[SeatFee], horizon_us: int) -> float:
    """Return the share of what is paid that falls on the time until the end of the run."""
    weights = [(seat.pico or 0, min(1.0, (horizon_us - seat.at_us) / (seat.until_us - seat.at_us))) for seat in paid]
    return sum(pico * share for pico, share in weights) / (sum(pico for pico, _ in weights) or 1)


def _undone(result: Result, twin: Result) -> float | None:
    made, whole = (int(each.totals.columns["calls"].sum()) for each in (result, twin))
    return max(0.0, 1 - made / whole) if whole else None


def _requests(result: Result) -> float:
    requests = result.totals.columns["requests"]
    return float(requests.sum()) / len(requests)


def _per_request_usd(result: Result) -> float | None:
    total, requests = result.bill.total(), _requests(result)
    return None if total is None or not requests else total / requests
