"""Which calls are the same: those of equal key, and those of equal identity that sub-agents wrote down again.

Calls come sorted, those of equal key or identity together, some thousand at a time.
"""

from __future__ import annotations

import numpy as np

from burncurve.importers.sorting import Columns, Sorted
from burncurve.importers.spilled import Flags, Wide

EQUAL = {"key": "int64", "row": "int64", "output": "int64", "client": "int16"}
REPLAYED = {"identity": "int64", "sub_agent": "int8", "row": "int64", "client": "int16"}


def by_key() -> Sorted:
    """Return what puts rows of EQUAL together that have equal keys, the earliest first."""
    return Sorted(EQUAL, keys=2, together=1)


def by_identity() -> Sorted:
    """Return what puts rows of REPLAYED together that have equal identities: those of main agents first."""
    return Sorted(REPLAYED, keys=3, together=1)


def again(part: Columns) -> tuple[Wide, Wide]:
    """Return the places in a part by key of rows whose key an earlier row has, and that of the first of those each."""
    begins = _begins(part["key"])
    leaders = np.maximum.accumulate(np.where(begins, np.arange(len(begins)), 0))
    at = np.flatnonzero(~begins)
    return at, leaders[at]


def richest(at: Wide, first: Wide, part: Columns) -> tuple[Wide, Wide]:
    """Return first rows of equals and which row of them has more output than they, if any; of several the first."""
    every = np.concatenate((np.unique(first), at))
    leader = np.concatenate((every[: len(every) - len(at)], first))
    order = np.lexsort((every, -part["output"][every], leader))
    best = order[_begins(leader[order])]
    more = every[best] != leader[best]
    return part["row"][leader[best][more]], part["row"][every[best][more]]


def replayed(part: Columns) -> Wide:
    """Return the places in a part by identity of rows of sub-agents whose identity stands before them."""
    return np.flatnonzero(~_begins(part["identity"]) & (part["sub_agent"] != 0))


class Kept:
    """Which rows remain: a bit for each."""

    def __init__(self, rows: int) -> None:
        self._bits = np.full(rows // 8 + 1, 255, dtype=np.uint8)

    def drop(self, rows: Wide) -> None:
        """Let some remain no longer."""
        np.bitwise_and.at(self._bits, rows >> 3, ~(1 << (rows & 7)).astype(np.uint8))

    def of(self, rows: slice) -> Flags:
        """Return for some rows in a row whether they remain."""
        first = rows.start >> 3
        bits = np.unpackbits(self._bits[first : (rows.stop >> 3) + 1], bitorder="little")
        return bits[rows.start - 8 * first : rows.stop - 8 * first].astype(bool)


def _begins(values: Wide) -> Flags:
    """Return where runs of equal values begin."""
    found = np.ones(len(values), dtype=bool)
    found[1:] = values[1:] != values[:-1]
    return found
