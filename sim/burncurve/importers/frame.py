"""What every importer is: a reader that takes the records of one file one by one and says which it could not use."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from burncurve.importers.calls import Call, Calls, hashed
from burncurve.importers.spans import Span
from burncurve.importers.values import UNKNOWN_US, Absurd, moment_us, pico_usd

Record = Mapping[str, Any]
USED = ""
NO_TIME = "a time that cannot be read, or before 2000 or from 2100 on: taken as not known"
NO_COST = "a stated cost that is no amount of dollars from 0 to a million: taken as not stated"


class Reader(ABC):
    """Takes the records of one file; what `take` returns is the reason to skip the record, USED for none."""

    def __init__(self, span: Span, calls: Calls) -> None:
        self._calls = calls

    def _moment_us(self, value: object) -> int:
        """Return a time as `moment_us` does, and remark one that is there and is none."""
        us = moment_us(value)
        if us == UNKNOWN_US and value not in (None, ""):
            self._calls.tally.remark(NO_TIME)
        return us

    def _stated_pico(self, value: object) -> int:
        """Return a stated cost as `pico_usd` does, and remark one that is there and is none."""
        pico = pico_usd(value)
        if pico < 0 and value not in (None, ""):
            self._calls.tally.remark(NO_COST)
        return pico

    @abstractmethod
    def take(self, record: Record) -> str: ...

    def finish(self, goes_on: bool) -> None:  # noqa: B027 (most readers keep nothing back)
        """Put down what waited for the end of the file, or of the part of it after which another reader goes on."""


def put(calls: Calls, key: tuple[str, ...], make: Callable[[], Call], repeated: str) -> str:
    """Make a call and put it down; return why not, or USED.

    A key that ends in a name belongs to one call: a second one in the same file is skipped as `repeated`.
    """
    number = hashed(*key) if key and key[-1] else 0
    if number and number in calls.keys:
        return repeated
    try:
        call = make()
    except Absurd as field:
        return f"impossible count in {field}"
    call.key = number
    calls.keys.add(number)
    calls.add(call)
    return USED


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of log: its name, where its program puts files below a home folder, and how they are read.

    `recognises` is asked about single records; `dull` returns, from the bytes of a line, a reason to skip it
    unparsed, or USED. `repeated` and `replayed` are the reasons by which calls of equal key and of equal identity
    in other files are left out. Files of a format that `cuts` are read in ranges by several readers, of which
    each tells the next where conversations stand; `further` is the reason for a call that one before began.
    Records skipped as `not_mine` may be of another format.
    """

    name: str
    client: str
    places: tuple[str, ...]
    recognises: Callable[[Record], bool]
    reader: Callable[[Span, Calls], Reader]
    dull: Callable[[bytes], str] | None = None
    repeated: str = ""
    replayed: str = ""
    further: str = ""
    cuts: bool = False
    not_mine: str = ""
