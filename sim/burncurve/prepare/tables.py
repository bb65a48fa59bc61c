"""Distributions become integer quantile tables here, and nowhere else (mechanics R3)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from burncurve.draws import ALWAYS, DRAW_BITS, HALF_BITS, LARGEST_VALUE, OCTAVES, Table, TableKind, constant
from burncurve.errors import InputError, Problem
from burncurve.scenario.law import Law

TOLERANCE = 0.001
"""Largest relative error of a table's mean and second moment."""
CELL_BITS = range(5, 11)
ENDS = ((0.0, False), (2.0**-DRAW_BITS, True))  # a draw comes no closer to the upper end
CONTINUOUS_STEPS = 512
COUNTED_STEPS = 1 << 16
LAYERS = 256
"""Below this value the rounding to whole units is counted exactly in the moments; above, it averages out."""


@lru_cache(maxsize=4096)
def table_of(law: Law, scale: int = 1) -> Table:
    """Return the table of a law in units of 1/scale, each value rounded half up to a whole unit.

    Few values (or counts) give exact STEPS, the rest a SMOOTH table refined until its mean and second
    moment are within 0.1% of the law's; InputError (without a place) if they cannot be.
    """
    lowest, highest = (_rounded(law.quantile(share, upper) * scale) for share, upper in ENDS)
    if lowest == highest:
        return constant(lowest)
    if law.atoms:
        return _steps(law, scale, sorted({_rounded(x * scale) for x in law.atoms}))
    unit = scale if law.whole else 1
    if (highest - lowest) // unit < (COUNTED_STEPS if law.whole else CONTINUOUS_STEPS):
        return _steps(law, scale, range(lowest, highest + 1, unit))
    return _smooth(law, scale)


def _rounded(value: float) -> int:
    return math.floor(min(value, LARGEST_VALUE) + 0.5)


def _steps(law: Law, scale: int, values: list[int] | range) -> Table:
    """Return exact steps: a value holds every draw up to halfway to the next whole unit."""
    kept: dict[int, int] = {}
    for value in values[:-1]:
        kept.setdefault(_threshold(law, (value + 0.5) / scale), value)
    kept.setdefault(ALWAYS, values[-1])
    kept.pop(0, None)
    return Table(TableKind.STEPS, tuple(kept.values()), tuple(kept))


def _threshold(law: Law, x: float) -> int:
    """Return P(X < x) counted in 2**-62, from the end where it is small."""
    below = law.below(x)
    return round(below * ALWAYS) if below < 0.5 else ALWAYS - round(law.above(x) * ALWAYS)


def _smooth(law: Law, scale: int) -> Table:
    mean, square = rounded_moments(law, scale)
    for cell_bits in CELL_BITS:
        knots = _knots(law, scale, cell_bits)
        table_mean, table_square = _knot_moments(knots, cell_bits)
        if abs(table_mean - mean) <= TOLERANCE * mean and abs(table_square - square) <= TOLERANCE * square:
            return Table(TableKind.SMOOTH, tuple(knots.ravel().tolist()), cell_bits=cell_bits)
    raise InputError(
        Problem(
            "",
            f"has a tail too heavy to be drawn: mean {mean:.4g} and mean square {square:.4g} rest on values "
            f"that are too rare or above {LARGEST_VALUE:.4g} (2**42)",
            "add a clip, for example clip: [0, HIGHEST], or lower sigma",
        )
    )


@lru_cache(maxsize=len(CELL_BITS))
def distances(cell_bits: int) -> tuple[int, ...]:
    """Return the distance of every knot of one half to its end, in draws (see draws.Table)."""
    widths = [1 << (HALF_BITS - OCTAVES + max(octave - 1, 0) - cell_bits) for octave in range(OCTAVES + 1)]
    starts = [0] + [1 << (HALF_BITS - OCTAVES + octave - 1) for octave in range(1, OCTAVES + 1)]
    cells = range(1 << cell_bits)
    knots = [start + cell * width for start, width in zip(starts, widths, strict=True) for cell in cells]
    return (*knots, 1 << HALF_BITS)


@lru_cache(maxsize=len(CELL_BITS))
def _shares(cell_bits: int) -> tuple[float, ...]:
    """Return the distances as probabilities; the end itself stands a quarter cell inside, tails being endless."""
    knots = distances(cell_bits)
    return (knots[1] / 4 / ALWAYS, *(distance / ALWAYS for distance in knots[1:]))


def _knots(law: Law, scale: int, cell_bits: int) -> npt.NDArray[np.int64]:
    """Return the knots as integers, shape (2, half): from the lower end up, from the upper end down."""
    halves = [_half(law, cell_bits, upper) for upper in (False, True)]
    scaled = np.minimum(np.array(halves, dtype=np.float64) * scale, float(LARGEST_VALUE))
    return np.floor(scaled + 0.5).astype(np.int64)


def _half(law: Law, cell_bits: int, upper: bool) -> list[float]:
    values = law.quantiles(_shares(cell_bits), upper)
    end = law.quantile(0.0, upper)
    if end < math.inf:
        values[0] = end
    return values


def _knot_moments(knots: npt.NDArray[np.int64], cell_bits: int) -> tuple[float, float]:
    """Return mean and mean square of a SMOOTH table, its rounding to whole values included.

    On a cell from a to b the values a..b come evenly, the two ends at half weight: the trapezoid sum,
    which is the integral for x, and 1/6 more than the integral for x**2 where a and b differ.
    """
    width = np.diff(np.array(distances(cell_bits), dtype=np.float64)) / ALWAYS
    a, b = knots[:, :-1].astype(np.float64), knots[:, 1:].astype(np.float64)
    squares = (a * a + a * b + b * b) / 3 + (a != b) / 6
    return float((width * (a + b) / 2).sum()), float((width * squares).sum())


def rounded_moments(law: Law, scale: int) -> tuple[float, float]:
    """Return mean and mean square of the law in whole units of 1/scale, rounded half up.

    E[n] = sum of P(n >= k) and E[n**2] = sum of (2 k - 1) P(n >= k) over k >= 1, layer by layer while
    the layers are coarse against the value; from there on by the integral, which is the truncated moment.
    """
    if law.quantile(0.01) * scale > LAYERS:
        return law.moment(1) * scale, law.moment(2) * scale * scale
    layers = list(_layers(law, scale))
    top = LAYERS / scale
    mass, first, second = (law.moment(order, low=top) for order in range(3))
    rest = (first - top * mass) * scale
    rest_square = (second - top * top * mass) * scale * scale
    return (
        math.fsum(share for _, share in layers) + rest,
        math.fsum((2 * k - 1) * share for k, share in layers) + rest_square,
    )


def _layers(law: Law, scale: int) -> Iterator[tuple[int, float]]:
    for k in range(1, LAYERS + 1):
        yield k, law.above((k - 0.5) / scale)
