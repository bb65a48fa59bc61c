"""However few rows are looked at together: the same calls, the same ledger, the same account, the same document."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import fields
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burncurve import prices
from burncurve.importers import joining, reading, repeats, spans, spilled
from burncurve.importers.ledger import ledger
from burncurve.importers.spilled import pieces
from burncurve.studies import importing, observed_file, totals
from burncurve.studies.totals import without
from importers.test_claude_code import with_sub_agent
from importers.written import answer, asked, jsonl, read_all


def at_once(rows: int):
    return patch.multiple(spilled, ROWS_AT_ONCE=rows, MOST_IN_MEMORY_BYTES=16)


def imported(path: Path, folder: Path) -> tuple[dict, importing.Import]:
    found = importing.billed(read_all(path), prices.load("list"))
    folder.mkdir()
    document = importing.document(found)
    importing.write(folder, found, document)
    return document, found


def logs(folder: Path) -> None:
    """Sub-agents of sub-agents, repeated responses, a clock that runs backwards, several models, one unpriced."""
    with_sub_agent(folder)
    family = (("root", ""), ("child", "root"), ("other", "root"), ("grandchild", "child"), ("lone", "nobody"))
    jsonl(
        folder / "plain.jsonl",
        [
            {"model": "m/nobody" if session == "child" and n % 2 else "claude-opus-4-6", "session": session,
             "parent": parent, "end": f"2026-07-01T0{n}:0{place}:00Z", "request": n // 2, "input": 100 * n + 10 * place,
             "output": 7, "cache_read": 50 * n}
            for place, (session, parent) in enumerate(family)
            for n in range(5)
        ],
    )  # fmt: skip
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
    with at_once(rows):
        again, part = imported(tmp_path / "logs", tmp_path / "part")
    assert json.dumps(again) == json.dumps(document)
    assert _in_time(part) == _in_time(whole)
    kept = [observed_file.read(tmp_path / name / observed_file.OBSERVED) for name in ("whole", "part")]
    for name in whole.reading.observed.columns:
        assert kept[0].columns[name].dtype == kept[1].columns[name].dtype
        if name not in ("tools",):  # whose names a file may number in another order
            assert kept[0][name].tolist() == kept[1][name].tolist() == whole.reading.observed[name].tolist()
    assert kept[0].named("tools") == kept[1].named("tools") == whole.reading.observed.named("tools")


@pytest.mark.parametrize("rows", [1, 5, 1 << 15])
def test_parts_add_up_to_what_the_whole_ledger_comes_to(tmp_path: Path, rows: int) -> None:
    """Summed part by part, as whole sessions are, and in one piece, as a simulated ledger is."""
    logs(tmp_path)
    book = prices.load("list")
    with at_once(rows):
        found = importing.billed(read_all(tmp_path), book)
        parts = {importing.OBSERVED: found.whole, importing.PRICED: found.priced}
    whole = ledger(found.reading.observed, found.ledger.by_session.start_utc_us)[0]
    assert found.whole.growth.by_children.keys() > {0}
    for name, ledger_ in ((importing.OBSERVED, whole), (importing.PRICED, without(whole, found.whole.bill.unpriced))):
        expected = totals.reduced(ledger_, book, name)
        for field in fields(totals.Sums):
            came, wanted = getattr(parts[name], field.name), getattr(expected, field.name)
            if field.name == "columns":
                came, wanted = ({key: each.tolist() for key, each in columns.items()} for columns in (came, wanted))
            assert came == wanted, field.name


def test_memory_of_a_whole_import_grows_by_next_to_nothing(tmp_path: Path) -> None:
    """Four times the calls, sessions and sub-agents: read, put in order, added up, told by day and agent, written."""

    def peak(calls: int) -> int:
        lines = []
        for n in range(calls):
            side = {"isSidechain": True, "agentId": "a"} if n % 10 > 7 else {}
            told = {"session": f"{n // 10:08d}-6a73-4e9b-91c0-5d7f3a8e2b46", "cwd": f"/{n % 5}", **side}
            lines.append(answer(n % 60, f"m{n}", **told))
        path = jsonl(tmp_path / f"{calls}.jsonl", lines)
        tracemalloc.start()
        try:
            document, _ = imported(path, tmp_path / str(calls))
            assert document["total"]["calls"] == calls
            assert document["total"]["sessions"] == calls // 5
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few = patch.multiple(joining, MOST_REMEMBERED=100), patch.multiple(reading, CUT_FROM_BYTES=1, PART_CALLS=300)
    with at_once(1_000), few[0], few[1], patch.object(spans, "PIECE_BYTES", 1 << 20):
        peak(1_000)  # what is loaded once
        assert (peak(12_000) - peak(3_000)) / 9_000 < 16


def test_sessions_that_spawned_each_other_in_a_circle_end(tmp_path: Path) -> None:
    lines = [
        {"model": "m/x", "session": session, "parent": parent, "input": 10, "output": 1}
        for session, parent in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"))
    ]
    found = importing.billed(read_all(jsonl(tmp_path / "a.jsonl", lines)), prices.load("list"))
    assert {depth: sums[1] for depth, sums in found.whole.growth.by_depth.items()} == {100: 4}


def _in_time(found: importing.Import) -> list[list[tuple[int, ...]]]:
    parts = [zip(*(part[name].tolist() for name in part.columns), strict=True) for part in found.ledger.in_time()]
    return [row for rows in parts for row in rows]


def repeats_of(key, output, side, kept) -> tuple[list[tuple[int, int]], dict[int, int], list[int]]:
    """Rows that repeat another and which, the richest of equals, and rows that were written down again."""
    row = np.arange(len(key))
    columns = {"key": key, "identity": key, "row": row, "output": output, "sub_agent": side, "client": 0 * row}
    equals, identities = repeats.by_key(), repeats.by_identity()
    remain = repeats.Kept(len(key))
    remain.drop(row[~kept])
    for part in pieces(len(key)):
        equals.add({name: columns[name][part][key[part] != 0] for name in repeats.EQUAL})
        some = remain.of(part) & (key[part] != 0)
        identities.add({name: columns[name][part][some] for name in repeats.REPLAYED})
    found, best, gone = [], {}, []
    for part in equals.ranges():
        at, first = repeats.again(part)
        found += zip(part["row"][at].tolist(), part["row"][first].tolist(), strict=True)
        best |= zip(*(each.tolist() for each in repeats.richest(at, first, part)), strict=True)
    for part in identities.ranges():
        gone += part["row"][repeats.replayed(part)].tolist()
    return sorted(found), best, sorted(gone)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 4), st.booleans(), st.booleans()), max_size=30))
def test_repeats_are_those_found_row_by_row(rows: list[tuple[int, int, bool, bool]]) -> None:
    key, output = (np.array([row[place] for row in rows], dtype=np.int64) for place in (0, 1))
    side, kept = (np.array([row[place] for row in rows], dtype=bool) for place in (2, 3))
    with at_once(4):
        found, best, gone = repeats_of(key, output, side, kept)
    seen: dict[int, int] = {}
    expected, most = [], {}
    for row, number in enumerate(key.tolist()):
        if number and number in seen:
            expected.append((row, seen[number]))
            if output[row] > output[most.get(seen[number], seen[number])]:
                most[seen[number]] = row
        seen.setdefault(number, row)
    assert found == expected
    assert best == most
    mains = {int(key[row]) for row in range(len(key)) if kept[row] and not side[row]}
    met: set[int] = set()
    left_out = []
    for row in range(len(key)):
        if kept[row] and key[row] and side[row]:
            if int(key[row]) in mains | met:
                left_out.append(row)
            met.add(int(key[row]))
    assert gone == left_out
