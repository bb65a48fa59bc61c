"""The document of a sweep as tables and findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from burncurve.report import numbers
from burncurve.report.checks import UNITS
from burncurve.report.numbers import printable, times
from burncurve.report.tables import Cell, Grid, Heading

Document = Mapping[str, Any]


def paths(document: Document) -> list[str]:
    """Return what is varied, in the order given."""
    return [axis["path"] for axis in document["vary"]]


def names(document: Document) -> list[str]:
    """Return the deployments of all points, in their order."""
    return list(dict.fromkeys(name for point in document["points"] for name in point["deployments"]))


def played(document: Document) -> str:
    """Return what was played at each point."""
    times_played = document["replications"]
    runs = f"{times_played:,} replications" if times_played != 1 else "one replication"
    return f"{runs} at each of {len(document['points']):,} points, the same luck · {document['scenario']['name']}"


def whole(document: Document) -> Grid:
    """Return one line per point and deployment with every figure raw, as files have it."""
    figures = [figure["name"] for figure in document["figures"]]
    headings = [*paths(document), "deployment"]
    for figure in figures:
        headings += [figure, f"{figure}_ci95_low", f"{figure}_ci95_high"]
    rows = [
        (*_place(document, point), name, *(cell for figure in figures for cell in _cells(found[figure])))
        for point in document["points"]
        for name, found in point["deployments"].items()
    ]
    return Grid(played(document), tuple(Heading(name, name) for name in headings), rows)


def _place(document: Document, point: Mapping[str, Any]) -> list[str]:
    return [point["values"][path] for path in paths(document)]


def _cells(figure: Mapping[str, Any]) -> tuple[Cell, ...]:
    return (figure["value"], *(figure["ci95"] or (None, None)))


def by_figure(document: Document) -> list[Grid]:
    """Return a table per figure: points down, deployments across."""
    first, *others = document["figures"]
    titles = [f"{document['scenario']['name']}: {first['name']}", *(figure["name"] for figure in others)]
    return [
        _of_figure(document, figure["name"], figure["unit"], title)
        for figure, title in zip(document["figures"], titles, strict=True)
    ]


def _of_figure(document: Document, figure: str, unit: str, title: str) -> Grid:
    served = names(document)
    headings = (*(Heading(path, path) for path in paths(document)), *(Heading(n, n, UNITS[unit]) for n in served))
    rows = [
        (*_place(document, point), *(_value(point, name, figure) for name in served)) for point in document["points"]
    ]
    return Grid(title, headings, rows)


def _value(point: Mapping[str, Any], name: str, figure: str) -> float | None:
    value: float | None = point["deployments"].get(name, {}).get(figure, {"value": None})["value"]
    return value


def finding(document: Document, figure: str, unit: str) -> str:
    """Return in one line which deployment's figure moves most over the points, and between which of them."""
    spans = [span for name in names(document) if (span := _span(document, name, figure))]
    if not spans:
        return f"{figure}: not known at any point"
    name, low, high = max(spans, key=lambda span: _factor(span[1][0], span[2][0]))
    if low[0] == high[0]:
        return f"{figure} is the same at every point"
    show = UNITS[unit]
    factor = f", {times(high[0] / low[0])} as much" if low[0] > 0 else ""
    of = f" of {printable(name)}" if len(names(document)) > 1 else ""
    return f"{figure}{of}: {show(low[0])} at {point_text(low[1])}, {show(high[0])} at {point_text(high[1])}{factor}"


def point_text(values: Mapping[str, str]) -> str:
    """Return a point in words: the last parts of its paths, and the values."""
    return numbers.listed([f"{path.rpartition('.')[2]} {printable(value)}" for path, value in values.items()])


def _span(document: Document, name: str, figure: str) -> tuple[str, tuple[float, Any], tuple[float, Any]] | None:
    """Return the lowest and the highest value of a deployment, each with its point."""
    known = [
        (value, point["values"]) for point in document["points"] if (value := _value(point, name, figure)) is not None
    ]
    if not known:
        return None
    return name, min(known, key=lambda pair: pair[0]), max(known, key=lambda pair: pair[0])


def _factor(low: float, high: float) -> float:
    return high / low if low > 0 else float(high > low)


def series(document: Document, figure: str, rest: Mapping[str, str]) -> dict[str, Sequence[Mapping[str, Any] | None]]:
    """Return by deployment the figure along the first axis, where the other axes stand at `rest`; None where unknown.

    Points come in the order of the grid, so those that are left are in the order of the first axis.
    """
    first = paths(document)[0]
    here = [point for point in document["points"] if {**point["values"], first: ""} == {**rest, first: ""}]
    return {name: [point["deployments"].get(name, {}).get(figure) for point in here] for name in names(document)}


def rests(document: Document) -> list[dict[str, str]]:
    """Return the values of all axes but the first, each combination once, in the order of the grid."""
    others = paths(document)[1:]
    found = {tuple(point["values"][path] for path in others): None for point in document["points"]}
    return [dict(zip(others, values, strict=True)) for values in found]
