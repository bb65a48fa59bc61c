"""How long budgets last and what plans cover, as tables with the sentence that people look for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from burncurve.report.numbers import duration as duration_text
from burncurve.report.numbers import share as share_text
from burncurve.report.tables import Cell, Grid, Heading, count, duration, percent, plain, tokens, usd
from burncurve.words import US_PER_S

Part = Mapping[str, Any]
COUNTS = {
    "stopped_calls": "calls not made",
    "paused_calls": "calls paused",
    "cheaper_calls": "calls by the cheaper offer",
    "warned_calls": "calls with a warning",
}


def lasting(document: Mapping[str, Any]) -> Grid:
    """Return one line per deployment and budget: in how many runs it was reached, after how long, how far beyond."""
    several = document["replications"] > 1
    headings = (
        Heading("deployment", "deployment"),
        Heading("budget", "budget"),
        Heading("then", "then"),
        Heading("reached_share", "reached in", percent),
        *(
            Heading(f"reached_{name}_s", f"reached after{f' ({name})' if several else ''}", duration)
            for name in ("p10", "p50", "p90")
        ),
        Heading("most_beyond", "at most beyond it", plain),
        *(Heading(name, label, count) for name, label in COUNTS.items()),
    )
    told = [(part["name"], budget) for part in document["deployments"] for budget in part.get("budgets") or ()]
    rows = [_row(name, budget) for name, budget in told]
    return Grid("How long the money lasts", headings, rows, tuple(_sentence(name, budget) for name, budget in told))


def _row(name: str, budget: Part) -> tuple[Cell, ...]:
    after = budget["reached_after_s"]
    beyond = tokens(budget["most_beyond"]) if budget["unit"] == "tokens" else usd(budget["most_beyond"])
    return (
        name, budget["name"], budget["then"], budget["reached_share"], after["p10"], after["p50"], after["p90"],
        beyond if budget["reached_share"] else None, *(budget[count] for count in COUNTS),
    )  # fmt: skip


def _sentence(name: str, budget: Part) -> str:
    """Return how long a budget lasts: the middle of the replications, and between which times eight in ten lie."""
    after, share = budget["reached_after_s"], budget["reached_share"]
    if not share:
        return f"{name}: {budget['name']} is not reached"
    if after["p50"] is None:
        return (
            f"{name}: {budget['name']} is reached in {share_text(share, 1)} of the runs, in others not before the end"
        )
    ends = [_time(after[end]) for end in ("p10", "p90")]
    spread = f" (p10 to p90: {ends[0]} to {ends[1]})" if after["p10"] is not None else ""
    lasts = "lasts" if budget["per"] in ("run", "day") else "is first reached after"
    return f"{name}: {budget['name']} {lasts} {_time(after['p50'])}{spread}"


def _time(seconds: float | None) -> str:
    return "beyond the end" if seconds is None else duration_text(seconds * US_PER_S)


def covered(document: Mapping[str, Any]) -> Grid:
    """Return one line per deployment and plan: what became of the calls of its offers while it was held."""
    headings = (
        Heading("deployment", "deployment"),
        Heading("plan", "plan"),
        Heading("covered_calls", "calls covered", count),
        Heading("paid_calls", "calls at API prices", count),
        Heading("stopped_calls", "calls not made", count),
        Heading("paused_calls", "calls that waited", count),
        Heading("blocked_share", "share not made", percent),
        Heading("undone_share", "less work than at API prices", percent),
        Heading("fee_usd", "fee", usd),
        Heading("amortised_usd", "fee of this time", usd),
        Heading("requests_per_month", "requests per month", count),
        Heading("pays_from_requests", "it pays from (requests)", count),
    )
    told = [(part["name"], plan) for part in document["deployments"] for plan in part.get("plans") or ()]
    rows = [(name, plan["name"], *(plan[heading.name] for heading in headings[2:])) for name, plan in told]
    return Grid("What plans cover", headings, rows, tuple(filter(None, (_pays(name, plan) for name, plan in told))))


def _pays(name: str, plan: Part) -> str:
    """Return from how many requests on a plan costs less than API prices, where another deployment tells these."""
    if plan["pays_from_requests"] is None or plan["requests_per_month"] is None:
        return ""
    least, asked = plan["pays_from_requests"], plan["requests_per_month"]
    beyond = plan["paid_calls"] + plan["stopped_calls"]
    part = (
        f", and it covers {percent(plan['covered_calls'] / (plan['covered_calls'] + beyond))} of calls"
        if beyond
        else ""
    )
    return (
        f"{name}: covering everything, {plan['name']} pays from {least:,.0f} requests a month on, at what one costs in "
        f"{plan['api_twin']}; here there are {asked:,.0f}{part}"
    )
