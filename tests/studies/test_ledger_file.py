"""Ledgers in files say what ledgers in memory say, the same bytes each time."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from burncurve.errors import InputError
from burncurve.ledger import SCHEMA, Ledger
from burncurve.studies import ledger_file


def test_values_names_and_nulls_come_back(tmp_path: Path, two_calls: Ledger) -> None:
    ledger_file.write(tmp_path / "l.parquet", {"a": two_calls, "b": two_calls})
    table = ledger_file.read(tmp_path / "l.parquet")
    assert table.column_names == ["deployment", *SCHEMA.names]
    assert table["deployment"].to_pylist() == ["a", "a", "b", "b"]
    assert table["parent"].to_pylist() == [None, 0, None, 0]
    assert table["agent"].to_pylist() == ["lead", "worker"] * 2
    assert table["kind"].to_pylist() == ["turn"] * 4
    assert table["plan"].to_pylist() == [None] * 4
    for column in SCHEMA:
        if not column.names and not column.nullable:
            assert table[column.name].to_pylist() == [*two_calls[column.name].tolist()] * 2


def test_each_field_says_its_unit_and_meaning(tmp_path: Path, two_calls: Ledger) -> None:
    ledger_file.write(tmp_path / "l.parquet", {"a": two_calls})
    schema = pq.read_schema(tmp_path / "l.parquet")
    assert schema.metadata[b"burncurve.ledger"] == str(SCHEMA.version).encode()
    assert schema.field("grant_us").metadata == {b"unit": b"us", b"meaning": b"admitted by the account"}


def test_the_same_ledger_gives_the_same_bytes(tmp_path: Path, two_calls: Ledger) -> None:
    for name in ("1", "2"):
        ledger_file.write(tmp_path / name, {"a": two_calls})
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_an_empty_ledger_is_a_file_too(tmp_path: Path, make_ledger) -> None:
    ledger_file.write(tmp_path / "l.parquet", {"a": make_ledger()})
    assert ledger_file.read(tmp_path / "l.parquet").num_rows == 0


def test_what_is_no_ledger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no parquet")
    with pytest.raises(InputError, match="not a readable ledger"):
        ledger_file.read(tmp_path / "text")
    pq.write_table(pa.table({"x": [1]}), tmp_path / "other")
    with pytest.raises(InputError, match="not a ledger of schema"):
        ledger_file.read(tmp_path / "other")
