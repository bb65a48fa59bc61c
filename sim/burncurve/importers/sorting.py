"""Rows put in order on disk, however many there are: sorted runs, of which a range of keys is merged at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from burncurve.importers import spilled
from burncurve.importers.spilled import Ints, Spilled, Wide

SAMPLES = 64  # keys of each run that are kept in memory, to find ranges of about equal size
Rows = NDArray[Any]
Columns = Mapping[str, Ints]


class Sorted:
    """Rows of numbers, ordered by the first `keys` of their columns.

    Rows that are alike in the first `together` of the keys are given out together: these are all that must fit into
    memory, beside some thousand rows.
    """

    def __init__(self, dtypes: Mapping[str, DTypeLike], keys: int, together: int) -> None:
        self._dtype = np.dtype([(name, np.dtype(dtype)) for name, dtype in dtypes.items()])
        self._keys, self._together = list(dtypes)[:keys], list(dtypes)[:together]
        self._runs, self._ends = Spilled({"rows": self._dtype}), [0]
        self._waiting: list[Rows] = []

    def add(self, columns: Columns) -> None:
        """Take rows; raises InputError where there is no room for them on disk."""
        block = np.empty(len(columns[self._keys[0]]), dtype=self._dtype)
        for name in self._dtype.names or ():
            block[name] = columns[name]
        self._waiting.append(block)
        if sum(map(len, self._waiting)) >= spilled.ROWS_AT_ONCE:
            self._run()

    def ranges(self) -> Iterator[Columns]:
        """Yield the columns of all rows in order, some thousand rows at a time."""
        if len(self._ends) == 1:
            self._waiting = [self._in_order(self._waiting)]
            yield from map(_columns, filter(len, self._waiting))
            return
        if self._waiting:
            self._run()
        cuts = self._cuts(self._splitters())
        for begins, ends in pairwise(cuts):
            parts = [
                self._runs.read("rows", slice(begin, end))
                for begin, end in zip(begins, ends, strict=True)
                if begin < end
            ]
            if parts:
                yield _columns(self._in_order(parts) if len(parts) > 1 else parts[0])

    def _run(self) -> None:
        block = self._in_order(self._waiting)
        self._waiting = []
        self._runs.add([("rows", block)])
        self._ends.append(self._ends[-1] + len(block))

    def _in_order(self, parts: Sequence[Rows]) -> Rows:
        """Return rows together; as bytes they are copied many times faster than as columns."""
        whole = np.dtype((np.void, self._dtype.itemsize))
        block: Rows = np.concatenate([part.view(whole) for part in parts] or [np.empty(0, dtype=whole)])
        keys = block.view(self._dtype)
        return block.take(np.lexsort([keys[name] for name in reversed(self._keys)])).view(self._dtype)

    def _keys_of_runs(self) -> Iterator[list[Wide]]:
        """Yield of each run the keys by which ranges are told apart."""
        for begin, end in pairwise(self._ends):
            block = self._runs.read("rows", slice(begin, end))
            yield [block[name].astype(np.int64) for name in self._together]

    def _splitters(self) -> list[Wide]:
        """Return the keys at which ranges begin, but the first."""
        step = max(1, spilled.ROWS_AT_ONCE // SAMPLES)
        sampled = [[key[::step].copy() for key in keys] for keys in self._keys_of_runs()]
        columns = [np.concatenate(each) for each in zip(*sampled, strict=True)]
        order = np.lexsort(columns[::-1])[:: max(1, spilled.ROWS_AT_ONCE // step)][1:]
        chosen = [key[order] for key in columns]
        new = np.ones(len(order), dtype=bool)
        new[1:] = np.any([key[1:] != key[:-1] for key in chosen], axis=0)
        return [key[new] for key in chosen]

    def _cuts(self, splitters: list[Wide]) -> list[list[int]]:
        """Return where each range begins in each run, and at last where the runs end: by range, then by run."""
        by_run = [
            [begin, *(begin + _places(keys, splitters)).tolist(), end]
            for (begin, end), keys in zip(pairwise(self._ends), self._keys_of_runs(), strict=True)
        ]
        return [list(each) for each in zip(*by_run, strict=True)]


def _places(keys: Sequence[Wide], splitters: Sequence[Wide]) -> Wide:
    """Return how many of some rows in order come before each of the splitters, which are in order too."""
    count = len(splitters[0])
    both = [np.concatenate(pair) for pair in zip(splitters, keys, strict=True)]
    return np.flatnonzero(np.lexsort(both[::-1]) < count) - np.arange(count)  # of equal ones splitters come first


def _columns(block: Rows) -> Columns:
    return {name: block[name] for name in block.dtype.names or ()}


def evenly(parts: Iterable[Columns]) -> Iterator[Columns]:
    """Yield the same rows in pieces of one size, but the last."""
    waiting: list[Columns] = []
    for part in parts:
        waiting.append(part)
        held = _length(waiting)
        if held >= spilled.ROWS_AT_ONCE:
            whole = {name: np.concatenate([each[name] for each in waiting]) for name in part}
            end = held - held % spilled.ROWS_AT_ONCE
            for begin in range(0, end, spilled.ROWS_AT_ONCE):
                yield {name: values[begin : begin + spilled.ROWS_AT_ONCE] for name, values in whole.items()}
            waiting = [{name: values[end:] for name, values in whole.items()}]
    if _length(waiting):
        yield {name: np.concatenate([each[name] for each in waiting]) for name in waiting[0]}


def _length(parts: Sequence[Columns]) -> int:
    return sum(len(next(iter(part.values()))) for part in parts)
