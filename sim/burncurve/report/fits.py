"""A fit as a table: each quantity, the family chosen, and how far it is from the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from burncurve.report.tables import Cell, Grid, Heading, count, plain

Document = Mapping[str, Any]
SHORT = {"quantiles": "quantiles as seen"}
LONGEST = 60


def grids(document: Document) -> Sequence[Grid]:
    """Return the quantities of a fit, and the probabilities."""
    return (_quantities(document), _agents(document))


def _quantities(document: Document) -> Grid:
    headings = (
        Heading("agent", "agent", plain), Heading("quantity", "quantity", plain), Heading("values", "values", count),
        Heading("family", "family", plain), Heading("ks", "KS", _three), Heading("written", "as written", plain),
        Heading("mean_error", "mean off by", _signed),
    )  # fmt: skip
    rows = [
        (one["agent"], one["quantity"], one["values"], one["family"], one["ks"], _written(one), _off(one["mean"]))
        for one in document["quantities"]
    ]
    title = f"Fitted to {document['calls']:,} calls of {document['sessions']:,} sessions"
    return Grid(title, headings, rows)


def _written(one: Mapping[str, Any]) -> str:
    return SHORT.get(one["family"], str(one["written"]))[:LONGEST]


def _off(mean: Mapping[str, float]) -> float | None:
    return mean["drawn"] / mean["seen"] - 1 if mean["seen"] else None


def _three(value: Cell) -> str:
    return "" if value is None else f"{float(value):.3f}"


def _signed(value: Cell) -> str:
    return "" if value is None else f"{100 * float(value):+.1f}%"


def _agents(document: Document) -> Grid:
    headings = (
        Heading("agent", "agent", plain), Heading("sessions", "sessions", count), Heading("calls", "calls", count),
        Heading("base", "base", count), Heading("user_turn_miss", "lost at user turns", _percent),
        Heading("tool_turn_miss", "lost at tool turns", _percent), Heading("compacts_at", "compacts at", count),
        Heading("spawns", "spawns per turn", plain),
    )  # fmt: skip
    rows = [
        (one["name"], one["sessions"], one["calls"], one["base"], one["user_turn_miss"], one["tool_turn_miss"],
         one["compacts_at"], ", ".join(f"{each['agent']} {100 * each['probability']:.3g}%" for each in one["spawns"]))
        for one in document["agents"]
    ]  # fmt: skip
    return Grid("Agents", headings, rows)


def _percent(value: Cell) -> str:
    return "" if value is None else f"{100 * float(value):.2f}%"
