"""Exact statistics over replications: integers in, one rounding to a float at the very end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

Z_975 = 1.959963984540054  # of the normal distribution
T_975_SMALL = {1: 12.706204736174698, 2: 4.302652729749464, 3: 3.182446305283709, 4: 2.776445105197794}
ROOT_BITS = 80
FEW_DEGREES = 200


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
    return Fraction(t_975(n - 1)) * root(variance(values) / n)


def variance(values: Sequence[int]) -> Fraction:
    """Return the variance of at least two integers, exactly, from their sum and their sum of squares."""
    n, total = len(values), sum(values)
    return Fraction(n * sum(value * value for value in values) - total * total, n * (n - 1))


def quantile_ranks(n: int, probability: float, confidence: float = 0.95) -> tuple[int | None, int | None]:
    """Return the ranks, from 1, of the order statistics that hold a quantile between them, whatever the distribution.

    The number of values below the quantile is binomial (Conover 1999, 3.2); each side is missed with at most
    half of 1 - `confidence`. None where even the smallest or the largest of n values is not far enough out.
    """
    tail = (1 - confidence) / 2
    weights = _binomial(n, probability)
    low, below = 0, weights[0]
    while low < n and below <= tail:  # `below` is the chance of at most `low` values below the quantile
        low += 1
        below += weights[low]
    high, above = n, weights[n]
    while high > 0 and above <= tail:
        high -= 1
        above += weights[high]
    return (low or None, high + 1 if high < n else None)


def _binomial(n: int, p: float) -> list[float]:
    """Return the probabilities of 0 to n hits, by recurrence from the likeliest so that none underflows early."""
    start = min(n, int((n + 1) * p))
    weights = [0.0] * (n + 1)
    weights[start] = 1.0
    for k in range(start, n):
        weights[k + 1] = weights[k] * (n - k) / (k + 1) * (p / (1 - p))
    for k in range(start, 0, -1):
        weights[k - 1] = weights[k] * k / (n - k + 1) * ((1 - p) / p)
    whole = math.fsum(weights)
    return [weight / whole for weight in weights]


def share_interval(hits: int, n: int) -> list[float]:
    """Return the 95% interval of a share (Wilson 1927); of none it begins at 0, of all it ends at 1, exactly."""
    z2 = Z_975**2
    centre = (hits + z2 / 2) / (n + z2)
    half = Z_975 / (n + z2) * math.sqrt(hits * (n - hits) / n + z2 / 4)
    return [max(0.0, centre - half) if hits else 0.0, min(1.0, centre + half) if hits < n else 1.0]


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


def t_below(value: float, degrees: int) -> float:
    """Return the probability that Student's t is below a value.

    Exact sums up to FEW_DEGREES (Abramowitz and Stegun 26.7.3 and 26.7.4), beyond them within 1e-5 (26.7.8).
    """
    if degrees > FEW_DEGREES:
        size = value * (1 - 1 / (4 * degrees)) / math.sqrt(1 + value * value / (2 * degrees))
        return 0.5 * math.erfc(-size / math.sqrt(2))
    angle = math.atan(value / math.sqrt(degrees))
    odd, term, between = degrees % 2, 1.0, 0.0
    for step in range(degrees // 2):
        between += term
        term *= math.cos(angle) ** 2 * (2 * step + 1 + odd) / (2 * step + 2 + odd)
    if odd:
        between = (angle + math.sin(angle) * math.cos(angle) * between) * 2 / math.pi
    else:
        between *= math.sin(angle)
    return 0.5 + between / 2


def root(value: Fraction) -> Fraction:
    """Return the square root to 80 bits after the point; a float would lose digits of pico-dollars."""
    scaled = (value.numerator << (2 * ROOT_BITS)) // value.denominator
    return Fraction(math.isqrt(scaled), 1 << ROOT_BITS)
