"""Which calls are the same: those of equal key, and those of equal identity that sub-agents wrote down again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from burncurve.importers.parts import Wide

Flags = NDArray[np.bool_]


def firsts(key: Wide) -> Wide:
    """Return, row by row, the first row of equal key; the row itself where the key is 0."""
    order = np.argsort(key, kind="stable")
    begins = np.diff(key[order], prepend=key[order[:1]] - 1) != 0
    leaders = order[np.maximum.accumulate(np.where(begins, np.arange(len(key)), 0))]
    found = np.empty(len(key), dtype=np.int64)
    found[order] = leaders
    return np.where(key == 0, np.arange(len(key)), found)


def richest(first: Wide, output: Wide) -> Wide:
    """Return, for each row of `first` that stands for itself, which of its equals has most output; else the row."""
    rows = np.arange(len(first))
    again = np.flatnonzero(first != rows)
    best = rows.copy()
    for row in again.tolist():  # in order: of equal ones the first stays
        if output[row] > output[best[first[row]]]:
            best[first[row]] = row
    return best


def replayed(identity: Wide, side: Wide, kept: Flags) -> Flags:
    """Return which kept rows of sub-agents have the identity of a row of a main agent, or of an earlier sub-agent."""
    rows = np.flatnonzero(kept & (identity != 0))
    order = rows[np.lexsort((rows, side[rows], identity[rows]))]  # of equal ones main agents come first
    begins = np.diff(identity[order], prepend=identity[order[:1]] - 1) != 0
    found = np.zeros(len(identity), dtype=bool)
    found[order[~begins & (side[order] != 0)]] = True
    return found
