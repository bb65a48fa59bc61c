"""Kinds of distribution: each knows its quantiles, tail probabilities and truncated moments in closed form.

Every kind answers four questions, on which tables and tests rest:
`below(x)` = P(X < x) and `above(x)` = P(X >= x), each accurate where it is small;
`quantile(distance, upper)`, the value that leaves `distance` of the probability towards that end;
`moment(order, low, high)` = E[X**order; low <= X < high] for order 0, 1 and 2.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_serializer, model_validator

from burncurve.scenario.special import (
    gamma_above,
    gamma_below,
    gamma_quantiles,
    normal_below,
    normal_between,
    normal_quantile,
    normal_quantiles,
    poisson_tails,
)
from burncurve.scenario.units import factor, fraction

N = TypeVar("N", bound=float)
Share = Annotated[float, BeforeValidator(fraction)]
Plain = Annotated[float, BeforeValidator(factor), Field(json_schema_extra={"minimum": 0})]
LARGEST_SIGMA = 5.0
LARGEST_COUNTED_MEAN = 1_000_000.0


class Law(ABC):
    """What every distribution of numbers of 0 or more can answer."""

    @property
    def whole(self) -> bool:
        """Say whether every value is a whole number by nature (a count)."""
        return False

    @abstractmethod
    def below(self, x: float) -> float:
        """Return P(X < x)."""

    def above(self, x: float) -> float:
        """Return P(X >= x)."""
        return 1.0 - self.below(x)

    @abstractmethod
    def quantile(self, distance: float, upper: bool = False) -> float:
        """Return the value that leaves the probability `distance` below it, or above it if `upper`."""

    def quantiles(self, distances: Sequence[float], upper: bool) -> list[float]:
        """Return the quantile at each distance from one end."""
        return [self.quantile(distance, upper) for distance in distances]

    @abstractmethod
    def moment(self, order: int, low: float = 0.0, high: float = math.inf) -> float:
        """Return E[X**order; low <= X < high]."""


class Kind(Law, BaseModel):
    """A law as written in a scenario; frozen, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Constant(Kind, Generic[N]):
    """Always the same value."""

    value: N

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, written: object) -> object:
        return written if isinstance(written, dict | Kind) else {"value": written}

    @model_serializer
    def _to_number(self) -> N:
        return self.value

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
        return _line_moment(order, self.low, self.high, 1.0, self.below(low), self.below(high))


