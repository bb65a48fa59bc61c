"""However few rows are looked at together: the same calls, the same ledger, the same account, the same document."""

from __future__ import annotations

import json
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burncurve import prices
from burncurve.importers import observed, repeats, spilled
from burncurve.studies import importing, observed_file
from importers.test_claude_code import with_sub_agent
from importers.written import answer, asked, jsonl, read_all


def at_once(rows: int):
    return (
        patch.object(spilled, "ROWS_AT_ONCE", rows),
        patch.object(observed, "ROWS_AT_ONCE", rows),
        patch.object(repeats, "ROWS_AT_ONCE", rows),
        patch.object(spilled, "MOST_IN_MEMORY_BYTES", 16),
    )


def imported(path: Path, folder: Path) -> tuple[dict, importing.Import]:
    found = importing.billed(read_all(path), prices.load("list"))
    folder.mkdir()
    document = importing.document(found)
    importing.write(folder, found, document)
    return document, found


def logs(folder: Path) -> None:
    """Sub-agents, responses repeated in other files, a clock that runs backwards, several models, one unpriced."""
    with_sub_agent(folder)
    for file in range(4):
        lines = [asked(file)]
        for n in range(12):
            model = "claude-nobody-9" if n == 5 else "claude-opus-4-6"
            # every third response stands in all files, the later the file the longer
            number = n if n % 3 == 0 else 100 * file + n
            used = {"input_tokens": 3, "cache_read_input_tokens": 40 * n, "output_tokens": 5 + file}
            lines.append(answer((59 - 3 * n) if file == 2 else 3 * n + 1, f"m{number}", usage=used, model=model))
        told = [{**line, "sessionId": f"s{file}"} for line in lines]
        jsonl(folder / f"{file}.jsonl", told)


@pytest.mark.parametrize("rows", [1, 2, 7])
def test_an_import_does_not_depend_on_how_many_rows_are_looked_at_together(tmp_path: Path, rows: int) -> None:
    logs(tmp_path / "logs")
    document, whole = imported(tmp_path / "logs", tmp_path / "whole")
    assert document["unpriced"]
    assert document["read"]["skipped"]
    assert document["total"]["calls"] > 30
    one, two, three, four = at_once(rows)
    with one, two, three, four:
        again, part = imported(tmp_path / "logs", tmp_path / "part")
    assert json.dumps(again) == json.dumps(document)
    assert {name: part.ledger[name].tolist() for name in part.ledger.columns} == {
        name: whole.ledger[name].tolist() for name in whole.ledger.columns
    }
    kept = [observed_file.read(tmp_path / name / observed_file.OBSERVED) for name in ("whole", "part")]
    for name in whole.reading.observed.columns:
        assert kept[0].columns[name].dtype == kept[1].columns[name].dtype
        if name not in ("tools",):  # whose names a file may number in another order
            assert kept[0][name].tolist() == kept[1][name].tolist() == whole.reading.observed[name].tolist()
    assert kept[0].named("tools") == kept[1].named("tools") == whole.reading.observed.named("tools")


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 4), st.booleans(), st.booleans()), max_size=30))
def test_repeats_are_those_found_row_by_row(rows: list[tuple[int, int, bool, bool]]) -> None:
    key, output = (np.array([row[place] for row in rows], dtype=np.int64) for place in (0, 1))
    side, kept = (np.array([row[place] for row in rows], dtype=bool) for place in (2, 3))
    one, two, three, four = at_once(4)
    with one, two, three, four:
        again, first = repeats.again(key)
        leaders, best = repeats.richest(again, first, output)
        gone = repeats.replayed(key, side, kept)
    seen: dict[int, int] = {}
    expected, most = [], {}
    for row, number in enumerate(key.tolist()):
        if number and number in seen:
            expected.append((row, seen[number]))
            if output[row] > output[most.get(seen[number], seen[number])]:
                most[seen[number]] = row
        seen.setdefault(number, row)
    assert list(zip(again.tolist(), first.tolist(), strict=True)) == expected
    assert dict(zip(leaders.tolist(), best.tolist(), strict=True)) == most
    mains = {int(key[row]) for row in range(len(key)) if kept[row] and not side[row]}
    met: set[int] = set()
    left_out = []
    for row in range(len(key)):
        if kept[row] and key[row] and side[row]:
            if int(key[row]) in mains | met:
                left_out.append(row)
            met.add(int(key[row]))
    assert gone.tolist() == left_out
