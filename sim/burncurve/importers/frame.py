"""What every importer is: a reader that takes the records of one file one by one and says which it could not use."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from burncurve.importers.calls import Call, Calls
from burncurve.importers.values import Absurd

Record = Mapping[str, Any]
USED = ""


class Reader(ABC):
    """Takes the records of one file; what `take` returns is the reason to skip the record, USED for none."""

    def __init__(self, path: Path, calls: Calls) -> None:
        self._calls = calls

    @abstractmethod
    def take(self, record: Record) -> str: ...

    def finish(self) -> None:  # noqa: B027 (most readers keep nothing back)
        """Put down what waited for the end of the file."""


def put(calls: Calls, key: tuple[str, ...], make: Callable[[], Call]) -> str:
    """Make a call and put it down, under its key where that ends in a name; return why not, or USED."""
    try:
        call = make()
    except Absurd as field:
        return f"impossible count in {field}"
    row = calls.add(call)
    if key and key[-1]:
        calls.row_of[key] = row
    return USED


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of log: its name, where its program puts files below a home folder, and how they are read.

    `recognises` is asked about single records; `dull` returns, from the bytes of a line, a reason to skip it
    unparsed, or USED.
    """

    name: str
    client: str
    places: tuple[str, ...]
    recognises: Callable[[Record], bool]
    reader: Callable[[Path, Calls], Reader]
    dull: Callable[[bytes], str] | None = None
    finished: Callable[[Calls], None] | None = None