class Lognormal(Kind, Generic[N]):
    """The logarithm is normal, with standard deviation `sigma` around that of the `median`."""

    median: N
    sigma: Plain

    @model_validator(mode="after")
    def _sensible(self) -> Lognormal[N]:
        if not self.median > 0:
            raise ValueError("the median of a lognormal must be above 0; write 0 as a plain number")
        if self.sigma > LARGEST_SIGMA:
            raise ValueError(f"sigma {self.sigma:g} must be at most {LARGEST_SIGMA:g}: it is in natural logarithms")
        return self

    def _z(self, x: float) -> float:
        if x <= 0 or x == math.inf or self.sigma == 0:
            return math.inf if x > self.median else -math.inf
        return math.log(x / self.median) / self.sigma

    def below(self, x: float) -> float:
        return normal_below(self._z(x))

    def above(self, x: float) -> float:
        return normal_below(-self._z(x))

    def quantile(self, distance: float, upper: bool = False) -> float:
        z = normal_quantile(distance)
        return self.median * math.exp(-self.sigma * z if upper else self.sigma * z)

    def quantiles(self, distances: Sequence[float], upper: bool) -> list[float]:
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
        if not 0.01 <= self.shape <= 1e6:
            raise ValueError(f"shape {self.shape:g} must be between 0.01 and 1,000,000; 1 is exponential")
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
            raise ValueError(f"mean {self.mean:g} must be between 1 and 1M: a geometric counts 1, 2, 3, ...")
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
        tail = math.log(distance) if upper and distance else -math.inf if upper else math.log1p(-distance)
        return max(float(math.ceil(tail / self._log_stay())), 1.0) if self.mean > 1 else 1.0

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
            raise ValueError(f"mean {self.mean:g} must be above 0 and at most 1M: a Poisson number is a count")
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
            raise ValueError("quantiles must be levels and values, for example {0: 1, 0.5: 2, 1: 10}")
        return {"points": sorted((fraction(level), value) for level, value in written.items())}

    @model_serializer
    def _to_mapping(self) -> dict[float, N]:
        return dict(self.points)

    @model_validator(mode="after")
    def _increasing(self) -> Quantiles[N]:
        if len(self.points) < 2:
            raise ValueError("quantiles need two levels or more, for example {0: 1, 0.5: 2, 1: 10}")
        for (p, a), (q, b) in zip(self.points, self.points[1:], strict=False):
            if not p < q:
                raise ValueError(f"level {q:g} is given twice; keep one")
            if b < a:
                raise ValueError(f"the value {b:g} at {q:g} is below {a:g} at {p:g}: quantiles must not decrease")
        return self

    def _segments(self) -> Iterable[tuple[float, float, float, float]]:
        """Yield (level, value, level, value) of every piece, the held ends included."""
        (first, low), (last, high) = self.points[0], self.points[-1]
        yield 0.0, low, first, low
        for (p, a), (q, b) in zip(self.points, self.points[1:], strict=False):
            yield p, a, q, b
        yield last, high, 1.0, high

    def below(self, x: float) -> float:
        return math.fsum((q - p) * _line_below(x, a, b) for p, a, q, b in self._segments())

    def above(self, x: float) -> float:
        return math.fsum((q - p) * (1.0 - _line_below(x, a, b)) for p, a, q, b in self._segments())

    def quantile(self, distance: float, upper: bool = False) -> float:
        level = 1.0 - distance if upper else distance
        for p, a, q, b in self._segments():
            if level <= q and q > p:
                return _line_value(a, b, (level - p) / (q - p))
        return self.points[-1][1]

    def moment(self, order: int, low: float = 0.0, high: float = math.inf) -> float:
        return math.fsum(
            _line_moment(order, a, b, q - p, _line_below(low, a, b), _line_below(high, a, b))
            if a <= 0
            else _log_line_moment(order, a, b, q - p, _line_below(low, a, b), _line_below(high, a, b))
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
            raise ValueError("range must be a list [low, mode, high], for example [0%, 1%, 5%]")
        return dict(zip(("low", "mode", "high"), written, strict=True))

    @model_serializer
    def _to_list(self) -> list[N]:
        return [self.low, self.mode, self.high]

    @model_validator(mode="after")
    def _ordered(self) -> Triangular[N]:
        if not (self.low <= self.mode <= self.high and self.low < self.high):
            raise ValueError(
                f"range [{self.low:g}, {self.mode:g}, {self.high:g}] must be [low, mode, high], in this order"
            )
        return self

    def below(self, x: float) -> float:
        if x >= self.mode:
            return 1.0 - self.above(x)
        return max(x - self.low, 0.0) ** 2 / ((self.high - self.low) * (self.mode - self.low))

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
        rising = _wedge(order, self.low, self.low, self.mode, low, high)
        falling = _wedge(order, self.high, self.mode, self.high, low, high)
        return 2.0 / width * (rising + falling)


def _wedge(order: int, foot: float, start: float, end: float, low: float, high: float) -> float:
    """Integrate x**order * |x - foot| / (end - start) over start..end cut to low..high."""
    first, last = max(start, low), min(end, high)
    if last <= first:
        return 0.0
    raised = (last ** (order + 2) - first ** (order + 2)) / (order + 2)
    shifted = foot * (last ** (order + 1) - first ** (order + 1)) / (order + 1)
    return abs(raised - shifted) / (end - start)


def _line_below(x: float, a: float, b: float) -> float:
    """Return the share of the piece from a to b that lies below x."""
    if x <= a:
        return 0.0
    if x > b or x == math.inf:
        return 1.0
    return math.log(x / a) / math.log(b / a) if a > 0 else (x - a) / (b - a)


def _line_value(a: float, b: float, share: float) -> float:
    return a * math.exp(share * math.log(b / a)) if a > 0 else a + share * (b - a)


def _line_moment(order: int, a: float, b: float, weight: float, start: float, end: float) -> float:
    """Return weight times the integral of (a + t (b - a))**order for t from start to end."""
    first, last = a + start * (b - a), a + end * (b - a)
    powers = math.fsum(first**i * last ** (order - i) for i in range(order + 1))
    return weight * (end - start) * powers / (order + 1)


def _log_line_moment(order: int, a: float, b: float, weight: float, start: float, end: float) -> float:
    """Return weight times the integral of (a (b/a)**t)**order for t from start to end."""
    growth = order * math.log(b / a)
    if abs(growth) < 1e-12:
        return weight * (end - start) * a**order
    return float(weight * a**order * math.exp(growth * start) * math.expm1(growth * (end - start)) / growth)
