"""A run folder that somebody changed and sealed again: refused in one message, or shown; never a traceback."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from burncurve.report import tables, views
from burncurve.studies import stored

Path_ = tuple[str | int, ...]
HOSTILE = (3, "x", None, [], {}, True, [{}], 10**400, "\x1b[2J")


@pytest.fixture
def run(call) -> Path:
    words = ("--models", "anthropic/claude-opus-4.6,openai/gpt-4o", "--book", "articles-2026-02", "--no-pictures")
    assert call("compare", "blackboard", *words, "--out", "r", "--quiet").exit_code == 3  # one of them is unpriced
    return Path("r")


def seal(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    for name in manifest["files"]:
        manifest["files"][name] = sha256((folder / name).read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def rewrite(folder: Path, document: object) -> None:
    (folder / "summary.json").write_text(json.dumps(document))
    seal(folder)


def refused(ended: Any) -> str:
    assert ended.exit_code == 2, ended.output
    assert ended.stdout == ""
    assert ended.stderr.count("burncurve: ") == 1
    return str(ended.stderr)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"deployments": 3}', "holds no document of the schema burncurve.study/1"),
        ('{"schema": "burncurve.study/1", "deployments": 3}', "is missing"),
        ("[]", "holds no document"),
        ("", "is no JSON document"),
        ("[" * 100_000, "is no JSON document"),
        ('{"schema": "burncurve.study/1", "seed": NaN}', "NaN is no number"),
    ],
)
def test_what_is_no_document_is_refused(call, run: Path, text: str, said: str) -> None:
    (run / "summary.json").write_text(text)
    seal(run)
    assert said in refused(call("explain", "r"))


def places(value: object, path: Path_ = ()) -> Iterator[Path_]:
    """Every place in a document, but of the distributions only one: there are many alike."""
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in parts:
        if not {"distributions", "growth_law", "spread"} & {*path}:
            yield from places(item, (*path, key))


def test_no_change_of_a_document_gives_a_traceback(call, run: Path) -> None:
    document = json.loads((run / "summary.json").read_text())
    for number, path in enumerate(list(places(document))[::11]):
        changed = copy.deepcopy(document)
        around: Any = changed
        for key in path[:-1]:
            around = around[key]
        hostile = HOSTILE[number % len(HOSTILE)]
        if path:
            around[path[-1]] = hostile
        else:
            changed = hostile
        rewrite(run, changed)
        ended = call("explain", "r", "--format", "table")
        assert ended.exit_code in (0, 2, 3), (path, hostile, ended.output)
        assert "unexpected" not in ended.stderr, (path, hostile)


def test_what_the_check_of_the_shape_lets_through_every_view_can_show(run: Path) -> None:
    document = json.loads((run / "summary.json").read_text())
    shown = 0
    document["deployments"][0]["distributions"] = document["deployments"][1]["distributions"] = {}
    for number, path in enumerate(filter(None, places(document))):
        for hostile in HOSTILE[number % 2 :: 2]:
            changed = copy.deepcopy(document)
            around: Any = changed
            for key in path[:-1]:
                around = around[key]
            around[path[-1]] = hostile
            if next(stored._wrong(changed, stored.STUDY, ""), None) is None:
                shown += 1
                for view in views.VIEWS:
                    tables.markdown(views.grids(changed, view, whole=True))
                    tables.markdown(views.grids(changed, view))
                views.problems(changed)
    assert shown > 100


@pytest.mark.parametrize("command", [("explain", "r"), ("ledger", "r")])
def test_a_manifest_that_seals_nothing_is_no_run(call, run: Path, command: tuple[str, ...]) -> None:
    manifest = json.loads((run / "manifest.json").read_text())
    (run / "manifest.json").write_text(json.dumps({**manifest, "files": {}}))
    assert "seals no file" in refused(call(*command))


def test_a_summary_that_is_not_sealed_is_not_read(call, run: Path) -> None:
    manifest = json.loads((run / "manifest.json").read_text())
    del manifest["files"]["summary.json"]
    (run / "manifest.json").write_text(json.dumps(manifest))
    assert "seals no summary.json" in refused(call("explain", "r"))


@pytest.mark.parametrize("name", ["/etc/hostname", "../outside", "a/../../outside", "..\\outside", "a\0b", ""])
def test_a_manifest_cannot_name_what_lies_outside(call, run: Path, name: str) -> None:
    Path("outside").write_text("x")
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["files"][name] = sha256(b"x").hexdigest()
    (run / "manifest.json").write_text(json.dumps(manifest))
    assert "is missing from the run folder" in refused(call("explain", "r"))


def test_a_ledger_that_was_slipped_in_is_not_read(call, run: Path) -> None:
    manifest = json.loads((run / "manifest.json").read_text())
    del manifest["files"]["ledger.parquet"]
    (run / "manifest.json").write_text(json.dumps(manifest))
    assert "kept no ledger" in refused(call("ledger", "r"))


def broken_column(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


@pytest.mark.parametrize("name", ["request_us", "input", "replication", "kind", "deployment"])
@pytest.mark.parametrize("value", ["x", 1.5, None, b"\xff", [1], True])
def test_a_column_of_another_type_is_refused(call, run: Path, name: str, value: object) -> None:
    table = pq.read_table(run / "ledger.parquet")
    column = pa.array([value] * table.num_rows)
    pq.write_table(broken_column(table, name, column), run / "ledger.parquet")
    seal(run)
    assert f"columns of other types: {name} is" in refused(call("ledger", "r"))


def test_a_text_that_is_no_text_is_refused(call, run: Path) -> None:
    table = pq.read_table(run / "ledger.parquet")
    letters = pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe"))
    numbers = pa.array([0] * table.num_rows, pa.int32())
    agent = pa.DictionaryArray.from_arrays(numbers, letters)
    pq.write_table(broken_column(table, "agent", agent), run / "ledger.parquet")
    seal(run)
    assert "not a readable ledger" in refused(call("ledger", "r"))
