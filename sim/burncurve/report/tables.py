"""Tables of a few kinds of cells, rendered for terminals, as Markdown, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import TYPE_CHECKING, Any, TextIO

from burncurve.report import numbers
from burncurve.studies.stored import as_json
from burncurve.texts import escaped, in_markdown, inert
from burncurve.words import US_PER_S

if TYPE_CHECKING:
    from rich.console import Console

Cell = str | int | float | bool | None
TEXT_WIDTH = 60  # of a column of long texts, in tables that do not go to a terminal


def plain(value: Cell) -> str:
    """Return the cell as text; nothing for None."""
    return "" if value is None else str(value)


def shown(figure: Callable[[float], str]) -> Callable[[Cell], str]:
    """Return how cells of such figures are shown: texts as they are, nothing for None."""
    return lambda value: plain(value) if value is None or isinstance(value, str) else figure(value)


tokens = shown(numbers.tokens)
count = shown(numbers.count)
usd = shown(numbers.money)
percent = shown(lambda part: numbers.share(part, 1, decimals=1))
factor = shown(numbers.times)
duration = shown(lambda time_s: numbers.duration(time_s * US_PER_S))


@dataclass(frozen=True, slots=True)
class Heading:
    """One column: its name in files, what people read above it, how its cells are shown, how narrow it may be."""

    name: str
    label: str
    show: Callable[[Cell], str] = plain
    least: int = 8  # letters above it before its label is broken into lines

    @property
    def right(self) -> bool:
        """Numbers stand to the right."""
        return self.show is not plain


@dataclass(frozen=True, slots=True)
class Grid:
    """A titled table of raw cells; the headings say how each column is shown, the lines below what words mean."""

    title: str
    headings: tuple[Heading, ...]
    rows: Sequence[Sequence[Cell]]
    below: tuple[str, ...] = ()
    tight: bool = False  # one space between columns and not three

    def shown(self) -> list[list[str]]:
        """Return the cells as people read them, without characters that would move a cursor."""
        return [[_on_one_line(h.show(cell)) for h, cell in zip(self.headings, row, strict=True)] for row in self.rows]


def filled(grid: Grid, keep: Sequence[str] = ()) -> Grid:
    """Return the table without the columns that say nothing, or only 0, in every row; `keep` stay."""
    said = [
        heading.name in keep or any(row[place] not in (None, "", 0) for row in grid.rows)
        for place, heading in enumerate(grid.headings)
    ]
    rows = [[cell for cell, stays in zip(row, said, strict=True) if stays] for row in grid.rows]
    return replace(grid, headings=tuple(h for h, stays in zip(grid.headings, said, strict=True) if stays), rows=rows)


def picked(grid: Grid, names: Sequence[str], title: str | None = None) -> Grid:
    """Return the table with the named columns only, in the order of the names."""
    places = [[heading.name for heading in grid.headings].index(name) for name in names]
    rows = [[row[place] for place in places] for row in grid.rows]
    headings = tuple(grid.headings[place] for place in places)
    return replace(grid, title=grid.title if title is None else title, headings=headings, rows=rows)


def _on_one_line(text: str) -> str:
    return escaped(text).replace("\n", "\\n")


def write_text(grids: Sequence[Grid], file: TextIO) -> None:
    """Write the tables for a terminal, or for a file: as wide as they are, without spaces at the ends of lines."""
    from rich.console import Console

    if file.isatty():
        console = Console(file=file, highlight=False)
        _print([piece for grid in grids for piece in pieces(grid, console.width)], console)
        return
    page = io.StringIO()
    _print(grids, Console(file=page, width=max(_width(grid) for grid in grids), highlight=False, color_system=None))
    file.writelines(f"{line.rstrip()}\n" for line in page.getvalue().splitlines())


def _print(grids: Sequence[Grid], console: Console) -> None:
    from rich.text import Text

    for number, grid in enumerate(grids):
        if number:
            console.print()
        if grid.title:
            # Above the table and not in it: a table's own title is broken at the table's width.
            console.print(Text(_on_one_line(grid.title), style="italic"), soft_wrap=not console.is_terminal)
        if grid.headings:
            console.print(_rich(grid))
        for line in grid.below:
            console.print(Text(_on_one_line(line)), soft_wrap=not console.is_terminal)


def _widths(grid: Grid) -> list[int]:
    """The widest cell of each column, long texts broken into lines."""
    cells = grid.shown()
    return [max((min(len(row[place]), TEXT_WIDTH) for row in cells), default=0) for place in range(len(grid.headings))]


def _longest_word(heading: Heading) -> int:
    return max(map(len, heading.label.split()), default=1)


def _column_widths(grid: Grid) -> list[int]:
    """The width of each column, with the space between columns, at which no number and no name is broken."""
    widths = zip(_widths(grid), grid.headings, strict=True)
    gap = 1 if grid.tight else 3
    return [max(width, heading.least, _longest_word(heading)) + gap for width, heading in widths]


def _width(grid: Grid) -> int:
    return max(sum(_column_widths(grid)), len(grid.title)) + 2


def pieces(grid: Grid, width: int) -> list[Grid]:
    """Return the table in pieces that fit a width, each with the first column: rather more lines than broken ones.

    One without columns, of which only title and lines below are told, is one piece.
    """
    if not grid.headings:
        return [grid]
    widths = _column_widths(grid)
    groups: list[list[int]] = [[]]
    for place in range(1, len(widths)):
        if groups[-1] and widths[0] + sum(widths[other] for other in groups[-1]) + widths[place] > width:
            groups.append([])
        groups[-1].append(place)
    names = [heading.name for heading in grid.headings]
    parts = [picked(replace(grid, below=()), [names[place] for place in (0, *group)], "") for group in groups]
    parts[0] = replace(parts[0], title=grid.title)
    parts[-1] = replace(parts[-1], below=grid.below)
    return parts


def _rich(grid: Grid) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    padding = 0 if grid.tight else (0, 1)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=padding)
    rows = grid.shown()
    for heading, width in zip(grid.headings, _widths(grid), strict=True):
        label = Text(
            "\n".join(wrap(heading.label, max(width, heading.least, _longest_word(heading)), break_on_hyphens=False))
        )
        table.add_column(label, justify="right" if heading.right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def markdown(grids: Sequence[Grid]) -> str:
    """Return the tables as Markdown, each under its title."""
    return "\n".join(_markdown(grid) for grid in grids)


def _markdown(grid: Grid) -> str:
    lines = [f"### {in_markdown(_on_one_line(grid.title))}"]
    if grid.headings:
        lines += ["", _markdown_row([heading.label for heading in grid.headings])]
        lines.append(_markdown_row(["---:" if heading.right else "---" for heading in grid.headings]))
        lines += [_markdown_row(row) for row in grid.shown()]
    lines += [f"\n{in_markdown(_on_one_line(line))}" for line in grid.below]
    return "\n".join(lines) + "\n"


def _markdown_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(in_markdown(cell) for cell in cells) + " |"


def comma_separated(grid: Grid) -> str:
    """Return one table as CSV with raw cells: numbers unrounded, nothing for what is unknown, no text a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([inert(heading.name) for heading in grid.headings])
    writer.writerows(["" if cell is None else inert(cell) for cell in row] for row in grid.rows)
    return out.getvalue()


def records(grid: Grid) -> list[dict[str, Cell]]:
    """Return the rows as one mapping each, by column name."""
    names = [heading.name for heading in grid.headings]
    return [dict(zip(names, row, strict=True)) for row in grid.rows]


def write(form: str, grids: Sequence[Grid], document: object, file: TextIO) -> None:
    """Write `document` in the form asked for: json the document, csv the first table, else all tables."""
    if form == "json":
        file.write(as_json(document))
    elif form == "csv":
        file.write(comma_separated(grids[0]))
    elif form == "markdown":
        file.write(markdown(grids))
    else:
        write_text(grids, file)
