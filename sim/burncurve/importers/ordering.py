"""Observed calls put in order, however many there are: sessions by their first call, calls within them by time.

All but a few numbers for each session that spawned others is on disk; the calls of one session must fit into memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from burncurve.columns import Column
from burncurve.importers.names import Hashed
from burncurve.importers.observed import SCHEMA, Observed, known_us, times
from burncurve.importers.sorting import Columns, Sorted
from burncurve.importers.spilled import Flags, Ints, Spilled, Wide, pieces

NEVER = np.iinfo(np.int64).max
_DTYPES = {column.name: column.dtype for column in SCHEMA}
_WIDE = dict.fromkeys(("session", "row", "parent", "request"), "int64")
_BY_SESSION = _WIDE | {name: dtype for name, dtype in _DTYPES.items() if name not in _WIDE}
_BY_TIME = dict.fromkeys(("opened_us", "first", "place"), "int64") | _BY_SESSION


def ordered(parts: Iterable[Columns], names: Mapping[str, Sequence[str]], sessions: Hashed) -> Observed:
    """Return observed calls in order: sessions and requests renumbered by time.

    The parts have the columns of SCHEMA in the order of the logs, sessions by the numbers that `sessions` gave them,
    and `row`, which ascends. Sessions that no row names are left out. A call without a time keeps its place behind
    the one written before it. A `user_turn` below 0 becomes 1 for the first call of its request. Sessions without any
    time come behind, then parents without a call. The columns found lie on disk.
    Raises OverflowError where a value does not fit its column, which readers make sure of.
    """
    parents = _Parents()
    by_time = _by_time(_by_session(parts), parents)
    found, numbers, count = Spilled(_DTYPES), Spilled({"session": "int64"}), 0
    for part in by_time.ranges():
        begins = _begins(part["first"])
        number = count - 1 + np.cumsum(begins)
        new = {"session": number, "parent": parents.places(part["parent"])}
        found.add((name, new.get(name, part[name])) for name in _DTYPES)
        numbers.add([("session", part["session"][begins])])
        parents.met(part["session"][begins], number[begins])
        count += int(begins.sum())
    numbers.add([("session", parents.others(count))])
    found.replace("parent", (parents.numbers(found.read("parent", rows)) for rows in pieces(len(found["parent"]))))
    return Observed(found, {**names, "sessions": sessions.in_order(numbers)})


def _by_session(parts: Iterable[Columns]) -> Sorted:
    found = Sorted(_BY_SESSION, keys=2, together=1)
    for part in parts:
        narrow = {column.name: _fitted(part[column.name], column) for column in SCHEMA if column.name not in _WIDE}
        found.add(narrow | {name: part[name] for name in _WIDE})
    return found


def _by_time(by_session: Sorted, parents: _Parents) -> Sorted:
    """Return the calls by the first time of their session, then by its first row, and in order within each."""
    found, count = Sorted(_BY_TIME, keys=3, together=2), 0
    for part in by_session.ranges():
        parents.add(part["parent"], part["row"])
        begins = _begins(part["session"])
        session, at_us = np.cumsum(begins) - 1, known_us(part)
        opened_us = np.minimum.reduceat(np.where(at_us >= 0, at_us, NEVER - 1), np.flatnonzero(begins))
        new = {"opened_us": opened_us[session], "first": part["row"][begins][session]}
        found.add(_within(part, new, session, count))
        count += len(session)
    return found


def _within(part: Columns, new: Columns, session: Wide, count: int) -> Columns:
    """Return the columns of whole sessions, with new ones, their calls in order; `count` have gone before."""
    order = np.lexsort((times(session, known_us(part)), session))
    columns = {name: values[order] for name, values in {**part, **new}.items()}
    appeared, first = _by_appearance(session, columns["request"])
    return columns | {
        "place": np.arange(count, count + len(session)),
        "request": appeared,
        "user_turn": np.where(columns["user_turn"] < 0, first, columns["user_turn"]),
    }


def _by_appearance(session: Wide, request: Ints) -> tuple[Wide, Wide]:
    """Return each request's number by its first call in its session, and 1 for those first calls."""
    at_open = np.flatnonzero(np.diff(session, prepend=-1))  # rows come by session
    _, first, group = np.unique(
        session * (int(request.max(initial=0)) + 2) + request, return_index=True, return_inverse=True
    )
    is_first = np.zeros(len(session), dtype=np.int64)
    is_first[first] = 1
    so_far = np.cumsum(is_first)
    before = np.repeat(so_far[at_open] - 1, np.diff(np.append(at_open, len(session))))
    return so_far[first][group.reshape(-1)] - 1 - before, is_first


class _Parents:
    """Sessions that are named as another's: which row names each first, and its number once that is known."""

    def __init__(self) -> None:
        self._known, self._row, self._number = (np.zeros(0, dtype=np.int64) for _ in range(3))

    def add(self, parent: Wide, row: Wide) -> None:
        """Take the parents of some rows; below 0 is none."""
        named = parent >= 0
        if named.any():
            known, place = np.unique(np.concatenate((self._known, parent[named])), return_inverse=True)
            first = np.full(len(known), NEVER)
            np.minimum.at(first, place.reshape(-1), np.concatenate((self._row, row[named])))
            self._known, self._row, self._number = known, first, np.full(len(known), -1)

    def places(self, parent: Wide) -> Wide:
        """Return where each is kept, -1 for none."""
        return np.where(parent >= 0, np.searchsorted(self._known, parent), -1)

    def met(self, session: Wide, number: Wide) -> None:
        """Learn the numbers of sessions, be they parents or not."""
        if len(self._known):
            place = np.minimum(np.searchsorted(self._known, session), len(self._known) - 1)
            known = self._known[place] == session
            self._number[place[known]] = number[known]

    def others(self, count: int) -> Wide:
        """Return the parents that have no number, in the order in which they get those from `count` on."""
        at = np.flatnonzero(self._number < 0)
        at = at[np.argsort(self._row[at])]
        self._number[at] = count + np.arange(len(at))
        return self._known[at]

    def numbers(self, place: Ints) -> Wide:
        """Return the numbers of parents by where they are kept."""
        return np.append(self._number, -1)[place]


def _begins(values: Wide) -> Flags:
    found = np.ones(len(values), dtype=bool)
    found[1:] = values[1:] != values[:-1]
    return found


def _fitted(values: Ints, column: Column) -> Ints:
    narrow: Ints = values.astype(column.dtype)
    if not np.array_equal(narrow, values):
        raise OverflowError(f"a value of the column {column.name} does not fit {column.dtype}")
    return narrow
