"""Which calls are the same: those of equal key, and those of equal identity that sub-agents wrote down again.

Keys are looked at by the thousand, those together that begin alike, so that memory does not grow with their number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from burncurve.importers.spilled import ROWS_AT_ONCE, Flags, Wide, pieces


def again(key: Wide) -> tuple[Wide, Wide]:
    """Return the rows whose key an earlier row has, and the first of those, by row; a key of 0 is none."""
    found = [_again(key, rows) for rows in _alike(key, lambda _: True)]
    return _by_row(found)


def _again(key: Wide, rows: Wide) -> tuple[Wide, Wide]:
    order = rows[np.argsort(key[rows], kind="stable")]
    begins = _begins(key[order])
    leaders = order[np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))]
    return order[~begins], leaders[~begins]


def replayed(identity: Wide, side: Wide, kept: Flags) -> Wide:
    """Return the kept rows of sub-agents whose identity a row of a main agent has, or of an earlier sub-agent."""
    found = [np.zeros(0, dtype=np.int64)]
    for rows in _alike(identity, lambda part: kept[part]):
        order = rows[np.lexsort((rows, side[rows], identity[rows]))]  # of equal ones main agents come first
        found.append(order[~_begins(identity[order]) & (side[order] != 0)])
    return np.sort(np.concatenate(found))


def richest(rows: Wide, first: Wide, output: Wide) -> tuple[Wide, Wide]:
    """Return first rows of equals and which of them has more output than they, if any; of several the first."""
    every = np.concatenate((np.unique(first), rows))
    leader = np.concatenate((every[: len(every) - len(rows)], first))
    order = np.lexsort((every, -output[every], leader))
    best = order[_begins(leader[order])]
    more = every[best] != leader[best]
    return leader[best][more], every[best][more]


def _alike(key: Wide, wanted: Callable[[slice], Flags | bool]) -> Iterator[Wide]:
    """Yield the rows of wanted keys, those of equal key together, in groups that fit into memory."""
    parts = 1 + len(key) // ROWS_AT_ONCE
    for number in range(parts):
        found = [
            part.start + np.flatnonzero((key[part] != 0) & (key[part] % parts == number) & wanted(part))
            for part in pieces(len(key))
        ]
        rows = np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
        if len(rows):
            yield rows


def _begins(values: Wide) -> Flags:
    """Return where runs of equal values begin."""
    found = np.ones(len(values), dtype=bool)
    found[1:] = values[1:] != values[:-1]
    return found


def _by_row(found: list[tuple[Wide, Wide]]) -> tuple[Wide, Wide]:
    none = np.zeros(0, dtype=np.int64)
    rows, first = (np.concatenate([none, *(pair[side] for pair in found)]) for side in (0, 1))
    order = np.argsort(rows)
    return rows[order], first[order]
