"""A sheet to draw on: title, subtitle and panels placed in inches, saved with bytes that never vary."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from PIL import Image

from burncurve.aside import written_aside
from burncurve.report.numbers import printable
from burncurve.report.style import DPI, HEIGHT_IN, QUIET, RC, SMALL_PT, TITLE_PT, WIDTH_IN

MARGIN_IN = 0.35
TOP_IN = 0.28
LINE_IN = WIDTH_IN - 2 * MARGIN_IN
TITLE_LINES = 2
NOTHING_IN = 0.6  # below the title of a picture that has nothing to show
NARROWEST_IN = 3.0  # of the lines of a title
BREAK = r"(?<!\d)(?<!\d [kMBT]) (?!(?:k|M|B|T)\b)"  # not between a number, its unit and what is counted
SMALLEST_TITLE_PT = 12.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A figure whose panels lie below `top_in`, inches from its upper edge."""

    figure: Figure
    top_in: float
    height_in: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Inches around panels: left of the first and of the others, right of each (for labels), below, between rows."""

    rows: int = 1
    columns: int = 1
    first_left_in: float = 0.95
    left_in: float = 0.95
    right_in: float = 1.9
    bottom_in: float = 0.55
    row_gap_in: float = 0.55
    panel_title_in: float = 0.0
    shares: tuple[float, ...] = ()  # relative widths of the columns; empty: equal


@contextmanager
def look() -> Iterator[None]:
    """Draw in the project's own style for a while, whatever the user's matplotlib settings say."""
    with matplotlib.rc_context(), warnings.catch_warnings():
        # A name in a script that the font lacks is shown as boxes; that is no reason to warn on stderr.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        settings: Any = matplotlib.rcParams
        settings.update({key: default for key, default in _DEFAULTS if settings[key] != default})
        settings.update(RC)
        yield


def sheet(title: str, subtitle: str, body_in: float | None = None) -> Sheet:
    """Return a sheet with its title, wrapped to the width, and a quiet line below that says what is drawn.

    The panels get `body_in` inches of height; without it the whole sheet has the usual height.
    """
    lines, points = _fitted(title)
    line_in = points / 72 * 1.25
    below_in = TOP_IN + line_in * len(lines) + 0.05
    top_in = below_in + 0.4
    height_in = HEIGHT_IN if body_in is None else top_in + body_in
    figure = Figure(figsize=(WIDTH_IN, height_in), dpi=DPI)
    FigureCanvasAgg(figure)
    left = MARGIN_IN / WIDTH_IN
    for i, line in enumerate(lines):
        figure.text(left, 1 - (TOP_IN + i * line_in) / height_in, line, fontsize=points, fontweight="bold", va="top")
    quiet = _cut(printable(subtitle), SMALL_PT)
    figure.text(left, 1 - below_in / height_in, quiet, fontsize=SMALL_PT, color=QUIET, va="top")
    return Sheet(figure, top_in, height_in)


def panels(paper: Sheet, layout: Layout) -> list[Axes]:
    """Return the panels of the layout, row by row."""
    columns, rows = layout.columns, layout.rows
    shares = layout.shares or (1.0,) * columns
    around_in = columns * layout.right_in + (columns - 1) * layout.left_in + layout.first_left_in
    unit_in = (WIDTH_IN - around_in) / sum(shares)
    step_in = (paper.height_in - paper.top_in - layout.bottom_in + layout.row_gap_in) / rows
    height_in = step_in - layout.row_gap_in - layout.panel_title_in
    found = []
    for row in range(rows):
        x_in = layout.first_left_in
        bottom_in = paper.height_in - paper.top_in - row * step_in - layout.panel_title_in - height_in
        for column in range(columns):
            width_in = unit_in * shares[column]
            box = (x_in / WIDTH_IN, bottom_in / paper.height_in, width_in / WIDTH_IN, height_in / paper.height_in)
            found.append(paper.figure.add_axes(box))
            x_in += width_in + layout.right_in + layout.left_in
    return found


def save(sheets: Iterable[tuple[Path, Sheet]]) -> tuple[Path, ...]:
    """Write sheets as PNG, each aside and then renamed to its path; one is drawn while that before it is packed."""
    with ThreadPoolExecutor(1) as packing:
        packed = [packing.submit(_write, path, _painted(paper)) for path, paper in sheets]
    return tuple(each.result() for each in packed)


def _painted(paper: Sheet) -> Image.Image:
    canvas: Any = FigureCanvasAgg(paper.figure)  # half typed
    canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")  # the sheet is opaque
    del canvas.renderer  # a sheet refers to itself: its pixels would wait until garbage is searched for
    return picture


def _write(path: Path, picture: Image.Image) -> Path:
    with written_aside(path, overwrite=True) as file:
        picture.save(file, format="png", compress_level=3, dpi=(DPI, DPI))
    return path


@lru_cache(4096)  # many labels stand in several pictures
def width_in(text: str, points: float, bold: bool = False) -> float:
    """Return the width of one line of text in inches."""
    face = get_font(_font_file(bold))
    face.set_size(points, DPI)
    face.set_text(text)
    return face.get_width_height()[0] / 64 / DPI  # FreeType counts in 64ths of a pixel


@cache
def _font_file(bold: bool) -> str:
    return findfont(FontProperties(family=str(RC["font.family"]), weight="bold" if bold else "normal"))


def _fitted(title: str) -> tuple[list[str], float]:
    """Return the lines of the title and their size: two lines where that is possible, and about equally long."""
    words = [_cut(word, TITLE_PT, bold=True) for word in re.split(BREAK, printable(title))]
    ems = {word: width_in(f"{word} ", TITLE_PT, bold=True) / TITLE_PT for word in words}  # inches per point of size
    points, wide_in = TITLE_PT, LINE_IN
    while len(lines := _wrapped(words, ems, LINE_IN / points)) > TITLE_LINES and points > SMALLEST_TITLE_PT:
        points -= 0.5
    while wide_in > NARROWEST_IN and len(narrower := _wrapped(words, ems, wide_in / points)) == len(lines):
        lines, wide_in = narrower, wide_in - 0.3
    return lines, points


def _wrapped(words: Sequence[str], ems: Mapping[str, float], wide: float) -> list[str]:
    """Break between words into lines no wider than `wide`, except where a single word is; widths per point of size."""
    lines: list[list[str]] = [[]]
    for word in words:
        if lines[-1] and sum(ems[each] for each in lines[-1]) + ems[word] > wide:
            lines.append([])
        lines[-1].append(word)
    return [" ".join(line) for line in lines]


def _cut(text: str, points: float, bold: bool = False) -> str:
    """Return the text, or as much of it as fits a line, with an ellipsis."""
    wide_in = width_in(text, points, bold)
    while wide_in > LINE_IN:
        text = f"{text[: int(len(text) * min(0.98, LINE_IN / wide_in)) - 1].rstrip()}…"
        wide_in = width_in(text, points, bold)
    return text


_DEFAULTS = tuple(item for item in matplotlib.rcParamsDefault.items() if not item[0].startswith("backend"))
