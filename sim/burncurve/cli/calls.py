"""`ledger`: the calls of a run themselves, filtered, as a table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from burncurve.cli import show
from burncurve.cli.options import debug_option, format_option, quiet_option
from burncurve.errors import InputError, Problem, did_you_mean
from burncurve.ledger import KIND_NAMES, SCHEMA, STATUS_NAMES
from burncurve.report import tables

if TYPE_CHECKING:
    import pyarrow

DEFAULT_COLUMNS = (
    "deployment", "replication", "session", "task", "agent", "turn", "attempt", "kind", "offer", "status",
    "request_us", "grant_us", "end_us", "input", "cache_read", "cache_write_5m", "cache_write_1h", "output",
    "reasoning", "context_after",
)  # fmt: skip
COLUMNS = ("deployment", *SCHEMA.names)
SHORT_COLUMNS = (
    "deployment", "replication", "request_us", "agent", "task", "kind", "prompt", "cache_read", "cache_write", "output",
    "context_after", "status",
)  # fmt: skip
SHORT_LABELS = {
    "request_us": "time s", "cache_read": "read", "cache_write": "write", "context_after": "context",
}  # fmt: skip
SUMS = {
    "prompt": ("input", "cache_read", "cache_write_5m", "cache_write_1h"),
    "cache_write": ("cache_write_5m", "cache_write_1h"),
    "output": ("output", "reasoning"),
}
TERMINAL_ROWS = 40


def named_columns(_: click.Context, param: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Return the columns asked for, none where none are; refuse those that the ledger does not have."""
    if value is None:
        return ()
    if value == "all":
        return COLUMNS
    names = tuple(name.strip() for name in value.split(","))
    for name in names:
        if name not in COLUMNS:
            raise click.BadParameter(f"no column {name!r}; {did_you_mean(name, COLUMNS)}", param=param)
    return names


def sort_key(context: click.Context, param: click.Parameter, value: str | None) -> tuple[str, str] | None:
    """Return (column, order) of COLUMN or -COLUMN."""
    if value is None:
        return None
    names = named_columns(context, param, value.removeprefix("-"))
    if len(names) > 1:
        raise click.BadParameter("sorts by one column", param=param)
    return names[0], "descending" if value.startswith("-") else "ascending"


@click.command()
@click.argument("run", metavar="RUN")
@click.option("--deployment", metavar="NAME", help="Calls of this deployment.")
@click.option("--replication", type=click.IntRange(0), metavar="N", help="Calls of this replication.")
@click.option("--agent", metavar="NAME", help="Calls of this agent.")
@click.option("--offer", metavar="NAME", help="Calls served by this offer.")
@click.option("--kind", type=click.Choice(KIND_NAMES), help="Calls made for this.")
@click.option("--status", type=click.Choice(STATUS_NAMES), help="Attempts that ended so.")
@click.option("--session", type=click.IntRange(0), metavar="N", help="Calls of this session.")
@click.option("--task", type=click.IntRange(0), metavar="N", help="Calls of this task.")
@click.option("--sort", callback=sort_key, metavar="[-]COLUMN", help="Sort by a column, with - the largest first.")
@click.option("--limit", type=click.IntRange(0), metavar="N", help="At most so many rows. [default: 40 in a table]")
@click.option("--columns", callback=named_columns, metavar="A,B,C|all", help="Which columns to show.")
@click.option("--wide", is_flag=True, help="Show in a table the columns that JSON and CSV have by default.")
@format_option
@quiet_option
@debug_option
def ledger(
    run: str,
    sort: tuple[str, str] | None,
    limit: int | None,
    columns: tuple[str, ...],
    wide: bool,
    form: str,
    quiet: bool,
    **filters: str | int | None,
) -> None:
    """Look at the calls of a run, filtered.

    RUN is the folder of a run, SCENARIO/ID below results, or the id alone. Times are microseconds
    since the start, in tables seconds.
    """
    found = _filtered(_ledger_of(run), filters)
    if sort:
        found = found.take(_order(found, *sort))
    shown = found.slice(0, _limit(limit, form))
    title = f"{shown.num_rows} of {found.num_rows} calls"
    if columns or wide or form in ("json", "csv"):
        show.grid(form, _grid(title, shown.select(list(columns or DEFAULT_COLUMNS))))
    else:
        show.grid(form, _short(title, shown))
    if shown.num_rows < found.num_rows:
        show.note(f"note: {title} shown; --limit shows more", quiet)


