"""SQL over finished runs, read-only: DuckDB reads their files, nothing is copied, nothing can be written.

Tables: `runs`, `replications`, `bills` and `ledger`; the last three start with the column `run`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from burncurve.errors import InputError, Problem
from burncurve.studies import runs

if TYPE_CHECKING:
    import duckdb

Cell = str | int | float | bool | None
TABLES = ("runs", "replications", "bills", "ledger")
RUNS = "run VARCHAR, scenario VARCHAR, seed BIGINT, replications BIGINT, version VARCHAR, folder VARCHAR"
EXACT = "DECIMAL(38, 12)"
MONEY = {"bills": ("rate_per_token", "list_amount", "amount_usd"), "replications": ("bill_usd",)}
NO_RUN = Problem("burncurve query", "there is no run here to ask", "`burncurve run SCENARIO` makes one in results.")
FILES = {"bills": "bill.csv", "replications": runs.REPLICATIONS}


@dataclass(frozen=True, slots=True)
class Answer:
    """The columns of a query and its rows, and of how many runs."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    runs: int


def asked(sql: str, folders: Sequence[Path]) -> Answer:
    """Return what one SELECT says of verified run folders; raises InputError for anything else."""
    if find_spec("duckdb") is None:
        remedy = 'Install it with: pip install "burncurve[query]"'
        raise InputError(Problem("burncurve query", "needs DuckDB, which is not installed", remedy))
    import duckdb

    with duckdb.connect(":memory:") as connection:
        count = _open(connection, folders)
        try:
            _refuse_all_but_select(connection, sql)
            return Answer(*_answered(connection, sql), count)
        except duckdb.CatalogException as error:
            raise InputError(_wrong(str(error)) if count else NO_RUN) from None
        except duckdb.Error as error:
            raise InputError(_wrong(str(error))) from None


def _wrong(said: str) -> Problem:
    return Problem("SQL", " ".join(said.strip().splitlines()), f"Tables: {', '.join(TABLES)}.")


def _answered(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[tuple[str, ...], Sequence[tuple[Cell, ...]]]:
    """Ask in a thread of its own: DuckDB does not hear Ctrl-C, and is told to stop."""
    with ThreadPoolExecutor(1) as asking:
        try:
            columns, rows = asking.submit(_fetched, connection, sql).result()
        except KeyboardInterrupt:
            connection.interrupt()
            raise
    return columns, [tuple(map(_cell, row)) for row in rows]


def _fetched(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    found = connection.execute(sql)
    return tuple(part[0] for part in found.description or ()), found.fetchall()


def _refuse_all_but_select(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    import duckdb

    statements = connection.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise InputError(Problem("SQL", "must be one SELECT", "Runs are only read, never changed."))


def _open(connection: duckdb.DuckDBPyConnection, folders: Sequence[Path]) -> int:
    """Name the runs' files as tables, then let nothing else be read; return how many runs there are."""
    whole = [folder.resolve() for folder in folders]
    connection.execute(f"CREATE TABLE runs ({RUNS})")
    documents = _each_once({folder: runs.document_of(folder) for folder in whole})
    whole = list(documents)
    for folder, document in documents.items():
        name = document["scenario"]["name"]
        values = (document["id"], name, document["seed"], document["replications"], document["version"], str(folder))
        connection.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?)", values)
    files = {folder: runs.ledger_of(folder) for folder in whole}
    allowed = [str(file) for parts in files.values() for file in parts]
    allowed += [str(folder / name) for folder in whole for name in FILES.values()]
    if whole:
        connection.execute(f"SET allowed_paths = [{', '.join(map(_text, allowed))}]")
    connection.execute("SET enable_external_access = false")
    for table, name in FILES.items():
        types = ", ".join(f"{_text(column)}: {_text(EXACT)}" for column in MONEY[table])
        reading = "read_csv({file}, header = true, types = {{" + types + "}})"
        _view(connection, table, {documents[f]["id"]: reading.format(file=_text(str(f / name))) for f in whole})
    ledgers = {documents[f]["id"]: f"read_parquet([{_listed(parts)}])" for f, parts in files.items() if parts}
    _view(connection, "ledger", ledgers)
    connection.execute("SET lock_configuration = true")
    return len(whole)


def _each_once(documents: Mapping[Path, dict[str, Any]]) -> dict[Path, dict[str, Any]]:
    """Leave out further folders of the same run, which would count its bills again."""
    first: dict[str, Path] = {}
    for folder, document in documents.items():
        first.setdefault(document["id"], folder)
    return {folder: documents[folder] for folder in first.values()}


def _view(connection: duckdb.DuckDBPyConnection, table: str, sources: Mapping[str, str]) -> None:
    parts = [f"SELECT {_text(run)} AS run, * FROM {source}" for run, source in sources.items()]
    if parts:
        connection.execute(f"CREATE VIEW {table} AS {' UNION ALL BY NAME '.join(parts)}")


def _listed(files: Iterable[Path]) -> str:
    return ", ".join(_text(str(file)) for file in files)


def _text(value: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


def _cell(value: Any) -> Cell:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and not math.isfinite(value):  # no JSON number
        return str(value)
    if isinstance(value, date | datetime | time | timedelta | list | dict | tuple | bytes):
        return str(value)
    plain: Cell = value
    return plain
