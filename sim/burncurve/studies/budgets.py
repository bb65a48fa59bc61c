"""How long budgets last and what plans cover, over the replications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from burncurve.deployment import Budget, Deployment, Plan, Term
from burncurve.ledger import BudgetOutcome, IntColumn, Ledger, PlanOutcome
from burncurve.studies import figures, statistics
from burncurve.studies.curves import Ints, as_ints
from burncurve.studies.spend import dollars
from burncurve.words import US_PER_S

QUANTILES = {"p10": Fraction("0.1"), "p50": Fraction("0.5"), "p90": Fraction("0.9")}
LASTS, REACHED = "budget_lasts_us", "budget_reached"
COUNTS = ("stopped", "paused", "cheaper", "warned")
PLAN_COUNTS = tuple(field.name for field in fields(PlanOutcome))
OUTSIDE = "outside"


def columns_of(ledger: Ledger, plans: Sequence[Plan] = ()) -> dict[str, Ints]:
    """Return an integer per replication for each figure of each budget and plan, such as `budgets 0 reached_us`.

    `plans` are the deployment's; of each the calls OUTSIDE its terms are counted too.
    """
    first = ledger.outcomes[0] if ledger.outcomes else None
    columns: dict[str, Ints] = {}
    for kind, of_kind, count in (
        ("budgets", BudgetOutcome, len(first.budgets) if first else 0),
        ("plans", PlanOutcome, len(first.plans) if first else 0),
    ):
        for number in range(count):
            for field in fields(of_kind):
                values = [getattr(getattr(outcome, kind)[number], field.name) for outcome in ledger.outcomes]
                columns[f"{kind} {number} {field.name}"] = as_ints(values)
    return columns | {f"plans {number} {OUTSIDE}": _outside(ledger, plan) for number, plan in enumerate(plans)}


def _outside(ledger: Ledger, plan: Plan) -> Ints:
    """Return, by replication, the calls of the plan's offers while it was held that its terms did not admit."""
    granted_us = ledger["grant_us"]
    paid = np.isin(ledger["offer"], plan.offers) & (ledger["plan"] < 0) & (granted_us >= 0)
    rows = np.flatnonzero(paid & _within(granted_us, plan.held) & ~_within(granted_us, plan.terms))
    first = ledger.outcomes[0].replication if ledger.outcomes else 0
    return np.bincount(ledger["replication"][rows] - first, minlength=len(ledger.outcomes)).astype(np.int64)


def _within(times_us: IntColumn, spans: Sequence[Term]) -> NDArray[np.bool_]:
    within = np.zeros(len(times_us), dtype=bool)
    for from_us, until_us in spans:
        within |= (times_us >= from_us) & (times_us < until_us)
    return within


def of_budgets(deployment: Deployment, columns: Mapping[str, Ints]) -> list[dict[str, Any]]:
    """Return what came of each budget: the share of runs that reached it, after how long, and by how much at most.

    Quantiles of the time are over all replications, those that never reached it last of all; a quantile among
    these is None, as is one of a single replication but the middle one.
    """
    return [_of_budget(budget, _picked(columns, "budgets", n)) for n, budget in enumerate(deployment.budgets)]


def lasting(deployment: Deployment, columns: Mapping[str, Ints], horizon_us: int) -> dict[str, Ints]:
    """Return, by replication, when the first of the budgets was reached, and whether any was; nothing without any.

    Where none was, they last as long as the run: its horizon.
    """
    if not deployment.budgets:
        return {}
    times = np.array([columns[f"budgets {number} reached_us"] for number in range(len(deployment.budgets))])
    firsts = np.where(times < 0, np.iinfo(np.int64).max, times).min(axis=0)
    return {LASTS: np.minimum(firsts, horizon_us), REACHED: (times >= 0).any(axis=0).astype(np.int64)}


def told(lasting: Mapping[str, Ints]) -> dict[str, figures.Figure]:
    """Return how long the budgets last and in which share of the runs one is reached: means, None without any."""
    if not lasting:
        return {"budget_lasts_s": None, "budget_reached_share": None}
    times, reached = (lasting[name].tolist() for name in (LASTS, REACHED))
    return {
        "budget_lasts_s": figures.ratio(sum(times), len(times) * US_PER_S),
        "budget_reached_share": figures.ratio(sum(reached), len(reached)),
    }


def _picked(columns: Mapping[str, Ints], kind: str, number: int) -> dict[str, list[int]]:
    prefix = f"{kind} {number} "
    return {name.removeprefix(prefix): values.tolist() for name, values in columns.items() if name.startswith(prefix)}


def _of_budget(budget: Budget, came: Mapping[str, list[int]]) -> dict[str, Any]:
    times = came["reached_us"]
    reached = sorted(time for time in times if time >= 0)
    over = max(came["over"])
    return {
        "name": budget.name,
        "per": budget.scope.name.lower(),
        "then": budget.reached.name.lower(),
        "unit": "tokens" if budget.in_tokens else "usd",
        "limit": budget.limit if budget.in_tokens else dollars(budget.limit),
        "reached_share": figures.ratio(len(reached), len(times)),
        "reached_after_s": {name: _after_s(reached, len(times), share) for name, share in QUANTILES.items()},
        "most_beyond": over if budget.in_tokens else dollars(over),
        **{f"{name}_calls": figures.ratio(sum(came[name]), len(times)) for name in COUNTS},
    }


def _after_s(reached: Sequence[int], count: int, share: Fraction) -> float | None:
    """Return a quantile of the times, in seconds, where none of those it lies between was never reached."""
    if count == 1 and share != QUANTILES["p50"]:
        return None
    place = (count - 1) * share
    low, part = place.numerator // place.denominator, place % 1
    if low + (part > 0) >= len(reached):
        return None
    between = statistics.quantile(reached[low : low + 2], part) if part else Fraction(reached[low])
    return float(between / US_PER_S)


def of_plans(deployment: Deployment, columns: Mapping[str, Ints]) -> list[dict[str, Any]]:
    """Return what came of the calls of each plan's offers while it was held: means over replications, and the share
    of them not made; those at API prices are beyond its quotas or outside its terms.
    """
    return [_of_plan(plan.name, _picked(columns, "plans", number)) for number, plan in enumerate(deployment.plans)]


def _of_plan(name: str, came: Mapping[str, list[int]]) -> dict[str, Any]:
    sums = {count: sum(came[count]) for count in PLAN_COUNTS}
    sums["paid"] += sum(came[OUTSIDE])
    asked = sums["covered"] + sums["paid"] + sums["stopped"]
    return {
        "name": name,
        **{f"{count}_calls": figures.ratio(sums[count], len(came["covered"])) for count in PLAN_COUNTS},
        "blocked_share": figures.ratio(sums["stopped"], asked),
    }
