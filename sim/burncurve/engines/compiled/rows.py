"""The rows of a replication: each has its place from the time of asking; ties are put into the documented order."""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import layout
from burncurve.engines.compiled.jit import inlined, kernel, rare
from burncurve.engines.compiled.rules import least

LARGEST_RUN = 5_000_000
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
        clock.ties = 1
    clock.last_asked, clock.last_task = clock.now, task.number
    clock.rows += 1
    task.row = row


@rare
def put_in_order(w: Any, moves: Any) -> Any:
    """Note, from number `moves` on, which row takes the place of which; return how many moves there are then."""
    first, count, clock = w.clock[0].first_row, w.clock[0].rows, w.clock[0]
    if count > len(w.order):
        clock.full = layout.ROWS
        return moves
    _sort(w, first, count)
    for i in range(count):
        if w.order[i] != first + i:
            if moves >= len(w.moves):
                clock.full = layout.MOVES
                return moves
            w.moves[moves, 0], w.moves[moves, 1] = first + i, w.order[i]
            moves += 1
    return moves


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
        for i in range(first, least(first + RUN, count)):
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
        if right < end and _later(w, spare[left], order[right]):
            order[i] = order[right]
            right += 1
        else:
            order[i] = spare[left]
            left += 1
