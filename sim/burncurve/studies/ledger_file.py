"""Ledgers as parquet: one file per run, the deployment as its first column, names instead of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from burncurve.columns import Column
from burncurve.errors import InputError, Problem, shown
from burncurve.ledger import KIND_NAMES, SCHEMA, STATUS_NAMES, IntColumn, Ledger

if TYPE_CHECKING:
    import pyarrow

VOCABULARIES: Mapping[str, Sequence[str]] = {"kinds": KIND_NAMES, "statuses": STATUS_NAMES}


def write(path: Path, ledgers: Mapping[str, Ledger]) -> None:
    """Write the ledgers, keyed by deployment, one row group or more each; raises OSError."""
    import pyarrow.parquet as pq

    with pq.ParquetWriter(path, _schema(), compression="zstd") as writer:
        for deployment, ledger in ledgers.items():
            writer.write_table(table_of(deployment, ledger))


def write_in_parts(path: Path, deployment: str, parts: Iterable[Ledger]) -> None:
    """Write the ledger of one deployment, a row group for each of its parts; raises OSError."""
    import pyarrow.parquet as pq

    with pq.ParquetWriter(path, _schema(), compression="zstd") as writer:
        for part in parts:
            writer.write_table(table_of(deployment, part))


def as_bytes(deployment: str, ledger: Ledger) -> bytes:
    """Return the ledger of one deployment as the bytes of a parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(table_of(deployment, ledger), sink, compression="zstd")
    data: bytes = sink.getvalue().to_pybytes()
    return data


def join(path: Path, parts: Sequence[Sequence[bytes]]) -> None:
    """Write one file of the parts of each deployment, as if they had never been apart; raises OSError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetWriter(path, _schema(), compression="zstd") as writer:
        for of_one in parts:
            # ParquetFile, not read_table: that would import all of pyarrow.dataset, a second's work
            tables = [pq.ParquetFile(pa.BufferReader(part)).read() for part in of_one]
            writer.write_table(pa.concat_tables(tables).unify_dictionaries().combine_chunks())


def read(*paths: Path) -> pyarrow.Table:
    """Read the files of a ledger, in their order; raises InputError where one is none of ours."""
    import pyarrow

    return pyarrow.concat_tables([_read_one(path) for path in paths]).unify_dictionaries()


def _read_one(path: Path) -> pyarrow.Table:
    import pyarrow
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            table = file.read()
        table.validate(full=True)
    except (pyarrow.ArrowException, OSError) as error:
        why = f"not a readable ledger: {shown(str(error), 200)}"
        raise InputError(Problem(str(path), why, "Run the scenario again.")) from error
    wrong = _wrong_columns(table.schema)
    if wrong:
        what = f"not a ledger of schema {SCHEMA.version}: {wrong}"
        raise InputError(Problem(str(path), what, "Run the scenario again with this version."))
    return table


def _wrong_columns(found: pyarrow.Schema) -> str:
    """Return what is wrong with the columns of a file, nothing where they are those declared."""
    declared = _schema()
    missing = sorted(set(declared.names) - set(found.names))
    if missing:
        return f"without the columns {', '.join(missing)}"
    if len(found.names) != len(set(found.names)):
        return "with two columns of one name"
    kinds = {name: found.field(name).type for name in declared.names}
    other = [f"{name} is {kinds[name]}" for name in declared.names if kinds[name] != declared.field(name).type]
    return f"with columns of other types: {', '.join(other[:5])}" if other else ""


def table_of(deployment: str, ledger: Ledger) -> pyarrow.Table:
    """Return the ledger as an arrow table of the declared schema."""
    import pyarrow as pa

    first = named(np.zeros(len(ledger), dtype=np.int32), [deployment], nullable=False)
    return pa.Table.from_arrays([first, *(_array(column, ledger) for column in SCHEMA)], schema=_schema())


def _array(column: Column, ledger: Ledger) -> pyarrow.Array:
    values = ledger[column.name]
    if not column.names:
        return numbers(values, column.nullable)
    names = ledger.names.get(column.names) or VOCABULARIES.get(column.names, ())
    return named(values.astype(np.int32), names, column.nullable)


def named(values: IntColumn, names: Sequence[str], nullable: bool) -> pyarrow.Array:
    """Return a column of names by their int32 numbers; below 0 is null where `nullable`."""
    import pyarrow as pa

    letters = [name.encode() for name in names]
    ends = np.cumsum([0, *map(len, letters)], dtype=np.int32)
    texts = pa.StringArray.from_buffers(len(names), pa.py_buffer(ends), pa.py_buffer(b"".join(letters)))
    return pa.DictionaryArray.from_arrays(numbers(values, nullable), texts)


def numbers(values: IntColumn, nullable: bool) -> pyarrow.Array:
    """Wrap the numbers as they lie in memory; pa.array would import pandas first, for longer than all the rest."""
    import pyarrow as pa

    valid = pa.py_buffer(np.packbits(values >= 0, bitorder="little")) if nullable else None
    buffers = [valid, pa.py_buffer(np.ascontiguousarray(values))]
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), buffers)


def _schema() -> pyarrow.Schema:
    import pyarrow as pa

    named = pa.dictionary(pa.int32(), pa.string())
    fields = [pa.field("deployment", named, metadata={"meaning": "which deployment served the call"})]
    for column in SCHEMA:
        kind = named if column.names else pa.type_for_alias(column.dtype)
        fields.append(pa.field(column.name, kind, metadata={"unit": column.unit, "meaning": column.meaning}))
    return pa.schema(fields, metadata={"burncurve.ledger": str(SCHEMA.version)})
