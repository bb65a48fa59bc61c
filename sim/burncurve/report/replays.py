"""A replay as tables: what the work comes to elsewhere, and how far the method is from what was logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from burncurve.report.tables import Grid, Heading, count, percent, tokens, usd

CHANGE = Heading("difference", "difference", percent)
NOT_MADE = (
    Heading("did_not_fit", "calls refused by the window", count),
    Heading("never_came", "calls never made", count),
)
LESS_WORK = (
    "calls refused by the window: prompts of the log larger than the offer takes",
    "calls never made: those that would have followed them, and what was not done by the end",
    "With such calls a row is of less work than the log's: its totals are not to be held against the others'.",
)


def with_not_made(grid: Grid, error: Mapping[str, Any]) -> Grid:
    """Return a table of one line per deployment with how many calls of the log each has not made."""
    not_made = error["not_made"]
    more = [tuple(each[heading.name] for heading in NOT_MADE) for each in not_made]
    rows = [(*row, *cells) for row, cells in zip(grid.rows, more, strict=True)]
    below = LESS_WORK if any(map(any, more)) else ()
    return replace(grid, headings=(*grid.headings, *NOT_MADE), rows=rows, below=(*grid.below, *below))


def method_error(error: Mapping[str, Any]) -> Grid:
    """Return what was logged beside its replay, by meter; a replay that could not be made leaves its cells empty."""
    headings = (Heading("meter", "tokens"), Heading("logged", "logged", tokens),
                Heading("replayed", "replayed", tokens), CHANGE)  # fmt: skip
    rows = [tuple(row[name] for name in ("meter", "logged", "replayed", "difference")) for row in error["tokens"]]
    return Grid("Error of the method: what was logged, and its replay", headings, rows)


def method_error_money(error: Mapping[str, Any]) -> Grid:
    """Return dollars and cached share as logged and as replayed."""
    headings = (Heading("logged_usd", "logged", usd), Heading("replayed_usd", "replayed", usd), CHANGE,
                Heading("logged_cached", "cached as logged", percent),
                Heading("replayed_cached", "cached as replayed", percent))  # fmt: skip
    paid, cached = error["usd"], error["cached_share"]
    row = (paid["logged"], paid["replayed"], paid["difference"], cached["logged"], cached["replayed"])
    priced = f", without what has no price: {', '.join(paid['without'])}" if paid["without"] else ""
    return Grid(f"Error of the method in dollars{priced}", headings, [row])
