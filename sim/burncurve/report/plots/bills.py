"""The bill over time under each deployment, and the range of it over the replications."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from burncurve.errors import InternalError, Problem
from burncurve.report.findings import Priced, bill_finding, fan_finding, work_ends
from burncurve.report.numbers import money, shortened
from burncurve.report.plots.marks import (
    LABEL_ROW_IN,
    EndLabel,
    change_lines,
    change_rows,
    date_axis,
    end_labels,
    money_axis,
    money_axis_in,
    money_text,
    panel_title,
    time_axis,
)
from burncurve.report.plots.sheet import NOTHING_IN, Layout, Sheet, panels, sheet, width_in
from burncurve.report.style import SMALL_PT, WIDTH_IN, deployment_look
from burncurve.studies.curves import FAN_QUANTILES, BillCurve, DeploymentCurves, PictureData

ROW_IN = 2.4
FAN_TICKS = 4
ROOM_ABOVE = 1.08
DAYS_NAMED_FROM = 2
MOST_CHANGES = 8  # that a picture marks: beyond it lines and labels hide more than they tell
LOG_BELOW = 30  # how far the logarithmic scale reaches below the smallest bill


def bill(data: PictureData, log: bool = False) -> Sheet:
    """Draw a stepped line per priced deployment, its amount and name at the end."""
    bills = [Priced(part.name, part.total, part.finished, part.requests) for part in data.deployments]
    mean = f", mean of {data.replications:,} replications" if data.replications > 1 else ""
    scale = ", logarithmic scale" if log else ""
    subtitle = f"Billed so far{mean}{scale} · {data.scenario}{work_ends(data.shown_us, data.ended_us)}"
    title = bill_finding(bills, data.shown_us, data.currency, data.replications)
    if not any(part.total for part in data.deployments):
        return sheet(title, subtitle, NOTHING_IN)
    paper = sheet(title, subtitle)
    priced = [(place, part) for place, part in enumerate(data.deployments) if part.bill is not None]
    labels = [_label(place, part, data.currency) for place, part in priced]
    widest_in = max((width_in(label.text, SMALL_PT, bold=True) for label in labels), default=1.0)
    left_in = money_axis_in(_roof(data.deployments), data.currency)
    right_in, span_us = widest_in + 0.55, data.deployments[0].tokens.grid.span_us
    changes = data.changes if len(data.changes) <= MOST_CHANGES else ()
    rows = change_rows(changes, span_us, WIDTH_IN - left_in - right_in)
    above_in = LABEL_ROW_IN * (max(rows) + 1) if rows else 0.0
    axes = panels(paper, Layout(first_left_in=left_in, right_in=right_in, panel_title_in=above_in))[0]
    for place, part in priced:
        _line(axes, place, part, log)
    _scales(axes, data, log)
    end_labels(axes, [label for label in labels if label.value > 0 or not log])
    change_lines(axes, changes, rows, span_us)
    return paper


def fan(data: PictureData) -> Sheet:
    """Draw one panel per priced deployment with a scale of its own: p10 to p90, p50 and the mean."""
    shown = [(place, part) for place, part in enumerate(data.deployments) if part.bill is not None]
    _, dearest = max(shown, key=lambda item: item[1].total or 0.0)
    title = fan_finding(dearest.name, _bill(dearest).totals().tolist(), data.currency)
    columns = min(2, len(shown))
    rows = math.ceil(len(shown) / columns)
    kept = len(_bill(dearest).replications)
    subtitle = f"Billed so far: p10 to p90 of {kept:,} replications, median, mean (dotted) · {data.scenario}"
    paper = sheet(title, subtitle, None if rows == 1 else rows * ROW_IN + 0.3)
    left_in = max(money_axis_in(_roof([part]), data.currency, FAN_TICKS) for _, part in shown)
    axes = panels(paper, Layout(rows, columns, left_in, left_in, right_in=1.6, panel_title_in=0.3))
    for panel, (place, part) in zip(axes, shown, strict=False):
        _fan_panel(panel, place, part, data.currency)
    for spare in axes[len(shown) :]:
        spare.remove()
    return paper


def _fan_panel(axes: Axes, place: int, part: DeploymentCurves, currency: str) -> None:
    colour = deployment_look(place).colour
    curve = _bill(part)
    edges, mean = curve.grid.edges_us, curve.mean()
    low, middle, high = curve.fan()
    axes.fill_between(edges, low, high, color=colour, alpha=0.22, linewidth=0)
    axes.plot(edges, middle, color=colour)
    axes.plot(edges, mean, color=colour, linestyle=(0, (1, 1.2)), linewidth=1.8)
    axes.set_ylim(0, _roof([part]))
    time_axis(axes, curve.grid.span_us, ticks=5)
    money_axis(axes.yaxis, _roof([part]), currency, FAN_TICKS)
    named = (("p10", low), ("p50", middle), ("p90", high), ("mean", mean))
    end_labels(
        axes, [EndLabel(float(y[-1]), f"{name} {money(y[-1], currency)}", colour, name == "p50") for name, y in named]
    )
    panel_title(axes, shortened(part.name), colour)


def _line(axes: Axes, place: int, part: DeploymentCurves, log: bool) -> None:
    colour, dashes, _ = deployment_look(place)
    amounts = _bill(part).mean()
    drawn = np.where(amounts > 0, amounts, np.nan) if log else amounts
    axes.plot(_bill(part).grid.edges_us, drawn, color=colour, linestyle=dashes, drawstyle="steps-post")


def _label(place: int, part: DeploymentCurves, currency: str) -> EndLabel:
    colour = deployment_look(place).colour
    end = float(_bill(part).mean()[-1])
    return EndLabel(end, f"{money(part.total or 0.0, currency)}  {shortened(part.name)}", colour, bold=True)


def _scales(axes: Axes, data: PictureData, log: bool) -> None:
    time_axis(axes, data.deployments[0].tokens.grid.span_us)
    if len(data.days) > DAYS_NAMED_FROM:
        date_axis(axes, data.days)
    top = _top(data.deployments)
    if not log:
        axes.set_ylim(0, _roof(data.deployments))
        money_axis(axes.yaxis, _roof(data.deployments), data.currency)
        return
    least = min(part.total for part in data.deployments if part.total)
    axes.set_yscale("log")
    axes.set_ylim(max(axes.dataLim.minposy, least / LOG_BELOW), top * 1.4)
    axes.yaxis.set_major_locator(LogLocator(10, subs=(1.0,), numticks=8))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: _power_text(y, data.currency)))
    axes.yaxis.set_minor_locator(NullLocator())


def _power_text(value: float, currency: str) -> str:
    """Return a power of ten in the currency."""
    return money_text(value, currency, max(0, -round(math.log10(value))))


def _top(parts: Sequence[DeploymentCurves]) -> float:
    """Return the highest point of the lines, and of the bands where there are several replications."""
    bills = [part.bill for part in parts if part.bill is not None]
    return max((max(float(bill.mean()[-1]), _high(bill)) for bill in bills), default=0.0)


def _high(bill: BillCurve) -> float:
    return float(np.quantile(bill.totals(), FAN_QUANTILES[-1]))


def _roof(parts: Sequence[DeploymentCurves]) -> float:
    """Return where the axis ends: a little above everything drawn."""
    return _top(parts) * ROOM_ABOVE or 1.0


def _bill(part: DeploymentCurves) -> BillCurve:
    """Return the curve of a deployment that has one; raises InternalError for an unpriced one."""
    if part.bill is None:
        raise InternalError(Problem("pictures", f"{part.name} is unpriced and has no curve"))
    return part.bill
