"""What logs used and cost, and what became of every file and record, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from burncurve.report.tables import Cell, Grid, Heading, count, filled, percent, tokens, usd

GROUPS = {"day": "By day (UTC)", "model": "By model", "project": "By project", "agent": "By agent"}
PROMPT = ("input", "cache_read", "cache_write_5m", "cache_write_1h")
UNPRICED = "unpriced"
NO_NAME = "(none)"
MOST_SHOWN = 40
KEEP = ("name", "calls", "usd")
FIGURES = (
    Heading("calls", "calls", count),
    Heading("sessions", "sessions", count),
    Heading("input", "input", tokens),
    Heading("cache_read", "read from cache", tokens),
    Heading("cache_write_5m", "written for 5 min", tokens),
    Heading("cache_write_1h", "written for 1 h", tokens),
    Heading("output", "output", tokens),
    Heading("reasoning", "reasoning", tokens),
    Heading("web_searches", "web searches", count),
    Heading("cached_share", "cached", percent),
    Heading("usd", "bill", usd),
    Heading("unpriced_calls", "calls without a price", count),
    Heading("stated_usd", "as the logs say", usd),
)


def grids(document: Mapping[str, Any]) -> Sequence[Grid]:
    """Return the tables for people: totals, by day, model, project and agent, and what was not used."""
    rows = [_row(document["total"])]
    total = Grid(_title(document), (Heading("name", "logs"), *FIGURES), rows, below=_stating(document["total"]))
    parts = [
        _cut(
            Grid(title, (Heading("name", group), *FIGURES), [_row(record) for record in document[f"by_{group}"]]), group
        )
        for group, title in GROUPS.items()
        if [record["name"] for record in document[f"by_{group}"]] != [NO_NAME]
    ]
    shown = [filled(grid, KEEP) for grid in (total, *parts)]
    kept = skipped(document)
    return (*shown, kept) if kept.rows else tuple(shown)


def _stating(total: Mapping[str, Any]) -> tuple[str, ...]:
    """Return that not all calls state what they cost, beside a bill of all."""
    stated, calls = total["stated_calls"], total["calls"]
    return (f"as the logs say: {stated:,} of {calls:,} calls say what they cost",) if 0 < stated < calls else ()


def _cut(grid: Grid, group: str) -> Grid:
    """Return a table of what people read: the last days, the dearest of all else."""
    more = len(grid.rows) - MOST_SHOWN
    if more <= 0:
        return grid
    rows, which = (grid.rows[more:], "earlier") if group == "day" else (grid.rows[:MOST_SHOWN], "more")
    return replace(grid, rows=rows, below=(f"and {more:,} {which}: --format csv or json has them all",))


def whole(document: Mapping[str, Any]) -> Grid:
    """Return one table of all groups: the total, then each day, model, project and agent."""
    rows: list[Sequence[Cell]] = [("total", *_row(document["total"]))]
    for group in GROUPS:
        rows += [(group, *_row(record)) for record in document[f"by_{group}"]]
    return Grid(_title(document), (Heading("by", "by"), Heading("name", "name"), *FIGURES), rows)


def skipped(document: Mapping[str, Any]) -> Grid:
    """Return what was read and not used, or used though odd, by reason, with the first place of each."""
    read = document["read"]
    rows = [
        (what, each["reason"], each["count"], each["first"])
        for what, found in (
            ("records not used", read["skipped"]),
            ("files not read", read["files_skipped"]),
            ("used, but", read["remarks"]),
        )
        for each in found
    ]
    headings = (
        Heading("what", ""), Heading("reason", "reason"), Heading("count", "count", count),
        Heading("first", "first"),
    )  # fmt: skip
    title = f"Read: {_several(read['files'], 'file')}, {_several(read['records'], 'record')}, {read['used']:,} used"
    if read["missing_bytes"]:
        title += f", {_several(read['missing_bytes'], 'byte')} missing"
    return Grid(title, headings, rows)


def _several(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _title(document: Mapping[str, Any]) -> str:
    formats = ", ".join(document["formats"])
    return f"Logs of {formats}, prices of book {document['book']['name']}"


def _row(record: Mapping[str, Any]) -> tuple[Cell, ...]:
    used = record["tokens"]
    prompt = sum(used[meter] for meter in PROMPT)
    return (
        record["name"],
        record["calls"],
        record["sessions"],
        *(used[meter] for meter in (*PROMPT, "output", "reasoning")),
        record["web_searches"],
        used["cache_read"] / prompt if prompt else None,
        UNPRICED if record["usd"] is None else record["usd"],
        record["unpriced_calls"],
        record["stated_usd"],
    )
