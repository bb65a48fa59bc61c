"""Why each token was paid for: every billed token falls under the first rule that fits (mechanics M24)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from burncurve.errors import InternalError, Problem
from burncurve.ledger import Kind, Ledger, Status


class Cause(StrEnum):
    """Why something was paid for, in the order in which the rules are tried; FEES are no call's."""

    FAILED = "failed"
    COMPACTION = "compaction"
    COORDINATION = "coordination"
    OUTPUT = "output"
    REASONING = "reasoning"
    BASE_REREAD = "base_reread"
    HISTORY_REREAD = "history_reread"
    MISS = "miss"
    CACHE_WRITE = "cache_write"
    NEW_INPUT = "new_input"
    WEB_SEARCH = "web_search"
    FEES = "fees"


CAUSES = tuple(Cause)
METERS = ("input", "cache_write_5m", "cache_write_1h", "cache_read", "output", "reasoning", "web_searches")
UNCACHED_METERS = METERS[:3]
COLUMNS = (*METERS, "fresh", "fresh_agents", "from_base")

PARTS = ("read_base", "read_history", "miss", "brief", "new", "output", "reasoning", "web_searches")
"""The parts of a call's billed tokens; those of the prompt come first, in the order in which they are sent."""
PROMPT_PARTS = 5

# What a whole call was for, as far as that alone decides the cause; an ordinary call is 0.
WHOLE_CALL = (None, Cause.COORDINATION, Cause.COMPACTION, Cause.FAILED)
_ANNOUNCES, _COMPACTS, _FAILED = 1, 2, 3
PURPOSE = np.array(
    [
        _FAILED
        if status == Status.ERROR
        else {Kind.ANNOUNCE: _ANNOUNCES, Kind.COMPACTION: _COMPACTS, Kind.FLUSH: _COMPACTS}.get(kind, 0)
        for status in Status
        for kind in Kind
    ],
    dtype=np.int8,
)
"""What a call was for, as a place in WHOLE_CALL: `PURPOSE[kind + len(Kind) * status]`."""
_OWN_CAUSE = {
    "brief": Cause.COORDINATION,
    "miss": Cause.MISS,
    "read_base": Cause.BASE_REREAD,
    "read_history": Cause.HISTORY_REREAD,
    "output": Cause.OUTPUT,
    "reasoning": Cause.REASONING,
    "web_searches": Cause.WEB_SEARCH,
}

Tokens = NDArray[np.integer]


def _meter_of(part: str, uncached_meter: int) -> str:
    if part in ("read_base", "read_history"):
        return "cache_read"
    return part if part in METERS else UNCACHED_METERS[uncached_meter]


def _cause_of(part: str, uncached_meter: int, purpose: int) -> Cause:
    whole = WHOLE_CALL[purpose]
    if whole is not None:
        return whole
    return _OWN_CAUSE.get(part) or (Cause.CACHE_WRITE if uncached_meter else Cause.NEW_INPUT)


