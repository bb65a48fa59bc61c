"""Values of some rows instead of those that lie on disk, until all are read once more."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from burncurve.importers.spilled import Ints, Wide


class Changes:
    """New values by column and row; what is put later counts."""

    def __init__(self) -> None:
        self._new: dict[str, list[tuple[Wide, Wide]]] = {}
        self._ordered: dict[str, tuple[Wide, Wide]] = {}

    def put(self, name: str, rows: Wide, values: Wide) -> None:
        """Change a column at some rows."""
        if len(rows):
            self._new.setdefault(name, []).append((rows, values))

    def value(self, name: str, rows: slice, values: Ints) -> Ints:
        """Return the values of some rows in a row of a column, changed where they were."""
        at, new = self._of(name)
        low, high = np.searchsorted(at, (rows.start, rows.stop))
        if low < high:
            values[at[low:high] - rows.start] = new[low:high]
        return values

    def _of(self, name: str) -> tuple[Wide, Wide]:
        for rows, values in self._new.pop(name, ()):
            at, new = self._ordered.get(name, (rows[:0], values[:0]))
            found, last = np.unique(np.concatenate((at, rows))[::-1], return_index=True)
            self._ordered[name] = found, np.concatenate((new, values))[::-1][last]
        none = np.zeros(0, dtype=np.int64)
        return self._ordered.get(name, (none, none))


def renamed(values: Ints, names: Mapping[int, int]) -> Ints:
    """Return values with some numbers, which may be far apart, in the place of others."""
    if not names:
        return values
    old = np.array(sorted(names), dtype=np.int64)
    new = np.array([names[number] for number in old.tolist()], dtype=np.int64)
    place = np.minimum(np.searchsorted(old, values), len(old) - 1)
    return np.where(old[place] == values, new[place], values)
