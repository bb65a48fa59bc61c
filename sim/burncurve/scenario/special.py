"""Special functions behind the distributions, accurate in both tails; scipy only where a gamma needs it."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from statistics import NormalDist

NORMAL = NormalDist()
CLOSED_FORM_SHAPES = (1.0, 2.0, 3.0)


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


@lru_cache(maxsize=16)
def normal_quantiles(shares: tuple[float, ...]) -> tuple[float, ...]:
    """Return the normal quantiles; every lognormal table asks at the same places, so they are kept."""
    return tuple(map(normal_quantile, shares))


def gamma_below(shape: float, x: float) -> float:
    """Return P(X < x) of a gamma of this shape and scale 1."""
    if shape == 1.0:
        return -math.expm1(-x)
    if shape in CLOSED_FORM_SHAPES:
        return 1.0 - gamma_above(shape, x)
    from scipy.special import gammainc

    return float(gammainc(shape, x))


def gamma_above(shape: float, x: float) -> float:
    """Return P(X >= x) of a gamma of this shape and scale 1 (Erlang's sum for shapes 1 to 3)."""
    if shape in CLOSED_FORM_SHAPES:
        return math.exp(-x) * sum(x**i / math.factorial(i) for i in range(int(shape))) if x < math.inf else 0.0
    from scipy.special import gammaincc

    return float(gammaincc(shape, x))


def gamma_quantiles(shape: float, distances: Sequence[float], upper: bool) -> list[float]:
    """Return the quantiles of a gamma of scale 1 at these distances from one end."""
    if shape == 1.0:
        return [-math.log(d) if d else math.inf for d in distances] if upper else [-math.log1p(-d) for d in distances]
    from scipy.special import gammainccinv, gammaincinv

    return [float(x) for x in (gammainccinv if upper else gammaincinv)(shape, distances)]


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
