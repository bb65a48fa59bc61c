"""Ledgers as parquet: one file per run, the deployment as its first column, names instead of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from burncurve.columns import Column
from burncurve.errors import InputError, Problem
from burncurve.ledger import KIND_NAMES, SCHEMA, STATUS_NAMES, Ledger

if TYPE_CHECKING:
    import pyarrow

VOCABULARIES: Mapping[str, Sequence[str]] = {"kinds": KIND_NAMES, "statuses": STATUS_NAMES}


def write(path: Path, ledgers: Mapping[str, Ledger]) -> None:
    """Write the ledgers, keyed by deployment, one row group or more each; raises OSError."""
    import pyarrow.parquet as pq

    with pq.ParquetWriter(path, _schema(), compression="zstd") as writer:
        for deployment, ledger in ledgers.items():
            writer.write_table(table_of(deployment, ledger))


def read(path: Path) -> pyarrow.Table:
    """Read a ledger file; raises InputError where it is none of ours."""
    import pyarrow
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise InputError(Problem(str(path), f"not a readable ledger: {error}", "Run the scenario again.")) from error
    missing = sorted({"deployment", *SCHEMA.names} - set(table.column_names))
    if missing:
        what = f"not a ledger of schema {SCHEMA.version}: without the columns {', '.join(missing)}"
        raise InputError(Problem(str(path), what, "Run the scenario again with this version."))
    return table


def table_of(deployment: str, ledger: Ledger) -> pyarrow.Table:
    """Return the ledger as an arrow table of the declared schema."""
    import numpy as np
    import pyarrow as pa

    first = pa.DictionaryArray.from_arrays(np.zeros(len(ledger), dtype=np.int32), pa.array([deployment]))
    return pa.Table.from_arrays([first, *(_array(column, ledger) for column in SCHEMA)], schema=_schema())


def _array(column: Column, ledger: Ledger) -> pyarrow.Array:
    import pyarrow as pa

    values = ledger[column.name]
    mask = values < 0 if column.nullable else None
    if not column.names:
        return pa.array(values, mask=mask)
    names = ledger.names.get(column.names) or VOCABULARIES.get(column.names, ())
    return pa.DictionaryArray.from_arrays(pa.array(values.astype("int32"), mask=mask), pa.array(names, pa.string()))


def _schema() -> pyarrow.Schema:
    import pyarrow as pa

    named = pa.dictionary(pa.int32(), pa.string())
    fields = [pa.field("deployment", named, metadata={"meaning": "which deployment served the call"})]
    for column in SCHEMA:
        kind = named if column.names else pa.type_for_alias(column.dtype)
        fields.append(pa.field(column.name, kind, metadata={"unit": column.unit, "meaning": column.meaning}))
    return pa.schema(fields, metadata={"burncurve.ledger": str(SCHEMA.version)})
