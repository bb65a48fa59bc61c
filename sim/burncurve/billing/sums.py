"""Exact integer sums of many rows by group, at array speed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from burncurve.ledger import Ledger

_EXACT_IN_FLOAT = 2**53
_DENSE_KEYS = 1 << 22

Ints = NDArray[np.int64]


def sum_of(ledger: Ledger, columns: Sequence[str], rows: Ints) -> Ints:
    """Return the sum of some columns for each of the rows."""
    total = np.zeros(len(rows), dtype=np.int64)
    for name in columns:
        total += ledger[name][rows]
    return total


def combined(columns: Sequence[Ints], sizes: Sequence[int]) -> Ints:
    """Return one key per row from columns of numbers below their sizes; raises OverflowError beyond 63 bits."""
    if np.prod([float(size) for size in sizes]) >= 2.0**62:
        raise OverflowError("too many combinations to group by")
    key = np.zeros(len(columns[0]), dtype=np.int64)
    for column, size in zip(columns, sizes, strict=True):
        key = key * size + column
    return key


def separated(keys: Ints, sizes: Sequence[int]) -> list[Ints]:
    """Return the columns that `combined` made the keys of."""
    columns: list[Ints] = []
    for size in reversed(sizes):
        keys, column = np.divmod(keys, size)
        columns.append(column)
    return columns[::-1]


def grouped(key: Ints, count: int) -> tuple[Ints, Ints]:
    """Return the keys that occur, ascending, and the place of each row's key among them; keys are below `count`."""
    if count > _DENSE_KEYS:
        present, group = np.unique(key, return_inverse=True)
        return present, group.reshape(-1).astype(np.int64)
    seen = np.zeros(count, dtype=bool)
    seen[key] = True
    present = np.flatnonzero(seen)
    place = np.zeros(count, dtype=np.int64)
    place[present] = np.arange(len(present))
    return present, place[key]


def summed(group: Ints, values: Ints, count: int) -> Ints:
    """Return the sum of non-negative values in each group, exactly."""
    if int(values.sum()) < _EXACT_IN_FLOAT:  # then every partial sum is a whole number that a double holds
        return np.bincount(group, weights=values, minlength=count).astype(np.int64)
    sums = np.zeros(count, dtype=np.int64)
    np.add.at(sums, group, values)
    return sums
