"""The growth law (mechanics M25): tokens against calls, children and depth, beside the closed forms.

A task of n calls whose first prompt is S and whose context grows by g a call sends
n S + g n (n - 1) / 2 prompt tokens. The law is held against the work itself: S and g are its own means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from burncurve.ledger import Kind, Ledger, Status
from burncurve.studies.figures import TOKEN_METERS, ratio

OF_CONTEXT = (Kind.TURN, Kind.ANNOUNCE, Kind.FLUSH, Kind.JUDGE)  # calls whose prompt is the whole context
LARGEST = 1 << 62
SPARSE = 8  # values per row of a key beyond which sorting is cheaper than counting

Ints = NDArray[np.int64]
Table = Mapping[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Growth:
    """Integer sums that add up over replications.

    `by_calls`: number of calls of a root task -> (tasks, prompt tokens, first prompts, growth from first to last).
    `by_depth`: depth -> (tasks, calls, tokens). `by_children`: tasks below a root task -> (root tasks, tokens of
    the root tasks themselves, tokens of all below them).
    """

    by_calls: Table = field(default_factory=dict)
    by_depth: Table = field(default_factory=dict)
    by_children: Table = field(default_factory=dict)

    def __add__(self, other: Growth) -> Growth:
        """Return the sums of both parts."""
        return Growth(
            _added(self.by_calls, other.by_calls),
            _added(self.by_depth, other.by_depth),
            _added(self.by_children, other.by_children),
        )


def of_ledger(ledger: Ledger) -> Growth:
    """Return the sums of a ledger's served calls; a root task tried again counts once for each try."""
    served = np.flatnonzero((ledger["status"] == Status.OK) | (ledger["status"] == Status.ERROR))
    if not served.size:
        return Growth()
    work = _tasks_of(ledger, served)
    return Growth(by_calls(ledger), work.by_depth(), work.by_children())


@dataclass(frozen=True, slots=True)
class Tasks:
    """Tasks by ascending key, and of each its parent's key (its own where it has none), depth, calls and tokens."""

    key: Ints
    parent: Ints
    depth: Ints
    calls: Ints
    tokens: Ints

    def of(self, rows: Ints) -> Tasks:
        """Return some of them, in ascending order."""
        return Tasks(self.key[rows], self.parent[rows], self.depth[rows], self.calls[rows], self.tokens[rows])

    def by_depth(self) -> Table:
        """Return the sums by depth."""
        return _table(self.depth, (np.ones_like(self.key), self.calls, self.tokens))

    def by_children(self) -> Table:
        """Return the sums by the number of tasks below each root task."""
        root = _roots(self.key, self.parent)
        below, tokens_below = np.zeros((2, len(self.key)), np.int64)
        np.add.at(below, root[self.depth > 0], 1)
        np.add.at(tokens_below, root[self.depth > 0], self.tokens[self.depth > 0])
        roots = np.flatnonzero(self.depth == 0)
        return _table(below[roots], (np.ones_like(roots), self.tokens[roots], tokens_below[roots]))


def tasks_of(ledger: Ledger) -> Tasks:
    """Return the tasks of a ledger's served calls."""
    return _tasks_of(ledger, np.flatnonzero((ledger["status"] == Status.OK) | (ledger["status"] == Status.ERROR)))


def joined(parts: Sequence[Tasks]) -> Tasks:
    """Return the tasks of several ledgers that have none in common."""
    columns = zip(*((each.key, each.parent, each.depth, each.calls, each.tokens) for each in parts), strict=True)
    whole = Tasks(*map(np.concatenate, columns))
    return whole.of(np.argsort(whole.key))


