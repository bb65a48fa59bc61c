"""Kinds of distribution, each with its answers (see law.py) in closed form."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, Generic

from pydantic import SerializerFunctionWrapHandler, model_serializer, model_validator

from burncurve.scenario.law import Kind, N, Plain, Share
from burncurve.scenario.special import (
    gamma_above,
    gamma_below,
    gamma_quantiles,
    line_below,
    line_moment,
    line_value,
    log_line_moment,
    normal_below,
    normal_between,
    normal_quantiles,
    poisson_tails,
    wedge,
)
from burncurve.scenario.units import fraction

LARGEST_SIGMA = 5.0
LARGEST_COUNTED_MEAN = 1_000_000.0


class Constant(Kind, Generic[N]):
    """Always the same value."""

    value: N

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, written: object) -> object:
        return written if isinstance(written, dict | Kind) else {"value": written}

    @model_serializer(mode="wrap")
    def _to_number(self, handler: SerializerFunctionWrapHandler) -> Any:
        return handler(self)["value"]

    @property
    def atoms(self) -> tuple[float, ...]:
        return (self.value,)

    def below(self, x: float) -> float:
        return float(self.value < x)

    def quantile(self, distance: float, upper: bool = False) -> float:
        return self.value

    def moment(self, order: int, low: float = 0.0, high: float = math.inf) -> float:
        return float(self.value**order) if low <= self.value < high else 0.0


class Uniform(Kind, Generic[N]):
    """Every value between `low` and `high` is equally likely."""

    low: N
    high: N

    @model_validator(mode="after")
    def _ordered(self) -> Uniform[N]:
        if not self.low < self.high:
            raise ValueError(f"low {self.low:g} must be below high {self.high:g}; write a plain number if they agree")
        return self

    def below(self, x: float) -> float:
        return min(max((x - self.low) / (self.high - self.low), 0.0), 1.0)

    def above(self, x: float) -> float:
        return min(max((self.high - x) / (self.high - self.low), 0.0), 1.0)

    def quantile(self, distance: float, upper: bool = False) -> float:
        width = distance * (self.high - self.low)
        return self.high - width if upper else self.low + width

    def moment(self, order: int, low: float = 0.0, high: float = math.inf) -> float:
        return line_moment(order, self.low, self.high, 1.0, self.below(low), self.below(high))


class Lognormal(Kind, Generic[N]):
    """The logarithm is normal, with standard deviation `sigma` around that of the `median`."""

    median: N
    sigma: Plain

    @model_validator(mode="after")
    def _sensible(self) -> Lognormal[N]:
        if not self.median > 0:
            raise ValueError("the median of a lognormal must be above 0; write 0 as a plain number")
        if self.sigma > LARGEST_SIGMA:
            raise ValueError(
                f"sigma {self.sigma:g} must be at most {LARGEST_SIGMA:g}; it is in natural logarithms, 1 is wide"
            )
        return self

    def _z(self, x: float) -> float:
        if x <= 0 or x == math.inf or self.sigma == 0:
            return math.inf if x > self.median else -math.inf
        return (math.log(x) - math.log(self.median)) / self.sigma

    def below(self, x: float) -> float:
        return normal_below(self._z(x))

    def above(self, x: float) -> float:
        return normal_below(-self._z(x))

    def quantile(self, distance: float, upper: bool = False) -> float:
        return self.quantiles((distance,), upper)[0]

    def quantiles(self, distances: Sequence[float], upper: bool) -> list[float]:
        if self.sigma == 0:
            return [self.median] * len(distances)
        sigma, median, exp = -self.sigma if upper else self.sigma, self.median, math.exp
        return [median * exp(sigma * z) for z in normal_quantiles(tuple(distances))]

    def moment(self, order: int, low: float = 0.0, high: float = math.inf) -> float:
        shift = order * self.sigma
        share = normal_between(self._z(low) - shift, self._z(high) - shift)
        return self.median**order * math.exp(shift * shift / 2) * share


class Gamma(Kind, Generic[N]):
    """Gamma by `mean` and `shape` (1 is exponential, less is burstier)."""

    mean: N
    shape: Plain = 1.0

    @model_validator(mode="after")
    def _sensible(self) -> Gamma[N]:
        if not self.mean > 0:
            raise ValueError("the mean of a gamma must be above 0; write 0 as a plain number")
        if not 0.01 <= self.shape <= 1000:
            raise ValueError(f"shape {self.shape:g} must be between 0.01 and 1,000; 1 is exponential")
        return self

    def _scaled(self, x: float) -> float:
        return max(x, 0.0) * self.shape / self.mean

    def below(self, x: float) -> float:
        return gamma_below(self.shape, self._scaled(x))

    def above(self, x: float) -> float:
        return gamma_above(self.shape, self._scaled(x))

    def quantile(self, distance: float, upper: bool = False) -> float:
        return self.quantiles([distance], upper)[0]

    def quantiles(self, distances: Sequence[float], upper: bool) -> list[float]:
        scale = self.mean / self.shape
        return [scale * x for x in gamma_quantiles(self.shape, distances, upper)]

    def moment(self, order: int, low: float = 0.0, high: float = math.inf) -> float:
        rising = math.prod(self.shape + i for i in range(order))
        shape, start, end = self.shape + order, self._scaled(low), self._scaled(high)
        below = gamma_below(shape, end) - gamma_below(shape, start)
        above = gamma_above(shape, start) - gamma_above(shape, end)
        return (self.mean / self.shape) ** order * rising * (below if end < shape else above)


class Geometric(Kind, Generic[N]):
    """Tries until the first success: 1, 2, 3, ... with the given `mean` of 1 or more."""

    mean: N

    @model_validator(mode="after")
    def _sensible(self) -> Geometric[N]:
        if not 1 <= self.mean <= LARGEST_COUNTED_MEAN:
            raise ValueError(
                f"mean {self.mean:g} must be between 1 and 1M: a geometric counts 1, 2, 3, ...; write for example 5"
            )
        return self

    @property
    def whole(self) -> bool:
        return True

    def _log_stay(self) -> float:
        return math.log1p(-1.0 / self.mean) if self.mean > 1 else -math.inf

    def above(self, x: float) -> float:
        tries = max(math.ceil(x) - 1, 0) if x < math.inf else math.inf
        return math.exp(tries * self._log_stay()) if tries else 1.0

    def below(self, x: float) -> float:
        tries = max(math.ceil(x) - 1, 0) if x < math.inf else math.inf
        return -math.expm1(tries * self._log_stay()) if tries else 0.0

    def quantile(self, distance: float, upper: bool = False) -> float:
        if upper and distance == 0.0 and self.mean > 1:
            return math.inf
        tail = math.log(distance) if upper and distance else math.log1p(-distance)
        return max(float(math.ceil(tail / self._log_stay())), 1.0)

    def moment(self, order: int, low: float = 0.0, high: float = math.inf) -> float:
        return self._tail(order, low) - self._tail(order, high)

    def _tail(self, order: int, low: float) -> float:
        """E[X**order; X >= low]: beyond n - 1 failures the rest is again geometric, shifted by n - 1."""
        if low == math.inf:
            return 0.0
        gone, mean = max(math.ceil(low) - 1, 0), self.mean
        rest = (1.0, gone + mean, gone * gone + 2 * gone * mean + mean * (2 * mean - 1))[order]
        return self.above(low) * rest


class Poisson(Kind, Generic[N]):
    """A count of rare events: 0, 1, 2, ... with the given `mean`."""

    mean: N

    @model_validator(mode="after")
    def _sensible(self) -> Poisson[N]:
        if not 0 < self.mean <= LARGEST_COUNTED_MEAN:
            raise ValueError(
                f"mean {self.mean:g} must be above 0 and at most 1M: a Poisson number is a count; write for example 5"
            )
        return self

    @property
    def whole(self) -> bool:
        return True

    def below(self, x: float) -> float:
        tails = poisson_tails(self.mean)
        return tails.below[tails.place(x)]

    def above(self, x: float) -> float:
        tails = poisson_tails(self.mean)
        return tails.above[tails.place(x)]

    def quantile(self, distance: float, upper: bool = False) -> float:
        return float(poisson_tails(self.mean).quantile(distance, upper))

    def moment(self, order: int, low: float = 0.0, high: float = math.inf) -> float:
        mean = self.mean
        falling = [self._between(low - i, high - i) * mean**i for i in range(order + 1)]
        return (falling[0], falling[-1], sum(falling[1:]))[order]

    def _between(self, low: float, high: float) -> float:
        if low > self.mean:
            return self.above(low) - self.above(high)
        return self.below(high) - self.below(low)


class Quantiles(Kind, Generic[N]):
    """Given quantiles; between them log-linear where both ends are above 0, else linear; beyond them held."""

    points: tuple[tuple[Share, N], ...]

    @model_validator(mode="before")
    @classmethod
    def _from_mapping(cls, written: object) -> object:
        if not isinstance(written, dict):
            raise ValueError("quantiles must be levels and values; write for example {0: 1, 0.5: 2, 1: 10}")
        points = [(fraction(level), value) for level, value in written.items()]
        return {"points": sorted(points, key=lambda point: point[0])}

    @model_serializer(mode="wrap")
    def _to_mapping(self, handler: SerializerFunctionWrapHandler) -> Any:
        return dict(handler(self)["points"])

    @model_validator(mode="after")
    def _increasing(self) -> Quantiles[N]:
        if len(self.points) < 2:
            raise ValueError("quantiles need two levels or more; write for example {0: 1, 0.5: 2, 1: 10}")
        for (p, a), (q, b) in zip(self.points, self.points[1:], strict=False):
            if not p < q:
                raise ValueError(f"level {q:g} is given twice; keep one")
            if b < a:
                raise ValueError(
                    f"the value {b:g} at {q:g} is below {a:g} at {p:g}: quantiles must not decrease; sort them"
                )
        return self

    def _segments(self) -> Iterable[tuple[float, float, float, float]]:
        """Yield (level, value, level, value) of every piece, the held ends included."""
        (first, low), (last, high) = self.points[0], self.points[-1]
        yield 0.0, low, first, low
        for (p, a), (q, b) in zip(self.points, self.points[1:], strict=False):
            yield p, a, q, b
        yield last, high, 1.0, high

    def below(self, x: float) -> float:
        return math.fsum((q - p) * line_below(x, a, b) for p, a, q, b in self._segments())

    def above(self, x: float) -> float:
        return math.fsum((q - p) * (1.0 - line_below(x, a, b)) for p, a, q, b in self._segments())

    def quantile(self, distance: float, upper: bool = False) -> float:
        level = 1.0 - distance if upper else distance
        for p, a, q, b in self._segments():
            if level <= q and q > p:
                return line_value(a, b, (level - p) / (q - p))
        return self.points[-1][1]

    def moment(self, order: int, low: float = 0.0, high: float = math.inf) -> float:
        return math.fsum(
            line_moment(order, a, b, q - p, line_below(low, a, b), line_below(high, a, b))
            if a <= 0
            else log_line_moment(order, a, b, q - p, line_below(low, a, b), line_below(high, a, b))
            for p, a, q, b in self._segments()
        )


class Triangular(Kind, Generic[N]):
    """`range: [low, mode, high]`: not known better, most likely near the mode."""

    low: N
    mode: N
    high: N

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, written: object) -> object:
        if not isinstance(written, list | tuple) or len(written) != 3:
            raise ValueError("range must be a list [low, mode, high]; write for example [0%, 1%, 5%]")
        return dict(zip(("low", "mode", "high"), written, strict=True))

    @model_serializer(mode="wrap")
    def _to_list(self, handler: SerializerFunctionWrapHandler) -> Any:
        return list(handler(self).values())

    @model_validator(mode="after")
    def _ordered(self) -> Triangular[N]:
        if not (self.low <= self.mode <= self.high and self.low < self.high):
            raise ValueError(
                f"range [{self.low:g}, {self.mode:g}, {self.high:g}] must be [low, mode, high], in this order"
            )
        return self

    def below(self, x: float) -> float:
        if x <= self.low:
            return 0.0
        if x >= self.mode:
            return 1.0 - self.above(x)
        return (x - self.low) ** 2 / ((self.high - self.low) * (self.mode - self.low))

    def above(self, x: float) -> float:
        if x < self.mode:
            return 1.0 - self.below(x)
        if x >= self.high:
            return 0.0
        return (self.high - x) ** 2 / ((self.high - self.low) * (self.high - self.mode))

    def quantile(self, distance: float, upper: bool = False) -> float:
        width = self.high - self.low
        left = (self.mode - self.low) / width
        near, far = (1.0 - left, left) if upper else (left, 1.0 - left)
        if distance < near:
            step = width * math.sqrt(distance * near)
            return self.high - step if upper else self.low + step
        step = width * math.sqrt((1.0 - distance) * far)
        return self.low + step if upper else self.high - step

    def moment(self, order: int, low: float = 0.0, high: float = math.inf) -> float:
        width = self.high - self.low
        rising = wedge(order, self.low, self.low, self.mode, low, high)
        falling = wedge(order, self.high, self.mode, self.high, low, high)
        return 2.0 / width * (rising + falling)
