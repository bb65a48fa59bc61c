"""The rows of a replication: each has its place from the time of asking; ties are put into the documented order."""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import layout
from burncurve.engines.compiled.jit import inlined, kernel
from burncurve.engines.compiled.rules import least
from burncurve.engines.compiled.tables import fetch_row, swap_rows

LARGEST_RUN = 5_000_000
AHEAD, LINE = 16, 8  # rows whose memory is fetched before they are written; the widest columns have 8 in a line
GIVEN_UP = -1  # in the place of a status
RUN = 16  # rows sorted by insertion before runs are merged


@inlined
def reserve(w: Any, task: Any) -> None:
    """Give the task's try the next row; rows are asked for in order of time, but not always of tasks."""
    clock = w.clock[0]
    row = clock.first_row + clock.rows
    if row >= len(w.to_task):
        clock.full = layout.OUTPUT
        return
    if clock.rows > LARGEST_RUN:
        clock.error = layout.CALLS
    if clock.last_asked == clock.now and task.number < clock.last_task:
        if clock.ties < len(w.ties):
            w.ties[clock.ties] = row
        else:
            clock.full = layout.TIES
        clock.ties += 1
    clock.last_asked, clock.last_task = clock.now, task.number
    clock.rows += 1
    task.row = row
    if not row & (LINE - 1):
        fetch_row(w, row + AHEAD)


@kernel
def give_up(w: Any, task: Any) -> None:
    """Leave out the row of a try that was not made; it keeps its place in the order until all are there."""
    w.to_request_us[task.row], w.to_task[task.row], w.to_status[task.row] = task.asked, task.number, GIVEN_UP
    w.clock[0].gone += 1


@kernel
def close_up(w: Any) -> None:
    """Move the rows together where some were given up."""
    clock = w.clock[0]
    kept = clock.first_row
    for row in range(clock.first_row, clock.first_row + clock.rows):
        if w.to_status[row] != GIVEN_UP:
            if row > kept:
                swap_rows(w, kept, row)
            kept += 1
    clock.rows = kept - clock.first_row


@kernel
def put_in_order(w: Any) -> None:
    """Order rows of the same time by task, those of one task as they were asked for."""
    first, clock, end = w.clock[0].first_row, w.clock[0], 0
    for i in range(least(clock.ties, len(w.ties))):
        row = w.ties[i]
        if row >= end:
            end = _order_moment(w, row, first, first + clock.rows)


@kernel
def _order_moment(w: Any, row: Any, first: Any, end: Any) -> Any:
    """Order all rows of the time of one of them; return where they end."""
    at_us, low, high = w.to_request_us[row], row, row + 1
    while low > first and w.to_request_us[low - 1] == at_us:
        low -= 1
    while high < end and w.to_request_us[high] == at_us:
        high += 1
    if high - low > len(w.order):
        w.clock[0].full = layout.ROWS
        return end
    _sort(w, low, high - low)
    for i in range(high - low):
        _place(w, low, i)
    return high


@kernel
def _place(w: Any, low: Any, i: Any) -> None:
    """Follow the circle of rows that take each other's places."""
    order = w.order
    while order[i] != low + i:
        source = order[i] - low
        order[i] = low + i
        if order[source] != low + source:
            swap_rows(w, low + i, low + source)
        i = source


@kernel
def _sort(w: Any, base: Any, count: Any) -> None:
    """Leave in `order` the numbers of `count` rows of one time from `base` on, by task."""
    order = w.order
    for first in range(0, count, RUN):
        for i in range(first, least(first + RUN, count)):
            hole = i
            while hole > first and w.to_task[order[hole - 1]] > w.to_task[base + i]:
                order[hole] = order[hole - 1]
                hole -= 1
            order[hole] = base + i
    width = RUN
    while width < count:
        for first in range(0, count - width, 2 * width):
            middle = first + width
            if w.to_task[order[middle - 1]] > w.to_task[order[middle]]:
                _merge(w, first, middle, least(middle + width, count))
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
        if right < end and w.to_task[spare[left]] > w.to_task[order[right]]:
            order[i] = order[right]
            right += 1
        else:
            order[i] = spare[left]
            left += 1
