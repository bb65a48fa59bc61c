"""Exact statistics over replications: integers in, one rounding to a float at the very end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

Z_975 = 1.959963984540054  # of the normal distribution
T_975_SMALL = {1: 12.706204736174698, 2: 4.302652729749464, 3: 3.182446305283709, 4: 2.776445105197794}
ROOT_BITS = 80


def mean(values: Sequence[int]) -> Fraction:
    """Return the mean of at least one integer."""
    return Fraction(sum(values), len(values))


def quantile(values: Sequence[int], probability: Fraction) -> Fraction:
    """Return a quantile by linear interpolation between order statistics (Hyndman and Fan 1996, type 7)."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * probability
    below = place.numerator // place.denominator
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def half_width(values: Sequence[int]) -> Fraction:
    """Return half the width of the 95% confidence interval of the mean of at least two integers (Student's t)."""
    n = len(values)
    centre = mean(values)
    variance = sum(((value - centre) ** 2 for value in values), Fraction(0)) / (n - 1)
    return Fraction(t_975(n - 1)) * _root(variance / n)


def t_975(degrees: int) -> float:
    """Return the 97.5% point of Student's t, within 0.02% (Abramowitz and Stegun 26.7.5 from 5 degrees on)."""
    if degrees in T_975_SMALL:
        return T_975_SMALL[degrees]
    z, n = Z_975, float(degrees)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + math.fsum(term / n**power for power, term in enumerate(terms, start=1))


def _root(value: Fraction) -> Fraction:
    """Return the square root to 80 bits after the point; a float would lose digits of pico-dollars."""
    scaled = (value.numerator << (2 * ROOT_BITS)) // value.denominator
    return Fraction(math.isqrt(scaled), 1 << ROOT_BITS)
