"""Values that no family fits, as a scenario can hold them: a table of quantiles, or the share of each value.

A table has the quantiles a reader looks for, and more of them where the law between two would miss what the values
there add up to: evenly spaced points lose the tail, and with it tokens.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from burncurve.scenario.distributions import Mixture
from burncurve.scenario.kinds import Constant, Quantiles
from burncurve.scenario.law import Law

LEVELS = (0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1.0)
KNOTS = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0)  # of every table; what else it has carries tokens
TOLERANCE = 0.01  # of the mean, by which a table may miss what the values between two of its points add up to
MOST_POINTS = 16
FEW_DISTINCT, TIMES_EACH = 6, 3  # so few different values, each seen so often on average, keep their shares
CUTS = (0.125, 0.25, 0.5, 0.75, 0.875)

Values = NDArray[np.int64]
Floats = NDArray[np.float64]
Points = tuple[tuple[float, float], ...]


def quantiles(ordered: Values) -> tuple[tuple[float, int], ...]:
    """Return the quantiles of ordered values at LEVELS, without those that too few values speak for."""
    return tuple((level, round(_quantile(ordered, level))) for level in _spoken_for(len(ordered)))


def shares(ordered: Values) -> Points | None:
    """Return (value, share) of ordered values where there are few different ones; None else."""
    values, counts = np.unique(ordered, return_counts=True)
    if len(values) > FEW_DISTINCT or len(ordered) < TIMES_EACH * len(values):
        return None
    return tuple(zip(values.astype(float).tolist(), (counts / len(ordered)).tolist(), strict=True))


def law_of_shares(found: Points) -> Law:
    """Return the law that has each value with its share."""
    return Mixture(tuple((share, Constant[float](value=value)) for value, share in found))


def table(ordered: Values) -> Points:
    """Return (level, quantile) of ordered values, with points between where the sum would be missed without them."""
    sums = np.concatenate(([0.0], np.cumsum(ordered, dtype=np.float64))) / len(ordered)
    levels = [level for level in _spoken_for(len(ordered)) if level in KNOTS]
    allowed = TOLERANCE * float(sums[-1])
    while len(levels) < MOST_POINTS:
        missed = [abs(_missed(ordered, sums, low, high)) for low, high in pairwise(levels)]
        worst = int(np.argmax(missed))
        if missed[worst] <= allowed:
            break
        cut = _best_cut(ordered, sums, levels[worst], levels[worst + 1])
        if cut in levels:
            break
        levels.insert(worst + 1, cut)
    return _plain(tuple((level, float(round(_quantile(ordered, level)))) for level in levels))


def law_of_table(points: Points) -> Law:
    """Return the law of a table."""
    return Quantiles[float].model_validate(dict(points))


def _spoken_for(count: int) -> tuple[float, ...]:
    return tuple(level for level in LEVELS if level in (0.0, 1.0) or min(level, 1 - level) * count >= 1)


def _quantile(ordered: Values, level: float) -> float:
    """Return a quantile such that straight lines between those of all values keep the mean (Hazen 1914)."""
    return float(np.quantile(ordered, level, method="hazen"))


def _missed(ordered: Values, sums: Floats, low: float, high: float) -> float:
    """Return what the law between two levels adds up to beyond the values there, each with its share of the whole."""
    a, b = (round(_quantile(ordered, level)) for level in (low, high))
    drawn = (b - a) / np.log(b / a) if b > a > 0 else (a + b) / 2
    seen = np.interp((low, high), np.linspace(0.0, 1.0, len(sums)), sums)
    return float((high - low) * drawn - (seen[1] - seen[0]))


def _best_cut(ordered: Values, sums: Floats, low: float, high: float) -> float:
    """Return the level between two, with as few digits as tell it from them, from which least is missed both sides."""

    def left(cut: float) -> float:
        return abs(_missed(ordered, sums, low, cut)) + abs(_missed(ordered, sums, cut, high))

    digits = 1 - math.floor(math.log10(high - low))
    cuts = [round(low + share * (high - low), digits) for share in CUTS]
    return min(cuts, key=left)


def _plain(points: Points) -> Points:
    """Return points without those inside a stretch of equal values."""
    inner = [
        now for before, now, after in zip(points, points[1:], points[2:], strict=False)
        if not before[1] == now[1] == after[1]
    ]  # fmt: skip
    return (points[0], *inner, points[-1])
