"""The work on each request of observed calls: tasks numbered by time, and which of them spawned the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from burncurve.importers.observed import Observed
from burncurve.importers.sorting import Sorted
from burncurve.importers.spilled import Ints, Spilled, Wide

DEEPEST = 100


@dataclass(frozen=True)
class Seen:
    """Rows of whole sessions: where they are, when each call was asked for, and which task of all it is of.

    Tasks are counted in the order of the rows; `first` are the rows, of these, with which each of them begins.
    """

    rows: slice
    some: Observed
    at_us: Wide
    first: Wide
    task: Wide


def seen(observed: Observed, otherwise_us: int) -> Iterator[Seen]:
    """Yield the rows of some sessions after the other; calls of sessions without any time are at `otherwise_us`."""
    count = 0
    for rows in observed.sessions():
        some = observed.part(rows)
        session, request = some["session"].astype(np.int64), some["request"].astype(np.int64)
        # one number for each pair: both count calls at most
        pair = session * (int(request.max(initial=0)) + 1) + request
        _, first, group = np.unique(pair, return_index=True, return_inverse=True)
        yield Seen(rows, some, some.asked_us(otherwise_us), first, group.reshape(-1) + count)
        count += len(first)


@dataclass(frozen=True)
class Children:
    """Sessions that others spawned, in order: the task at work there when each began (-1: none), and its depth."""

    session: Wide
    task: Wide
    depth: Wide

    def of(self, values: Wide, session: Ints) -> Wide:
        """Return the value of each row's session, which is 0 where nothing spawned it."""
        if not len(self.session):
            return np.zeros(len(session), dtype=np.int64)
        place = np.minimum(np.searchsorted(self.session, session), len(self.session) - 1)
        return np.where(self.session[place] == session, values[place], 0)


@dataclass(frozen=True)
class Tasks:
    """The number of each task by time, on disk, and what spawned what."""

    numbers: Spilled
    children: Children
    start_us: int

    def of(self, part: Seen) -> Ints:
        """Return the number of each row's task."""
        return _numbers(self.numbers, part)


def tasks(observed: Observed, otherwise_us: int) -> Tasks:
    """Return the tasks of observed calls, numbered by the time of their first call, then by its row."""
    by_time = Sorted({"at_us": "int64", "task": "int32"}, keys=2, together=2)
    born, start_us, count = [np.zeros((3, 0), dtype=np.int64)], otherwise_us, 0
    for part in seen(observed, otherwise_us):
        by_time.add({"at_us": part.at_us[part.first], "task": np.arange(count, count + len(part.first))})
        born.append(_born(part))
        start_us = min(start_us, int(part.at_us.min()))
        count += len(part.first)
    numbers = _numbered(by_time)
    children = _children(np.concatenate(born, axis=1), observed, otherwise_us, numbers)
    return Tasks(numbers, children, start_us)


def _born(part: Seen) -> Wide:
    """Return, by session that another spawned, itself, the other, and when it began: [3, sessions]."""
    session, parent = (part.some[name].astype(np.int64) for name in ("session", "parent"))
    first = np.flatnonzero(np.diff(session, prepend=-1))
    first = first[(parent[first] >= 0) & (parent[first] != session[first])]
    return np.stack((session[first], parent[first], part.at_us[first]))


def _numbered(by_time: Sorted) -> Spilled:
    """Return the numbers of tasks that come by time, in the order of rows."""
    by_row, count = Sorted({"task": "int32", "number": "int32"}, keys=1, together=1), 0
    for part in by_time.ranges():
        by_row.add({"task": part["task"], "number": np.arange(count, count + len(part["task"]))})
        count += len(part["task"])
    found = Spilled({"number": "int32"})
    for part in by_row.ranges():
        found.add([("number", part["number"])])
    return found


def _numbers(numbers: Spilled, part: Seen) -> Ints:
    low = int(part.task.min())
    mine: Ints = numbers.read("number", slice(low, low + len(part.first)))
    return mine[part.task - low]


def _children(born: Wide, observed: Observed, otherwise_us: int, numbers: Spilled) -> Children:
    session, parent, at_us = born
    task = np.full(len(session), -1)
    if len(session):
        by_parent = np.argsort(parent, kind="stable")
        for part in seen(observed, otherwise_us):
            theirs, of_row = part.some["session"], _numbers(numbers, part)
            low, high = np.searchsorted(parent[by_parent], (theirs[0], theirs[-1] + 1))
            for child in by_parent[low:high].tolist():
                begin, end = np.searchsorted(theirs, (parent[child], parent[child] + 1))
                if begin < end:
                    before = int(np.searchsorted(part.at_us[begin:end], at_us[child], side="right"))
                    task[child] = of_row[begin + max(0, before - 1)]
    return Children(session, task, _depths(session, np.where(task >= 0, parent, -1)))


def _depths(session: Wide, parent: Wide) -> Wide:
    """Return how many sessions stand above each; a circle, which no honest log has, ends at DEEPEST."""
    depths = np.zeros(len(session), dtype=np.int64)
    place = np.searchsorted(session, parent)
    known = (parent >= 0) & (session[np.minimum(place, len(session) - 1)] == parent)
    after = np.where(known, place, -1)  # the place of each one's parent, where that one has a parent itself
    above = np.where(parent >= 0, np.arange(len(session)), -1)
    for _ in range(DEEPEST):
        if not (above >= 0).any():
            break
        depths += (above >= 0) & (parent[above] >= 0)
        above = np.where(above >= 0, after[above], -1)
    return depths
