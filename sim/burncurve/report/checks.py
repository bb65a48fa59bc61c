"""The verdicts of a check as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from burncurve.report.tables import Cell, Grid, Heading, count, duration, factor, percent, plain, tokens, usd

UNITS: Mapping[str, Callable[[Cell], str]] = {
    "dollars": usd,
    "tokens": tokens,
    "count": count,
    "seconds": duration,
    "factor": factor,
    "share": percent,
}
WORDS = {True: "kept", False: "BROKEN", None: "not known"}


def verdicts(document: Mapping[str, Any]) -> Grid:
    """Return one line per threshold and deployment, with raw cells."""
    names = ("threshold", "deployment", "value", "ci95_low", "ci95_high", "bound", "unit", "kept", "sure")
    rows = [
        (
            part["threshold"], part["deployment"], part["value"], *(part["ci95"] or (None, None)), part["bound"],
            part["unit"], part["kept"], part["sure"],
        )
        for part in document["thresholds"]
    ]  # fmt: skip
    return Grid(_title(document), tuple(Heading(name, name) for name in names), rows)


def for_people(document: Mapping[str, Any]) -> Grid:
    """Return the same lines as people read them, each figure in its own unit."""
    headings = (
        Heading("kept", "verdict"),
        Heading("threshold", "threshold"),
        Heading("deployment", "deployment"),
        Heading("value", "simulated", plain_right),
        Heading("interval", "95% sure between", plain_right),
        Heading("note", ""),
    )
    return Grid(_title(document), headings, [_line(part) for part in document["thresholds"]])


def plain_right(value: Cell) -> str:
    """Return the cell as text; its column stands to the right, like those of numbers."""
    return plain(value)


def _line(part: Mapping[str, Any]) -> tuple[Cell, ...]:
    show = UNITS[part["unit"]]
    low, high = part["ci95"] or (None, None)
    ends = (show(low) if low is not None else "?", show(high) if high is not None else "?")
    between = None if part["ci95"] is None else " and ".join(ends)
    note = "too close to be sure" if part["sure"] is False else None
    shown = None if part["value"] is None else show(part["value"])
    return WORDS[part["kept"]], part["threshold"], part["deployment"], shown, between, note


def _title(document: Mapping[str, Any]) -> str:
    held = len(document["thresholds"])
    of = "1 threshold" if held == 1 else f"{held} thresholds"
    if document["passed"]:
        return f"{of} held against the simulation: all kept"
    unknown = f", {document['unknown']} not known" if document["unknown"] else ""
    return f"{of} held against the simulation: {document['broken']} broken{unknown}"
