"""Files as they are found in the wild: each trouble is counted and named, none ends the reading."""

from __future__ import annotations

import gzip
import os
import time
from pathlib import Path

import pyarrow
import pytest

from burncurve.errors import InputError
from burncurve.importers import claude_code, codex, finding, inclusive, lines, reading, records, spans
from importers.written import answer, asked, files_skipped, jsonl, read_all, skipped

GOOD = [asked(0), answer(1, "m1")]


def raw(path: Path, *parts: bytes) -> Path:
    whole = jsonl(path, GOOD).read_bytes()
    path.write_bytes(whole + b"".join(parts))
    return path


def test_an_empty_folder_and_files_of_other_kinds(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("hello")
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "other.json").write_text('{"a": 1}')
    (tmp_path / "words.csv").write_text("just words\n")
    found = read_all(tmp_path)
    assert len(found.observed) == 0
    assert files_skipped(found) == {
        finding.OTHER_KIND: 1,
        records.EMPTY_FILE: 1,
        records.UNKNOWN_FORMAT: 2,
    }


def test_a_path_that_is_not_there_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="gone"):
        reading.read(tmp_path / "gone")


def test_a_line_cut_off_at_the_end_and_lines_damaged_before_it(tmp_path: Path) -> None:
    path = raw(tmp_path / "s.jsonl", b'{"type":"user",}\n', b"\n", b'["user"]\n', b'{"type":"assistant","mess')
    found = read_all(path)
    assert len(found.observed) == 1
    assert skipped(found) == {
        records.NOT_JSON: 1,
        records.EMPTY: 1,
        records.NOT_OBJECT: 1,
        records.CUT_OFF: 1,
    }
    assert found.account.skipped[records.CUT_OFF].first == f"{path}:6"


@pytest.mark.parametrize("rest", [b'{"parentUuid":"u1","isSidech', b"{", b'{"cwd":"/srv'])
def test_a_last_line_cut_off_before_it_says_what_it_is(tmp_path: Path, rest: bytes) -> None:
    found = read_all(raw(tmp_path / "s.jsonl", rest))
    assert skipped(found) == {records.CUT_OFF: 1}


def test_what_is_odd_about_calls_is_counted_of_those_that_are_used(tmp_path: Path) -> None:
    usage = {"input_tokens": 10, "cache_creation_input_tokens": 100, "output_tokens": 5}
    lines_ = [
        answer(1, "m1", usage=usage),
        answer(2, "m1", usage=usage),
        answer(3, "m2", usage=usage | {"output_tokens": -1}),
    ]
    found = read_all(jsonl(tmp_path / "s.jsonl", [asked(0), *lines_]))
    assert len(found.observed) == 1
    assert {what: seen.count for what, seen in found.account.remarks.items()} == {inclusive.RETENTION: 1}


def test_text_that_is_no_utf_8(tmp_path: Path) -> None:
    found = read_all(raw(tmp_path / "s.jsonl", b'{"type":"user","x":"\xff\xfe"}\n'))
    assert skipped(found) == {records.NOT_UTF8: 1}


def test_lines_longer_than_any_are_skipped_in_little_memory_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MOST_LINE_BYTES", 4_000)
    monkeypatch.setattr(lines, "BLOCK_BYTES", 1_000)
    path = raw(tmp_path / "s.jsonl", b'{"type":"user","x":"' + b"a" * 50_000 + b'"}\n', b"b" * 4_001)
    with open(path, "ab") as file:
        file.write(b"\n" + jsonl(tmp_path / "other", [answer(5, "m5")]).read_bytes())
    found = read_all(path)
    assert len(found.observed) == 2
    assert skipped(found) == {records.TOO_LONG: 2}


def test_a_line_of_50_mb_is_named(tmp_path: Path) -> None:
    found = read_all(raw(tmp_path / "s.jsonl", b'{"type":"user","x":"' + b"a" * 50_000_000 + b'"}\n'))
    assert skipped(found) == {records.TOO_LONG: 1}
    assert found.account.bytes > 50_000_000


@pytest.mark.parametrize("codec", ["gz", "zst"])
def test_packed_files(tmp_path: Path, codec: str) -> None:
    whole = jsonl(tmp_path / "s", GOOD).read_bytes()
    packed = gzip.compress(whole) if codec == "gz" else bytes(pyarrow.compress(whole, "zstd", asbytes=True))
    again = jsonl(tmp_path / "t", [answer(9, "m9")]).read_bytes()
    more = gzip.compress(again) if codec == "gz" else bytes(pyarrow.compress(again, "zstd", asbytes=True))
    (tmp_path / f"a.jsonl.{codec}").write_bytes(packed + more)  # packed in two pieces, as logs are that are added to
    found = read_all(tmp_path / f"a.jsonl.{codec}")
    assert len(found.observed) == 2
    assert found.account.bytes == len(whole) + len(again)


