"""What constraints exclude, by which rule, and what they cost, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from burncurve.report import comparisons, numbers
from burncurve.report.tables import Cell, Grid, Heading, count, duration, factor, usd

Document = Mapping[str, Any]


def _constraints(document: Document) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = (document.get("comparison") or {}).get("constraints")
    return found


def excluded(document: Document) -> Grid:
    """Return one line per rule that a deployment breaks, offer by offer."""
    wall = _constraints(document)
    if wall is None:
        return Grid("", (), ())
    headings = (
        Heading("name", "deployment"), Heading("rule", "excluded by"), Heading("offer", "offer"), Heading("why", "why"),
    )  # fmt: skip
    rows = [
        (each["name"], one["rule"], one["offer"], one["why"]) for each in wall["excluded"] for one in each["breaches"]
    ]
    below: tuple[str, ...] = ()
    if any(not one["known"] for each in wall["excluded"] for one in each["breaches"]):
        below = ("not known: nobody states the fact that would keep the rule, so the deployment is excluded",)
    return Grid("Excluded by the constraints", headings, rows, below)


def premiums(document: Document) -> Grid:
    """Return what each rule alone, and all together, cost: the cheapest that is allowed beside the cheapest of all."""
    wall = _constraints(document)
    if wall is None or not wall["by_rule"]:
        return Grid("", (), ())
    unit = comparisons.per(document["comparison"])
    headings = (
        Heading("rule", "rule"),
        Heading("excludes", "excludes"),
        Heading("name", "cheapest allowed"),
        Heading("cost_usd", unit, usd),
        Heading("premium_usd", "premium", usd),
        Heading("low", "95% sure from", usd),
        Heading("high", "to", usd),
        Heading("ratio", "times the cheapest", factor),
    )
    rows = [_row(each["rule"], len(each["excludes"]), each["premium"]) for each in wall["by_rule"]]
    if len(rows) > 1:
        rows.append(_row("all together", len(wall["excluded"]), wall["premium"]))
    return Grid(f"What the constraints cost, {unit}", headings, rows, (finding(document["comparison"]),))


def allowed(document: Document) -> Grid:
    """Return one line per deployment that keeps the constraints, the one to choose first."""
    wall = _constraints(document)
    if wall is None or not wall["order"]:
        return Grid("", (), ())
    headings = (
        Heading("name", "deployment"),
        Heading("cost_usd", comparisons.per(document["comparison"]), usd),
        Heading("answer_s", "time to the answer", duration),
        Heading("tokens_per_s", "tokens per second of it", count),
    )
    rows = [tuple(each[heading.name] for heading in headings) for each in wall["order"]]
    return Grid(f"What keeps the constraints, by {wall['sort']}", headings, rows)


def _row(rule: str, excludes: int, premium: Mapping[str, Any] | None) -> tuple[Cell, ...]:
    if premium is None:
        return rule, excludes, "none", None, None, None, None, None
    between = premium["premium_usd_ci95"] or (None, None)
    return rule, excludes, premium["name"], premium["cost_usd"], premium["premium_usd"], *between, premium["ratio"]


def finding(comparison: Mapping[str, Any]) -> str:
    """Return what the constraints cost and what is chosen under them, in one sentence without a full stop."""
    wall, unit = comparison["constraints"], comparisons.per(comparison)
    premium = wall["premium"]
    if premium is None:
        return "no deployment that can be compared keeps the constraints"
    chosen = wall["choice"]
    by = f"; by {wall['sort']} the choice is {chosen}" if chosen not in (None, premium["name"]) else ""
    if not premium["premium_usd"]:
        return f"the constraints cost nothing: {premium['name']}, the cheapest of all, keeps them{by}"
    dear = f", {numbers.times(premium['ratio'])} as much" if premium["ratio"] else ""
    more = f"{numbers.money(premium['premium_usd'])} {unit} more than {wall['cheapest']}{dear}"
    return f"the cheapest that keeps the constraints, {premium['name']}, costs {more}{by}"
