"""Quantile plots of a fit: what was seen against what is drawn, one panel for each quantity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from burncurve.report.numbers import shortened
from burncurve.report.plots.marks import panel_title
from burncurve.report.plots.sheet import Layout, Sheet, look, panels, save, sheet
from burncurve.report.style import BLUE, GRID_LINE, ORANGE, SMALL_PT

COLUMNS = 4
MOST = 24
PANEL_IN = 1.75
FEWEST = 5  # quantiles that make a plot
TITLE_LETTERS = 26
SMALLEST = 0.5  # where a logarithmic axis has nothing, counts of 0 stand here

Document = Mapping[str, Any]


def write_picture(path: Path, document: Document) -> Path:
    """Draw the quantile plots of a fit to a PNG; raises OSError."""
    with look():
        return save(drawn(document), path)


def drawn(document: Document) -> Sheet:
    """Draw a panel for each quantity with enough values, those of most values first."""
    found = [one for one in document["quantities"] if len(one["quantiles"]) >= FEWEST and one["family"] != "constant"]
    shown = sorted(found, key=lambda one: -int(one["values"]))[:MOST]
    rows = max(1, -(-len(shown) // COLUMNS))
    title = f"How well {document['calls']:,} calls of {document['sessions']:,} sessions are met"
    left = f", the {len(shown)} of most values" if len(shown) < len(found) else ""
    subtitle = f"Quantiles as seen (across) and as drawn (up), both logarithmic; on the line is right{left}"
    paper = sheet(title, subtitle, rows * PANEL_IN + 0.5)
    layout = Layout(rows, COLUMNS, 0.55, 0.45, right_in=0.15, bottom_in=0.4, row_gap_in=0.4, panel_title_in=0.3)
    axes = panels(paper, layout)
    for one, panel in zip(shown, axes, strict=False):
        _panel(panel, one)
    for panel in axes[len(shown) :]:
        panel.set_axis_off()
    return paper


def _panel(axes: Axes, one: Mapping[str, Any]) -> None:
    seen = [max(point["seen"], SMALLEST) for point in one["quantiles"]]
    drawn = [max(point["drawn"], SMALLEST) for point in one["quantiles"]]
    ends = [min(*seen, *drawn), max(*seen, *drawn)]
    axes.plot(ends, ends, color=GRID_LINE, linewidth=1.5, zorder=1)
    colour = BLUE if one["family"] != "quantiles" else ORANGE
    axes.plot(seen, drawn, "o", color=colour, markersize=3.5, zorder=2)
    _logarithmic(axes, ends)
    panel_title(axes, shortened(f"{one['agent']}: {one['quantity']}", TITLE_LETTERS))
    axes.text(0.04, 0.94, f"{one['family']}, KS {one['ks']:.3f}", transform=axes.transAxes, va="top",
              fontsize=SMALL_PT - 3)  # fmt: skip


def _logarithmic(axes: Axes, ends: Sequence[float]) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    low, high = ends[0] / 1.5, ends[1] * 1.5
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    axes.tick_params(labelsize=SMALL_PT - 4)
    axes.minorticks_off()
