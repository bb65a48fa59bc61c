"""The canonical document of a study as tables: what each deployment costs, when, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from burncurve.errors import Problem
from burncurve.report import beside, budgets, comparisons, law, replays, spreads, switches, walls
from burncurve.report.tables import Cell, Grid, Heading, count, duration, factor, filled, percent, picked, tokens, usd
from burncurve.report.words import PAID_AGAIN, PEAK, RE_READ, SKIPPED, cause_words, meanings

Document = Mapping[str, Any]
QUANTILES = ("p50", "p90", "p95", "p99")
MARK = "*"
AFTER = "after_"
STAND_IN = "billed as"
LEAST_USD = 1e-6  # below it is what floats leave over


MONEY = (
    "name", "mean", "ratio", "request_ratio", "per_hour_usd", "per_day_usd", "per_month_usd", "per_request_usd",
    "requests",
)  # fmt: skip
MONEY_ASIDE = ("per_finished_task_usd", "skipped", "failed", "unfinished", "stopped")
SPREAD = ("name", "mean", "ci95_low", "ci95_high", *QUANTILES)
OF_OFFER = ("offer", "calls", "prompt_tokens", "cached_share", "output_tokens", "usd")
WORK = (
    "name", "calls", "prompt_tokens", "cached_share", "output_tokens", "reread_factor", "peak_context_tokens",
    "failovers", "failover_tokens", "offers",
)  # fmt: skip


def overview(document: Document) -> Grid:
    """Return one line per deployment, what matters most first: the bill, the bill against the baseline's, the work."""
    several = document["replications"] > 1
    base = (document.get("comparison") or {}).get("baseline", "the baseline")
    headings = (
        Heading("name", "deployment"),
        Heading("mean", "bill (mean)" if several else "bill", usd),
        Heading("ratio", f"against {base}", factor),
        Heading("request_ratio", f"against {base}, per request", factor),
        Heading("per_hour_usd", "per hour of the horizon", usd),
        Heading("per_day_usd", "per day", usd),
        Heading("per_month_usd", "per month", usd),
        Heading("per_request_usd", "per request", usd),
        Heading("per_finished_task_usd", "per finished task", usd),
        Heading("requests", "requests", count),
        Heading("skipped", "skipped", count),
        Heading("ci95_low", "95% sure from", usd),
        Heading("ci95_high", "to", usd),
        *(Heading(name, name, usd) for name in QUANTILES),
        Heading("calls", "calls", count),
        Heading("prompt_tokens", "prompt tokens", tokens),
        Heading("cached_share", "read from cache", percent),
        Heading("output_tokens", "output tokens", tokens),
        Heading("reread_factor", "re-read factor", factor),
        Heading("peak_context_tokens", "peak context", tokens),
        Heading("failovers", "failovers", count),
        Heading("failover_tokens", "paid again", tokens),
        Heading("failed", "failed tasks", count),
        Heading("unfinished", "unfinished tasks", count),
        Heading("stopped", "calls never started", count),
        Heading("offers", "served by"),
    )
    title = f"{document['scenario']['name']}: {_runs(document)}, prices of book {document['book']['name']}"
    rows = [_overview_row(part) for part in document["deployments"]]
    return Grid(title, headings, rows)


def money(document: Document) -> Grid:
    """Return what each deployment costs: of figures that say the same, or compare unequal work, only the better one."""
    whole = overview(document)
    parts = document["deployments"]
    equal_work = len({part["requests"] for part in parts}) < 2
    same = all(part["per_finished_task_usd"] in (None, part["per_request_usd"]) for part in parts)
    left_out = {"request_ratio" if equal_work else "ratio", "per_finished_task_usd" if same else ""}
    shown = picked(whole, [name for name in (*MONEY, *MONEY_ASIDE) if name not in left_out])
    below = (*_stand_ins(document), *((SKIPPED,) if any(part["skipped"] for part in parts) else ()))
    return replace(_marked(shown, document), below=below)


def _replayed(grid: Callable[[Document], Grid]) -> Callable[[Document], Grid]:
    """Return the table with the calls that each deployment of a replay lacks; of what is none, the table as it is."""

    def shown(document: Document) -> Grid:
        made = grid(document)
        return replays.with_not_made(made, document["replay"]) if "replay" in document else made

    return shown


