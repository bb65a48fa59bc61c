"""Reading logs: every file below some paths, each by the format that its first records show."""

from __future__ import annotations

import os
import pickle
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

from burncurve.errors import InputError, Problem
from burncurve.importers.calls import Calls
from burncurve.importers.finding import files
from burncurve.importers.formats import BY_NAME, FORMATS, LOOKED_AT, format_of, of_another
from burncurve.importers.frame import Format
from burncurve.importers.joining import Joined
from burncurve.importers.lines import Unreadable, blocks, opened, plain
from burncurve.importers.names import Texts
from burncurve.importers.observed import Observed
from burncurve.importers.parts import Part
from burncurve.importers.records import UNKNOWN_FORMAT, Item, items, of_lines, records
from burncurve.importers.spans import PIECE_BYTES, Piece, Span, pieces, ranges
from burncurve.importers.spilled import no_room
from burncurve.importers.tally import Account, Tally

FILES_AT_ONCE = 1_000
PART_CALLS = 20_000  # handed on at once
CUT_FROM_BYTES = 2 * PIECE_BYTES
MOST_USELESS_RECORDS, MOST_USELESS_BYTES = 1_000_000, 1 << 30
SHORTER = "shorter when it was read than when it was found: the rest is missing"
OTHER_FORMAT = "record of another format than the first of its file"
USELESS = "packed, and nothing of use for a million records or a gibibyte: the rest is not read"


@dataclass(frozen=True)
class Reading:
    """What logs hold: the calls, and what became of every file and record."""

    observed: Observed
    account: Account
    formats: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What is to be read: files by number, and the pieces in which they are read, whoever reads them."""

    paths: Sequence[str]
    sizes: Sequence[int]
    tally: Tally

    @property
    def bytes(self) -> int:
        """The size of all files, as they lie."""
        return sum(self.sizes)

    def pieces(self) -> Iterator[Piece]:
        """Yield the pieces, in order."""
        files = enumerate(zip(self.paths, self.sizes, strict=True))
        return pieces(each for number, (path, size) in files for each in _spans(number, path, size))


def usual_places(home: Path) -> list[Path]:
    """Return the folders below a home folder in which programs put their logs, as far as they are there."""
    found = [home / place for each in FORMATS for place in each.places]
    return [place for place in found if place.is_dir()]


def read(*paths: Path) -> Reading:
    """Return the calls in all files below the paths; raises InputError where a path is not there.

    Damage, unknown formats and impossible values are no errors: they are counted, by reason.
    """
    return read_here(planned(paths))


def read_here(plan: Plan) -> Reading:
    """Return what is to be read, read one piece after the other."""
    whole = begun(plan)
    for piece in plan.pieces():
        for part in parts_of(piece):
            whole.take(part)
    return ended(plan, whole)


def planned(paths: Iterable[Path]) -> Plan:
    """Return what is to be read; raises InputError where a path is not there."""
    missing = [path for path in paths if not os.path.lexists(path)]
    if missing:
        remedy = "name a file or folder of logs"
        raise InputError(*(Problem(str(path), "there is no such file or folder", remedy) for path in missing))
    tally, names, sizes = Tally(), Texts(), array("q")
    found = iter(files(paths, tally))
    while some := list(islice(found, FILES_AT_ONCE)):
        names.add([file.path for file in some])
        sizes.extend(file.bytes for file in some)
    return Plan(names, sizes, tally)


def begun(plan: Plan) -> Joined:
    """Return what takes the parts of all pieces, in their order."""
    return Joined(plan.paths, plan.tally)


def ended(plan: Plan, whole: Joined) -> Reading:
    """Return what all parts come to."""
    return Reading(whole.observed(), plan.tally.account(), tuple(sorted(whole.formats)))


def keep_parts(piece: Piece, folder: str, number: int) -> list[str]:
    """Read a piece and put its parts into files of a folder, so that no process holds much; return their names.

    Raises InputError where there is no room for them.
    """
    names: list[str] = []
    for part in parts_of(piece):
        names.append(os.path.join(folder, f"{number}.{len(names)}"))
        try:
            with open(names[-1], "wb") as file:
                pickle.dump(part, file, pickle.HIGHEST_PROTOCOL)
        except OSError as error:
            raise no_room(folder, error) from error
    return names


def kept_parts(names: Iterable[str]) -> Iterator[Part]:
    """Yield the parts that `keep_parts` put into files of this program's own folder, and remove the files."""
    for name in names:
        with open(name, "rb") as file:
            yield pickle.load(file)
        os.unlink(name)


