"""Exact integer sums of many rows by group, at array speed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Cells = tuple[Ints, Ints]
"""Keys, ascending, and the sums of each part by key: `sums[part, key]`."""

_MOST_PER_ROW = 4  # keys that a block's table may have for each of its rows
_EXACT_IN_FLOAT = 2**53


def separated(keys: Ints, sizes: Sequence[int]) -> list[Ints]:
    """Return the columns of which keys were made, each a number below its size, the first one's size unbounded."""
    columns: list[Ints] = []
    for size in reversed(sizes[1:]):
        keys, column = np.divmod(keys, size)
        columns.append(column)
    return [keys, *columns[::-1]]


def cells_of(key: Ints, parts: Sequence[NDArray[np.integer] | None], per_first: int) -> Cells:
    """Return the cells of some rows; None for a part of which there is nothing.

    `per_first` is how many keys the first key column's numbers are apart.
    """
    low = int(key.min(initial=0)) // per_first * per_first
    if int(key.max(initial=0)) - low < _MOST_PER_ROW * len(key):
        group, present = key - low, None
        count = int(group.max(initial=0)) + 1
    else:
        present, group = np.unique(key, return_inverse=True)
        count = len(present)
    sums = np.zeros((len(parts), count), dtype=np.int64)
    for number, part in enumerate(parts):
        if part is not None:
            sums[number] = summed(group, part, count)
    if present is None:
        some = np.flatnonzero(sums.any(axis=0))
        return some + low, sums[:, some]
    return present, sums


def summed(group: Ints, values: NDArray[np.integer], count: int) -> Ints:
    """Return the sum of non-negative values in each group, exactly."""
    if int(values.max(initial=0)) * len(values) < _EXACT_IN_FLOAT:  # every partial sum is a whole number in a double
        return np.bincount(group, weights=values, minlength=count).astype(np.int64)
    sums = np.zeros(count, dtype=np.int64)
    np.add.at(sums, group, values)
    return sums


def joined(cells: Iterable[Cells], parts: int) -> Cells:
    """Return the cells of all blocks, those of equal keys added up, those without anything left out."""
    found = list(cells)
    if not found:
        return np.zeros(0, dtype=np.int64), np.zeros((parts, 0), dtype=np.int64)
    keys, place = np.unique(np.concatenate([key for key, _ in found]), return_inverse=True)
    sums = np.zeros((parts, len(keys)), dtype=np.int64)
    for number, values in enumerate(np.concatenate([each for _, each in found], axis=1)):
        np.add.at(sums[number], place.reshape(-1), values)
    some = sums.any(axis=0)
    return keys[some], sums[:, some]
