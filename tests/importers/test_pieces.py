"""Logs read in pieces: wherever files are cut and whoever reads the pieces, what comes out is the same."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burncurve.errors import InputError
from burncurve.importers import joining, reading, spans, spilled
from burncurve.importers.observed import SCHEMA, Observed
from burncurve.studies import log_reading
from importers.test_claude_code import with_sub_agent
from importers.written import COMPACT, answer, asked, claude_usage, jsonl, read_all, result


def told(found: reading.Reading) -> dict[str, Any]:
    """All that a reading says, names instead of their numbers."""
    account = found.account
    return {
        **{column.name: _values(found.observed, column.name) for column in SCHEMA},
        "counts": (account.files, account.bytes, account.records, account.used),
        **{name: dict(getattr(account, name)) for name in ("skipped", "files_skipped", "remarks")},
        "formats": found.formats,
    }


def _values(observed: Observed, name: str) -> list[Any]:
    named = next(column.names for column in SCHEMA if column.name == name)
    return observed.named(name) if named else observed[name].tolist()


def cut(size: int) -> Any:
    """Read in ranges of about this many bytes, with few calls in memory at once."""
    return patch.multiple(reading, CUT_FROM_BYTES=1, PART_CALLS=max(1, size // 400)), patch.object(
        spans, "PIECE_BYTES", size
    )


def in_ranges(size: int, *paths: Path) -> dict[str, Any]:
    parts, pieces = cut(size)
    with parts, pieces:
        return told(read_all(*paths))


@st.composite
def conversations(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Lines of several sessions and sub-agents in any order, as no honest clock and no honest program has them."""
    lines: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(1, 24))):
        second, session = draw(st.integers(0, 59)), draw(st.sampled_from(["s1", "s2"]))
        side = {"isSidechain": True, "agentId": draw(st.sampled_from(["a1", "a2"]))} if draw(st.booleans()) else {}
        kind = draw(st.sampled_from(["asked", "answer", "answer", "answer", "result", "task", "back", "text"]))
        if kind == "asked":
            lines.append(asked(second, session=session, **side))
        elif kind == "answer":
            tools, output = draw(st.sampled_from([(), ("Bash",), ("Bash", "Read")])), draw(st.integers(1, 3))
            identity, request = draw(st.sampled_from("mnopq")), draw(st.sampled_from("rr'"))
            fields = {"usage": claude_usage(output=output), "request": request, **side}
            lines.append(answer(second, identity, tools, session=session, **fields))
        elif kind == "task":
            task = answer(second, draw(st.sampled_from("mn")), session=session)
            block = {"type": "tool_use", "id": "t_task", "name": "Task", "input": {"subagent_type": "Explore"}}
            task["message"]["content"] = [block]
            lines.append(task)
        elif kind == "text":
            lines.append({"type": "system", "sessionId": session, "content": "x" * draw(st.integers(0, 2_000))})
        else:
            more = {"toolUseResult": {"agentId": "a1"}} if kind == "back" else {}
            lines.append(result(second, "t_task" if kind == "back" else "t1", session=session, **more))
    return lines


@settings(max_examples=150, deadline=None)
@given(lines=conversations(), size=st.integers(50, 4_000), packed=st.booleans(), tail=st.sampled_from([b"", b'{"ty']))
def test_a_file_cut_anywhere_is_read_as_a_whole(
    lines: list[dict[str, Any]], size: int, packed: bool, tail: bytes
) -> None:
    data = b"".join(json.dumps(line, separators=COMPACT).encode() + b"\n" for line in lines) + tail
    with TemporaryDirectory() as folder:
        path = Path(folder) / ("s.jsonl.gz" if packed else "s.jsonl")
        path.write_bytes(gzip.compress(data) if packed else data)
        whole, in_parts = told(read_all(path)), in_ranges(size, path)
    assert {name: values for name, values in in_parts.items() if values != whole[name]} == {}, whole


def test_a_line_of_an_earlier_call_answers_a_person_as_a_first_one_does(tmp_path: Path) -> None:
    """Cut behind the first calls; what follows begins with a person whom a line of another session's call answers."""
    head = [answer(0, "m", request="q"), asked(1), answer(2, "m"), answer(3, "n", request="r")]
    tail = [answer(4, "n", session="s2"), asked(5), answer(6, "n"), answer(7, "o"), asked(8), answer(9, "p")]
    path = jsonl(tmp_path / "s.jsonl", [*head, *tail])
    whole = told(read_all(path))
    size = sum(len(json.dumps(line, separators=COMPACT)) + 1 for line in head) - 5
    assert in_ranges(size, path) == whole
    assert whole["request"] == [0, 1, 1, 1, 2, 0]


