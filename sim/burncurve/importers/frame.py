"""What every importer is: a reader that takes the records of one file one by one and says which it could not use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from burncurve.importers.calls import Calls

Record = Mapping[str, Any]
USED = ""


class Reader(Protocol):
    """Takes records of one file; what `take` returns is the reason to skip the record, USED for none."""

    def take(self, record: Record) -> str: ...

    def finish(self) -> None: ...


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
