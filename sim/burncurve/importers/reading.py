"""Reading logs: every file below a path, each by the format that its first records show."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import orjson

from burncurve.errors import InputError, Problem
from burncurve.importers import claude_code, codex, langfuse, litellm, openclaw, openrouter, plain, telemetry
from burncurve.importers.calls import Calls
from burncurve.importers.finding import files
from burncurve.importers.frame import USED, Format, Record
from burncurve.importers.lines import BOM, MOST_LINE_BYTES, TooLong, Unreadable, blocks, lines, opened
from burncurve.importers.observed import Observed
from burncurve.importers.tally import Account, Tally

FORMATS: Sequence[Format] = (
    claude_code.FORMAT, codex.FORMAT, openclaw.FORMAT, openrouter.FORMAT, litellm.FORMAT, langfuse.FORMAT,
    telemetry.FORMAT, plain.FORMAT,
)  # fmt: skip
LOOKED_AT = 50  # records of a file by which its format is recognised
MOST_DOCUMENT_BYTES = 64 << 20
TOO_LONG = f"line longer than {MOST_LINE_BYTES >> 20} MiB"
EMPTY, CUT_OFF, NOT_JSON, NOT_UTF8, NOT_OBJECT = (
    "empty line", "cut off at the end of the file", "no JSON", "no UTF-8 text", "no JSON object",
)  # fmt: skip
UNKNOWN_FORMAT, EMPTY_FILE, WRONG_COLUMNS = "of no known format", "empty", "more cells than the header has"


@dataclass(frozen=True)
class Reading:
    """What logs hold: the calls, and what became of every file and record."""

    observed: Observed
    account: Account
    formats: tuple[str, ...]


def usual_places(home: Path) -> list[Path]:
    """Return the folders below a home folder in which programs put their logs, as far as they are there."""
    found = [home / place for each in FORMATS for place in each.places]
    return [place for place in found if place.is_dir()]


def read(*paths: Path) -> Reading:
    """Return the calls in all files below the paths; raises InputError where a path is not there.

    Damage, unknown formats and impossible values are no errors: they are counted, by reason.
    """
    missing = [path for path in paths if not os.path.lexists(path)]
    if missing:
        remedy = "name a file or folder of logs"
        raise InputError(*(Problem(str(path), "there is no such file or folder", remedy) for path in missing))
    tally = Tally()
    calls = Calls(tally)
    used: Used = {}
    for path in paths:
        for file in files(path, tally):
            _read_file(file, calls, used)
    for each in used.values():
        if each.finished:
            each.finished(calls)
    return Reading(calls.observed(), tally.account(), tuple(sorted(used)))


def _read_file(path: Path, calls: Calls, used: Used) -> None:
    tally = calls.tally
    tally.file, tally.record = str(path), 0
    try:
        with opened(path) as file:
            tally.files += 1
            items = _items(_counted(blocks(file), tally))
            _read_records(path, items, calls, used)
    except Unreadable as why:
        tally.skip_file(str(why), str(path))


def _items(pieces: Iterator[bytes]) -> Iterator[Item]:
    """Return what a file holds by how it begins: JSON lines, one JSON document, or CSV; raises Unreadable."""
    first = next(pieces, b"").removeprefix(BOM)
    begin, line = first.lstrip()[:1], first.split(b"\n", 1)[0]
    if not begin:
        raise Unreadable(EMPTY_FILE)
    whole = chain([first], pieces)
    if begin == b"[" or line.strip() == b"{":
        return _document(whole)
    if begin == b"{":
        return (TOO_LONG if isinstance(each, TooLong) else each for each in lines(whole))
    if b"," not in line:
        raise Unreadable(UNKNOWN_FORMAT)
    return _rows(whole)


def _counted(pieces: Iterable[bytes], tally: Tally) -> Iterator[bytes]:
    for piece in pieces:
        tally.bytes += len(piece)
        yield piece


class _Header(dict[str, str]):
    """The names of the columns of a CSV file, by which its format may be known: no record."""


Item = bytes | Record | str
"""What is read: a line that is not parsed yet, a record, or the reason why there is none."""
Used = dict[str, Format]


def _read_records(path: Path, items: Iterator[Item], calls: Calls, used: Used) -> None:
    """Take the records of one file: by the first that a format recognises, all are read; raises Unreadable."""
    looked_at = list(islice(items, LOOKED_AT))
    found = next(filter(None, map(_format_of, looked_at)), None)
    if found is None:
        raise Unreadable(UNKNOWN_FORMAT)
    used[found.name] = found
    reader = found.reader(path, calls)
    try:
        for part in _parts_of(chain(looked_at, items), found, calls.tally):
            calls.tally.take(part if isinstance(part, str) else reader.take(part))
    finally:
        reader.finish()


def _parts_of(items: Iterator[Item], found: Format, tally: Tally) -> Iterator[Record | str]:
    """Yield the records of a file, or why there is none; of what is no JSON, whether it is the file's last."""
    damaged = False
    for item in items:
        if damaged:
            yield NOT_JSON
        tally.record += 1
        if isinstance(item, bytes):
            item = (found.dull(item) if found.dull else USED) or _parsed(item)
        elif isinstance(item, _Header):
            continue
        damaged = item == NOT_JSON
        if not damaged:
            yield from _parts(item)
    if damaged:
        yield CUT_OFF


