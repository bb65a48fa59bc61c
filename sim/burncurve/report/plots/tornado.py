"""A tornado: what each knob alone does to a figure, the largest swing on top."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from burncurve.report import sensitivities
from burncurve.report.checks import UNITS
from burncurve.report.numbers import shortened
from burncurve.report.plots.marks import panel_title
from burncurve.report.plots.sheet import Layout, Sheet, look, panels, save, sheet, width_in
from burncurve.report.style import BLUE, INK, ORANGE, QUIET, SMALL_PT

MOST_KNOBS = 12
MOST_PANELS = 4
BAR_IN = 0.3
NAME_LETTERS = 36
END_PT = SMALL_PT - 2

Document = Mapping[str, Any]


def write_picture(folder: Path, document: Document) -> Path:
    """Draw tornado.png into the folder; raises OSError."""
    with look():
        (path,) = save([(folder / "tornado.png", drawn(document))])
    return path


def drawn(document: Document) -> Sheet:
    """Draw a panel per deployment, one below the other."""
    parts = document["deployments"][:MOST_PANELS]
    bars = min(MOST_KNOBS, len(document["knobs"]))
    some = f" · the first {bars} of {len(document['knobs'])} knobs" if bars < len(document["knobs"]) else ""
    subtitle = f"One knob at a time, the others as written: low end blue, high end orange{some}"
    titled = 0.3 if len(document["deployments"]) > 1 else 0.0
    body_in = len(parts) * (bars * BAR_IN + 0.75 + titled) + 0.2
    paper = sheet(sensitivities.finding(document, parts[0]), f"{subtitle} · {document['scenario']['name']}", body_in)
    names = [shortened(knob["path"], NAME_LETTERS) for knob in document["knobs"]]
    left_in = max(width_in(name, SMALL_PT) for name in names) + 0.5
    layout = Layout(len(parts), 1, left_in, right_in=0.6, bottom_in=0.5, row_gap_in=0.75, panel_title_in=titled)
    for axes, part in zip(panels(paper, layout), parts, strict=True):
        _panel(axes, document, part)
        if titled:
            panel_title(axes, shortened(part["name"]))
    return paper


def _panel(axes: Axes, document: Document, part: Mapping[str, Any]) -> None:
    show = UNITS[document["figure"]["unit"]]
    shown = sensitivities.ordered(document, part)[:MOST_KNOBS]
    value = part["value"]
    for place, (knob, record) in enumerate(shown):
        for end, colour, label in (("at_low", BLUE, knob["low"]), ("at_high", ORANGE, knob["high"])):
            axes.barh(place, record[end] - value, left=value, height=0.62, color=colour)
            other = record["at_low" if end == "at_high" else "at_high"]
            if abs(record[end] - value) > abs(other - value) or (record[end] - value) * (other - value) < 0:
                _name_end(axes, record[end], place, label, record[end] < value)  # unless it would hide the other
    axes.axvline(value, color=INK, linewidth=1)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_yticks(range(len(shown)), labels=[shortened(knob["path"], NAME_LETTERS) for knob, _ in shown])
    axes.grid(axis="x")
    axes.grid(visible=False, axis="y")
    low, high = (pick(record[end] for _, record in shown for end in ("at_low", "at_high")) for pick in (min, max))
    room = 0.12 * (max(high, value) - min(low, value)) or 0.1 * abs(value) or 1.0
    axes.set_xlim(min(low, value) - room, max(high, value) + room)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: show(float(x))))


def _name_end(axes: Axes, at: float, place: int, label: str, left: bool) -> None:
    axes.annotate(
        label, (at, place), (-4 if left else 4, 0), textcoords="offset points", va="center",
        ha="right" if left else "left", fontsize=END_PT, color=QUIET,
    )  # fmt: skip