def _spans(number: int, path: str, size: int) -> Iterator[tuple[Span, int]]:
    """Yield the ranges of a large file whose format can be read so, else the file itself, each with its size."""
    found = _cut(number, path, size) if size >= CUT_FROM_BYTES else []
    for span in found or [Span(number, path, size=size)]:
        yield span, span.bytes


def _cut(number: int, path: str, size: int) -> list[Span]:
    try:
        with opened(Path(path)) as bytes_:
            found = format_of(islice(items(blocks(bytes_)), LOOKED_AT)) if plain(bytes_) else None
            if found is None or not found.cuts:
                return []
            return list(ranges(bytes_, number, path, size, found.name))
    except (Unreadable, OSError):  # who reads it says so
        return []


def parts_of(piece: Piece) -> Iterator[Part]:
    """Yield the calls of a piece, some thousands at once, and what became of its records."""
    calls, continued = Calls(Tally()), piece[0].continued
    for span in piece:
        for _ in _read(span, calls):
            yield calls.handed_on(continued)
    yield calls.handed_on(continued)


def _read(span: Span, calls: Calls) -> Iterator[None]:
    """Read a file or a range of it, pausing where many calls wait to be handed on."""
    tally = calls.tally
    tally.file, tally.record = span.path, 0
    try:
        with opened(Path(span.path)) as file:
            tally.files += not span.continued
            as_it_lies = plain(file)
            found = _counted(blocks(file, span.begin, span.end), tally, span.bytes if as_it_lies else 0)
            yield from _read_bytes(span, found if as_it_lies else _of_use(found, tally), calls)
    except Unreadable as why:
        tally.skip_file(str(why), span.path)


def _counted(found: Iterable[bytes], tally: Tally, planned: int) -> Iterator[bytes]:
    """Yield blocks and count their bytes; those that were to be read and are there no more are missing."""
    left = planned
    for block in found:
        tally.bytes += len(block)
        left -= len(block)
        yield block
    if left > 0:
        tally.missing_bytes += left
        tally.skip_file(SHORTER, tally.file)


def _of_use(found: Iterable[bytes], tally: Tally) -> Iterator[bytes]:
    """Yield the blocks of a packed file as long as some record is used now and then; raises Unreadable.

    What is packed may be a thousand times as large, so that a small file takes as long as somebody wants. Runs of
    empty lines take no time.
    """
    used, blank, records, size = -1, 0, 0, 0
    for block in found:
        if tally.used != used:
            used, blank, records, size = tally.used, tally.blank, tally.record, 0
        size += len(block)
        if tally.record - records - (tally.blank - blank) > MOST_USELESS_RECORDS or size > MOST_USELESS_BYTES:
            raise Unreadable(USELESS)
        yield block


def _read_bytes(span: Span, found: Iterator[bytes], calls: Calls) -> Iterator[None]:
    """Read records: by the first that a format recognises, all are read; raises Unreadable."""
    if span.continued:
        return _read_records(span, of_lines(found), BY_NAME[span.format], calls)
    looked_at, whole = _looked_at(items(found))
    known = format_of(looked_at)
    if known is None:
        for _ in islice(whole, 1):  # where it cannot be read further, that is why
            break
        raise Unreadable(UNKNOWN_FORMAT)
    return _read_records(span, chain(looked_at, whole), known, calls)


def _looked_at(found: Iterator[Item]) -> tuple[list[Item], Iterator[Item]]:
    """Return the first items of a file, as far as it can be read, and all others, which raise Unreadable."""
    first: list[Item] = []
    try:
        first += islice(found, LOOKED_AT)
    except Unreadable as why:
        return first, _unreadable(why)
    return first, found


def _unreadable(why: Unreadable) -> Iterator[Item]:
    raise why
    yield ""  # what makes it an iterator


def _read_records(span: Span, found: Iterator[Item], form: Format, calls: Calls) -> Iterator[None]:
    """Take records by a format; where many calls wait and the format cuts files, another reader goes on."""
    calls.begin_file(span.number, form.name)
    reader, take = form.reader(span, calls), calls.tally.take
    goes_on = span.goes_on
    try:
        for record in records(found, form.dull, calls.tally, goes_on):
            reason = record if isinstance(record, str) else reader.take(record)
            if reason and reason == form.not_mine and not isinstance(record, str) and of_another(form, record):
                reason = OTHER_FORMAT
            take(reason)
            if calls.waiting >= PART_CALLS:
                if form.cuts:
                    reader.finish(goes_on=True)
                    reader = form.reader(replace(span, continued=True), calls)
                yield
    finally:
        reader.finish(goes_on)
