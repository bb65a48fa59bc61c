"""Records of a file, whatever it is: JSON lines, one JSON document or CSV; each a record, or why there is none."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

import orjson

from burncurve.importers import telemetry
from burncurve.importers.frame import USED, Record
from burncurve.importers.lines import BOM, MOST_LINE_BYTES, Blank, TooLong, Unended, Unreadable, lines
from burncurve.importers.tally import Tally

MOST_DOCUMENT_BYTES = 64 << 20
MOST_VALUES = 4_000_000  # of one document: each takes some fifty times its shortest text in memory
LONG_ROW = f"row of a CSV file longer than {MOST_LINE_BYTES >> 20} MiB, or a quote left open"
TOO_LONG = f"line longer than {MOST_LINE_BYTES >> 20} MiB"
EMPTY, CUT_OFF, NOT_JSON, NOT_UTF8, NOT_OBJECT = (
    "empty line", "cut off at the end of the file", "no JSON", "no UTF-8 text", "no JSON object",
)  # fmt: skip
UNKNOWN_FORMAT, EMPTY_FILE, WRONG_COLUMNS = "of no known format", "empty", "more cells than the header has"
UTF_16 = "UTF-16 text: save it as UTF-8"
TWICE = "two columns of one name, which may be either: rename one"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SEVERAL = frozenset({"resourceSpans", "data"})  # fields of what holds several records
Dull = Callable[[bytes], str]


class _Header(dict[str, str]):
    """The names of the columns of a CSV file, by which its format may be known: no record."""


Item = bytes | Record | Blank | str
"""What is read: a line that is not parsed yet, a record, or the reason why there is none, once or in a run."""


def items(pieces: Iterator[bytes]) -> Iterator[Item]:
    """Return what a file holds by how it begins: JSON lines, one JSON document, or CSV; raises Unreadable."""
    first, blank = next(pieces, b"").removeprefix(BOM), 0
    if first.startswith(UTF16):
        raise Unreadable(UTF_16)
    while not first.strip():
        blank += first.count(b"\n")
        first = next(pieces, b"")
        if not first:
            raise Unreadable(EMPTY_FILE)
    return chain([Blank(blank)] if blank else [], _by_beginning(first, chain([first], pieces)))


def _by_beginning(first: bytes, whole: Iterator[bytes]) -> Iterator[Item]:
    line, *further = first.lstrip().split(b"\n", 2)
    if line.startswith(b"[") or line.strip() == b"{":
        return _document(whole)
    if line.startswith(b"{") or (further and further[0].startswith(b"{")):  # the first line may have lost its head
        return of_lines(whole)
    between = max(b",", b";", b"\t", key=line.count)
    if between not in line:
        raise Unreadable(UNKNOWN_FORMAT)
    return _rows(whole, between.decode())


def of_lines(pieces: Iterable[bytes]) -> Iterator[Item]:
    """Yield lines that are JSON each, or why one is left out unread."""
    return (TOO_LONG if isinstance(each, TooLong) else each for each in lines(iter(pieces)))


def records(found: Iterator[Item], dull: Dull | None, tally: Tally, goes_on: bool) -> Iterator[Record | str]:
    """Yield the records of a file, or why there is none; of a last line without an end whether it was cut off."""
    for item in found:
        if isinstance(item, bytes):
            tally.record += 1
            read = (dull(item) if dull else USED) or parsed(item)
            cut = read is NOT_JSON and isinstance(item, Unended) and not goes_on
            item = CUT_OFF if cut else read
        elif isinstance(item, Blank):
            tally.take_run(EMPTY, item.lines)
            continue
        else:
            tally.record += 1
            if isinstance(item, _Header):
                continue
        if isinstance(item, str) or _SEVERAL.isdisjoint(item):
            yield item
        else:
            yield from parts(item)


def parsed(line: bytes) -> Record | str:
    """Return the record of a line, or why there is none."""
    try:
        record = orjson.loads(line if type(line) is bytes else bytes(line))  # which takes no bytes of another class
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


def parts(item: Record | str) -> Sequence[Record | str]:
    """Return the records of a line or document: a batch of spans and a page of an API hold several."""
    if isinstance(item, str):
        return (item,)
    if "resourceSpans" in item:
        return tuple(telemetry.spans(item)) or ("empty batch",)
    page = item.get("data")
    if isinstance(page, list) and "type" not in item:
        return [each if isinstance(each, dict) else NOT_OBJECT for each in page] or ("empty page",)
    return (item,)


def _document(pieces: Iterable[bytes]) -> Iterator[Item]:
    """Yield the records of one JSON document: those of a list, or the document itself."""
    parts, size = [], 0
    for piece in pieces:
        size += len(piece)
        if size > MOST_DOCUMENT_BYTES:
            raise Unreadable(f"one JSON document of more than {MOST_DOCUMENT_BYTES >> 20} MiB: export JSON lines")
        parts.append(piece)
    text = b"".join(parts)
    if sum(map(text.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise Unreadable(f"one JSON document of more than {MOST_VALUES:,} values: export JSON lines")
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Unreadable(f"one JSON document, damaged: {_why(text)}") from None
    for item in document if isinstance(document, list) else [document]:
        yield item if isinstance(item, dict) else NOT_OBJECT


def _rows(pieces: Iterable[bytes], between: str) -> Iterator[Item]:
    """Yield the rows of a CSV file as records by the names in its header; raises Unreadable."""
    header: list[str] = []
    for row in _cells(_texts(lines(iter(pieces))), between):
        if isinstance(row, str | Blank):
            yield row
        elif not any(map(str.strip, row)):
            yield EMPTY
        elif not header:
            header = [cell.strip() for cell in row]
            if len(set(filter(None, header))) < sum(map(bool, header)):
                raise Unreadable(TWICE)
            yield _Header(dict.fromkeys(header, ""))
        elif len(row) > len(header):
            yield WRONG_COLUMNS
        else:
            yield dict(zip(header, row, strict=False))


def _texts(found: Iterator[bytes | Blank]) -> Iterator[str | Blank]:
    for line in found:
        if isinstance(line, Blank):
            yield line
            continue
        # A cell may hold anything; what is no UTF-8 becomes a mark there and leaves its neighbours whole.
        yield "" if isinstance(line, TooLong) else line.decode(errors="replace").replace("\0", "\ufffd") + "\n"


class _OfOneRow(Iterator[str]):
    """Lines of a CSV file, of which a row takes so much at most, for a quote left open takes all; raises Unreadable.

    `blank` empty lines stood before the row; within one they belong to a cell.
    """

    def __init__(self, texts: Iterator[str | Blank]) -> None:
        self._texts, self.taken, self.blank = texts, 0, 0

    def __next__(self) -> str:
        text = next(self._texts)
        while isinstance(text, Blank):
            if self.taken:
                text = "\n" * text.lines
                break
            self.blank += text.lines
            text = next(self._texts)
        self.taken += len(text)
        if self.taken > MOST_LINE_BYTES:
            raise Unreadable(LONG_ROW)
        return text


def _cells(texts: Iterator[str | Blank], between: str) -> Iterator[list[str] | Blank | str]:
    csv.field_size_limit(MOST_LINE_BYTES)
    of_one_row = _OfOneRow(texts)
    rows = csv.reader(of_one_row, delimiter=between)
    while True:
        of_one_row.taken = of_one_row.blank = 0
        row = _next_row(rows)
        if of_one_row.blank:
            yield Blank(of_one_row.blank)
        if row is None:
            return
        yield row


def _next_row(rows: Iterator[list[str]]) -> list[str] | str | None:
    try:
        return next(rows, None)
    except csv.Error:
        return "no row of a CSV file"
