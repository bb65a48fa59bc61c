"""How pictures look: sizes, type, and one colour per meter, cause and deployment in every picture.

Colours are those of Okabe and Ito (2008), "Color Universal Design", which people with any kind of
colour vision can tell apart, and shades of them. Deployments have twelve, no two of them alike; from the
seventh on lines are dashed too, and each has a mark of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

WIDTH_IN, HEIGHT_IN, DPI = 10.0, 5.625, 160
TITLE_PT, TEXT_PT, SMALL_PT = 17.0, 12.5, 11.0

INK, QUIET, GRID_LINE, PAPER = "#1a1a1a", "#5f6368", "#e6e6e6", "#ffffff"
BLUE, ORANGE, GREEN, PINK, AMBER, SKY = "#0072b2", "#d55e00", "#009e73", "#b8578f", "#c98700", "#4aa3d8"

METER_COLOURS: Mapping[str, str] = {
    "input": ORANGE,
    "cache read": BLUE,
    "cache write": GREEN,
    "output": PINK,
    "reasoning": AMBER,
}
CAUSE_COLOURS: Mapping[str, str] = {  # in the order in which bars stack them
    "history_reread": BLUE,
    "base_reread": SKY,
    "miss": ORANGE,
    "cache_write": GREEN,
    "new_input": "#7fceb9",
    "output": PINK,
    "reasoning": "#dbabc7",
    "coordination": AMBER,
    "compaction": "#e8c878",
    "failed": "#4d4d4d",
    "web_search": "#a6a6a6",
}
OTHER_CAUSES = ("#8c8c8c", "#b3b3b3", "#d0d0d0")
VIOLET, BROWN, OLIVE, CRIMSON, SLATE, LILAC = "#5a3fa0", "#6e3b1e", "#7f8c12", "#b3122f", "#3d4650", "#a58be0"
DEPLOYMENT_COLOURS = (BLUE, ORANGE, GREEN, PINK, AMBER, SKY, VIOLET, BROWN, OLIVE, CRIMSON, SLATE, LILAC)
DASHES = ("solid", (0, (4, 1.5)), (0, (1, 1.2)))
DASHED_FROM = 6
MARKERS = "osD^vP*XpdhH"

# Everything drawn takes its look from here and from matplotlib's own defaults, never from a user's
# matplotlibrc: the same data must give the same bytes on every machine.
RC: Mapping[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": TEXT_PT,
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": QUIET,
    "axes.labelsize": SMALL_PT,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": GRID_LINE,
    "grid.linewidth": 0.8,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelsize": SMALL_PT,
    "ytick.labelsize": SMALL_PT,
    "ytick.major.size": 0,
    "lines.linewidth": 2.4,
    "lines.solid_capstyle": "round",
    "figure.facecolor": PAPER,
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "svg.hashsalt": "burncurve",
    "text.parse_math": False,  # a dollar sign is money
}


class Look(NamedTuple):
    """How a deployment is drawn: its colour, the dashes of its lines, its mark."""

    colour: str
    dashes: Any
    marker: str


def deployment_look(place: int) -> Look:
    """Return the look of the deployment at this place in the scenario's order; the first twelve differ in colour."""
    colour = DEPLOYMENT_COLOURS[place % len(DEPLOYMENT_COLOURS)]
    return Look(colour, DASHES[place // DASHED_FROM % len(DASHES)], MARKERS[place % len(MARKERS)])


def cause_colour(cause: str, place: int = 0) -> str:
    """Return the colour of a cause; one that is not named here gets a grey by its place."""
    return CAUSE_COLOURS.get(cause, OTHER_CAUSES[place % len(OTHER_CAUSES)])


def text_on(colour: str) -> str:
    """Return ink or paper, whichever reads better on the colour (relative luminance of WCAG 2.2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return PAPER if luminance < 0.25 else INK
