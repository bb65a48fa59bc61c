"""Special functions behind the distributions, accurate in both tails, in plain Python."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from statistics import NormalDist

NORMAL = NormalDist()


def normal_below(z: float) -> float:
    """Return P(Z < z)."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def normal_between(low: float, high: float) -> float:
    """Return P(low <= Z < high) without cancellation in the upper tail."""
    if low > 0:
        return normal_below(-low) - normal_below(-high)
    return normal_below(high) - normal_below(low)


def normal_quantile(p: float) -> float:
    """Return z with P(Z < z) = p; infinite at 0 and 1."""
    return NORMAL.inv_cdf(p) if 0.0 < p < 1.0 else math.copysign(math.inf, p - 0.5)


@lru_cache(maxsize=64)
def normal_quantiles(shares: tuple[float, ...]) -> tuple[float, ...]:
    """Return the normal quantiles; every lognormal table asks at the same places, so they are kept."""
    return tuple(map(normal_quantile, shares))


def gamma_below(shape: float, x: float) -> float:
    """Return P(X < x) of a gamma of this shape and scale 1."""
    if x <= 0:
        return 0.0
    if x == math.inf:
        return 1.0
    if x < shape + 1:
        return math.exp(_log_head(shape, math.log(x)))
    return -math.expm1(_log_tail(shape, math.log(x)))


def gamma_above(shape: float, x: float) -> float:
    """Return P(X >= x) of a gamma of this shape and scale 1."""
    if x <= 0:
        return 1.0
    if x == math.inf:
        return 0.0
    if x < shape + 1:
        return -math.expm1(_log_head(shape, math.log(x)))
    return math.exp(_log_tail(shape, math.log(x)))


def _log_head(shape: float, log_x: float) -> float:
    """Return log P(X < x), small x: the power series of the incomplete gamma (Abramowitz, Stegun 6.5.29)."""
    x, term, total, n = math.exp(log_x), 1.0, 1.0, shape
    while term > 1e-17 * total:
        n += 1
        term *= x / n
        total += term
    return shape * log_x - x - math.lgamma(shape + 1) + math.log(total)


def _log_tail(shape: float, log_x: float) -> float:
    """Return log P(X >= x), large x: the continued fraction (Abramowitz, Stegun 6.5.31) by Lentz's method."""
    x = math.exp(log_x)
    b = x + 1.0 - shape
    c, d = 1e300, 1.0 / b
    fraction, i, change = d, 0, 0.0
    while abs(change - 1.0) > 1e-15 and i < 10_000:
        i += 1
        step = i * (shape - i)
        b += 2.0
        c, d = b + step / c, 1.0 / (b + step * d)
        change = c * d
        fraction *= change
    return shape * log_x - x - math.lgamma(shape) + math.log(fraction)


def gamma_quantiles(shape: float, distances: Sequence[float], upper: bool) -> list[float]:
    """Return the quantiles of a gamma of scale 1 at these distances from one end.

    Newton's method on the logarithm of the probability against log x, where both are concave (the
    density of log X is log-concave), so every step after the first approaches the root from one side.
    """
    if shape == 1.0:
        return [-math.log(d) if d else math.inf for d in distances] if upper else [-math.log1p(-d) for d in distances]
    log_x = math.log(max(shape, 1.0)) if upper else min(0.0, math.log(shape))
    found = []
    for distance in distances:
        if distance > 0.0:
            log_x = _solve(shape, log_x, math.log(distance), upper)
            found.append(math.exp(log_x))
        else:
            found.append(math.inf if upper else 0.0)
    return found


LONGEST_STEP = 2.0


def _solve(shape: float, log_x: float, wanted: float, upper: bool) -> float:
    for _ in range(200):
        x = math.exp(log_x)
        log_share = _log_share(shape, log_x, upper)
        slope = math.exp(shape * log_x - x - math.lgamma(shape) - log_share)
        # No further than LONGEST_STEP: far out in the tail the slope would be a difference of equals.
        change = min(max((log_share - wanted) / slope, -LONGEST_STEP), LONGEST_STEP)
        log_x += change if upper else -change
        if abs(change) < 1e-13 * (1.0 + abs(log_x)):
            break
    return log_x


def _log_share(shape: float, log_x: float, upper: bool) -> float:
    near = math.exp(log_x) < shape + 1
    log_near = _log_head(shape, log_x) if near else _log_tail(shape, log_x)
    return math.log(-math.expm1(log_near)) if near == upper else log_near


class PoissonTails:
    """P(X < k) and P(X >= k) of a Poisson number over the window of k that matters (both below 1e-25 outside)."""

    def __init__(self, mean: float) -> None:
        width = 12.0 * math.sqrt(mean) + 60.0
        self.first = max(math.floor(mean - width), 0)
        counts = range(self.first, math.ceil(mean + width) + 1)
        log_mean = math.log(mean)
        mass = [math.exp(k * log_mean - mean - math.lgamma(k + 1)) for k in counts]
        total = math.fsum(mass)
        self.below = [0.0, *accumulate(m / total for m in mass)]
        self.above = [0.0, *accumulate(m / total for m in reversed(mass))][::-1]

    def place(self, x: float) -> int:
        """Return the index of the first count at or above x."""
        last = len(self.below) - 1
        return last if x == math.inf else min(max(math.ceil(x) - self.first, 0), last)

    def quantile(self, distance: float, upper: bool) -> int:
        """Return the smallest k that leaves at most `distance` above it, or at least `distance` at or below it."""
        if upper:
            place = bisect_left(self.above, -distance, key=lambda share: -share)
        else:
            place = bisect_left(self.below, distance)
        return self.first + max(min(place, len(self.below) - 1) - 1, 0)


@lru_cache(maxsize=64)
def poisson_tails(mean: float) -> PoissonTails:
    """Return the tails of a Poisson number, kept."""
    return PoissonTails(mean)


def wedge(order: int, foot: float, start: float, end: float, low: float, high: float) -> float:
    """Integrate x**order * |x - foot| / (end - start) over start..end cut to low..high."""
    first, last = max(start, low), min(end, high)
    if last <= first:
        return 0.0
    raised = (last ** (order + 2) - first ** (order + 2)) / (order + 2)
    shifted = foot * (last ** (order + 1) - first ** (order + 1)) / (order + 1)
    return abs(raised - shifted) / (end - start)


def line_below(x: float, a: float, b: float) -> float:
    """Return the share of the piece from a to b that lies below x."""
    if x <= a:
        return 0.0
    if x > b or x == math.inf:
        return 1.0
    return math.log(x / a) / math.log(b / a) if a > 0 else (x - a) / (b - a)


def line_value(a: float, b: float, share: float) -> float:
    """Return the value at a share of the piece: log-linear if it starts above 0, else linear."""
    return min(a * math.exp(share * math.log(b / a)) if a > 0 else a + share * (b - a), b)


def line_moment(order: int, a: float, b: float, weight: float, start: float, end: float) -> float:
    """Return weight times the integral of (a + t (b - a))**order for t from start to end."""
    first, last = a + start * (b - a), a + end * (b - a)
    powers = math.fsum(first**i * last ** (order - i) for i in range(order + 1))
    return weight * (end - start) * powers / (order + 1)


def log_line_moment(order: int, a: float, b: float, weight: float, start: float, end: float) -> float:
    """Return weight times the integral of (a (b/a)**t)**order for t from start to end."""
    growth = order * math.log(b / a)
    if abs(growth) < 1e-12:
        return weight * (end - start) * a**order
    return float(weight * a**order * math.exp(growth * start) * math.expm1(growth * (end - start)) / growth)
