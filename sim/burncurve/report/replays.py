"""A replay as tables: what the work comes to elsewhere, and how far the method is from what was logged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from burncurve.report.tables import Grid, Heading, percent, tokens, usd

CHANGE = Heading("difference", "difference", percent)


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