def test_several_processes_read_what_one_does(tmp_path: Path) -> None:
    with_sub_agent(tmp_path)
    for number in range(6):
        jsonl(tmp_path / f"q/{number}.jsonl", [asked(0), answer(number, f"m{number % 4}"), {"type": "user"}, {}])
    (tmp_path / "q/no.jsonl").write_text("nothing")
    with patch.object(spans, "PIECE_FILES", 2):
        alone, both = (log_reading.read([tmp_path], number) for number in (1, 2))
    assert told(alone) == told(both)
    assert alone.account.files == 9
    assert told(alone) == told(read_all(tmp_path))


def test_ranges_hold_whole_lines_and_all_of_them(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_bytes(b"a" * 10 + b"\n" + b"b" * 200_000 + b"\n\n\nccc")
    size = path.stat().st_size
    with open(path, "rb") as file, patch.object(spans, "PIECE_BYTES", 5):
        found = list(spans.ranges(file, 0, "s", size, "x"))
    assert [(span.begin, span.end) for span in found] == [(0, 11), (11, 200_012), (200_012, size)]
    assert [(span.continued, span.goes_on) for span in found] == [(False, True), (True, True), (True, False)]


def test_large_files_are_cut_and_small_ones_are_read_together(tmp_path: Path) -> None:
    jsonl(tmp_path / "a.jsonl", [asked(0), answer(1, "m1")])
    jsonl(tmp_path / "b.jsonl", [asked(0)] + [answer(n % 60, f"n{n}") for n in range(100)])
    jsonl(tmp_path / "c.jsonl", [{"model": "m/x", "input": 1, "output": 2}] * 2_000)  # of a format that is not cut
    jsonl(tmp_path / "d.jsonl", [asked(0)])
    jsonl(tmp_path / "e.jsonl", [asked(0)])
    with patch.object(reading, "CUT_FROM_BYTES", 20_000), patch.object(spans, "PIECE_BYTES", 20_000):
        pieces = list(reading.planned([tmp_path]).pieces())
    assert [[Path(span.path).stem for span in piece] for piece in pieces] == [
        ["a"], *[["b"]] * (len(pieces) - 3), ["c"], ["d", "e"],
    ]  # fmt: skip
    assert len(pieces) >= 5


def test_a_file_that_vanishes_between_its_ranges_counts_once(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "s.jsonl", [asked(0)] + [answer(n % 60, f"n{n}") for n in range(50)])
    parts, pieces = cut(4_000)
    with parts, pieces:
        plan = reading.planned([path])
        found = list(plan.pieces())
        whole = reading.begun(plan)
        for number, piece in enumerate(found):
            if number == 2:
                path.unlink()
            for part in reading.parts_of(piece):
                whole.take(part)
        ended = reading.ended(plan, whole)
    assert len(found) > 4
    assert {why: seen.count for why, seen in ended.account.files_skipped.items()} == {"vanished before it was read": 1}
    assert 0 < len(ended.observed) < 50


@pytest.mark.parametrize("packed", [False, True])
def test_memory_grows_neither_by_calls_nor_by_bytes(tmp_path: Path, packed: bool) -> None:
    """Four times the log needs next to nothing for each further call or session, as long as sessions are no larger."""

    def peak(calls: int) -> int:
        lines = []
        for n in range(calls):
            session = {"session": f"{n // 10:08d}-6a73-4e9b-91c0-5d7f3a8e2b46"}
            lines += [result(n % 60, **session), answer(n % 60, f"m{n}", pad="x" * 1_000, **session)]
        path = jsonl(tmp_path / f"{calls}.jsonl", [asked(0), *lines])
        if packed:
            path.with_suffix(".jsonl.gz").write_bytes(gzip.compress(path.read_bytes(), 1))
            path = path.with_suffix(".jsonl.gz")
        tracemalloc.start()
        try:
            assert len(read_all(path).observed) == calls
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    small = patch.multiple(reading, CUT_FROM_BYTES=1, PART_CALLS=300)
    few = patch.multiple(spilled, ROWS_AT_ONCE=1_000), patch.object(joining, "MOST_REMEMBERED", 100)
    with small, few[0], few[1], patch.object(spans, "PIECE_BYTES", 1 << 20):
        assert (peak(12_000) - peak(3_000)) / 9_000 < 8


def test_a_folder_for_temporary_files_that_takes_nothing_is_named(tmp_path: Path) -> None:
    jsonl(tmp_path / "s.jsonl", [asked(0), answer(1, "m1")])
    piece = next(reading.planned([tmp_path]).pieces())
    with pytest.raises(InputError, match=r"gone: cannot be written: .*\n.*TMPDIR"):
        reading.keep_parts(piece, str(tmp_path / "gone"), 0)
