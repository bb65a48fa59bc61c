"""The rows of a replication: each has its place from the time of asking; ties are put into the documented order.

They are records until all are there, and then written into the columns of the ledger, several at a time.
"""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import layout
from burncurve.engines.compiled.jit import frequent, inlined, kernel
from burncurve.engines.compiled.layout import AT_ONCE
from burncurve.engines.compiled.rules import least
from burncurve.engines.compiled.writing import fetch_row, write_rows

LARGEST_RUN = 5_000_000
AHEAD = 16  # rows in columns whose memory is fetched before they are written
GIVEN_UP = -1  # in the place of a status
RUN = 16  # rows sorted by insertion before runs are merged


@inlined
def reserve(w: Any, task: Any) -> None:
    """Give the task's try the next row; rows are asked for in order of time, but not always of tasks."""
    clock = w.clock[0]
    row = clock.rows
    if row + 2 * AT_ONCE > len(w.rows):  # those written together, and one to change places by
        clock.full = layout.ROWS
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


@kernel
def give_up(w: Any, task: Any) -> None:
    """Leave out the row of a try that was not made; it keeps its place in the order until all are there."""
    row = w.rows[task.row]
    row.request_us, row.task, row.status = task.asked, task.number, GIVEN_UP
    w.clock[0].gone += 1


@kernel
def close_up(w: Any) -> None:
    """Move the rows together where some were given up."""
    clock = w.clock[0]
    kept = 0
    for row in range(clock.rows):
        if w.rows[row].status != GIVEN_UP:
            if row > kept:
                w.rows[kept] = w.rows[row]
            kept += 1
    clock.rows = kept


@frequent
def put_in_order(w: Any) -> None:
    """Order rows of the same time by task, those of one task as they were asked for."""
    clock, end = w.clock[0], 0
    for i in range(least(clock.ties, len(w.ties))):
        row = w.ties[i]
        if row >= end:
            end = _order_moment(w, row, clock.rows)


@frequent
def _order_moment(w: Any, row: Any, end: Any) -> Any:
    """Order all rows of the time of one of them; return where they end."""
    at_us, low, high = w.rows[row].request_us, row, row + 1
    while low > 0 and w.rows[low - 1].request_us == at_us:
        low -= 1
    while high < end and w.rows[high].request_us == at_us:
        high += 1
    if high - low > len(w.order):
        w.clock[0].full = layout.ROWS
        return end
    _sort(w, low, high - low)
    for i in range(high - low):
        _place(w, low, i)
    return high


@frequent
def _place(w: Any, low: Any, i: Any) -> None:
    """Follow the circle of rows that take each other's places."""
    order = w.order
    while order[i] != low + i:
        source = order[i] - low
        order[i] = low + i
        if order[source] != low + source:
            _swap(w, low + i, low + source)
        i = source


@inlined
def _swap(w: Any, a: Any, b: Any) -> None:
    spare = len(w.rows) - 1
    w.rows[spare] = w.rows[a]
    w.rows[a] = w.rows[b]
    w.rows[b] = w.rows[spare]


@frequent
def write_out(w: Any) -> None:
    """Write the rows into the columns, behind those of the replications before."""
    clock, first = w.clock[0], w.clock[0].first_row
    if first + clock.rows + AT_ONCE > len(w.to_task):
        clock.full = layout.OUTPUT
        return
    for row in range(0, clock.rows, AT_ONCE):
        fetch_row(w, first + row + AHEAD)
        write_rows(w, row, first + row)


@frequent
def _sort(w: Any, base: Any, count: Any) -> None:
    """Leave in `order` the numbers of `count` rows of one time from `base` on, by task."""
    order = w.order
    for first in range(0, count, RUN):
        for i in range(first, least(first + RUN, count)):
            hole = i
            while hole > first and w.rows[order[hole - 1]].task > w.rows[base + i].task:
                order[hole] = order[hole - 1]
                hole -= 1
            order[hole] = base + i
    width = RUN
    while width < count:
        for first in range(0, count - width, 2 * width):
            middle = first + width
            if w.rows[order[middle - 1]].task > w.rows[order[middle]].task:
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
        if right < end and w.rows[spare[left]].task > w.rows[order[right]].task:
            order[i] = order[right]
            right += 1
        else:
            order[i] = spare[left]
            left += 1