def spread(document: Document) -> Grid:
    """Return how far the bill of one replication is from the mean, and why; nothing of a single one."""
    whole = picked(overview(document), SPREAD, "How far the bill spreads over the replications")
    if document["replications"] == 1:
        return replace(whole, rows=())
    return replace(whole, below=tuple(spreads.sentences(document)))


def work(document: Document) -> Grid:
    """Return what was done for the money: calls and tokens."""
    meant: tuple[str, ...] = (RE_READ, PEAK if document["replications"] > 1 else PEAK.partition(",")[0])
    whole = picked(overview(document), WORK, "What was done for it")
    told = any(part["offers"] != [part["name"]] for part in document["deployments"])
    names = [heading.name for heading in whole.headings if told or heading.name != "offers"]
    meant += (PAID_AGAIN,) if any(part["failovers"] for part in document["deployments"]) else ()
    return replace(picked(whole, names), below=meant)


def _stand_ins(document: Document) -> tuple[str, ...]:
    """Return a line for what a book does not price and something else stood in for."""
    told = dict.fromkeys(note.partition(": ")[2] for note in _stand_in_notes(document))
    return tuple(f"{MARK} {note}" for note in told)


def _stand_in_notes(document: Document) -> list[str]:
    priced = {part["name"] for part in document["deployments"] if part["bill_usd"]}
    return [note for note in document["notes"] if STAND_IN in note and note.partition(": ")[0] in priced]


def _marked(grid: Grid, document: Document) -> Grid:
    """Mark the deployments of whose bills a part is not priced by the book itself."""
    noted = {note.partition(": ")[0] for note in _stand_in_notes(document)}
    rows = [(f"{row[0]} {MARK}" if row[0] in noted else row[0], *row[1:]) for row in grid.rows]
    return replace(grid, rows=rows)


def _runs(document: Document) -> str:
    times = document["replications"]
    played = f"{times:,} replications" if times > 1 else "one replication"
    return f"{duration(document['scenario']['horizon_s'])}, {played}, seed {document['seed']}"


def _overview_row(part: Mapping[str, Any]) -> tuple[Cell, ...]:
    bill = part["bill_usd"] or dict.fromkeys(("mean", "ci95", *QUANTILES))
    if part["bill_usd"] is None:
        bill["mean"] = "unpriced"
    against = part["against_baseline"]
    prompt = part["prompt_tokens"]
    return (
        part["name"],
        bill["mean"],
        against["ratio"] if against else None,
        against["ratio_per_request"] if against else None,
        part["per_hour_usd"],
        part["per_day_usd"],
        part.get("per_month_usd"),
        part["per_request_usd"],
        part["per_finished_task_usd"],
        part["requests"],
        part["skipped"],
        *(bill["ci95"] or (None, None)),
        *(bill[name] for name in QUANTILES),
        part["calls"],
        prompt,
        part["tokens"]["cache_read"] / prompt if prompt else None,
        part["tokens"]["output"] + part["tokens"]["reasoning"],
        part["reread_factor"],
        part["peak_context_tokens"],
        part["failovers"],
        part["failover_tokens"],
        part["failed"],
        part["unfinished"],
        part["stopped"],
        ", ".join(part["offers"]),
    )


def over_time(document: Document) -> Grid:
    """Return dollars after 1, 2, 4 and 8 hours and at the horizon, and the dearest hour; priced deployments only."""
    priced = [part for part in document["deployments"] if part["bill_usd"]]
    steps = [step for step, amount in priced[0]["after_usd"].items() if amount is not None] if priced else []
    headings = (
        Heading("name", "deployment"),
        *(Heading(f"{AFTER}{step}", f"after {step[:-1]} h", usd) for step in steps),
        Heading("peak_hour", "dearest hour", count),
        Heading("peak_hour_usd", "costs", usd),
    )
    rows = [
        (
            part["name"],
            *(part["after_usd"].get(step) for step in steps),
            part["peak_hour"]["hour"],
            part["peak_hour"]["usd"],
        )
        for part in priced
    ]
    return Grid("The bill as time goes by", headings, rows)


