"""Quantile plots of a fit: what was seen against what is drawn, one panel for each quantity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from burncurve.report.numbers import duration, shortened, tokens
from burncurve.report.plots.sheet import Layout, Sheet, look, panels, save, sheet
from burncurve.report.style import BLUE, GRID_LINE, ORANGE, QUIET, SMALL_PT

COLUMNS = 4
MOST = 24
SPANS_US = (1e3, 1e6, 6e7, 3.6e9, 8.64e10)
PANEL_IN = 1.85
FEWEST = 5  # quantiles that make a plot
TITLE_LETTERS = 27
NAME_PT = SMALL_PT - 2.5
TICKS = 3
SMALLEST = 0.5  # where a logarithmic axis has nothing, counts of 0 stand here

Document = Mapping[str, Any]


def write_picture(path: Path, document: Document) -> Path:
    """Draw the quantile plots of a fit to a PNG; raises OSError."""
    with look():
        (written,) = save([(path, drawn(document))])
    return written


def drawn(document: Document) -> Sheet:
    """Draw a panel for each quantity with enough values, those of most values first."""
    found = [one for one in document["quantities"] if len(one["quantiles"]) >= FEWEST and one["family"] != "constant"]
    shown = sorted(found, key=lambda one: -int(one["values"]))[:MOST]
    rows = max(1, -(-len(shown) // COLUMNS))
    title = f"How well {document['calls']:,} calls of {document['sessions']:,} sessions are met"
    left = f" · the {len(shown)} of most values" if len(shown) < len(found) else ""
    subtitle = (
        f"Quantiles as seen (across) and drawn (up): what is written blue, the nearest family not taken orange{left}"
    )
    paper = sheet(title, subtitle, rows * PANEL_IN + 0.5)
    layout = Layout(rows, COLUMNS, 0.75, 0.7, right_in=0.1, bottom_in=0.4, row_gap_in=0.4, panel_title_in=0.3)
    axes = panels(paper, layout)
    for one, panel in zip(shown, axes, strict=False):
        _panel(panel, one)
    for panel in axes[len(shown) :]:
        panel.set_axis_off()
    return paper


def _panel(axes: Axes, one: Mapping[str, Any]) -> None:
    """Draw one quantity; where quantiles as seen were taken, the nearest family shows why."""
    seen = [max(point["seen"], SMALLEST) for point in one["quantiles"]]
    drawn = [max(point["drawn"], SMALLEST) for point in one["quantiles"]]
    ends = [min(*seen, *drawn), max(*seen, *drawn)]
    axes.plot(ends, ends, color=GRID_LINE, linewidth=1.5, zorder=1)
    others = [rival for rival in one["rivals"] if rival["family"] != one["family"]]
    told = f"{one['family']}, KS {one['ks']:.3f}"
    if others:
        nearest = min(others, key=lambda rival: float(rival["ks"]))
        other = [min(max(value, ends[0]), ends[1]) for value in nearest["quantiles"]]
        axes.plot(seen, other, "o", color=ORANGE, markersize=3, markerfacecolor="none", zorder=2)
        told += f"\n{nearest['family']}, KS {nearest['ks']:.3f}"
    axes.plot(seen, drawn, "o", color=BLUE, markersize=3, zorder=3)
    _logarithmic(axes, ends, one["unit"] == "us")
    name = shortened(f"{one['agent']}: {one['quantity']}", TITLE_LETTERS)
    axes.text(0.0, 1.05, name, transform=axes.transAxes, va="bottom", fontsize=NAME_PT, color=QUIET, fontweight="bold")
    axes.text(0.04, 0.95, told, transform=axes.transAxes, va="top", fontsize=NAME_PT - 1.5)


def _logarithmic(axes: Axes, ends: Sequence[float], span: bool) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    low, high = ends[0] / 1.5, ends[1] * 1.5
    places = SPANS_US if span else tuple(10.0**power for power in range(10))
    ticks = [place for place in places if low <= place <= high]
    ticks = ticks[:: max(1, -(-len(ticks) // TICKS))]
    show = (lambda value: duration(round(value))) if span else tokens
    for axis, limits in ((axes.xaxis, axes.set_xlim), (axes.yaxis, axes.set_ylim)):
        limits(low, high)
        axis.set_ticks(ticks, labels=[show(tick) for tick in ticks])
    axes.tick_params(labelsize=NAME_PT - 1.5)
    axes.minorticks_off()
