"""The growth law of a study as a table: what tasks of so many calls sent, beside the closed form."""

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
    rows = [row for part in document["deployments"] for row in _rows(part["name"], part.get("growth_law") or {})]
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


def _span(low: int, high: int) -> str:
    return f"{low}" if low == high else f"{low} to {high}"