@pytest.mark.parametrize("codec", ["gz", "zst"])
def test_damaged_packed_files_give_what_they_still_have_and_say_so(tmp_path: Path, codec: str) -> None:
    whole = jsonl(tmp_path / "s", [asked(0), *(answer(n % 60, f"m{n}") for n in range(9_000))]).read_bytes()
    packed = gzip.compress(whole) if codec == "gz" else bytes(pyarrow.compress(whole, "zstd", asbytes=True))
    (tmp_path / f"a.jsonl.{codec}").write_bytes(packed[: len(packed) * 3 // 4])
    found = read_all(tmp_path / f"a.jsonl.{codec}")
    assert files_skipped(found) == {"packed data is damaged or cut off": 1}
    assert 0 < len(found.observed) < 9_000


@pytest.mark.parametrize("codec", ["gz", "zst"])
def test_of_a_damaged_packed_file_shorter_than_a_block_what_stands_before_is_read(tmp_path: Path, codec: str) -> None:
    whole = jsonl(tmp_path / "s", [asked(0), *(answer(n % 60, f"m{n}") for n in range(1_000))]).read_bytes()
    assert 4 * lines.PACKED_BLOCK_BYTES < len(whole) < lines.BLOCK_BYTES
    packed = gzip.compress(whole) if codec == "gz" else bytes(pyarrow.compress(whole, "zstd", asbytes=True))
    (tmp_path / f"a.jsonl.{codec}").write_bytes(packed[:-8])
    found = read_all(tmp_path / f"a.jsonl.{codec}")
    assert files_skipped(found) == {"packed data is damaged or cut off": 1}
    assert 500 < len(found.observed) <= 1_000


def test_a_small_file_that_unpacks_without_end_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MOST_UNPACKED_BYTES", 100_000)
    whole = jsonl(tmp_path / "s", GOOD).read_bytes()
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(whole + b"\n" * 1_000_000))
    found = read_all(tmp_path / "a.jsonl.gz")
    assert list(files_skipped(found)) == ["unpacks to more than 100,000 bytes"]
    assert len(found.observed) == 1


def test_links_in_circles_and_to_the_same_file_and_to_nowhere(tmp_path: Path) -> None:
    jsonl(tmp_path / "a/s.jsonl", GOOD)
    (tmp_path / "a/back").symlink_to(tmp_path)
    (tmp_path / "same.jsonl").symlink_to(tmp_path / "a/s.jsonl")
    os.link(tmp_path / "a/s.jsonl", tmp_path / "hard.jsonl")
    (tmp_path / "nowhere.jsonl").symlink_to(tmp_path / "gone")
    (tmp_path / "itself.jsonl").symlink_to(tmp_path / "itself.jsonl")
    found = read_all(tmp_path)
    assert len(found.observed) == 1
    told = files_skipped(found)
    assert told[finding.SAME_FILE] == 2
    assert told[finding.AGAIN] == 1
    assert told["a link that leads nowhere"] == 1
    assert sum(told.values()) == 5


def test_pipes_and_files_without_permission(tmp_path: Path) -> None:
    jsonl(tmp_path / "s.jsonl", GOOD)
    os.mkfifo(tmp_path / "pipe.jsonl")
    closed = jsonl(tmp_path / "closed.jsonl", [answer(5, "m5")])
    closed.chmod(0)
    found = read_all(tmp_path)
    expected = {"not a regular file": 1} | ({"no permission": 1} if os.geteuid() else {})
    assert files_skipped(found) == expected


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file of which nothing can be read")
def test_a_file_that_opens_and_cannot_be_read_is_named() -> None:
    found = read_all(Path("/proc/self/mem"))
    (why,) = files_skipped(found)
    assert why.startswith("cannot be read: ")


def test_permission_is_refused_to_files_and_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the tests run as a user to whom nothing is refused."""
    jsonl(tmp_path / "open/s.jsonl", GOOD)
    jsonl(tmp_path / "open/closed.jsonl", [answer(5, "m5")])
    (tmp_path / "shut").mkdir()
    real_open, real_scan = os.open, os.scandir

    def refusing(path: str, flags: int) -> int:
        if str(path).endswith("closed.jsonl"):
            raise PermissionError(13, "Permission denied")
        return real_open(path, flags)

    def scanning(path: Path) -> object:
        if path.name == "shut":
            raise PermissionError(13, "Permission denied")
        return real_scan(path)

    monkeypatch.setattr(lines, "_without_waiting", refusing)
    monkeypatch.setattr(finding.os, "scandir", scanning)
    found = read_all(tmp_path)
    assert files_skipped(found) == {"no permission": 2}
    assert len(found.observed) == 1


def test_a_file_that_vanishes_or_is_forbidden_between_finding_and_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jsonl(tmp_path / "a.jsonl", GOOD)
    jsonl(tmp_path / "b.jsonl", [answer(5, "m5")])

    def found_before(paths: object, tally: object) -> list[finding.Found]:
        return [finding.Found(str(tmp_path / f"{name}.jsonl"), (1, number), 9) for number, name in enumerate("abc")]

    monkeypatch.setattr(reading, "files", found_before)
    found = read_all(tmp_path)
    assert files_skipped(found) == {"vanished before it was read": 1}
    assert len(found.observed) == 2


def test_a_file_that_grows_while_it_is_read_is_read_as_far_as_it_went_at_first(tmp_path: Path) -> None:
    path = raw(tmp_path / "s.jsonl", b"x" * lines.BLOCK_BYTES)
    size = path.stat().st_size
    with lines.opened(path) as file:
        pieces = lines.blocks(file)
        read = len(next(pieces))
        with open(path, "ab") as more:
            more.write(b"x" * 5_000_000)
        assert read + sum(map(len, pieces)) == size


def test_formats_may_lie_side_by_side(tmp_path: Path) -> None:
    jsonl(tmp_path / "s.jsonl", GOOD)
    jsonl(tmp_path / "p.jsonl", [{"model": "m/x", "input": 1, "output": 2}])
    (tmp_path / "p.csv").write_text("model,input,output\nm/x,1,2\n")
    found = read_all(tmp_path)
    assert found.formats == ("claude-code", "plain")
    assert len(found.observed) == 3


def test_a_byte_order_mark_changes_nothing(tmp_path: Path) -> None:
    path = raw(tmp_path / "s.jsonl")
    path.write_bytes(lines.BOM + path.read_bytes())
    assert len(read_all(path).observed) == 1


@pytest.mark.parametrize("text", ['[{"a":', "[" * 100_000, '{\n"resourceSpans": [nope', "[1, 2, {}]"])
def test_json_documents_that_are_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    found = read_all(tmp_path / "a.json")
    assert len(found.observed) == 0
    assert sum(files_skipped(found).values()) == 1


def test_rows_of_a_csv_that_do_not_fit_it(tmp_path: Path) -> None:
    text = 'model,input,output\nm/x,1,2,3\n\nm/x,"1\nm/x,1,2\n'
    (tmp_path / "a.csv").write_text(text)
    found = read_all(tmp_path / "a.csv")
    assert len(found.observed) == 0
    assert skipped(found) == {records.WRONG_COLUMNS: 1, records.EMPTY: 1, "impossible count in input": 1}


def test_a_row_of_many_long_cells_ends_the_reading_of_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each cell is short enough, and a small packed file could hold any number of them in one row."""
    monkeypatch.setattr(records, "MOST_LINE_BYTES", 10_000)
    cell = '"' + "0\n" * 500 + '"'
    text = (
        "model,input,output\n" + "m/x,1,2\n" * 50 + f"m/x,{cell},{cell}\n" * 20 + ",".join([cell] * 20) + "\nm/x,1,2\n"
    )
    (tmp_path / "a.csv").write_text(text)
    found = read_all(tmp_path / "a.csv")
    assert len(found.observed) == 50
    assert skipped(found) == {"impossible count in input": 20}
    assert files_skipped(found) == {records.LONG_ROW: 1}


def test_half_characters_lose_no_call_and_endless_names_are_cut(tmp_path: Path) -> None:
    """JavaScript writes half of an emoji that was cut in two; such a name is none."""
    rows = [{"model": "m/x", "input": 1, "output": 1, "agent": "\ud83d", "project": "p" * 10_000}]
    found = read_all(jsonl(tmp_path / "a.jsonl", rows))
    assert found.observed.named("agent") == ["main"]
    assert found.observed.named("project") == ["p" * 200]


@pytest.mark.slow
def test_100_000_small_files(tmp_path: Path) -> None:
    for folder in range(100):
        (tmp_path / str(folder)).mkdir()
        for number in range(1_000):
            text = f'{{"model":"m/x","input":{number},"output":1}}\n'
            (tmp_path / str(folder) / f"{number}.jsonl").write_text(text)
    found = read_all(tmp_path)
    assert found.account.files == len(found.observed) == 100_000


@pytest.mark.parametrize("blank", [b"\n", b" \r\n"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_millions_of_empty_lines_in_a_small_packed_file_are_counted_at_once(
    tmp_path: Path, name: str, blank: bytes
) -> None:
    begin, row = {
        "a.jsonl": (b"", b'{"model":"m/x","input":1,"output":1}\n'),
        "a.csv": (b"model,input,output\n", b"m/x,1,1\n"),
    }[name]
    path = tmp_path / f"{name}.gz"
    path.write_bytes(gzip.compress(begin + row + blank * 10_000_000 + row + b"{\n" * (name == "a.jsonl") + blank * 99))
    start_s = time.process_time()
    found = read_all(path)
    assert time.process_time() - start_s < 5  # one by one they would take ten
    assert len(found.observed) == 2
    damaged = {records.NOT_JSON: 1} if name == "a.jsonl" else {}
    assert skipped(found) == {records.EMPTY: 10_000_099, **damaged}
    assert found.account.records == 10_000_101 + len(damaged)
    assert found.account.skipped[records.EMPTY].first == f"{path}:{3 if name == 'a.csv' else 2}"


def test_a_log_that_begins_with_many_empty_lines(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\n" * 3_000_000 + jsonl(tmp_path / "s", GOOD).read_bytes())
    found = read_all(tmp_path / "a.jsonl")
    assert len(found.observed) == 1
    assert skipped(found) == {records.EMPTY: 3_000_000}


def test_empty_lines_within_a_cell_belong_to_it(tmp_path: Path) -> None:
    blank = "\n" * 200
    text = f'model,input,output,agent\nm/x,1,2,"a{blank}b"\n{blank}m/x,1,2,"c\n'
    (tmp_path / "a.csv").write_text(text)
    found = read_all(tmp_path / "a.csv")
    assert [name.count("\n") for name in found.observed.named("agent")] == [199, 1]
    assert skipped(found) == {records.EMPTY: 200}


def test_a_packed_file_of_records_of_no_use_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_USELESS_RECORDS", 10_000)
    row = b'{"model":"m/x","input":1,"output":1}\n'
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(row + b"{}\n" * 9_000 + row + b"{}\n" * 1_000_000 + row))
    found = read_all(tmp_path / "a.jsonl.gz")
    assert len(found.observed) == 2
    assert files_skipped(found) == {reading.USELESS: 1}
    assert found.account.records < 100_000
    (tmp_path / "a.jsonl").write_bytes(row + b"{}\n" * 50_000 + row)  # what is not packed costs its own size
    assert len(read_all(tmp_path / "a.jsonl").observed) == 2


def test_a_packed_file_of_one_line_without_end_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_USELESS_BYTES", 1_000_000)
    whole = jsonl(tmp_path / "s", GOOD).read_bytes()
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(whole + b"x" * 50_000_000))
    found = read_all(tmp_path / "a.jsonl.gz")
    assert len(found.observed) == 1
    assert files_skipped(found) == {reading.USELESS: 1}
    assert found.account.bytes < 2_000_000


def test_a_document_of_more_values_than_memory_is_worth_is_left(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"[" + b"[]," * 5_000_000 + b"{}]")
    assert list(files_skipped(read_all(tmp_path / "a.json"))) == [
        f"one JSON document of more than {records.MOST_VALUES:,} values: export JSON lines"
    ]


def test_of_a_damaged_packed_file_of_few_lines_those_before_the_damage_are_read(tmp_path: Path) -> None:
    whole = jsonl(tmp_path / "s", GOOD).read_bytes() + os.urandom(400_000).hex().encode()
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(whole)[:-200_000])
    found = read_all(tmp_path / "a.jsonl.gz")
    assert len(found.observed) == 1
    assert files_skipped(found) == {"packed data is damaged or cut off": 1}


@pytest.mark.parametrize("codec", ["gz", "zst"])
def test_bytes_behind_the_end_of_packed_data_cost_nothing_that_stands_before_them(tmp_path: Path, codec: str) -> None:
    whole = jsonl(tmp_path / "s", [asked(0), *(answer(n % 60, f"m{n}") for n in range(50))]).read_bytes()
    packed = gzip.compress(whole) if codec == "gz" else bytes(pyarrow.compress(whole, "zstd", asbytes=True))
    (tmp_path / f"a.jsonl.{codec}").write_bytes(packed + b"trailing\n")
    found = read_all(tmp_path / f"a.jsonl.{codec}")
    assert files_skipped(found) == {"packed data is damaged or cut off": 1}
    assert len(found.observed) >= {"gz": 50, "zst": 40}[codec]  # of zstd the last 4 KiB go with what is behind them
    assert skipped(found).keys() <= {records.CUT_OFF}


def test_a_packed_line_of_which_the_end_is_missing_is_counted(tmp_path: Path) -> None:
    whole = jsonl(tmp_path / "s", GOOD).read_bytes()
    packed = gzip.compress(whole, compresslevel=0)
    (tmp_path / "a.jsonl.gz").write_bytes(packed[:-40])  # of which eight are the end of the member
    found = read_all(tmp_path / "a.jsonl.gz")
    assert skipped(found) == {records.CUT_OFF: 1}
    assert found.account.used == 1


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_good_last_line_needs_no_end(tmp_path: Path, end: bytes) -> None:
    (tmp_path / "s.jsonl").write_bytes(jsonl(tmp_path / "other", GOOD).read_bytes().rstrip() + end)
    found = read_all(tmp_path / "s.jsonl")
    assert len(found.observed) == 1
    assert not skipped(found)


def test_a_last_line_that_has_its_end_was_not_cut_off(tmp_path: Path) -> None:
    assert skipped(read_all(raw(tmp_path / "s.jsonl", b'{"type":"assistant","mess\n'))) == {records.NOT_JSON: 1}


def test_a_line_that_lost_its_head_is_no_json(tmp_path: Path) -> None:
    found = read_all(raw(tmp_path / "s.jsonl", b'nId":"s1","cwd":"/srv"}\n', b'{"type":"mode","sessionId":"s1"}\n'))
    assert skipped(found) == {records.NOT_JSON: 1, claude_code.NO_MESSAGE: 1}


def test_records_of_another_program_in_a_file_are_called_so(tmp_path: Path) -> None:
    event = {"timestamp": "2026-03-02T10:00:05Z", "type": "event_msg", "payload": {"type": "token_count"}}
    system = {"type": "system", "sessionId": "s1", "content": "user"}
    one = read_all(jsonl(tmp_path / "a.jsonl", [*GOOD, event, system]))
    assert skipped(one) == {reading.OTHER_FORMAT: 1, claude_code.NO_MESSAGE: 1}
    other = read_all(jsonl(tmp_path / "b.jsonl", [{**event, "type": "turn_context"}, *GOOD, event]))
    assert skipped(other) == {reading.OTHER_FORMAT: 2, codex.NO_FIGURES: 1}


@pytest.mark.parametrize("pieces", [1, 3])
def test_a_file_that_became_shorter_after_it_was_found_is_named_with_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pieces: int
) -> None:
    lines_ = [asked(0), *(answer(n % 60, f"m{n}") for n in range(30))]
    path = jsonl(tmp_path / "s.jsonl", lines_)
    size = path.stat().st_size
    monkeypatch.setattr(spans, "PIECE_BYTES", size // pieces + 1)
    monkeypatch.setattr(reading, "CUT_FROM_BYTES", size if pieces > 1 else size + 1)
    plan = reading.planned([tmp_path])
    kept = path.read_bytes().splitlines(keepends=True)[:11]
    pieces_ = list(plan.pieces())
    assert len(pieces_) == pieces
    path.write_bytes(b"".join(kept))
    whole = reading.begun(plan)
    for piece in pieces_:
        for part in reading.parts_of(piece):
            whole.take(part)
    found = reading.ended(plan, whole)
    assert len(found.observed) == 10
    assert found.account.files_skipped[reading.SHORTER].count == 1
    assert found.account.missing_bytes == size - sum(map(len, kept))
    assert found.account.records == found.account.used == 11


def test_a_file_that_grows_misses_nothing(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "s.jsonl", GOOD)
    plan = reading.planned([tmp_path])
    with open(path, "ab") as file:
        file.write(b"\n")
    assert reading.read_here(plan).account.missing_bytes == 0
