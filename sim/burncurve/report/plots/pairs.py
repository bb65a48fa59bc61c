"""What each deployment costs against the baseline, with its paired 95% interval, the cheapest on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from burncurve.report import comparisons
from burncurve.report.numbers import shortened
from burncurve.report.plots.sheet import MARGIN_IN, Layout, Sheet, panels, sheet, width_in
from burncurve.report.style import INK, QUIET, SMALL_PT, deployment_look

ROW_IN = 0.42
STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
MOST_TICKS = 8

Document = Mapping[str, Any]


def shown(document: Document) -> list[tuple[int, Mapping[str, Any]]]:
    """Return the pairs that have a ratio to draw, the cheapest first, each with its place among the deployments."""
    found = document["comparison"]
    names = [part["name"] for part in document["deployments"]]
    drawn = [(names.index(pair["name"]), pair) for pair in (found["pairs"] if found else ()) if pair["ratio"]]
    return sorted(drawn, key=lambda item: (item[1]["ratio"], item[0]))


def pairs(document: Document) -> Sheet:
    """Draw a row per deployment: a mark at its cost against the baseline's, a bar for the interval."""
    found, rows = document["comparison"], shown(document)
    between = ", 95% intervals" if any(pair["saving_ci95"] for _, pair in rows) else ""
    subtitle = f"Cost {comparisons.per(found)} against {found['baseline']} on the same luck{between}"
    paper = sheet(
        comparisons.finding(found), f"{subtitle} · {document['scenario']['name']}", ROW_IN * (len(rows) + 1) + 0.8
    )
    names_in = max(width_in(shortened(pair["name"]), SMALL_PT) for _, pair in rows) + MARGIN_IN + 0.12
    texts_in = max(width_in(_text(found, pair), SMALL_PT) for _, pair in rows) + 0.45
    axes = panels(paper, Layout(first_left_in=names_in, right_in=min(texts_in, 5.0), bottom_in=0.5))[0]
    axes.set_xscale("log")
    for place, (number, pair) in enumerate(rows):
        _row(axes, place, number, pair, _text(found, pair))
    _scales(axes, [pair for _, pair in rows])
    return paper


def _row(axes: Axes, place: int, number: int, pair: Mapping[str, Any], text: str) -> None:
    look = deployment_look(number)
    if pair["saving_ci95"]:
        low, high = (1 - end for end in reversed(pair["saving_ci95"]))
        axes.plot([low, high], [place, place], color=look.colour, linewidth=5, alpha=0.4, solid_capstyle="butt")
    axes.plot([pair["ratio"]], [place], color=look.colour, marker=look.marker, markersize=8)
    axes.annotate(
        text, (1, place), (12, 0), ("axes fraction", "data"), textcoords="offset points", va="center",
        fontsize=SMALL_PT, color=INK, annotation_clip=False,
    )  # fmt: skip


def _text(found: Mapping[str, Any], pair: Mapping[str, Any]) -> str:
    low, high = (1 - end for end in reversed(pair["saving_ci95"] or (0, 0)))
    between = f" ({100 * low:.3g} to {100 * high:.3g})" if pair["saving_ci95"] else ""
    of = f"cheaper in {pair['cheaper']:,} of {pair['of']:,} {found['replication_is']}s"
    return f"{100 * pair['ratio']:.3g}%{between}, {of}"


def _scales(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    ends = [1.0] + [pair["ratio"] for pair in rows]
    ends += [1 - end for pair in rows for end in pair["saving_ci95"] or ()]
    low, high = min(end for end in ends if end > 0) / 1.25, max(ends) * 1.25
    ticks = [step for step in STEPS if low <= step <= high]
    axes.set_xlim(low, high)
    axes.xaxis.set_major_locator(FixedLocator(ticks[:: -(-len(ticks) // MOST_TICKS)]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{100 * x:g}%"))
    axes.axvline(1, color=QUIET, linewidth=1)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), [shortened(pair["name"]) for pair in rows], color=INK)
    axes.grid(visible=True, axis="x")
    axes.grid(visible=False, axis="y")
