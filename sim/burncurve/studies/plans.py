"""Plans beside API prices: the fee as it falls and as it spreads, and from how many requests on it pays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from burncurve.deployment import Deployment
from burncurve.studies.figures import DAYS_PER_MONTH
from burncurve.studies.spend import dollars
from burncurve.studies.study import Result
from burncurve.words import NO_TERMS, US_PER_DAY

FEE = "plan"  # the meter of a plan's lines


def of_result(result: Result, others: Sequence[Result], horizon_us: int) -> dict[str, Any]:
    """Return what a deployment's plan costs against the same work at API prices; empty where it has none.

    `fee_usd` falls whole as each billing month begins, `amortised_usd` is its part for the time that the run
    lasts. The twin is the first deployment that differs in nothing but the plan; from `pays_from_requests` a
    month on, at the twin's cost of a request, its API bill is above the fee, if the plan covers all of them.
    """
    if not result.deployment.plans:
        return {}
    fee = _fee_usd(result)
    months = len(result.deployment.terms.seats)
    twin = next((other for other in others if is_twin(result.deployment, other.deployment)), None)
    each = None if twin is None else _per_request_usd(twin)
    days = horizon_us / US_PER_DAY
    return {
        "fee_usd": fee,
        "amortised_usd": None if fee is None or not months else fee * min(1.0, days / (months * DAYS_PER_MONTH)),
        "api_twin": None if twin is None else twin.name,
        "api_usd": None if twin is None else twin.bill.total(),
        "pays_from_requests": fee / months / each if fee and months and each else None,
        "requests_per_month": _requests(result) / days * DAYS_PER_MONTH if days else None,
    }


def is_twin(planned: Deployment, other: Deployment) -> bool:
    """Say whether two deployments differ in nothing but the plan of the first."""
    bare = [replace(each, name="", plans=(), notes=(), rates=(), terms=NO_TERMS) for each in (planned, other)]
    return not other.plans and bare[0] == bare[1]


def _fee_usd(result: Result) -> float | None:
    if result.bill.unpriced:
        return None
    pico = sum(line.amount_pico for line in result.bill.lines if line.meter == FEE)
    return dollars(pico, len(result.bill.replications))


def _requests(result: Result) -> float:
    requests = result.totals.columns["requests"]
    return float(requests.sum()) / len(requests)


def _per_request_usd(result: Result) -> float | None:
    total, requests = result.bill.total(), _requests(result)
    return None if total is None or not requests else total / requests
