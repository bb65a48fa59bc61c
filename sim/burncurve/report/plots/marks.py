"""What several pictures share: axes in units that people read, and labels at the ends of lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from burncurve.report.numbers import SCALES, SIGNS
from burncurve.report.plots.sheet import MARGIN_IN, width_in
from burncurve.report.style import DPI, QUIET, SMALL_PT
from burncurve.studies.curves import Change

TIME_UNITS = (
    (86_400e6, "days", 3 * 86_400e6, (1, 2, 5, 7, 10, 14, 28, 50, 100)),
    (3_600e6, "h", 2 * 3_600e6, (0.5, 1, 2, 3, 4, 6, 8, 12, 24)),
    (60e6, "min", 2 * 60e6, (0.5, 1, 2, 5, 10, 15, 20, 30)),
    (1e6, "s", 2e6, (0.5, 1, 2, 5, 10, 15, 20, 30)),
    (1e3, "ms", 0.0, (1, 10, 50, 100, 200, 500, 1000)),
)
MOST_TICKS = 8
LABEL_ROW_IN, LABEL_GAP_IN = 0.24, 0.15  # of labels above a panel
STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class EndLabel:
    """A label beside the end of a line at height `value`."""

    value: float
    text: str
    colour: str
    bold: bool = False


def time_axis(axes: Axes, span_us: float, ticks: int = MOST_TICKS) -> None:
    """Give the panel a time axis in the unit that fits, from 0 to the span in microseconds; the last tick names it."""
    unit_us, name, _, steps = next(unit for unit in TIME_UNITS if span_us >= unit[2])
    span = span_us / unit_us
    step = next((step for step in steps if span / step <= ticks), span / ticks)
    places = np.arange(0, span + step * 1e-6, step) * unit_us
    axes.set_xlim(0, span_us)
    axes.xaxis.set_major_locator(FixedLocator(places.tolist()))
    last = places[-1]
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda x, _: f"{x / unit_us:g}" + (f" {name}" if abs(x - last) < unit_us * 1e-6 else ""))
    )


def date_axis(axes: Axes, days: Sequence[Change], ticks: int = MOST_TICKS) -> None:
    """Name days below the panel, every first, second or seventh: as many as there is room for."""
    steps = next(unit[3] for unit in TIME_UNITS if unit[1] == "days")
    step = next((int(step) for step in steps if len(days) / step <= ticks), -(-len(days) // ticks))
    named = days[::step]
    axes.xaxis.set_ticks([day.at_us for day in named], labels=[day.told for day in named])


def change_rows(changes: Sequence[Change], span_us: float, panel_in: float) -> list[int]:
    """Return in which row above a panel of that width each label stands, so that none runs into another.

    Later ones stand lower, where no line of an earlier one passes. `changes` are in the order of time.
    """
    begins: list[float] = []
    rows = []
    for change in reversed(changes):
        start = _label_start(change, span_us, panel_in)
        end = start + width_in(change.told, SMALL_PT) + LABEL_GAP_IN
        row = next((row for row, begin in enumerate(begins) if end <= begin), len(begins))
        begins[row : row + 1] = [start]
        rows.append(row)
    return rows[::-1]


def _label_start(change: Change, span_us: float, panel_in: float) -> float:
    """Return where a label begins, in inches from the left: at its moment, or so that it ends with the panel."""
    return max(0.0, min(change.at_us / span_us * panel_in, panel_in - width_in(change.told, SMALL_PT)))


def change_lines(axes: Axes, changes: Sequence[Change], rows: Sequence[int], span_us: float) -> None:
    """Draw a line through the panel at each moment, with what is said of it above."""
    box = axes.get_window_extent()
    for change, row in zip(changes, rows, strict=True):
        top = 1 + (row * LABEL_ROW_IN + 0.06) * DPI / box.height
        x = change.at_us / span_us
        axes.plot(
            [x, x], [0, top], transform=axes.transAxes, clip_on=False, linewidth=0.9, color=QUIET,
            linestyle=(0, (4, 3)), zorder=0.5,
        )  # fmt: skip
        start = _label_start(change, span_us, box.width / DPI) * DPI / box.width
        axes.text(start, top, change.told, transform=axes.transAxes, va="bottom", fontsize=SMALL_PT, color=QUIET)


def token_text(count: float) -> str:
    """Return a token count of an axis: no more digits than the ticks need."""
    scale, letter = next(((scale, f" {letter}") for scale, letter in SCALES if count >= scale), (1, ""))
    return f"{count / scale:,.6g}{letter}"


def money_text(value: float, currency: str, decimals: int = 0) -> str:
    """Return an amount of an axis with so many decimals."""
    return f"{SIGNS.get(currency, f'{currency} ')}{value:,.{decimals}f}"


def money_ticks(top: float, currency: str, ticks: int = 5) -> tuple[list[float], list[str]]:
    """Return round amounts from 0 to `top` and how they are written: with the decimals that all of them need."""
    values = [float(value) for value in MaxNLocator(ticks, steps=STEPS).tick_values(0, top) if value <= top]
    needed = max(len(f"{value:.12f}".rstrip("0").partition(".")[2]) for value in values)
    decimals = 2 if needed == 1 else needed  # cents come in two
    return values, [money_text(value, currency, decimals) for value in values]


def token_axis(axes: Axes, ticks: int = 5) -> None:
    """Write the vertical axis in tokens."""
    axes.yaxis.set_major_locator(MaxNLocator(ticks, steps=STEPS))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: token_text(y)))


def money_axis(axis: Axis, top: float, currency: str, ticks: int = 5) -> None:
    """Write an axis from 0 to `top` in the currency."""
    values, texts = money_ticks(top, currency, ticks)
    axis.set_ticks(values, labels=texts)


def money_axis_in(top: float, currency: str, ticks: int = 5) -> float:
    """Return the inches that a vertical axis from 0 to `top` takes up left of its panel."""
    return max(width_in(text, SMALL_PT) for text in money_ticks(top, currency, ticks)[1]) + MARGIN_IN + 0.08


def spread(places: Sequence[float], gap: float, low: float, high: float) -> NDArray[np.float64]:
    """Return heights nearest to the ascending places (least squares) that keep the gap, moved into low..high.

    Pool adjacent violators on `place - i * gap`; where there is no room for all, the lowest stands at `low`.
    """
    blocks: list[tuple[float, int]] = []
    for i, place in enumerate(places):
        mean, count = place - i * gap, 1
        while blocks and blocks[-1][0] > mean:
            before, n = blocks.pop()
            mean, count = (before * n + mean * count) / (n + count), n + count
        blocks.append((mean, count))
    flat = np.repeat([mean for mean, _ in blocks], [count for _, count in blocks])
    heights = np.clip(flat, low, max(low, high - (len(places) - 1) * gap)) + np.arange(len(places)) * gap
    return np.asarray(heights, dtype=np.float64)


def end_labels(axes: Axes, labels: Sequence[EndLabel], points: float = SMALL_PT) -> None:
    """Write the labels right of the panel near their values, apart from each other, with a thin lead where moved."""
    if not labels:
        return
    ordered = sorted(labels, key=lambda label: label.value)
    box = axes.get_window_extent()
    at = [float(axes.transData.transform((0, label.value))[1]) for label in ordered]
    line_px = points / 72 * DPI * 1.25
    heights = spread(at, line_px, box.y0, box.y1)
    for label, own, height in zip(ordered, at, heights, strict=True):
        start, end = _fraction(axes, own), _fraction(axes, float(height))
        lead = axes.plot(
            [1.005, 1 + 12 / box.width, 1 + 26 / box.width], [start, end, end],
            transform=axes.transAxes, clip_on=False, linewidth=0.9, color=label.colour,
        )  # fmt: skip
        lead[0].set_solid_capstyle("butt")
        axes.text(
            1 + 34 / box.width, end, label.text, transform=axes.transAxes, va="center", fontsize=points,
            color=label.colour, fontweight="bold" if label.bold else "normal",
        )  # fmt: skip


def panel_title(axes: Axes, text: str, colour: str = QUIET) -> None:
    """Write the panel's name above its upper left corner."""
    # A text rather than the axes' own title, which costs a second layout of all labels to be placed.
    axes.annotate(
        text, (0, 1), (0, 8), "axes fraction", textcoords="offset points", fontsize=SMALL_PT + 1, color=colour,
        fontweight="bold", va="bottom", annotation_clip=False,
    )  # fmt: skip


def _fraction(axes: Axes, height_px: float) -> float:
    return float(axes.transAxes.inverted().transform((0, height_px))[1])
