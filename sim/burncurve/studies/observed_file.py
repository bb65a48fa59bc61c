"""Observed calls as parquet: names instead of numbers, null for what is not known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from burncurve.columns import Column
from burncurve.errors import InputError, Problem, shown
from burncurve.importers.observed import SCHEMA, Observed
from burncurve.importers.spilled import distinct
from burncurve.ledger import KIND_NAMES, STATUS_NAMES
from burncurve.studies.ledger_file import named, numbers

if TYPE_CHECKING:
    import pyarrow

OBSERVED = "observed.parquet"
VERSION = "burncurve.observed"
REMEDY = "Import the logs again."
_VOCABULARIES = {"kinds": KIND_NAMES, "statuses": STATUS_NAMES}


def write(path: Path, observed: Observed) -> None:
    """Write the calls; raises OSError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetWriter(path, _schema(), compression="zstd") as writer:
        for rows in observed.sessions():
            some, last = observed.part(rows), rows.stop == len(observed)
            columns = [_array(column, some, last) for column in SCHEMA]
            writer.write_table(pa.Table.from_arrays(columns, schema=_schema()))


def _array(column: Column, some: Observed, last: bool) -> pyarrow.Array:
    values = some[column.name]
    if not column.names:
        return numbers(values, column.nullable)
    known = some.names[column.names]
    if column.name == "session":  # each with its own part; those without a call stand behind the others
        begin, end = int(values[0]), len(known) if last else int(values[-1]) + 1
        return named(values.astype(np.int32) - begin, known[begin:end], column.nullable)
    used = distinct([values[values >= 0]])
    turned = np.where(values >= 0, np.searchsorted(used, values), -1).astype(np.int32)
    return named(turned, [known[number] for number in used.tolist()], column.nullable)


def read(path: Path) -> Observed:
    """Return the calls in a file; raises InputError where it is none of ours."""
    import pyarrow
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            table = file.read()
        table.validate(full=True)
    except (pyarrow.ArrowException, OSError) as error:
        why = f"not a readable file of observed calls: {shown(str(error), 200)}"
        raise InputError(Problem(str(path), why, REMEDY)) from error
    declared = _schema()
    if [(field.name, field.type) for field in table.schema] != [(field.name, field.type) for field in declared]:
        what = f"not observed calls of schema {SCHEMA.version}"
        raise InputError(Problem(str(path), what, REMEDY))
    return _observed(table.combine_chunks(), path)


def _observed(table: pyarrow.Table, path: Path) -> Observed:
    columns: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.signedinteger]]] = {}
    names: dict[str, tuple[str, ...]] = {}
    for column in SCHEMA:
        array = table[column.name].unify_dictionaries().combine_chunks()
        if not column.nullable and array.null_count:
            raise InputError(Problem(str(path), f"the column {column.name} lacks values", REMEDY))
        if column.names:
            texts = array.dictionary.to_pylist() if len(array) else []
            array = array.indices if len(array) else array
            known = names.setdefault(column.names, _VOCABULARIES.get(column.names, tuple(texts)))
            place = {name: number for number, name in enumerate(known)}
            if not set(texts) <= set(known):
                what = f"the column {column.name} has names that others lack"
                raise InputError(Problem(str(path), what, REMEDY))
            turned = np.array([place[text] for text in texts] or [0], dtype=np.int64)
        filled = array.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64) if len(array) else np.zeros(0, int)
        if column.names:
            filled = np.where(filled < 0, -1, turned[filled])
        columns[column.name] = filled.astype(column.dtype)
    return Observed(columns, names)


def _schema() -> pyarrow.Schema:
    import pyarrow as pa

    texts = pa.dictionary(pa.int32(), pa.string())
    fields = [
        pa.field(
            column.name,
            texts if column.names else pa.type_for_alias(column.dtype),
            metadata={"unit": column.unit, "meaning": column.meaning},
        )
        for column in SCHEMA
    ]
    return pa.schema(fields, metadata={VERSION: str(SCHEMA.version)})
