"""The growth law of a study as tables: tokens by calls, by children and by depth, beside the closed forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from burncurve.report.tables import Cell, Grid, Heading, count, factor, tokens

MOST_ROWS = 24


def by_calls(document: Mapping[str, Any]) -> Grid:
    """Return one line per deployment and number of calls of a root task; of many deployments the first ones."""
    headings = (
        Heading("deployment", "deployment"),
        Heading("calls", "calls of a root task"),
        Heading("tasks", "tasks", count),
        Heading("prompt_tokens", "prompt tokens", tokens),
        Heading("closed_form_tokens", "n S + g n (n - 1) / 2", tokens),
        Heading("against", "against it", factor),
        Heading("base_tokens", "S", tokens),
        Heading("growth_tokens", "g", tokens),
    )
    rows = [row for part in document["deployments"] for row in _rows(part["name"], _law(part))]
    return Grid("Tokens grow with the square of the calls, unless something cuts them", headings, rows[:MOST_ROWS])


def _rows(name: str, law: Mapping[str, Any]) -> list[tuple[Cell, ...]]:
    if not law or law["growth_tokens_per_call"] is None:
        return []
    return [
        (
            name,
            _span(row["calls_from"], row["calls_to"]),
            row["tasks"],
            row["prompt_tokens"],
            row["closed_form_tokens"],
            row["prompt_tokens"] / row["closed_form_tokens"] if row["closed_form_tokens"] else None,
            law["base_tokens"],
            law["growth_tokens_per_call"],
        )
        for row in law["by_calls"]
    ]


def by_children(document: Mapping[str, Any]) -> Grid:
    """Return one line per deployment and number of tasks below a root task: what all of them used."""
    headings = (
        Heading("deployment", "deployment"),
        Heading("children", "tasks below a root task"),
        Heading("tasks", "root tasks", count),
        Heading("tokens", "tokens of all", tokens),
        Heading("closed_form_tokens", "a root task and so many children, in the mean", tokens),
        Heading("against", "against it", factor),
    )
    rows = [
        (part["name"], _span(row["children_from"], row["children_to"]), row["tasks"], *_beside(row, "tokens"))
        for part in document["deployments"]
        for row in _law(part).get("by_children", ())
    ]
    return Grid("Tokens grow with the children", headings, rows[:MOST_ROWS])


def by_depth(document: Mapping[str, Any]) -> Grid:
    """Return one line per deployment and depth of a tree of tasks: how many there are, and what they used."""
    headings = (
        Heading("deployment", "deployment"),
        Heading("depth", "depth", count),
        Heading("calls", "calls", count),
        Heading("tokens", "tokens", tokens),
        Heading("tasks", "tasks", count),
        Heading("closed_form_tasks", "roots × children of a root ^ depth", count),
        Heading("against", "against it", factor),
    )
    rows = [
        (part["name"], row["depth"], row["calls"], row["tokens"], *_beside(row, "tasks"))
        for part in document["deployments"]
        for row in _law(part).get("by_depth", ())
    ]
    return Grid("Tasks by depth, in one replication", headings, rows[:MOST_ROWS])


def _law(part: Mapping[str, Any]) -> Mapping[str, Any]:
    return part.get("growth_law") or {}


def _beside(row: Mapping[str, Any], figure: str) -> tuple[Cell, Cell, Cell]:
    """Return a figure, its closed form, and the one by the other."""
    closed = row[f"closed_form_{figure}"]
    return row[figure], closed, row[figure] / closed if closed else None


def _span(low: int, high: int) -> str:
    return f"{low}" if low == high else f"{low} to {high}"