_UNCACHED, _PURPOSES = range(len(UNCACHED_METERS)), range(len(WHOLE_CALL))
METER = np.array([[METERS.index(_meter_of(part, meter)) for meter in _UNCACHED] for part in PARTS])
"""The meter of a part, as a place in METERS: `METER[part, uncached_meter]`."""
CAUSE = np.array(
    [
        [[CAUSES.index(_cause_of(part, meter, purpose)) for purpose in _PURPOSES] for meter in _UNCACHED]
        for part in PARTS
    ]
)
"""Why a part was paid for, as a place in CAUSES: `CAUSE[part, uncached_meter, purpose]`."""


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive rows of a ledger, split: `parts` in the order of PARTS, None where all are 0.

    `uncached_meter` points into UNCACHED_METERS. Parts with a rule of their own are 0 where the purpose
    of the whole call decides; `new` and `read_history` then hold all of its prompt. An array or, where
    all rows agree, one number. `mixed`: some rows have uncached tokens on several meters, and 0 as `uncached_meter`.
    The parts begin `begins` tokens from the front of the prompt.
    """

    first: int
    rows: int
    parts: tuple[Tokens | None, ...]
    purpose: Tokens | int
    uncached_meter: Tokens | int
    mixed: bool = False
    begins: int = 0

    def prompt(self) -> Tokens:
        """Return the prompt tokens of each row."""
        return self.sum_of(range(PROMPT_PARTS))

    def sum_of(self, places: range) -> Tokens:
        """Return the sum of some parts for each row."""
        total = np.zeros(self.rows, dtype=np.int64)
        for part in self.parts[places.start : places.stop]:
            if part is not None:
                total += part
        return total


def split(ledger: Ledger, rows: slice) -> Block:
    """Return the parts of the tokens of some rows; raises InternalError where the ledger contradicts itself."""
    column = {name: ledger[name][rows] for name in COLUMNS}
    most = {name: _most(values) for name, values in column.items()}
    for name, values in column.items():
        if most[name] > np.iinfo(values.dtype).max:
            _forbid(values < 0, rows, "a negative number of tokens")
    _check_served(ledger, column, rows)
    uncached, meter, mixed = _uncached(column, most)
    purpose = _purpose(ledger, rows)
    return replace(_block(column, most, uncached, (purpose, meter), rows), mixed=mixed)


def _most(values: Tokens) -> int:
    """Return the largest number; read without its sign, so that a negative one is larger than any that fits."""
    return int(values.view(f"u{values.dtype.itemsize}").max(initial=0))


def _check_served(ledger: Ledger, column: Mapping[str, Tokens], rows: slice) -> None:
    status = ledger["status"][rows]
    if status.max(initial=0) > Status.ERROR:
        metered = np.zeros(len(status), dtype=bool)
        for name in METERS:
            metered |= column[name] != 0
        _forbid(metered & (status > Status.ERROR), rows, "a call that was not served has tokens on its meters")


def _uncached(column: Mapping[str, Tokens], most: Mapping[str, int]) -> tuple[Tokens, Tokens | int, bool]:
    """Return the uncached prompt tokens of each row, their meter, and whether some rows have several."""
    used = [number for number, name in enumerate(UNCACHED_METERS) if most[name]]
    if len(used) <= 1:
        number = used[0] if used else 0
        return column[UNCACHED_METERS[number]], number, False
    kinds = np.zeros(len(column["input"]), dtype=np.int8)
    meter = np.zeros(len(kinds), dtype=np.int8)
    total = np.zeros(len(kinds), dtype=np.int32)
    for number in used:
        on_it = column[UNCACHED_METERS[number]] > 0
        kinds += on_it
        meter += on_it * np.int8(number)
        total += column[UNCACHED_METERS[number]]
    if kinds.max(initial=0) > 1:
        return total, np.where(kinds > 1, np.int8(0), meter), True
    return total, meter, False


def _purpose(ledger: Ledger, rows: slice) -> Tokens | int:
    kind, status, again = (ledger[name][rows] for name in ("kind", "status", "task_attempt"))
    tried_again = again.max(initial=0) > 0
    if not (tried_again or kind.any() or status.any()):
        return 0
    purpose = PURPOSE[kind + np.int8(len(Kind)) * status]
    if tried_again:
        purpose = np.where(again > 0, np.int8(_FAILED), purpose)
    return purpose if purpose.any() else 0


def _block(
    column: Mapping[str, Tokens],
    most: Mapping[str, int],
    uncached: Tokens,
    kind: tuple[Tokens | int, Tokens | int],
    rows: slice,
) -> Block:
    purpose, fresh = kind[0], column["fresh"]
    read_base: Tokens = np.minimum(column["cache_read"], column["from_base"])
    miss: Tokens = uncached - fresh
    brief = column["fresh_agents"] if most["fresh_agents"] else None
    if not isinstance(purpose, int):  # these parts are none where the whole call has a purpose: times 0 is quickest
        ordinary = (purpose == 0).astype(np.int8)
        read_base *= ordinary
        miss *= ordinary
        brief = None if brief is None else brief * ordinary
    read_history: Tokens = column["cache_read"] - read_base
    new: Tokens = uncached - miss
    if brief is not None:
        new -= brief
    if miss.min(initial=0) < 0:
        _forbid(miss < 0, rows, "more tokens read from the cache than were sent before")
    if new.min(initial=0) < 0:
        _forbid(new < 0, rows, "more fresh tokens of briefs than fresh tokens")
    rest = (column[name] if most[name] else None for name in ("output", "reasoning", "web_searches"))
    reads = (read_base, read_history) if most["cache_read"] else (None, None)
    return Block(rows.start, len(fresh), (*reads, miss, brief, new, *rest), *kind)


def _forbid(wrong: NDArray[np.bool_], rows: slice, what: str) -> None:
    if wrong.any():
        raise InternalError(Problem(f"ledger row {rows.start + int(np.argmax(wrong))}", what, "please report this"))
