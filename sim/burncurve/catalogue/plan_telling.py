"""Dated facts of plans in words: what a seat costs, may use and admits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from burncurve.catalogue.plans import Plan, PlanPrice, PlanQuota, PlanTerm
from burncurve.words import US_PER_HOUR

Dated = PlanPrice | PlanQuota | PlanTerm
AT_FIRST = "at the start"
ENDS = "ends"


def told(plan: Plan) -> Iterator[tuple[Dated, str, str]]:
    """Yield each dated fact of a plan with its name and its value in words."""
    for price in plan.prices:
        known = f"{price.per_month} {price.currency}" if price.per_month is not None else f"unknown: {price.note}"
        yield price, "price per month", known
    for quota in plan.quotas:
        yield quota, f"quota, {quota.name}", _told(quota)
    for term in plan.terms:
        yield term, "clients", ", ".join(term.clients)


def told_within(plan: Plan, begin: datetime, end: datetime) -> dict[str, dict[str, str]]:
    """Return what holds between two moments, UTC: by the name of the fact, from when on and its value."""
    found: dict[str, dict[str, str]] = {}
    facts = [each for each in told(plan) if each[0].valid_from < end and each[0].valid_until > begin]
    for name, group in groupby(facts, key=lambda each: each[1]):
        held = found.setdefault(name, {})
        for entry, _, value in sorted(group, key=lambda each: each[0].valid_from):
            held[_since(entry.valid_from, begin)] = value
            if entry.valid_until < end:
                held[_since(entry.valid_until, begin)] = ENDS  # unless another follows
    return found


def _since(moment: datetime, begin: datetime) -> str:
    return AT_FIRST if moment <= begin else f"{moment:%Y-%m-%d %H:%M}"


def _told(quota: PlanQuota) -> str:
    hours = quota.window_us // US_PER_HOUR
    length = f"{hours // 24} days" if hours >= 48 else f"{hours} hours"
    if quota.limit is None:
        return f"unknown, in {quota.unit} in {length}: {quota.stated}"
    stated = f" (stated: {quota.stated})" if quota.stated else ""
    return "; ".join((f"{quota.limit} {quota.unit} in {length}{stated}", *quota.rules))