def _grid(title: str, shown: pyarrow.Table) -> tables.Grid:
    rows = list(zip(*(column.to_pylist() for column in shown.columns), strict=True))
    return tables.Grid(title, _headings(tuple(shown.column_names)), rows)


def _short(title: str, shown: pyarrow.Table) -> tables.Grid:
    """Return what fits a terminal: sums of meters, and above the table what is the same in every row."""
    import pyarrow.compute as pc

    for name, meters in SUMS.items():
        total = shown[meters[0]].cast("int64")
        for meter in meters[1:]:
            total = pc.add(total, shown[meter].cast("int64"))
        shown = shown.append_column(f"sum_{name}", total)
    whole = _grid(title, shown.select([f"sum_{name}" if name in SUMS else name for name in SHORT_COLUMNS]))
    same = [name for place, name in enumerate(SHORT_COLUMNS[:2]) if len({row[place] for row in whole.rows}) == 1]
    told = [f"{name} {whole.rows[0][SHORT_COLUMNS.index(name)]}" for name in same]
    headings = tuple(
        replace(heading, name=name, label=SHORT_LABELS.get(name, name), least=4)
        for heading, name in zip(whole.headings, SHORT_COLUMNS, strict=True)
    )
    named = replace(whole, headings=headings, title=", ".join((title, *told)), tight=True)
    return tables.picked(named, [name for name in SHORT_COLUMNS if name not in same])


def _ledger_of(run: str) -> pyarrow.Table:
    from burncurve.studies import ledger_file, runs

    folder = runs.find(run)
    files = runs.ledger_of(folder)
    if not files:
        raise InputError(Problem(str(folder), "this run kept no ledger", "Run it again with --ledger."))
    return ledger_file.read(*files)


def _filtered(table: pyarrow.Table, filters: dict[str, Any]) -> pyarrow.Table:
    import pyarrow.compute as pc

    given = {name: value for name, value in filters.items() if value is not None}
    for known in ("deployment", "agent", "offer"):  # in this order: which one is told must not be chance
        if known in given:
            _check_known(known, given[known], table[known])
    for numbered in ("replication", "session", "task"):
        if numbered in given:
            _check_number(numbered, given[numbered], table[numbered])
    for field, value in given.items():
        column = table[field]
        table = table.filter(pc.equal(column.cast("string") if isinstance(value, str) else column, value))
    return table


def _check_known(name: str, value: str, column: pyarrow.ChunkedArray) -> None:
    known = tuple(sorted(filter(None, column.unique().to_pylist())))
    if value not in known:
        raise InputError(Problem(f"--{name}", f"no {name} {value!r} in this run", did_you_mean(value, known)))


def _check_number(name: str, value: int, column: pyarrow.ChunkedArray) -> None:
    import pyarrow.compute as pc

    last = pc.max(column).as_py()
    if last is not None and value > last:
        raise InputError(Problem(f"--{name}", f"no {name} {value} in this run", f"They are numbered 0 to {last}."))


def _order(table: pyarrow.Table, name: str, order: str) -> pyarrow.Array:
    import pyarrow.compute as pc

    column = table[name]
    plain = column.cast("string") if column.type == table["deployment"].type else column
    return pc.sort_indices(plain.combine_chunks(), sort_keys=[("", order)]) if table.num_rows else []


def _limit(limit: int | None, form: str) -> int | None:
    return TERMINAL_ROWS if limit is None and form == "table" else limit


def _headings(columns: tuple[str, ...]) -> tuple[tables.Heading, ...]:
    units = {column.name: column.unit for column in SCHEMA}
    named = {column.name for column in SCHEMA if column.names} | {"deployment"}
    return tuple(_heading(name, units.get(name, ""), name in named) for name in columns)


def _heading(name: str, unit: str, is_name: bool) -> tables.Heading:
    if unit == "us":
        return tables.Heading(name, name.removesuffix("_us") + " s", _seconds)
    return tables.Heading(name, name.replace("_", " "), tables.plain if is_name else _whole)


def _seconds(value: tables.Cell) -> str:
    return "" if value is None else f"{int(value) / 1e6:,.3f}"


def _whole(value: tables.Cell) -> str:
    return "" if value is None else f"{int(value):,}"
