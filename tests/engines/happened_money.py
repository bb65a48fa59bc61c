"""What budgets, monthly limits, plans and later stages did when a drawn case was played, by name."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np

from burncurve.deployment import AtBudget, Beyond, Budget, CountsFrom, Currency, Deployment, Plan, Quota
from burncurve.ledger import BudgetOutcome, Kind, Ledger, PlanOutcome, Status

from .strategies import Case

PURCHASE, EACH_USE = CountsFrom.PURCHASE, CountsFrom.EACH_USE


def money_mechanisms(case: Case, ledger: Ledger) -> set[str]:
    """Name what happened; nothing where the deployment has no budget, monthly limit or plan."""
    served, found = case.deployment, set[str]()
    for outcome in ledger.outcomes:
        for budget, came in zip(served.budgets, outcome.budgets, strict=True):
            found |= _of_budget(budget, came)
        for plan, got in zip(served.plans, outcome.plans, strict=True):
            found |= _of_plan(plan, got, outcome.budgets)
        if sum(came.reached_us >= 0 for came in outcome.budgets) > 1:
            found.add("several budgets reached")
    seen = _seen_in_rows(served, ledger) | _of_stages(served, ledger) | _come_back(served, ledger)
    if served.counts_money:
        seen |= _of_rates(served)
    return found | {name for name, yes in seen.items() if yes}


def _of_budget(budget: Budget, came: BudgetOutcome) -> set[str]:
    if came.reached_us < 0:
        return set()
    found = {"tokens reached" if budget.in_tokens else "dollars reached"}
    counts = {
        AtBudget.STOP: came.stopped,
        AtBudget.PAUSE: came.paused,
        AtBudget.CHEAPER: came.cheaper,
        AtBudget.WARN: came.warned,
    }
    found |= {"beyond a budget"} if came.over else set()
    return found | ({f"{budget.reached.name} {budget.scope.name}".lower()} if counts[budget.reached] else set())


def _of_plan(plan: Plan, came: PlanOutcome, budgets: tuple[BudgetOutcome, ...]) -> set[str]:
    beyond = {Beyond.BLOCK: came.stopped, Beyond.WAIT: came.paused, Beyond.PAY: came.paid}[plan.beyond]
    found = {f"plan {plan.beyond.name.lower()}"} if beyond else set[str]()
    if not came.covered:
        return found
    quotas = plan.quotas
    happened = {
        "covered": True,
        "terms change": len(plan.terms) > 1 or any(term.from_us > 0 or term.until_us < 1 << 60 for term in plan.terms),
        "quota begins or ends": any(quota.from_us > 0 or quota.until_us < 1 << 60 for quota in quotas),
        "seats": plan.per_user,
        "charged by request": any(quota.per_request for quota in quotas),
        "charged by call": any(quota.per_call for quota in quotas),
        "charged by token": any(quota.per_token for quota in quotas),
        "weights": any(quota.weights for quota in quotas),
        "weights by hour": any(quota.weights and len(quota.weights.starts_us) > 1 for quota in quotas),
        "hours that do not count": any(_has_free_hours(quota) for quota in quotas),
        "bought again": len(plan.purchases_us) > 1 and any(each.counts_from == PURCHASE for each in quotas),
        "plan and budget": any(each.reached_us >= 0 for each in budgets),
    }
    for kind in {quota.counts_from for quota in quotas}:
        happened[f"counts from {kind.name.lower()}"] = True
        happened[f"full, counts from {kind.name.lower()}"] = bool(beyond) and len(quotas) == 1
    return found | {name for name, yes in happened.items() if yes}


def _has_free_hours(quota: Quota) -> bool:
    weights = quota.weights
    return weights is not None and any(0 in weights.by_offer[place] for place in weights.places[1:])


def _of_stages(served: Deployment, ledger: Ledger) -> dict[str, bool]:
    """Look for sessions that another offer or account served once a stage had begun."""
    begins = [stage.from_us for stage in served.later]
    granted = ledger["grant_us"] >= 0
    keys = [ledger[name].astype(np.int64)[granted] for name in ("replication", "session", "offer", "account")]
    number = np.searchsorted(begins, ledger["grant_us"][granted], side="right")
    legs = Counter((*key, int(stage)) for *key, stage in zip(*keys, number, strict=True))
    moved = [(one, other) for one, other in combinations(legs, 2) if one[:2] == other[:2] and _has_moved(one, other)]
    ppm = [offer.tokenizer_ppm for offer in served.offers]
    ties = granted & np.isin(ledger["request_us"], begins)
    return {
        "another stage": bool(moved),
        "context sized anew": any(ppm[one[2]] != ppm[other[2]] for one, other in moved),
        "asked for as a stage begins": bool(moved and ties.any()),
    }


def _has_moved(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return one[4] != other[4] and one[2:4] != other[2:4]


def _of_rates(served: Deployment) -> dict[str, bool]:
    tariffs = [tariff for rates in served.rates for tariff in rates.tariffs]
    return {
        "another currency": served.currencies != (Currency(),),
        "rates change": any(len(rates.starts_us) > 1 for rates in served.rates),
        "bands": any(len(tariff.bands) > 1 and not tariff.excess_only for tariff in tariffs),
        "excess": any(len(tariff.bands) > 1 and tariff.excess_only for tariff in tariffs),
    }


def _seen_in_rows(served: Deployment, ledger: Ledger) -> dict[str, bool]:
    """Look for calls that were not made, and for those made just as a day or a month turned."""
    not_made = ledger["status"] == Status.STOPPED
    stops = sum(came.stopped for outcome in ledger.outcomes for came in (*outcome.budgets, *outcome.plans))
    days = [turn for budget in served.budgets if budget.reached == AtBudget.PAUSE for turn in budget.days_us]
    months = [turn for account in served.accounts if account.spend_per_month for turn in account.months_us]
    waited = ledger["grant_us"] > ledger["request_us"]
    return {
        "waits when the run ends": int(not_made.sum()) > stops
        and any(came.paused for each in ledger.outcomes for came in each.budgets),
        "goes on as the day turns": bool(np.isin(ledger["request_us"][~not_made], days).any()),
        "month waited for": bool((waited & np.isin(ledger["grant_us"], months)).any()),
        "child not made": bool(stops and (not_made & (ledger["depth"] > 0)).any()),
        "side call not made": bool(stops and (not_made & (ledger["kind"] == Kind.SIDE)).any()),
    }


def _come_back(served: Deployment, ledger: Ledger) -> dict[str, bool]:
    """Look for calls that a plan covers at the very microsecond at which an earlier one's use comes back."""
    found = False
    for number, plan in enumerate(served.plans):
        lengths = [quota.length_us for quota in plan.quotas if quota.counts_from == EACH_USE]
        for replication in np.unique(ledger["replication"]):
            own = (ledger["plan"] == number) & (ledger["replication"] == replication)
            back = np.add.outer(ledger["end_us"][own], np.array(lengths, np.int64))
            found |= bool(np.isin(ledger["grant_us"][own], back).any())
    return {"covered as a use comes back": found}
