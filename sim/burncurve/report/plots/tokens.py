"""Cumulative tokens by meter over time, one panel per deployment."""

from __future__ import annotations

import math

from matplotlib.axes import Axes

from burncurve.report.findings import no_tokens_finding, tokens_finding, work_ends
from burncurve.report.numbers import shortened, tokens
from burncurve.report.plots.marks import EndLabel, end_labels, panel_title, time_axis, token_axis
from burncurve.report.plots.sheet import NOTHING_IN, Layout, Sheet, panels, sheet
from burncurve.report.style import METER_COLOURS
from burncurve.studies.curves import DeploymentCurves, PictureData, TokenCurve

METERS = {
    "input": ("input",),
    "cache read": ("cache_read",),
    "cache write": ("cache_write_5m", "cache_write_1h"),
    "output": ("output",),
    "reasoning": ("reasoning",),
}
ROW_IN = 2.4


def totals(curve: TokenCurve) -> dict[str, float]:
    """Return the tokens of each meter at the end, mean per replication."""
    return {meter: float(curve.cumulative(*parts)[-1]) for meter, parts in METERS.items()}


def dearest(data: PictureData) -> DeploymentCurves:
    """Return the deployment with the largest bill, the first one where none has a price."""
    return max(data.deployments, key=lambda part: part.total or 0.0)


def tokens_by_meter(data: PictureData) -> Sheet:
    """Draw the panels side by side, two to a row, all on one scale."""
    top = max(max(totals(part.tokens).values()) for part in data.deployments)
    if not top:
        return sheet(no_tokens_finding(data.shown_us), _subtitle(data), NOTHING_IN)
    chosen = dearest(data)
    title = tokens_finding(chosen.name, totals(chosen.tokens), data.shown_us)
    count = len(data.deployments)
    columns = min(2, count)
    rows = math.ceil(count / columns)
    paper = sheet(title, _subtitle(data), None if rows == 1 else rows * ROW_IN + 0.3)
    layout = Layout(rows, columns, 0.85, 0.85, right_in=1.75, panel_title_in=0.0 if count == 1 else 0.3)
    axes = panels(paper, layout)
    for panel, part in zip(axes, data.deployments, strict=False):
        panel.set_ylim(0, top * 1.04)
        _panel(panel, part, named=count > 1)
    for spare in axes[count:]:
        spare.remove()
    return paper


def _panel(axes: Axes, part: DeploymentCurves, named: bool) -> None:
    grid = part.tokens.grid
    ends = totals(part.tokens)
    for meter, parts in METERS.items():
        if ends[meter]:
            axes.plot(grid.edges_us, part.tokens.cumulative(*parts), color=METER_COLOURS[meter])
    time_axis(axes, grid.span_us, ticks=5 if named else 8)
    token_axis(axes)
    labels = [EndLabel(end, f"{meter} {tokens(end)}", METER_COLOURS[meter]) for meter, end in ends.items() if end]
    end_labels(axes, labels)
    if named:
        panel_title(axes, shortened(part.name))


def _subtitle(data: PictureData) -> str:
    mean = f", mean of {data.replications:,} replications" if data.replications > 1 else ""
    return f"Tokens used so far, by meter{mean} · {data.scenario}{work_ends(data.shown_us, data.ended_us)}"