def _parsed(line: bytes) -> Record | str:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        record = _with_half_characters(line)
        if record is None:
            return _why(line)
    return record if isinstance(record, dict) else NOT_OBJECT


def _with_half_characters(line: bytes) -> object:
    r"""Return what a line with halves of characters holds, as in \ud83d, which only Python's own reader takes."""
    if b"\\ud" not in line and b"\\uD" not in line:
        return None
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _why(line: bytes) -> str:
    if not line.strip():
        return EMPTY
    try:
        line.decode()
    except UnicodeDecodeError:
        return NOT_UTF8
    return NOT_JSON


def _parts(item: Record | str) -> Sequence[Record | str]:
    """Return the records of a line or document: a batch of spans and a page of an API hold several."""
    if isinstance(item, str):
        return (item,)
    if "resourceSpans" in item:
        return tuple(telemetry.spans(item)) or ("empty batch",)
    page = item.get("data")
    if isinstance(page, list) and "type" not in item:
        return [each if isinstance(each, dict) else NOT_OBJECT for each in page] or ("empty page",)
    return (item,)


def _format_of(item: Item) -> Format | None:
    record: Any = _parsed(item) if isinstance(item, bytes) else item
    for part in _parts(record)[:1]:
        if not isinstance(part, str):
            return next((each for each in FORMATS if each.recognises(part)), None)
    return None


def _document(pieces: Iterable[bytes]) -> Iterator[Item]:
    """Yield the records of one JSON document: those of a list, or the document itself."""
    parts, size = [], 0
    for piece in pieces:
        size += len(piece)
        if size > MOST_DOCUMENT_BYTES:
            raise Unreadable(f"one JSON document of more than {MOST_DOCUMENT_BYTES >> 20} MiB: export JSON lines")
        parts.append(piece)
    text = b"".join(parts)
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Unreadable(f"one JSON document, damaged: {_why(text)}") from None
    for item in document if isinstance(document, list) else [document]:
        yield item if isinstance(item, dict) else NOT_OBJECT


def _rows(pieces: Iterable[bytes]) -> Iterator[Item]:
    """Yield the rows of a CSV file as records by the names in its header."""
    header: list[str] = []
    for row in _cells(_texts(lines(iter(pieces)))):
        if isinstance(row, str):
            yield row
        elif not header:
            header = [cell.strip() for cell in row]
            yield _Header(dict.fromkeys(header, ""))
        elif len(row) > len(header):
            yield WRONG_COLUMNS
        elif any(row):
            yield dict(zip(header, row, strict=False))
        else:
            yield EMPTY


def _texts(found: Iterator[bytes]) -> Iterator[str]:
    for line in found:
        # A cell may hold anything; what is no UTF-8 becomes a mark there and leaves its neighbours whole.
        yield "" if isinstance(line, TooLong) else line.decode(errors="replace").replace("\0", "\ufffd") + "\n"


def _cells(texts: Iterator[str]) -> Iterator[list[str] | str]:
    csv.field_size_limit(MOST_LINE_BYTES)
    rows = csv.reader(texts)
    while True:
        try:
            yield next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield "no row of a CSV file"
