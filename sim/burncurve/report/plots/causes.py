"""The totals split by cause: amounts on the left, the same bars stretched to shares on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from burncurve.report.findings import causes_finding
from burncurve.report.numbers import money, share, shortened
from burncurve.report.plots.marks import money_axis
from burncurve.report.plots.sheet import MARGIN_IN, Layout, Sheet, panels, sheet, width_in
from burncurve.report.style import CAUSE_COLOURS, DPI, INK, QUIET, SMALL_PT, WIDTH_IN, cause_colour, text_on
from burncurve.report.words import cause_words
from burncurve.studies.curves import DeploymentCurves, PictureData

BAR_IN, BAR_FILL = 0.66, 0.62
KEY_LINE_IN, KEY_GAP_IN, KEY_MARK_IN = 0.3, 0.3, 0.24
SEAM_PT, SEAM_FROM = 0.6, 0.2  # white seams would swallow the pieces of a bar much shorter than the longest
NOTE_SIZES = (SMALL_PT - 2.5, SMALL_PT - 3.5, SMALL_PT - 4.5)  # of the line that names what has no room
SIZES = ((SMALL_PT, 0.06), (SMALL_PT - 2, 0.03), (SMALL_PT - 4, 0.01))  # of a percentage, and the room beside it


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A cause in the key above the bars, placed in inches from the left edge and below the title."""

    cause: str
    x_in: float
    y_in: float


def causes(data: PictureData) -> Sheet:
    """Draw two bars per priced deployment; a cause without any amount has no place in the key."""
    shown = [part for part in data.deployments if part.causes is not None]
    colours = _colours(shown)
    key = _key_entries(list(colours))
    key_in = key[-1].y_in + KEY_LINE_IN if key else 0.0
    title = causes_finding([(part.name, dict(part.causes or ())) for part in shown])
    paper = sheet(title, _subtitle(data), key_in + 0.5 + BAR_IN * max(2, len(shown)) + 0.65)
    if not colours:
        return paper
    _draw_key(paper, key, colours)
    names_in = max(width_in(shortened(part.name), SMALL_PT) for part in shown) + MARGIN_IN + 0.12
    below = replace(paper, top_in=paper.top_in + key_in + 0.05)
    layout = Layout(1, 2, names_in, 0.05, right_in=0.3, bottom_in=0.65, row_gap_in=0.0, shares=(0.85, 1))
    left, right = panels(below, layout)
    _amounts(left, shown, colours, data.currency)
    _shares(right, shown, colours)
    return paper


def _colours(shown: Sequence[DeploymentCurves]) -> dict[str, str]:
    """Return the causes that cost something anywhere, in the order of the style, with their colours."""
    billed = {cause for part in shown for cause, amount in part.causes or () if amount > 0}
    ordered = [cause for cause in CAUSE_COLOURS if cause in billed] + sorted(billed - CAUSE_COLOURS.keys())
    return {cause: cause_colour(cause, place) for place, cause in enumerate(ordered)}


def _key_entries(causes_shown: Sequence[str]) -> list[KeyEntry]:
    entries: list[KeyEntry] = []
    x_in, y_in = MARGIN_IN, 0.0
    for cause in causes_shown:
        wide_in = KEY_MARK_IN + width_in(cause_words(cause), SMALL_PT)
        if x_in + wide_in > WIDTH_IN - MARGIN_IN and x_in > MARGIN_IN:
            x_in, y_in = MARGIN_IN, y_in + KEY_LINE_IN
        entries.append(KeyEntry(cause, x_in, y_in))
        x_in += wide_in + KEY_GAP_IN
    return entries


def _draw_key(paper: Sheet, key: Sequence[KeyEntry], colours: dict[str, str]) -> None:
    for entry in key:
        y = 1 - (paper.top_in + entry.y_in) / paper.height_in
        paper.figure.text(entry.x_in / WIDTH_IN, y, "■", va="center", color=colours[entry.cause], fontsize=SMALL_PT + 3)
        x = (entry.x_in + KEY_MARK_IN) / WIDTH_IN
        paper.figure.text(x, y, cause_words(entry.cause), va="center", fontsize=SMALL_PT)


