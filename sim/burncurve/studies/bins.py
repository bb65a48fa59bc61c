"""Time bins whose width fits the work, so that parts made apart add up to the same curve in any order.

A part chooses its own width, a power of two times a unit set by the horizon, from the last moment it
knows. Parts of different widths are brought to the wider one, which is exact: every edge of wide bins
is one of narrow bins, and the widest of all does not depend on how the work was divided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from operator import add

import numpy as np

from burncurve.ledger import Ledger
from burncurve.studies.curves import TOKEN_METERS, Floats, Grid, Ints, bill_curve, billed_us, span_for, token_curve

MOST_BINS = 480
FINEST = 8  # the unit is the 2**8th part of the 240th part of the horizon
LARGEST = 1 << 62
FAN_MOST = 500  # replications whose curves are kept apart, for quantiles over time

Row = tuple[int, ...]
NO_MONEY: tuple[Row, tuple[Row, ...]] = ((), ())


@dataclass(frozen=True, slots=True)
class Bins:
    """Integer sums by time bin: tokens by meter, pico-dollars of all, and of each of the first replications.

    `apart` holds one row for each replication below FAN_MOST, in order; `pico` the sum over the others.
    """

    level: int
    last_us: int
    tokens: tuple[Row, ...]
    pico: Row
    apart: tuple[Row, ...]

    def __add__(self, other: Bins) -> Bins:
        """Return the bins of both parts, this one's replications being the earlier ones."""
        level = max(self.level, other.level)
        mine, yours = self.coarser(level), other.coarser(level)
        tokens = tuple(added(a, b) for a, b in zip(mine.tokens, yours.tokens, strict=True))
        apart = (*mine.apart, *yours.apart)
        return Bins(level, max(self.last_us, other.last_us), tokens, added(mine.pico, yours.pico), apart)

    def coarser(self, level: int) -> Bins:
        """Return the same sums in the wider bins of a higher level."""
        step = 1 << (level - self.level)
        if step == 1:
            return self
        tokens, apart = (tuple(_joined(row, step) for row in rows) for rows in (self.tokens, self.apart))
        return Bins(level, self.last_us, tokens, _joined(self.pico, step), apart)


def bins_of(ledger: Ledger, amounts: Floats | None) -> Bins:
    """Return the bins of a ledger; `amounts` are dollars by row, None where the bill has no price."""
    last_us = int(billed_us(ledger).max(initial=0))
    level = level_for(last_us + 1, ledger.horizon_us)
    grid = grid_at(level, ledger.horizon_us, last_us)
    tokens = rows_of(token_curve(ledger, grid).tokens)
    if amounts is None:
        return Bins(level, last_us, tokens, *NO_MONEY)
    curve = bill_curve(ledger, amounts, grid)
    return Bins(level, last_us, tokens, *kept_apart(curve.replications, curve.pico))


def grid_at(level: int, horizon_us: int, last_us: int) -> Grid:
    """Return the bins of a level, the last of which holds the last moment."""
    width_us = unit_us(horizon_us) << level
    return Grid(width_us, last_us // width_us + 1)


def kept_apart(replications: Sequence[int], pico: Ints) -> tuple[Row, tuple[Row, ...]]:
    """Return the sums of pico-dollars by bin of those replications that are not kept apart, and those that are."""
    kept = sum(number < FAN_MOST for number in replications)
    if kept == len(replications):
        return (), rows_of(pico)
    rest = pico[kept:]
    wide = int(rest.max(initial=0)) >= LARGEST // len(rest)
    return tuple(int(total) for total in rest.sum(axis=0, dtype=object if wide else np.int64)), rows_of(pico[:kept])


def with_payments(bins: Bins, horizon_us: int, payments: Sequence[tuple[int, int]], replications: int) -> Bins:
    """Return bins with what each of the replications pays at some moments beside its calls, in pico-dollars."""
    for at_us, pico in payments:
        wide = bins.coarser(max(bins.level, level_for(at_us + 1, horizon_us)))
        place = at_us // (unit_us(horizon_us) << wide.level)
        paid = (*(0,) * place, pico)
        apart = tuple(added(row, paid) for row in wide.apart)
        others = tuple(amount * (replications - len(apart)) for amount in paid) if wide.pico else ()
        bins = Bins(wide.level, max(wide.last_us, at_us), wide.tokens, added(wide.pico, others), apart)
    return bins


def nothing() -> Bins:
    """Return the bins to which those of parts are added."""
    return Bins(0, 0, ((),) * len(TOKEN_METERS), (), ())


def unit_us(horizon_us: int) -> int:
    """Return the width of the narrowest bins."""
    return max(1, -(-horizon_us // ((MOST_BINS // 2) << FINEST)))


def level_for(span_us: int, horizon_us: int) -> int:
    """Return the lowest level at which a span takes at most MOST_BINS bins."""
    units = -(-span_us // unit_us(horizon_us))
    return max(0, (-(-units // MOST_BINS) - 1).bit_length())


def shown(bins: Bins, horizon_us: int, last_us: int) -> tuple[Grid, Bins]:
    """Return the grid of a picture in which work ends at `last_us`, and the bins brought to it."""
    span_us = span_for(horizon_us, last_us)
    level = max(bins.level, level_for(span_us, horizon_us))
    width_us = unit_us(horizon_us) << level
    grid = Grid(width_us, -(-span_us // width_us))
    wide = bins.coarser(level)
    tokens, apart = (tuple(_padded(row, grid.bins) for row in rows) for rows in (wide.tokens, wide.apart))
    return grid, Bins(level, last_us, tokens, _padded(wide.pico, grid.bins), apart)


def widest(parts: Sequence[Bins], horizon_us: int, last_us: int) -> int:
    """Return the level at which all the parts can be shown side by side."""
    shown_level = level_for(span_for(horizon_us, last_us), horizon_us)
    return max((shown_level, *(part.level for part in parts)))


def rows_of(sums: Ints) -> tuple[Row, ...]:
    """Return the rows of a table of sums as plain integers."""
    return tuple(tuple(row) for row in sums.tolist())


def added(one: Sequence[int], other: Sequence[int]) -> Row:
    """Return the sums of two rows, the shorter being 0 where it ends."""
    longest = max(len(one), len(other))
    return tuple(map(add, _padded(one, longest), _padded(other, longest)))


def grown(row: Sequence[int], total: int) -> Row:
    """Return a row in the same proportions that adds up to a total; one that holds nothing stays as it is."""
    whole = sum(row)
    if not whole:
        return tuple(row)
    ends = [0, *(end * total // whole for end in accumulate(row))]
    return tuple(later - earlier for earlier, later in pairwise(ends))


def _joined(row: Sequence[int], step: int) -> Row:
    return tuple(sum(row[start : start + step]) for start in range(0, len(row), step))


def _padded(row: Sequence[int], length: int) -> Row:
    return (*row[:length], *(0,) * (length - len(row)))


def as_array(rows: Sequence[Row], width: int) -> Ints:
    """Return rows as an array that nobody changes, [rows, width] int64, or Python's integers where one is larger."""
    most = max((max(row, default=0) for row in rows), default=0)
    values = np.array(rows, dtype=np.int64 if most < LARGEST else object).reshape(len(rows), width)
    values.setflags(write=False)
    return values
