"""Budgets, monthly limits, plans and the rates they are counted with, into the arrays that kernels read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from burncurve.deployment import Account, AtBudget, Budget, Deployment, Leg, Plan, Quota, Rates, Scope, Tariff, Weights
from burncurve.engines.compiled.layout import LARGEST_AMOUNT, NONE

if TYPE_CHECKING:
    from burncurve.engines.compiled.pack import Lists

Row = dict[str, Any]


def counts_spending(deployment: Deployment) -> bool:
    """Say whether calls are looked at before they are made: for a budget, a plan, a monthly limit or a later stage."""
    return bool(deployment.budgets or deployment.plans or deployment.later) or deployment.counts_money


def cheaper_legs(deployment: Deployment) -> list[Leg]:
    """Return who serves instead, budget by budget."""
    return [budget.cheaper for budget in deployment.budgets if budget.cheaper is not None]


def money_of(lists: Lists, deployment: Deployment, nodes: Mapping[Leg, int], seats: int) -> Row:
    """Append all that spending is counted with; return the fields of the terms. `seats`: people, and one for all."""
    for currency in deployment.currencies:
        lists.add("currencies", {"dollars": currency.dollars, "units": currency.units})
    for rates in deployment.rates:
        _rates(lists, rates)
    for budget in deployment.budgets:
        lists.add("budgets", _budget(lists, budget, nodes))
    for number, account in enumerate(deployment.accounts):
        if account.spend_per_month:
            lists.rows["accounts"][number]["month"] = lists.add("budgets", _monthly(lists, account))
    first_window = 0
    for plan in deployment.plans:
        _plan(lists, plan, first_window)
        first_window += len(plan.quotas) * (seats if plan.per_user else 1)
    return {
        "counts": counts_spending(deployment), "budgets": len(deployment.budgets), "seats": seats,
        "cheaper": any(budget.reached == AtBudget.CHEAPER for budget in deployment.budgets),
    }  # fmt: skip


def _rates(lists: Lists, rates: Rates) -> None:
    first = len(lists.rows.get("tariffs", ()))
    for tariff in rates.tariffs:
        lists.add("tariffs", _tariff(lists, tariff))
    places = lists.span("first_place", (first + place for place in rates.places), "starts")
    lists.add("rates", places | lists.span("first_start", rates.starts_us, "starts"))


def _tariff(lists: Lists, tariff: Tariff) -> Row:
    first = len(lists.rows.get("bands", ()))
    for band in tariff.bands:
        lists.add("bands", {"above": band.above_tokens, "rates": band.rates})
    row = {"first_band": first, "bands": len(tariff.bands), "currency": tariff.currency}
    return row | {"compares": tariff.compares, "excess_only": tariff.excess_only}


def _budget(lists: Lists, budget: Budget, nodes: Mapping[Leg, int]) -> Row:
    cheaper = NONE
    if budget.cheaper is not None:
        leg = budget.cheaper
        cheaper = lists.add("legs", {"offer": leg.offer, "account": leg.account, "node": nodes[leg]})
    row = {"scope": budget.scope, "limit": min(budget.limit, LARGEST_AMOUNT), "in_tokens": budget.in_tokens}
    row |= {"reached": budget.reached, "cheaper": cheaper}
    return row | lists.span("first_turn", budget.days_us, "turns")


def _monthly(lists: Lists, account: Account) -> Row:
    row = {"scope": Scope.RUN, "limit": min(account.spend_per_month, LARGEST_AMOUNT), "cheaper": NONE}
    return row | lists.span("first_turn", account.months_us, "turns")


def _plan(lists: Lists, plan: Plan, first_window: int) -> None:
    first = len(lists.rows.get("quotas", ()))
    for quota in plan.quotas:
        lists.add("quotas", _quota(lists, quota))
    row = {"first_quota": first, "quotas": len(plan.quotas), "beyond": plan.beyond, "per_user": plan.per_user}
    row |= {"first_window": first_window} | lists.span("first_offer", plan.offers, "offers")
    row |= lists.span("first_term", sum(plan.terms, ()), "terms")
    row |= lists.span("first_purchase", plan.purchases_us, "purchases")
    lists.add("plans", row | {"terms": len(plan.terms)})


def _quota(lists: Lists, quota: Quota) -> Row:
    row: Row = {
        "length": quota.length_us, "limit": min(quota.limit, LARGEST_AMOUNT), "per_request": quota.per_request,
        "per_call": quota.per_call, "counts_tokens": bool(quota.per_token), "begins": quota.from_us,
        "ends": quota.until_us, "counts_from": quota.counts_from,
    }  # fmt: skip
    if quota.per_token:
        row["per_token"] = quota.per_token
    return row | (_weights(lists, quota.weights) if quota.weights else {})


def _weights(lists: Lists, weights: Weights) -> Row:
    """Append weights; a place is then that of the first offer's among all numbers."""
    firsts = [lists.span("first", ppm, "offers")["first"] for ppm in weights.by_offer]
    places = lists.span("first_place", (firsts[place] for place in weights.places), "starts")
    return places | lists.span("first_start", weights.starts_us, "starts")
