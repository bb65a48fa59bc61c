"""A figure along the values of a sweep, a line per deployment, a panel for each value of the other axes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from burncurve.report import sweeps
from burncurve.report.checks import UNITS
from burncurve.report.numbers import shortened
from burncurve.report.plots.marks import EndLabel, end_labels, money_axis, panel_title, token_axis
from burncurve.report.plots.sheet import Layout, Sheet, look, panels, save, sheet, width_in
from burncurve.report.style import SMALL_PT, deployment_look
from burncurve.studies.axes import Amount, amount

ROW_IN = 2.4
ROOM_ABOVE = 1.08
MOST_PANELS = 6
TICK_GAP_IN = 0.1
LEAST_FACTOR = 1.5  # from which values are told to grow by factors
TIMES_S = (86_400, 3_600, 60)
LOG_FROM = 30  # highest over lowest value of an axis

Document = Mapping[str, Any]


def write_pictures(folder: Path, document: Document) -> tuple[Path, ...]:
    """Draw a picture per figure into the folder, named after it; raises OSError."""
    with look():
        return save(
            (folder / f"{file_name(figure['name'])}.png", drawn(document, figure["name"], figure["unit"]))
            for figure in document["figures"]
        )


def file_name(figure: str) -> str:
    """Return a figure as the name of a file: `p95(bill_usd)` is `p95-bill_usd`."""
    return figure.replace("(", "-").replace(")", "")


def drawn(document: Document, figure: str, unit: str) -> Sheet:
    """Draw one figure of a sweep."""
    rests = sweeps.rests(document)
    shown = _evenly(rests, MOST_PANELS)
    some = f" · {len(shown)} of {len(rests)} combinations of the others" if len(shown) < len(rests) else ""
    subtitle = f"{figure} against {document['vary'][0]['path']}{some} · {sweeps.played(document)}"
    columns = 1 if len(shown) == 1 else 2
    rows = math.ceil(len(shown) / columns)
    paper = sheet(sweeps.finding(document, figure, unit), subtitle, None if rows == 1 else rows * ROW_IN + 0.3)
    top = _top(document, figure) * ROOM_ABOVE or 1.0
    labels = [_label_text(document, name, UNITS[unit](top)) for name in sweeps.names(document)]
    right_in = max(width_in(label, SMALL_PT, bold=True) for label in labels) + 0.45
    titled = 0.3 if len(rests) > 1 else 0.0
    found = panels(paper, Layout(rows, columns, right_in=min(right_in, 3.2), bottom_in=0.6, panel_title_in=titled))
    for panel, rest in zip(found, shown, strict=False):
        _panel(panel, document, figure, unit, rest, top)
    for spare in found[len(shown) :]:
        spare.remove()
    return paper


def _evenly(rests: Sequence[dict[str, str]], most: int) -> list[dict[str, str]]:
    few = min(len(rests), most)
    return [rests[i * (len(rests) - 1) // max(1, few - 1)] for i in range(few)]


def _label_text(document: Document, name: str, value: str) -> str:
    return f"{value}  {shortened(name, 18)}" if len(sweeps.names(document)) > 1 else value


def _panel(axes: Axes, document: Document, figure: str, unit: str, rest: Mapping[str, str], top: float) -> None:
    values = document["vary"][0]["values"]
    places, logarithmic = _places(values)
    labels = []
    for place, (name, found) in enumerate(sweeps.series(document, figure, rest).items()):
        colour, dashes, marker = deployment_look(place)
        heights = np.array([np.nan if one is None or one["value"] is None else one["value"] for one in found])
        _band(axes, places, found, colour)
        axes.plot(places, heights, color=colour, linestyle=dashes, marker=marker, markersize=4)
        if heights.size and np.isfinite(heights[-1]):
            text = _label_text(document, name, UNITS[unit](float(heights[-1])))
            labels.append(EndLabel(float(heights[-1]), text, colour, bold=True))
    _scales(axes, values, places, logarithmic)
    axes.set_ylim(0, top)
    _vertical(axes, unit, top, document["currency"])
    end_labels(axes, labels)
    if rest:
        panel_title(
            axes, shortened(", ".join(f"{path.rpartition('.')[2]} {value}" for path, value in rest.items()), 48)
        )


def _band(axes: Axes, places: Sequence[float], found: Sequence[Mapping[str, Any] | None], colour: str) -> None:
    """Draw the 95% interval where every point has one with both ends."""
    ends = [one["ci95"] if one else None for one in found]
    if all(end and None not in end for end in ends):
        low, high = zip(*(end for end in ends if end), strict=True)
        axes.fill_between(places, low, high, color=colour, alpha=0.15, linewidth=0)


def _places(values: Sequence[str]) -> tuple[list[float], bool]:
    """Return where the values stand, and whether the axis is logarithmic; side by side where they are no amounts."""
    amounts = [amount(value) for value in values]
    known = [one for one in amounts if isinstance(one, Amount)]
    places = [one.place for one in known]
    if len(known) < len(values) or len({one.family for one in known}) > 1 or sorted(places) != places:
        return [float(place) for place in range(len(values))], False
    return places, places[0] > 0 and (places[-1] / places[0] >= LOG_FROM or _by_factor(places))


def _by_factor(places: Sequence[float]) -> bool:
    """Say whether values grow by a factor rather than by steps."""
    factors = [later / earlier for earlier, later in pairwise(places)]
    return len(factors) > 1 and min(factors) >= LEAST_FACTOR and max(factors) <= 1.5 * min(factors)


def _scales(axes: Axes, values: Sequence[str], places: Sequence[float], logarithmic: bool) -> None:
    if logarithmic:
        axes.set_xscale("log")
        axes.xaxis.set_minor_locator(NullLocator())
    named = dict(zip(places, (shortened(value, 14) for value in values), strict=True))
    axes.get_xlim()  # fits the scale to what was drawn
    some = (list(named)[::step] for step in count(1))
    axes.xaxis.set_major_locator(FixedLocator(next(each for each in some if _have_room(axes, each, named))))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: named.get(x, "")))


def _have_room(axes: Axes, places: Sequence[float], named: Mapping[float, str]) -> bool:
    """Say whether the names of places can stand beside each other."""
    spans = (
        (axes.transData.transform((place, 0))[0] / axes.figure.dpi, width_in(named[place], SMALL_PT) / 2)
        for place in places
    )  # inches: centre, and half of the width
    return all(at + half + TICK_GAP_IN <= later - next_half for (at, half), (later, next_half) in pairwise(spans))


def _vertical(axes: Axes, unit: str, top: float, currency: str) -> None:
    if unit == "dollars":
        money_axis(axes.yaxis, top, currency)
    elif unit == "tokens":
        token_axis(axes)
    else:
        size = next((size for size in TIMES_S if top >= 2 * size), 1) if unit == "seconds" else 1
        ticks = [tick * size for tick in MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]).tick_values(0, top / size)]
        axes.yaxis.set_major_locator(FixedLocator([tick for tick in ticks if tick <= top]))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: UNITS[unit](float(y))))


def _top(document: Document, figure: str) -> float:
    """Return the highest value, or upper end of an interval that is drawn, of all points."""
    found = [one for point in document["points"] for parts in point["deployments"].values() if (one := parts[figure])]
    ends = [one["ci95"][1] for one in found if one["ci95"] and one["ci95"][1] is not None]
    return max([one["value"] for one in found if one["value"] is not None] + ends, default=0.0)