def _tasks_of(ledger: Ledger, rows: Ints) -> Tasks:
    replication, task = (ledger[name][rows].astype(np.int64) for name in ("replication", "task"))
    width = int(task.max(initial=0)) + 1
    key, first, place = _groups(replication * width + task)
    tokens = np.zeros(len(key), np.int64)
    for meter in TOKEN_METERS:
        np.add.at(tokens, place, ledger[meter][rows])
    parent, depth = (ledger[name][rows][first].astype(np.int64) for name in ("parent", "depth"))
    parent = np.where(parent < 0, key, key // width * width + parent)
    return Tasks(key, parent, depth, np.bincount(place, minlength=len(key)), tokens)


def by_calls(ledger: Ledger) -> Table:
    """Return the sums by the number of calls of a root task."""
    of_context = (ledger["depth"] == 0) & (ledger["status"] == Status.OK) & np.isin(ledger["kind"], OF_CONTEXT)
    rows = np.flatnonzero(of_context)
    if not rows.size:
        return {}
    names = ("replication", "task", "task_attempt")
    keys = [ledger[name][rows].astype(np.int64) for name in names]
    order = _order(keys)
    key, prompt = np.array(keys)[:, order], ledger.prompt[rows][order]
    starts = np.flatnonzero(np.r_[True, (key[:, 1:] != key[:, :-1]).any(axis=0)])
    ends = np.r_[starts[1:], len(order)] - 1
    first, grown = prompt[starts], prompt[ends] - prompt[starts]
    return _table(ends - starts + 1, (np.ones_like(starts), np.add.reduceat(prompt, starts), first, grown))


def _order(keys: Sequence[Ints]) -> Ints:
    """Return the order by several keys, the first one first; equal ones stay as they are."""
    whole = np.zeros(len(keys[0]), np.int64)
    for key in keys:
        low, high = int(key.min()), int(key.max())
        if int(whole.max()) >= LARGEST // (high - low + 1):
            return np.lexsort(tuple(reversed(keys))).astype(np.int64)
        whole = whole * (high - low + 1) + (key - low)
    return np.argsort(whole, kind="stable")


def _groups(key: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the keys that are there, sorted, where each is met first, and for each row the place of its key."""
    if not len(key):
        return key, key, key
    low = int(key.min())
    if int(key.max()) - low > SPARSE * len(key):
        found, first, place = np.unique(key, return_index=True, return_inverse=True)
        return found, first, place.reshape(-1)
    near = key - low  # counted instead of sorted
    there = np.bincount(near) > 0
    found = np.flatnonzero(there)
    place = (np.cumsum(there) - 1)[near]
    first = np.empty(len(found), np.int64)
    first[place[::-1]] = np.arange(len(key) - 1, -1, -1)  # of one key the first row is written last
    return found + low, first, place


def _roots(key: Ints, parent_key: Ints) -> Ints:
    """Return the place of each task's root: itself, or that of its parent (which called before it spawned)."""
    root = np.minimum(np.searchsorted(key, parent_key), len(key) - 1)
    root = np.where(key[root] == parent_key, root, np.arange(len(key)))
    for _ in range(len(key).bit_length()):  # each time twice as far up; logs may hold circles, which have no end
        if np.array_equal(root[root], root):
            break
        root = root[root]
    return root.astype(np.int64)


def _table(groups: Ints, columns: tuple[Ints, ...]) -> Table:
    if not len(groups):
        return {}
    present, _, place = _groups(groups)
    sums = np.zeros((len(present), len(columns)), np.int64)
    for number, column in enumerate(columns):
        np.add.at(sums[:, number], place, column)
    return {int(group): tuple(row) for group, row in zip(present, sums.tolist(), strict=True)}


def _added(one: Table, other: Table) -> Table:
    both = dict(one)
    for group, sums in other.items():
        both[group] = tuple(a + b for a, b in zip(both.get(group, (0,) * len(sums)), sums, strict=True))
    return dict(sorted(both.items()))


def law(growth: Growth, replications: int) -> dict[str, Any]:
    """Return the law as the document tells it: means per task; tasks and calls by depth per replication."""
    tasks, _, first, grown = _totals(growth.by_calls, 4)
    steps = sum((calls - 1) * sums[0] for calls, sums in growth.by_calls.items())
    base, growing = (first / tasks if tasks else 0.0), (grown / steps if steps else 0.0)
    return {
        "base_tokens": ratio(first, tasks),
        "growth_tokens_per_call": ratio(grown, steps),
        "growth_outweighs_base_after_calls": 1 + 2 * base / growing if growing > 0 else None,
        "by_calls": [_calls_row(*part, base, growing) for part in _buckets(growth.by_calls)],
        "by_children": _children_rows(growth.by_children),
        "by_depth": _depth_rows(growth.by_depth, replications),
    }


def _totals(table: Table, width: int) -> tuple[int, ...]:
    return tuple(sum(sums[place] for sums in table.values()) for place in range(width))


def _buckets(table: Table) -> list[tuple[int, int, Table]]:
    """Return (smallest, largest, part of the table) for groups 0, 1, 2, 3-4, 5-8, 9-16 and so on."""
    parts: dict[int, dict[int, tuple[int, ...]]] = {}
    for number, sums in table.items():
        parts.setdefault(number if number < 2 else (number - 1).bit_length() + 1, {})[number] = sums
    return [(min(part), max(part), part) for _, part in sorted(parts.items())]


def _calls_row(low: int, high: int, part: Table, base: float, growing: float) -> dict[str, Any]:
    tasks, prompt, _, _ = _totals(part, 4)
    closed = sum(sums[0] * (n * base + growing * n * (n - 1) / 2) for n, sums in part.items())
    return {
        "calls_from": low,
        "calls_to": high,
        "tasks": tasks,
        "prompt_tokens": ratio(prompt, tasks),
        "closed_form_tokens": closed / tasks,
    }


def _children_rows(table: Table) -> list[dict[str, Any]]:
    """Tokens of a root task and all below it, beside those of a mean root task and so many mean children."""
    roots, own, below = _totals(table, 3)
    children = sum(number * sums[0] for number, sums in table.items())
    rows = []
    for low, high, part in _buckets(table):
        count, mine, theirs = _totals(part, 3)
        here = sum(number * sums[0] for number, sums in part.items())
        closed = own / roots + (here / count * below / children if children else 0.0)
        rows.append(
            {
                "children_from": low,
                "children_to": high,
                "tasks": count,
                "tokens": ratio(mine + theirs, count),
                "closed_form_tokens": closed,
            }
        )
    return rows if children else []


def _depth_rows(table: Table, n: int) -> list[dict[str, Any]]:
    """Tasks by depth, beside roots times b**depth, b being the children of a root task."""
    if len(table) < 2:
        return []
    roots, first = (table.get(depth, (0, 0, 0))[0] for depth in (0, 1))
    return [
        {
            "depth": depth,
            "tasks": ratio(tasks, n),
            "calls": ratio(calls, n),
            "tokens": ratio(tokens, n),
            "closed_form_tasks": ratio(first**depth, n * roots ** (depth - 1)) if depth else ratio(roots, n),
        }
        for depth, (tasks, calls, tokens) in table.items()
    ]
