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
_FEW = 16  # comparing every row with so many numbers is quicker than any search


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
    low = int(key.min()) // per_first * per_first if key.size else 0
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
    whole = np.concatenate([sums for _, sums in found], axis=1)
    keys, sums = cells_of(np.concatenate([key for key, _ in found]), list(whole), 1)
    some = sums.any(axis=0)
    return keys[some], sums[:, some]


def present(numbers: NDArray[np.integer]) -> Ints:
    """Return the numbers that occur, ascending; they are close together: counting them is quicker than sorting."""
    if not numbers.size:
        return np.zeros(0, dtype=np.int64)
    low, high = int(numbers.min()), int(numbers.max())  # replications of a piece may begin anywhere
    if high - low < _FEW:
        return np.array([each for each in range(low, high + 1) if (numbers == each).any()], dtype=np.int64)
    turns = np.flatnonzero(numbers[1:] != numbers[:-1])
    if len(turns) < len(numbers) // _FEW:  # equal ones stand together
        return np.unique(np.append(numbers[turns], numbers[-1])).astype(np.int64)
    return np.flatnonzero(np.bincount(numbers - low)) + low


def reached(bounds: Ints, values: Sequence[int] | NDArray[np.integer]) -> NDArray[np.integer]:
    """Return how many of ascending bounds each value has come up to; to compare with a few of them is quickest."""
    values = np.asarray(values)
    if len(bounds) > _FEW:
        return np.searchsorted(bounds, values, side="right")
    count: NDArray[np.integer] = np.zeros(len(values), dtype=np.int32)
    for bound in bounds:
        count += values >= bound
    return count
