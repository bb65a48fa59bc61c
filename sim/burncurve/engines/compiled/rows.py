"""The rows of a replication, written in the order of granting, put into the documented order."""

from __future__ import annotations

from typing import Any

from numba import literal_unroll

from burncurve.engines.compiled.jit import kernel

RUN = 16  # rows sorted by insertion before runs are merged


@kernel
def put_in_order(w: Any, columns: Any) -> None:
    """Sort a replication's rows by (request time, task), rows of one task as they were written; most need no move."""
    first, count = w.clock[0].first_row, w.clock[0].rows
    in_order = True
    for i in range(first + 1, first + count):
        in_order &= not _later(w, i - 1, i)
    if in_order:
        return
    _sort(w, first, count)
    for column in literal_unroll(columns):
        for i in range(count):
            w.spare[i] = column[w.order[i]]
        for i in range(count):
            column[first + i] = w.spare[i]


@kernel
def _later(w: Any, a: Any, b: Any) -> Any:
    """Say whether row a belongs behind row b although it was written before it."""
    if w.to_request_us[a] != w.to_request_us[b]:
        return w.to_request_us[a] > w.to_request_us[b]
    return w.to_task[a] > w.to_task[b]


@kernel
def _sort(w: Any, base: Any, count: Any) -> None:
    """Leave the numbers of the rows in order; rows are nearly so already."""
    order = w.order
    for first in range(0, count, RUN):
        for i in range(first, min(first + RUN, count)):
            hole = i
            while hole > first and _later(w, order[hole - 1], base + i):
                order[hole] = order[hole - 1]
                hole -= 1
            order[hole] = base + i
    width = RUN
    while width < count:
        for first in range(0, count - width, 2 * width):
            middle = first + width
            if _later(w, order[middle - 1], order[middle]):
                _merge(w, first, middle, min(middle + width, count))
        width *= 2


@kernel
def _merge(w: Any, first: Any, middle: Any, end: Any) -> None:
    order, spare = w.order, w.spare
    for i in range(first, middle):
        spare[i] = order[i]
    left, right = first, middle
    for i in range(first, end):
        if left == middle:
            return
        if right < end and _later(w, spare[left], order[right]):
            order[i] = order[right]
            right += 1
        else:
            order[i] = spare[left]
            left += 1
