"""From the rows of a replication, in the order of granting, to the ledger's columns in the documented order."""

from __future__ import annotations

from typing import Any

from numba import literal_unroll

from burncurve.engines.compiled.jit import kernel
from burncurve.ledger import SCHEMA

TASK, REQUEST_US = SCHEMA.names.index("task"), SCHEMA.names.index("request_us")
RUN = 16  # rows sorted by insertion before runs are merged
TILE = 64  # rows whose cells stay in the fastest cache while their columns are written


@kernel
def sort_rows(w: Any, count: Any) -> None:
    """Order the rows by (request time, task), rows of one task as they were written; rows are nearly in order."""
    cells, order, spare = w.cells, w.order, w.spare
    for first in range(0, count, RUN):
        for i in range(first, min(first + RUN, count)):
            hole = i
            while hole > first and _later(cells, order[hole - 1], i):
                order[hole] = order[hole - 1]
                hole -= 1
            order[hole] = i
    width = RUN
    while width < count:
        for first in range(0, count - width, 2 * width):
            middle = first + width
            if _later(cells, order[middle - 1], order[middle]):
                _merge(cells, order, spare, first, middle, min(middle + width, count))
        width *= 2


@kernel
def _later(cells: Any, a: Any, b: Any) -> Any:
    """Say whether row a belongs behind row b although it was written before it."""
    if cells[a, REQUEST_US] != cells[b, REQUEST_US]:
        return cells[a, REQUEST_US] > cells[b, REQUEST_US]
    return cells[a, TASK] > cells[b, TASK]


@kernel
def _merge(cells: Any, order: Any, spare: Any, first: Any, middle: Any, end: Any) -> None:
    for i in range(first, middle):
        spare[i] = order[i]
    left, right = first, middle
    for i in range(first, end):
        if left == middle:
            return
        if right < end and _later(cells, spare[left], order[right]):
            order[i] = order[right]
            right += 1
        else:
            order[i] = spare[left]
            left += 1


@kernel
def copy_columns(w: Any, columns: Any, start: Any, count: Any) -> Any:
    """Write the ordered rows into the columns from `start`; return the number of a column too narrow, or -1."""
    narrow = -1
    for tile in range(0, count, TILE):
        number = 0
        for column in literal_unroll(columns):
            for i in range(tile, min(tile + TILE, count)):
                cell = w.cells[w.order[i], number]
                column[start + i] = cell
                if column[start + i] != cell:
                    narrow = number
            number += 1  # noqa: SIM113  literal_unroll cannot be enumerated
    return narrow


@kernel
def latest_end(w: Any, count: Any) -> Any:
    """Return the end of the last call, 0 without calls."""
    if count == 0:
        return 0
    latest = w.rows[0].end_us
    for i in range(count):
        latest = max(latest, w.rows[i].end_us)
    return latest
