"""What became of every file and record: read, used, or skipped by reason, with the first place of each reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened, and where first."""

    count: int
    first: str


Counts = Mapping[str, Count]
Rank = Callable[[str], int]
MOST_REASONS = 200  # some name what the logs do, of which there may be any number
OTHER_REASONS = "other reasons"


@dataclass(frozen=True, slots=True)
class Account:
    """The whole account of a reading: `records` is `used` plus all of `skipped`.

    `remarks` are about records that were used though something in them was odd. `missing_bytes` were there when
    files were found, and no more when they were read.
    """

    files: int
    bytes: int
    records: int
    used: int
    skipped: Counts
    files_skipped: Counts
    remarks: Counts
    missing_bytes: int = 0

    @property
    def told(self) -> str:
        """How many files and records were read, in words."""
        files, records = ("" if count == 1 else "s" for count in (self.files, self.records))
        return f"{self.files:,} file{files}, {self.records:,} record{records} read"


@dataclass(slots=True)
class _Seen:
    """How often, and the number of the record (0: the whole file) and the file where first."""

    count: int
    file: str
    record: int


@dataclass(slots=True)
class Tally:
    """Counts while files are read; `place` is where the reading stands, `blank` how many records were in runs."""

    files: int = 0
    bytes: int = 0
    missing_bytes: int = 0
    records: int = 0
    used: int = 0
    file: str = ""
    record: int = 0
    blank: int = 0
    skipped: dict[str, _Seen] = field(default_factory=dict)
    files_skipped: dict[str, _Seen] = field(default_factory=dict)
    remarks: dict[str, _Seen] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """The file and the number of the record that is being read."""
        return _place(self.file, self.record)

    def take(self, reason: str) -> None:
        """Count a record that was read: used where there is no reason to skip it."""
        self.records += 1
        if reason:
            _add(self.skipped, reason, 1, self.file, self.record)
        else:
            self.used += 1

    def take_run(self, reason: str, count: int) -> None:
        """Count so many records in a row, the next to be read, all skipped for one reason."""
        _add(self.skipped, reason, count, self.file, self.record + 1)
        self.records += count
        self.record += count
        self.blank += count

    def skip_file(self, reason: str, name: str) -> None:
        """Count a file, or the rest of one, that was not read."""
        _add(self.files_skipped, reason, 1, name, 0)

    def remark(self, what: str) -> None:
        """Count something odd about a record that is used all the same."""
        _add(self.remarks, what, 1, self.file, self.record)

    def remark_later(self, what: str, count: int, file: str, record: int, rank: Rank) -> None:
        """Count something odd that was seen when all was read, with its first place."""
        _add(self.remarks, what, count, file, record, rank)

    def took_back(self, reason: str, count: int, file: str, record: int, rank: Rank) -> None:
        """Count used records, with the place of the first, as skipped after all."""
        self.used -= count
        _add(self.skipped, reason, count, file, record, rank)

    def add(self, other: Tally, records_before: int, known: Sequence[str] = ()) -> None:
        """Add what was counted later; its records follow on so many of the same file.

        Reasons to skip a file that are `known` of the same file count once.
        """
        self.files, self.bytes = self.files + other.files, self.bytes + other.bytes
        self.missing_bytes += other.missing_bytes
        self.records, self.used = self.records + other.records, self.used + other.used
        for mine, others in ((self.skipped, other.skipped), (self.remarks, other.remarks)):
            for reason, seen in others.items():
                _add(mine, reason, seen.count, seen.file, seen.record + records_before)
        for reason, seen in other.files_skipped.items():
            if reason not in known:
                _add(self.files_skipped, reason, seen.count, seen.file, 0)

    def handed_on(self) -> Tally:
        """Return what was counted so far, and count anew from the same place."""
        found = Tally(self.files, self.bytes, self.missing_bytes, self.records, self.used, self.file, self.record)
        found.skipped, found.files_skipped, found.remarks = self.skipped, self.files_skipped, self.remarks
        self.files = self.bytes = self.missing_bytes = self.records = self.used = 0
        self.skipped, self.files_skipped, self.remarks = {}, {}, {}
        return found

    def account(self) -> Account:
        """Return the counts as they stand."""
        skipped, files_skipped, remarks = (_told(each) for each in (self.skipped, self.files_skipped, self.remarks))
        return Account(
            self.files, self.bytes, self.records, self.used, skipped, files_skipped, remarks, self.missing_bytes
        )


def _place(file: str, record: int) -> str:
    name = file if file.isascii() else file.encode(errors="replace").decode()  # a name of a file may be any bytes
    return f"{name}:{record}" if record else name


def _told(counts: Mapping[str, _Seen]) -> Counts:
    return MappingProxyType(
        {reason: Count(seen.count, _place(seen.file, seen.record)) for reason, seen in counts.items()}
    )


def _add(counts: dict[str, _Seen], reason: str, count: int, file: str, record: int, rank: Rank | None = None) -> None:
    """Add to a count; places come in order but where `rank` tells the order of files."""
    if reason not in counts and len(counts) >= MOST_REASONS:
        reason = OTHER_REASONS
    seen = counts.get(reason)
    if seen is None:
        counts[reason] = _Seen(count, file, record)
        return
    seen.count += count
    if rank and (rank(file), record) < (rank(seen.file), seen.record):
        seen.file, seen.record = file, record
