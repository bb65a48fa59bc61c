"""Why each token was paid for: every billed token falls under the first rule that fits (mechanics M24)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from burncurve.billing.sums import Ints
from burncurve.errors import InternalError, Problem
from burncurve.ledger import Kind, Ledger, Status


class Cause(StrEnum):
    """Why tokens were paid for, in the order in which the rules are tried."""

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


CAUSES = tuple(Cause)
METERS = ("input", "cache_write_5m", "cache_write_1h", "cache_read", "output", "reasoning", "web_searches")
UNCACHED_METERS = METERS[:3]
_CACHE_READ, _OUTPUT, _REASONING, _WEB_SEARCHES = range(3, 7)

# What a whole call was for, as far as that alone decides the cause; an ordinary call is 0.
_WHOLE_CALL = (None, Cause.COORDINATION, Cause.COMPACTION, Cause.FAILED)
PURPOSES = len(_WHOLE_CALL)


@dataclass(frozen=True, slots=True)
class Parts:
    """The billed tokens of some calls, split so that each part has one meter and one rule; one entry per call.

    `uncached_meter` points into UNCACHED_METERS. Parts with a rule of their own are 0 where the
    purpose of the whole call decides; `new` and `read_history` then hold all of its prompt.
    """

    purpose: Ints
    uncached_meter: Ints
    brief: Ints
    miss: Ints
    new: Ints
    read_base: Ints
    read_history: Ints
    output: Ints
    reasoning: Ints
    web_searches: Ints

    @property
    def tokens(self) -> tuple[Ints, ...]:
        """The parts that are counted, in the order of `meters_and_causes`."""
        reads = (self.read_base, self.read_history)
        return (self.brief, self.miss, self.new, *reads, self.output, self.reasoning, self.web_searches)


def billed_rows(ledger: Ledger) -> Ints:
    """Return the numbers of the rows on which anything is billed; raises InternalError where nothing may be."""
    metered = np.zeros(len(ledger), dtype=bool)
    for meter in METERS:
        metered |= ledger[meter] != 0
    served = (ledger["status"] == Status.OK) | (ledger["status"] == Status.ERROR)
    _forbid(metered & ~served, np.arange(len(ledger)), "a call that was not served has tokens on its meters")
    return np.flatnonzero(metered)


def split(ledger: Ledger, rows: Ints) -> Parts:
    """Return the parts of the billed tokens of some rows; raises InternalError where the ledger contradicts itself."""
    column = {name: ledger[name][rows].astype(np.int64) for name in (*METERS, "fresh", "fresh_agents", "from_base")}
    read, fresh, brief = column["cache_read"], column["fresh"], column["fresh_agents"]
    uncached = column["input"] + column["cache_write_5m"] + column["cache_write_1h"]
    purpose = _purpose(ledger, rows)
    plain = purpose == 0
    miss = uncached - fresh
    _check(column, plain, miss, rows)
    return Parts(
        purpose=purpose,
        uncached_meter=(column["cache_write_5m"] > 0) + 2 * (column["cache_write_1h"] > 0),
        brief=np.where(plain, brief, 0),
        miss=np.where(plain, miss, 0),
        new=np.where(plain, fresh - brief, uncached),
        read_base=np.where(plain, np.minimum(read, column["from_base"]), 0),
        read_history=np.where(plain, np.maximum(read - column["from_base"], 0), read),
        output=column["output"],
        reasoning=column["reasoning"],
        web_searches=column["web_searches"],
    )


def meters_and_causes(purpose: Ints, uncached_meter: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Yield, for each part of `Parts.tokens`, its meter and its cause as places in METERS and CAUSES."""
    whole = np.array([CAUSES.index(cause) if cause else -1 for cause in _WHOLE_CALL])[purpose]
    written = np.where(uncached_meter > 0, CAUSES.index(Cause.CACHE_WRITE), CAUSES.index(Cause.NEW_INPUT))

    def fixed(meter: int, cause: Cause) -> tuple[Ints, Ints]:
        return np.full_like(purpose, meter), np.where(whole < 0, CAUSES.index(cause), whole)

    yield uncached_meter, fixed(0, Cause.COORDINATION)[1]
    yield uncached_meter, fixed(0, Cause.MISS)[1]
    yield uncached_meter, np.where(whole < 0, written, whole)
    yield fixed(_CACHE_READ, Cause.BASE_REREAD)
    yield fixed(_CACHE_READ, Cause.HISTORY_REREAD)
    yield fixed(_OUTPUT, Cause.OUTPUT)
    yield fixed(_REASONING, Cause.REASONING)
    yield fixed(_WEB_SEARCHES, Cause.WEB_SEARCH)


def _purpose(ledger: Ledger, rows: Ints) -> Ints:
    kind = ledger["kind"][rows]
    purpose = np.where(kind == Kind.ANNOUNCE, 1, 0)
    purpose[(kind == Kind.COMPACTION) | (kind == Kind.FLUSH)] = 2
    purpose[(ledger["status"][rows] == Status.ERROR) | (ledger["task_attempt"][rows] > 0)] = 3
    return purpose.astype(np.int64)


def _check(column: dict[str, Ints], plain: NDArray[np.bool_], miss: Ints, rows: Ints) -> None:
    negative = np.zeros(len(rows), dtype=bool)
    for tokens in column.values():
        negative |= tokens < 0
    _forbid(negative, rows, "a negative number of tokens")
    kinds = np.zeros(len(rows), dtype=np.int64)
    for meter in UNCACHED_METERS:
        kinds += column[meter] > 0
    _forbid(kinds > 1, rows, "uncached tokens on more than one meter")
    _forbid(plain & (miss < 0), rows, "more tokens read from the cache than were sent before")
    _forbid(plain & (column["fresh_agents"] > column["fresh"]), rows, "more fresh tokens of briefs than fresh tokens")


def _forbid(wrong: NDArray[np.bool_], rows: Ints, what: str) -> None:
    if wrong.any():
        raise InternalError(Problem(f"ledger row {rows[int(np.argmax(wrong))]}", what, "please report this"))
