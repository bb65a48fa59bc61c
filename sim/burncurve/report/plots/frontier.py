"""Two pictures of a choice: chance of success against cost, and time to the answer against cost."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from burncurve.report import beside
from burncurve.report.numbers import duration, duration_unit, listed, money, share, shortened
from burncurve.report.plots.marks import EndLabel, end_labels
from burncurve.report.plots.sheet import Layout, Sheet, panels, sheet, width_in
from burncurve.report.style import INK, PAPER, QUIET, SMALL_PT, deployment_look

ROOM = 1.35  # of the scale of costs on both sides
POWERS = range(-9, 13)
STEPS = ((1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7), tuple(tenth / 10 for tenth in range(10, 100)))
ROUND = (1, 2, 5, 10)  # what ticks of heights are multiples of
MOST_TICKS = 7
LONGEST, MOST_LETTERS = 22, 128  # letters of a name, and of the line about what is not shown
FOOT_IN = 0.4  # for a line about bars and what is not shown
BARS = "bar: a mix, from its weakest model to its strongest"

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Dot:
    """A deployment: its place in the scenario, cost, height, how far the height may reach, and where it stands."""

    place: int
    name: str
    usd: float
    height: float
    reach: float
    stands: str

    @property
    def on_frontier(self) -> bool:
        """Whether nothing beats it."""
        return self.stands == "frontier"


def quality_dots(document: Document) -> list[Dot]:
    """Return the deployments that have a cost and a known chance of success, and are not excluded."""
    return _dots(document, "quality", lambda each: each["success"], lambda each: each["success_high"])


def time_dots(document: Document) -> list[Dot]:
    """Return the deployments that have a cost and answered something, and are not excluded."""
    return _dots(document, "time", lambda each: each["answer_s"], lambda each: each["answer_s"])


Height = Callable[[Mapping[str, Any]], float]


def _dots(document: Document, axis: str, height: Height, reach: Height) -> list[Dot]:
    found = document["frontiers"]
    if not found:
        return []
    off = {each["name"] for each in found[axis]["off"]}
    return [
        Dot(
            place,
            each["name"],
            each["usd_per_finished_task"],
            height(each),
            reach(each),
            beside.stands(found[axis], each["name"]),
        )
        for place, each in enumerate(found["deployments"])
        if each["name"] not in off
    ]


def quality(document: Document) -> Sheet:
    """Draw success against cost: better is up, cheaper is left."""
    dots, found = quality_dots(document), document["frontiers"]
    axes, paper = _paper(
        beside.quality_finding(found), "Success against cost per finished task", document, dots, "quality"
    )
    _heights(axes, dots, lambda y: share(y, 1, decimals=1), 0.01)
    _step(axes, dots)
    for dot in dots:
        _draw(axes, dot)
    end_labels(axes, [_label(dot) for dot in dots])
    return paper


def time(document: Document) -> Sheet:
    """Draw the time to the answer against cost: faster is down, cheaper is left."""
    dots, found = time_dots(document), document["frontiers"]
    axes, paper = _paper(
        beside.time_finding(found), "Time to the answer against cost per finished task", document, dots, "time"
    )
    _heights(axes, dots, lambda y: duration(y * 1e6), duration_unit(max(dot.height for dot in dots))[0])
    _step(axes, dots)
    for dot in dots:
        _draw(axes, dot)
    end_labels(axes, [_label(dot) for dot in dots])
    return paper


def _paper(title: str, subtitle: str, document: Document, dots: Sequence[Dot], axis: str) -> tuple[Axes, Sheet]:
    foot = _foot(document["frontiers"][axis]["off"], dots)
    paper = sheet(title, f"{subtitle}; hollow: beaten by another · {document['scenario']['name']}")
    right_in = max(width_in(_text(dot), SMALL_PT, bold=True) for dot in dots) + 0.55
    axes = panels(
        paper, Layout(first_left_in=1.0, right_in=min(right_in, 4.0), bottom_in=0.55 + (FOOT_IN if foot else 0.0))
    )[0]
    axes.set_xscale("log")
    costs = [dot.usd for dot in dots]
    low, high = min(costs) / ROOM, max(costs) * ROOM
    axes.set_xlim(low, high)
    axes.xaxis.set_major_locator(FixedLocator(cost_ticks(low, high)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: money(x, document.get("currency", "USD"))))
    if foot:
        paper.figure.text(0.035, 0.2 / paper.height_in, foot, fontsize=SMALL_PT - 2, color=QUIET)
    return axes, paper


def cost_ticks(low: float, high: float) -> list[float]:
    """Return round costs between two ends, at least `ROOM` squared apart; as coarse as leaves two of them."""
    found = ([s * 10.0**power for power in POWERS for s in steps if low <= s * 10.0**power <= high] for steps in STEPS)
    ticks = next(ticks for ticks in found if len(ticks) > 1)
    return ticks[:: -(-len(ticks) // MOST_TICKS)]


def _heights(axes: Axes, dots: Sequence[Dot], shown: Callable[[float], str], unit: float) -> None:
    """Scale the panel to the dots; ticks are round multiples of the unit in which heights are written."""
    low, high = min(dot.height for dot in dots), max(dot.reach for dot in dots)
    room = 0.15 * (high - low) or 0.05 * abs(high) or 1.0
    axes.set_ylim(low - room, high + room)
    bottom, top = axes.get_ylim()
    ticks = [float(tick) * unit for tick in MaxNLocator(5, steps=ROUND).tick_values(bottom / unit, top / unit)]
    axes.yaxis.set_major_locator(FixedLocator([tick for tick in ticks if bottom <= tick <= top]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: shown(float(y))))


def _step(axes: Axes, dots: Sequence[Dot]) -> None:
    on = sorted((dot for dot in dots if dot.on_frontier), key=lambda dot: dot.usd)
    axes.step([dot.usd for dot in on], [dot.height for dot in on], where="post", color=QUIET, linewidth=1.2, zorder=1)


def _draw(axes: Axes, dot: Dot) -> None:
    look = deployment_look(dot.place)
    if dot.reach != dot.height:
        axes.plot([dot.usd, dot.usd], [dot.height, dot.reach], color=look.colour, linewidth=1.5)
    axes.plot(
        [dot.usd], [dot.height], color=look.colour, marker=look.marker, markersize=10, zorder=3,
        markerfacecolor=look.colour if dot.on_frontier else "white", markeredgewidth=1.8,
    )  # fmt: skip
    if dot.on_frontier:  # who is beaten is named beside the panel alone, so that names do not cover each other
        low, high = axes.get_xlim()
        axes.annotate(
            _name(dot.name), (dot.usd, dot.height), (0, 10), textcoords="offset points",
            ha="left" if dot.usd * dot.usd < low * high else "right",  # towards the middle of the logarithmic scale
            fontsize=SMALL_PT - 1, color=INK, bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.5}, zorder=2,
        )  # fmt: skip


def _label(dot: Dot) -> EndLabel:
    return EndLabel(dot.height, _text(dot), deployment_look(dot.place).colour, dot.on_frontier)


def _text(dot: Dot) -> str:
    return f"{_name(dot.name)} {money(dot.usd)}"


def _name(name: str) -> str:
    """Return a deployment's name as far as there is room; of an offer the model, without who sells it."""
    return shortened(name.rpartition("/")[2], LONGEST)


def _foot(off: Sequence[Mapping[str, str]], dots: Sequence[Dot]) -> str:
    """Return what a bar means and who is not shown, by reason, as far as a line can hold it."""
    reasons: dict[str, list[str]] = {}
    for each in off:
        reasons.setdefault(re.split(" for |:| by ", each["why"])[0], []).append(_name(each["name"]))
    hidden = "; ".join(f"{why} ({listed(names)})" for why, names in reasons.items())
    bars = [BARS] if any(dot.reach > dot.height for dot in dots) else []
    text = " · ".join([*bars, *([f"not shown: {hidden}"] if hidden else [])])
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"
