"""The document of a sensitivity analysis as tables and findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from burncurve.report.checks import UNITS, plain_right
from burncurve.report.numbers import printable
from burncurve.report.tables import Cell, Grid, Heading

Document = Mapping[str, Any]
FEW_SHARE = 0.01  # of the largest swing, below which a knob is said not to matter


def whole(document: Document) -> Grid:
    """Return one line per deployment and knob with every number raw, as files have it."""
    names = (
        "deployment", "path", "low", "high", "origin", "value", "at_low", "at_high", "swing", "effect_mean",
        "effect_size", "effect_size_half95", "effect_deviation", "first", "first_half95", "total", "total_half95",
    )  # fmt: skip
    rows = [
        _raw(part, knob, record)
        for part in document["deployments"]
        for knob, record in zip(document["knobs"], part["knobs"], strict=True)
    ]
    return Grid(_title(document), tuple(Heading(name, name) for name in names), rows)


def _raw(part: Mapping[str, Any], knob: Mapping[str, Any], record: Mapping[str, Any]) -> tuple[Cell, ...]:
    effect, index = record["effect"], record["sobol"] or {}
    return (
        part["name"], *(knob[name] for name in ("path", "low", "high", "origin")), part["value"],
        *(record[name] for name in ("at_low", "at_high", "swing")),
        *(effect[name] for name in ("mean", "size", "size_half", "deviation")),
        *(index.get(name) for name in ("first", "first_half", "total", "total_half")),
    )  # fmt: skip


def by_deployment(document: Document) -> list[Grid]:
    """Return a table per deployment, the knobs with the largest swing first."""
    return [_of(document, part, not place) for place, part in enumerate(document["deployments"])]


def ordered(document: Document, part: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Return each knob with what it does to a deployment, the largest swing first."""
    pairs = list(zip(document["knobs"], part["knobs"], strict=True))
    return sorted(pairs, key=lambda pair: (-pair[1]["swing"], pair[0]["path"]))


def _of(document: Document, part: Mapping[str, Any], first: bool) -> Grid:
    show = UNITS[document["figure"]["unit"]]
    headings = (
        Heading("path", "knob"),
        Heading("low", "from", plain_right),
        Heading("high", "to", plain_right),
        Heading("origin", "range is"),
        Heading("at_low", "there", show),
        Heading("at_high", "and there", show),
        Heading("effect_size", "effect", show),
        Heading("effect_deviation", "depends on others", show),
        Heading("first", "alone", plain_right),
        Heading("total", "with others", plain_right),
    )
    rows = [_line(knob, record) for knob, record in ordered(document, part)]
    title = f"{printable(part['name'])}: {document['figure']['name']} {show(part['value'])}"
    return Grid(f"{title} · {_title(document)}" if first else title, headings, rows)


def _line(knob: Mapping[str, Any], record: Mapping[str, Any]) -> tuple[Cell, ...]:
    effect, index = record["effect"], record["sobol"]
    return (
        knob["path"], knob["low"], knob["high"], knob["origin"], record["at_low"], record["at_high"], effect["size"],
        effect["deviation"], _share(index, "first"), _share(index, "total"),
    )  # fmt: skip


def _share(index: Mapping[str, float] | None, name: str) -> str | None:
    """Return an index in per cent with half its 95% interval."""
    return None if index is None else f"{100 * index[name]:.0f}% ± {100 * index[f'{name}_half']:.0f}"


def _title(document: Document) -> str:
    times = document["replications"]
    runs = f"{times:,} replications" if times != 1 else "one replication"
    return f"{runs} at each of {document['points']:,} points, the same luck · {document['scenario']['name']}"


def finding(document: Document, part: Mapping[str, Any]) -> str:
    """Return in one line which knob moves a deployment's figure most, and how many hardly do."""
    show = UNITS[document["figure"]["unit"]]
    (knob, most), *_ = ordered(document, part)
    figure = f"{document['figure']['name']} of {printable(part['name'])}"
    if not most["swing"]:
        return f"No knob moves {figure}"
    ends = f"{show(most['at_low'])} at {knob['low']}, {show(most['at_high'])} at {knob['high']}"
    idle = sum(record["swing"] < FEW_SHARE * most["swing"] for record in part["knobs"])
    rest = f"; of {len(part['knobs'])} knobs, {idle} hardly move it" if idle else ""
    return f"{knob['path']} moves {figure} most: {ends}{rest}"
