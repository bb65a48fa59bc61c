"""The canonical document of a study as tables: what each deployment costs, when, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from burncurve.errors import Problem
from burncurve.report.tables import Cell, Grid, Heading, count, duration, factor, filled, percent, tokens, usd

Document = Mapping[str, Any]
QUANTILES = ("p50", "p90", "p95", "p99")


def overview(document: Document) -> Grid:
    """Return one line per deployment: work, tokens, bill, and the bill against the first one's."""
    several = document["replications"] > 1
    headings = (
        Heading("name", "deployment"),
        Heading("requests", "requests", count),
        Heading("skipped", "skipped", count),
        Heading("calls", "calls", count),
        Heading("prompt_tokens", "prompt tokens", tokens),
        Heading("cached_share", "read from cache", percent),
        Heading("output_tokens", "output tokens", tokens),
        Heading("reread_factor", "re-read factor", factor),
        Heading("peak_context_tokens", "peak context", tokens),
        Heading("mean", "bill (mean)" if several else "bill", usd),
        Heading("ci95_low", "95% sure from", usd),
        Heading("ci95_high", "to", usd),
        *(Heading(name, name, usd) for name in QUANTILES),
        Heading("per_request_usd", "per request", usd),
        Heading("per_finished_task_usd", "per finished task", usd),
        Heading("per_hour_usd", "per hour", usd),
        Heading("per_day_usd", "per day", usd),
        Heading("ratio", "against the first", factor),
        Heading("failed", "failed tasks", count),
        Heading("unfinished", "unfinished tasks", count),
        Heading("stopped", "calls never started", count),
    )
    title = f"{document['scenario']['name']}: {_runs(document)}, prices of book {document['book']['name']}"
    rows = [_overview_row(part) for part in document["deployments"]]
    return Grid(title, headings, rows)


def _runs(document: Document) -> str:
    times = document["replications"]
    played = f"{times:,} replications" if times > 1 else "one replication"
    return f"{duration(document['scenario']['horizon_s'])}, {played}, seed {document['seed']}"


def _overview_row(part: Mapping[str, Any]) -> tuple[Cell, ...]:
    bill = part["bill_usd"] or dict.fromkeys(("mean", "ci95", *QUANTILES))
    if part["bill_usd"] is None:
        bill["mean"] = "unpriced"
    against = part["against_first"]
    ratio = against["ratio"] if against else None
    prompt = part["prompt_tokens"]
    return (
        part["name"],
        part["requests"],
        part["skipped"],
        part["calls"],
        prompt,
        part["tokens"]["cache_read"] / prompt if prompt else None,
        part["tokens"]["output"] + part["tokens"]["reasoning"],
        part["reread_factor"],
        part["peak_context_tokens"],
        bill["mean"],
        *(bill["ci95"] or (None, None)),
        *(bill[name] for name in QUANTILES),
        part["per_request_usd"],
        part["per_finished_task_usd"],
        part["per_hour_usd"],
        part["per_day_usd"],
        ratio,
        part["failed"],
        part["unfinished"],
        part["stopped"],
    )


def over_time(document: Document) -> Grid:
    """Return dollars after 1, 2, 4 and 8 hours and the dearest hour, one line per priced deployment."""
    priced = [part for part in document["deployments"] if part["bill_usd"]]
    steps = tuple(priced[0]["after_usd"]) if priced else ()
    headings = (
        Heading("name", "deployment"),
        *(Heading(step, f"after {step[:-1]} h", usd) for step in steps),
        Heading("peak_hour", "dearest hour", count),
        Heading("peak_hour_usd", "costs", usd),
    )
    rows = [
        (part["name"], *part["after_usd"].values(), part["peak_hour"]["hour"], part["peak_hour"]["usd"])
        for part in priced
    ]
    return Grid("The bill as time goes by", headings, rows)


def by_cause(document: Document) -> Grid:
    """Return one line per cause, one column of dollars per priced deployment."""
    priced = [part for part in document["deployments"] if part["bill_usd"]]
    names = dict.fromkeys(cause for part in priced for cause in part["causes_usd"])
    headings = (Heading("cause", "cause"), *(Heading(part["name"], part["name"], usd) for part in priced))
    rows = [(_words(cause), *(part["causes_usd"].get(cause, 0.0) for part in priced)) for cause in names]
    return Grid("Where the money goes", headings, rows)


def by_agent_and_cause(document: Document) -> Grid:
    """Return one line per deployment, agent and cause: tokens, dollars, and the share of the deployment's bill."""
    headings = (
        Heading("deployment", "deployment"),
        Heading("agent", "agent"),
        Heading("cause", "cause"),
        Heading("tokens", "tokens", tokens),
        Heading("usd", "dollars", usd),
        Heading("share", "share", percent),
    )
    rows = [
        (part["name"], cause["agent"], _words(cause["cause"]), cause["tokens"], cause["usd"], cause["share"])
        for part in document["deployments"]
        for cause in part["causes"] or ()
    ]
    return Grid(f"{document['scenario']['name']}: why each token was paid for, {_runs(document)}", headings, rows)


def _words(cause: str) -> str:
    return cause.replace("_", " ")


def problems(document: Document) -> list[Problem]:
    """Return, for each deployment without a bill, which prices are missing."""
    return [
        Problem(f"{part['name']} is unpriced", missing) for part in document["unpriced"] for missing in part["missing"]
    ]


def grids(document: Document, view: str, whole: bool = False) -> Sequence[Grid]:
    """Return the tables of a view; unless `whole`, without columns and tables that say nothing here."""
    first, *others = (part(document) for part in VIEWS[view])
    if whole:
        return (first, *others)
    return (filled(first, ("mean",)), *(filled(grid, ("cause",)) for grid in others if grid.rows))


VIEWS: Mapping[str, Sequence[Callable[[Document], Grid]]] = {
    "run": (overview, over_time, by_cause),
    "compare": (overview, over_time, by_cause),
    "explain": (by_agent_and_cause, by_cause),
}
