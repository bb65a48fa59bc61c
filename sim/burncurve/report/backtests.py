"""A back-test as tables: what was forecast beside what came, and how often the interval held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from burncurve.report import numbers
from burncurve.report.tables import Cell, Grid, Heading, count, percent, plain

Document = Mapping[str, Any]


def grids(document: Document) -> Sequence[Grid]:
    """Return the tables of a back-test."""
    return (_figures(document), _calibration(document))


def whole(document: Document) -> Grid:
    """Return the one table of figures with plain numbers."""
    names = ("figure", "low", "forecast", "high", "came", "off", "held")
    rows = [tuple(row[name] for name in names) for row in document["figures"]]
    return Grid("Back-test", tuple(Heading(name, name, plain) for name in names), rows)


def _figures(document: Document) -> Grid:
    interval = f"{100 * document['interval']:g}%"
    headings = (
        Heading("figure", "figure"), Heading("low", f"{interval} from", _as_is), Heading("high", "to", _as_is),
        Heading("forecast", "forecast", _as_is), Heading("came", "came", _as_is), Heading("off", "off by", _signed),
        Heading("held", "held"),
    )  # fmt: skip
    rows = [
        (row["figure"], *(_shown(row["figure"], row[name]) for name in ("low", "high", "forecast", "came")), row["off"],
         "yes" if row["held"] else "NO")
        for row in document["figures"]
    ]  # fmt: skip
    earlier, later = document["earlier"], document["later"]
    title = (
        f"Fitted to {earlier['sessions']:,} sessions until {later['begins']}, forecasting {later['sessions']:,} "
        f"sessions of {later['days']:,} days; median of {document['replications']:,} replications"
    )
    return Grid(title, headings, rows)


def _shown(figure: str, value: float) -> str:
    if figure == "cached share":
        return numbers.share(value, 1, decimals=1)
    if figure.startswith("usd"):
        return numbers.money(value)
    return numbers.tokens(value) if figure.startswith(("prompt", "output")) else f"{value:,.1f}"


def _as_is(value: Cell) -> str:
    return plain(value)


def _signed(value: Cell) -> str:
    return "" if value is None else f"{100 * float(value):+.1f}%"


def _calibration(document: Document) -> Grid:
    headings = (
        Heading("measure", "measure"), Heading("each", "of each"), Heading("of", "seen", count),
        Heading("held", "inside", percent), Heading("below", "below", percent), Heading("above", "above", percent),
    )  # fmt: skip
    rows = [tuple(row[name] for name in ("measure", "each", "of", "held", "below", "above"))
            for row in document["calibration"]]  # fmt: skip
    interval = f"{100 * document['interval']:g}%"
    return Grid(f"How often the {interval} interval of one session and one day held ({interval} would be right)",
                headings, rows)  # fmt: skip