def by_cause(document: Document) -> Grid:
    """Return one line per cause, one column of dollars per priced deployment."""
    priced = [part for part in document["deployments"] if part["bill_usd"]]
    names = dict.fromkeys(cause for part in priced for cause in part["causes_usd"])
    headings = (Heading("cause", "cause"), *(Heading(part["name"], part["name"], usd) for part in priced))
    rows = [(cause_words(cause), *(part["causes_usd"].get(cause, 0.0) for part in priced)) for cause in names]
    return Grid("Where the money goes", headings, rows, meanings(names))


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
        (part["name"], cause["agent"], cause_words(cause["cause"]), cause["tokens"], cause["usd"], cause["share"])
        for part in document["deployments"]
        for cause in part["causes"] or ()
    ]
    title = f"{document['scenario']['name']}: why each token was paid for, {_runs(document)}"
    return Grid(title, headings, rows)


def by_offer(document: Document) -> Grid:
    """Return one line per offer of each deployment that more than one offer served: its calls, tokens and dollars."""
    several = [part for part in document["deployments"] if len(part["by_offer"]) > 1]
    headings = (
        Heading("deployment", "deployment"),
        Heading("offer", "offer"),
        Heading("calls", "calls", count),
        Heading("prompt_tokens", "prompt tokens", tokens),
        Heading("cached_share", "read from cache", percent),
        Heading("output_tokens", "output tokens", tokens),
        Heading("usd", "dollars", usd),
        Heading("share", "share", percent),
    )
    rows = [
        (part["name"], *(each[name] for name in OF_OFFER), _share(each["usd"], part["bill_usd"]))
        for part in several
        for each in part["by_offer"]
    ]
    below = ("A call counts for the offer that answered it, tokens and dollars for the one that spent them.",)
    return Grid("What each offer did", headings, rows, (*below, *filter(None, map(_beside_calls, several))))


def _beside_calls(part: Mapping[str, Any]) -> str:
    """Return what of a bill is no offer's: fees of plans, storage, taxes."""
    if not part["bill_usd"]:
        return ""
    rest = part["bill_usd"]["mean"] - sum(each["usd"] for each in part["by_offer"])
    share = _share(rest, part["bill_usd"])
    told = f"{part['name']}: {usd(rest)} ({percent(share)}) is paid beside calls, for no offer"
    return told if rest >= LEAST_USD else ""


def _share(amount: float | None, bill: Mapping[str, Any] | None) -> float | None:
    return amount / bill["mean"] if amount is not None and bill and bill["mean"] else None


def problems(document: Document, places: Mapping[str, str] | None = None) -> list[Problem]:
    """Return, for each deployment without a bill, which prices are missing; `places` say where deployments stand."""
    at = {name: f"{place}: " for name, place in (places or {}).items()}
    return [
        Problem(f"{at.get(part['name'], '')}{part['name']} is unpriced", missing, remedy)
        for part in document["unpriced"]
        for missing, remedy in zip(part["missing"], part["remedies"], strict=False)
    ]


def grids(document: Document, view: str, whole: bool = False) -> Sequence[Grid]:
    """Return the tables of a view for people, without what says nothing; if `whole`, the one table of all figures."""
    if whole:
        return (WHOLE[view](document),)
    tables = [part(document) for part in VIEWS[view]]
    shown = (filled(table, _kept(table)) for table in tables if table.rows)
    return tuple(table for table in shown if len(table.headings) > 1)


def _kept(table: Grid) -> list[str]:
    """An hour in which nothing was billed says something, too."""
    return ["mean", "cause", "cheaper", *(heading.name for heading in table.headings if heading.name.startswith(AFTER))]


WHOLE: Mapping[str, Callable[[Document], Grid]] = {
    "run": overview,
    "compare": overview,
    "replay": _replayed(overview),
    "explain": by_agent_and_cause,
}
LASTING = (budgets.lasting, budgets.covered)
DECIDING = (
    comparisons.against_baseline, comparisons.order, walls.excluded, walls.premiums, walls.allowed,
    switches.switches, beside.beside_money,
)  # fmt: skip
VIEWS: Mapping[str, Sequence[Callable[[Document], Grid]]] = {
    "run": (money, spread, *LASTING, over_time, by_cause, work, by_offer),
    "compare": (money, *DECIDING, spread, *LASTING, over_time, by_cause, work, by_offer),
    "replay": (_replayed(money), by_cause, work, by_offer),
    "explain": (by_agent_and_cause, by_cause, law.by_calls, law.by_children, law.by_depth),
}
