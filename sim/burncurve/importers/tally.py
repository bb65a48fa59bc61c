"""What became of every file and record: read, used, or skipped by reason, with the first place of each reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened, and where first."""

    count: int
    first: str


Counts = Mapping[str, Count]


@dataclass(frozen=True, slots=True)
class Account:
    """The whole account of a reading: `records` is `used` plus all of `skipped`.

    `remarks` are about records that were used though something in them was odd.
    """

    files: int
    bytes: int
    records: int
    used: int
    skipped: Counts
    files_skipped: Counts
    remarks: Counts


@dataclass(slots=True)
class Tally:
    """Counts while files are read; `place` is where the reading stands."""

    files: int = 0
    bytes: int = 0
    records: int = 0
    used: int = 0
    file: str = ""
    record: int = 0
    _skipped: dict[str, Count] = field(default_factory=dict)
    _files_skipped: dict[str, Count] = field(default_factory=dict)
    _remarks: dict[str, Count] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """The file and the number of the record that is being read."""
        return f"{self.file}:{self.record}"

    def take(self, reason: str) -> None:
        """Count a record that was read: used where there is no reason to skip it."""
        self.records += 1
        if reason:
            _add(self._skipped, reason, self.place)
        else:
            self.used += 1

    def skip_file(self, reason: str, name: str) -> None:
        """Count a file, or the rest of one, that was not read."""
        _add(self._files_skipped, reason, name)

    def remark(self, what: str) -> None:
        """Count something odd about a record that is used all the same."""
        _add(self._remarks, what, self.place)

    def took_back(self, reason: str, place: str) -> None:
        """Count a used record as skipped after all."""
        self.used -= 1
        _add(self._skipped, reason, place)

    def account(self) -> Account:
        """Return the counts as they stand."""
        counts = (MappingProxyType(dict(each)) for each in (self._skipped, self._files_skipped, self._remarks))
        return Account(self.files, self.bytes, self.records, self.used, *counts)


def _add(counts: dict[str, Count], reason: str, place: str) -> None:
    seen = counts.get(reason)
    counts[reason] = Count(1, place) if seen is None else Count(seen.count + 1, seen.first)