def _amounts(axes: Axes, shown: Sequence[DeploymentCurves], colours: dict[str, str], currency: str) -> None:
    most = max(_total(part) for part in shown)
    for place, part in enumerate(shown):
        _bar(axes, place, part, colours, 1.0, SEAM_PT if _total(part) >= SEAM_FROM * most else 0.0)
        axes.annotate(
            money(_billed(part), currency), (_total(part), place), (6, 0), textcoords="offset points",
            va="center", fontsize=SMALL_PT, fontweight="bold", color=INK,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
        )  # fmt: skip
    room = 1.24  # for the amount beside the longest bar
    axes.set_xlim(0, most * room or 1.0)
    money_axis(axes.xaxis, most * room or 1.0, currency, 4)
    _rows(axes, [shortened(part.name) for part in shown])


def _shares(axes: Axes, shown: Sequence[DeploymentCurves], colours: dict[str, str]) -> None:
    for place, part in enumerate(shown):
        whole = sum(amount for _, amount in part.causes or ())
        if whole > 0:
            _bar(axes, place, part, colours, 100 / whole, SEAM_PT)
            _note(axes, place, _percentages(axes, place, part, colours, whole))
    axes.set_xlim(0, 100)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}%"))
    _rows(axes, [""] * len(shown))


def _bar(axes: Axes, place: int, part: DeploymentCurves, colours: dict[str, str], scale: float, seam: float) -> None:
    """Stack the causes in order, with seams of so many points between them."""
    amounts = dict(part.causes or ())
    left = 0.0
    for cause, colour in colours.items():
        wide = amounts.get(cause, 0.0) * scale
        if wide > 0:
            axes.barh(place, wide, BAR_FILL, left=left, color=colour, edgecolor="white", linewidth=seam)
            left += wide


def _note(axes: Axes, place: int, left_over: Sequence[str]) -> None:
    """Write below a bar the shares that had no room in it, as far as a line can hold them."""
    panel_in = axes.get_window_extent().width / DPI
    text = ", ".join(left_over)
    points = next((points for points in NOTE_SIZES if width_in(text, points) <= panel_in), NOTE_SIZES[-1])
    if width_in(text, points) > panel_in:
        text = shortened(text, int(len(text) * panel_in / width_in(text, points)) - 1)
    axes.annotate(
        text, (100, place + BAR_FILL / 2), (0, -1.5), textcoords="offset points", ha="right", va="top",
        fontsize=points, color=QUIET, annotation_clip=False,
    )  # fmt: skip


def _percentages(axes: Axes, place: int, part: DeploymentCurves, colours: dict[str, str], whole: float) -> list[str]:
    """Write each share into its piece where there is room; return the others in words."""
    others = []
    amounts = dict(part.causes or ())
    panel_in = axes.get_window_extent().width / DPI
    left = 0.0
    for cause, colour in colours.items():
        part_of_whole = max(0.0, amounts.get(cause, 0.0)) / whole
        text = share(part_of_whole, 1)
        wide_in = part_of_whole * panel_in
        points = next((points for points, room_in in SIZES if width_in(text, points) + 2 * room_in <= wide_in), None)
        if points is not None:
            x = 100 * (left + part_of_whole / 2)
            axes.text(x, place, text, ha="center", va="center", fontsize=points, color=text_on(colour))
        elif part_of_whole > 0:
            others.append(f"{cause_words(cause)} {text}")
        left += part_of_whole
    return others


def _rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_ylim(max(2, len(names)) - 0.4, -0.5)  # the note below the last bar needs the tenth
    axes.yaxis.set_major_locator(NullLocator())
    axes.grid(visible=True, axis="x")
    axes.set_yticks(range(len(names)), names, color=INK)
    axes.tick_params(axis="x", colors=QUIET)
    axes.grid(visible=False, axis="y")


def _total(part: DeploymentCurves) -> float:
    return sum(amount for _, amount in part.causes or ())


def _billed(part: DeploymentCurves) -> float:
    """The bill itself: a sum of rounded causes may fall on the other side of half a cent."""
    return _total(part) if part.total is None else part.total


def _subtitle(data: PictureData) -> str:
    mean = f", mean of {data.replications:,} replications" if data.replications > 1 else ""
    return f"The bill split by cause{mean}: amounts left, shares right · {data.scenario}"
