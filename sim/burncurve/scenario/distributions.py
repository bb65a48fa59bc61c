"""Quantities of a scenario: a number, or a distribution with `clip`, `per` and `times`.

`Tokens`, `Count`, `Duration` (microseconds), `Probability` and `Factor` are the field types; each takes
a number, a text with a unit, or a mapping, and becomes one frozen `Quantity`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from burncurve.scenario import units
from burncurve.scenario.kinds import (
    Constant,
    Gamma,
    Geometric,
    Lognormal,
    Poisson,
    Quantiles,
    Triangular,
    Uniform,
)
from burncurve.scenario.law import Law, N

KINDS = ("constant", "uniform", "lognormal", "gamma", "geometric", "poisson", "quantiles", "mixture", "range")
DENSE = 1000  # quantiles of a table at once
Level = Literal["turn", "request", "session", "run"]


@dataclass(frozen=True)
class Clipped(Law):
    """A law whose values are held within low..high."""

    inner: Law
    low: float
    high: float

    @property
    def whole(self) -> bool:
        return self.inner.whole and self.low % 1 == 0 and (self.high == math.inf or self.high % 1 == 0)

    @property
    def atoms(self) -> tuple[float, ...]:
        return tuple(sorted({min(max(x, self.low), self.high) for x in self.inner.atoms}))

    def below(self, x: float) -> float:
        return 0.0 if x <= self.low else 1.0 if x > self.high else self.inner.below(x)

    def above(self, x: float) -> float:
        return 1.0 if x <= self.low else 0.0 if x > self.high else self.inner.above(x)

    def quantile(self, distance: float, upper: bool = False) -> float:
        return min(max(self.inner.quantile(distance, upper), self.low), self.high)

    def quantiles(self, distances: Sequence[float], upper: bool) -> list[float]:
        return [min(max(x, self.low), self.high) for x in self.inner.quantiles(distances, upper)]

    def moment(self, order: int, low: float = 0.0, high: float = math.inf) -> float:
        start, end = max(low, self.low), min(high, self.high)
        total = self.inner.moment(order, start, end) if start < end else 0.0
        if low <= self.low < high:
            total += self.low**order * self.inner.below(self.low)
        if low <= self.high < high:
            total += self.high**order * self.inner.above(self.high)
        return total


@dataclass(frozen=True)
class Mixture(Law):
    """Parts, each with its share of the probability."""

    parts: tuple[tuple[float, Law], ...]

    @property
    def whole(self) -> bool:
        return all(law.whole for _, law in self.parts)

    @property
    def atoms(self) -> tuple[float, ...]:
        sets = [set(law.atoms) for _, law in self.parts]
        return tuple(sorted(set().union(*sets))) if all(sets) else ()

    def below(self, x: float) -> float:
        return math.fsum(share * law.below(x) for share, law in self.parts)

    def above(self, x: float) -> float:
        return math.fsum(share * law.above(x) for share, law in self.parts)

    def quantile(self, distance: float, upper: bool = False) -> float:
        low = min(law.quantile(distance, upper) for _, law in self.parts)
        high = max(law.quantile(distance, upper) for _, law in self.parts)
        for _ in range(200):
            middle = math.sqrt(low * high) if low > 0 and high < math.inf else (low + high) / 2
            if not low < middle < high:
                break
            beyond = self.above(middle) < distance if upper else self.below(middle) >= distance
            low, high = (low, middle) if beyond else (middle, high)
        return high

    def quantiles(self, distances: Sequence[float], upper: bool) -> list[float]:
        """Return the quantiles; many at once are interpolated between those of the parts, which lie as densely."""
        if len(distances) < DENSE:
            return super().quantiles(distances, upper)
        import numpy as np

        values = sorted({x for _, law in self.parts for end in (False, True) for x in law.quantiles(distances, end)})
        grid = [x for value in values if value < math.inf for x in (value, math.nextafter(value, math.inf))]
        if upper:
            grid.reverse()
        share = self.above if upper else self.below
        return [float(x) for x in np.interp(distances, [share(x) for x in grid], grid)]

    def moment(self, order: int, low: float = 0.0, high: float = math.inf) -> float:
        return math.fsum(share * law.moment(order, low, high) for share, law in self.parts)


class Shape(BaseModel, Generic[N]):
    """Exactly one kind of distribution, and the bounds its values are held within."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    constant: Constant[N] | None = None
    """Always this value."""
    uniform: Uniform[N] | None = None
    """{low, high}: every value between is equally likely."""
    lognormal: Lognormal[N] | None = None
    """{median, sigma}: sigma in natural logarithms, at most 5."""
    gamma: Gamma[N] | None = None
    """{mean, shape}: shape 1 is exponential."""
    geometric: Geometric[N] | None = None
    """{mean}: 1, 2, 3, ... tries until the first success."""
    poisson: Poisson[N] | None = None
    """{mean}: 0, 1, 2, ... rare events."""
    quantiles: Quantiles[N] | None = None
    """{level: value}: log-linear between values above 0, else linear; held beyond the first and the last."""
    clip: tuple[N, N] | None = None
    """[low, high]: values beyond are held at the bound."""

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, written: object) -> object:
        if isinstance(written, int | float | str):
            return {"constant": written}
        if not isinstance(written, dict | Shape):
            raise ValueError(f"must be a number, a text with a unit, or exactly one of {', '.join(KINDS)}")
        return written

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [kind for kind in KINDS if getattr(self, kind, None) is not None]
        if len(given) != 1:
            said = "is empty" if not given else f"names {' and '.join(given)}"
            raise ValueError(f"{said}: a quantity is a number or exactly one of {', '.join(KINDS)}")
        if self.clip is not None and self.clip[0] > self.clip[1]:
            raise ValueError(f"clip [{self.clip[0]:g}, {self.clip[1]:g}] must be [low, high], in this order")
        return self

    @model_serializer(mode="wrap")
    def _as_written(self, handler: SerializerFunctionWrapHandler) -> Any:
        fields = {name: value for name, value in handler(self).items() if value not in (None, [], ())}
        return fields["constant"] if list(fields) == ["constant"] else fields

    def _kind(self) -> Law:
        kinds: list[Law | None] = [getattr(self, kind, None) for kind in KINDS]
        return next(law for law in kinds if law is not None)

    @property
    def law(self) -> Law:
        """The distribution after its clip."""
        kind = self._kind()
        return kind if self.clip is None else Clipped(kind, *self.clip)


def _weight(written: object) -> float:
    weight = units.factor(written)
    if weight <= 0:
        raise ValueError("a weight must be above 0; leave the part out instead")
    return weight


Weight = Annotated[float, BeforeValidator(_weight)]


class Part(Shape[N], Generic[N]):
    """One part of a mixture."""

    weight: Weight


class Quantity(Shape[N], Generic[N]):
    """A number or a distribution, and how often it is drawn anew."""

    mixture: Annotated[tuple[Part[N], ...], Field(min_length=1, max_length=64)] | None = None
    """[{weight, ...kind...}, ...]: one of the parts, by weight."""
    range: Triangular[N] | None = None
    """[low, mode, high]: not known better; triangular, drawn once per run."""
    per: Level | None = None
    """How often it is drawn anew; by default as often as it is used."""

    @model_validator(mode="after")
    def _range_per_run(self) -> Self:
        if self.range is not None and self.per not in (None, "run"):
            raise ValueError(f"a range is drawn once per run, not per {self.per}; for luck per {self.per} use uniform")
        return self

    def _kind(self) -> Law:
        if self.mixture is not None:
            total = math.fsum(part.weight for part in self.mixture)
            return Mixture(tuple((part.weight / total, part.law) for part in self.mixture))
        return self.range if self.range is not None else super()._kind()

    @property
    def level(self) -> Level | None:
        """How often it is drawn anew: `per`, and `run` for a range."""
        return "run" if self.range is not None else self.per

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The factors that multiply a draw before it is clipped."""
        return ()

    @property
    def fixed(self) -> float | None:
        """The value if it is a plain number without factors, else None."""
        law = self.law
        plain = law.inner if isinstance(law, Clipped) else law
        return law.quantile(0.5) if isinstance(plain, Constant) and not self.factors else None

    def mean(self) -> float:
        """Return the mean of a draw after its clip, before its factors (unit as the field's)."""
        return self.law.moment(1)

    def quantile(self, p: float, upper: bool = False) -> float:
        """Return the value that leaves the probability `p` below a draw, or above it if `upper`."""
        return self.law.quantile(p, upper)

    def expected(self) -> float:
        """Return the mean with factors; exact unless the clip cuts what the factors made."""
        return self.mean() * math.prod(factor.mean() for factor in self.factors)


TokenNumber = Annotated[float, BeforeValidator(units.quantity)]
DurationNumber = Annotated[
    float,
    BeforeValidator(units.duration_us),
    PlainSerializer(lambda us: units.written_duration(round(us))),
]
ShareNumber = Annotated[float, BeforeValidator(units.fraction)]
FactorNumber = Annotated[float, BeforeValidator(units.factor)]


class Factor(Quantity[FactorNumber]):
    """A factor without unit, plain or in percent."""


class Multiplied(Quantity[N], Generic[N]):
    """A quantity that factors drawn at coarser levels may multiply."""

    times: tuple[Factor, ...] = ()
    """Factors, each with its own `per`; the product is clipped."""

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The factors that multiply a draw before it is clipped."""
        return self.times


class Tokens(Multiplied[TokenNumber]):
    """Tokens: `17.6k`, or a distribution of them."""


class Count(Multiplied[TokenNumber]):
    """A whole number of things, or a distribution of it."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.fixed is not None and self.fixed % 1:
            raise ValueError(f"{self.fixed:g} is not a whole number; round it, or give a distribution with that mean")
        return self


class Duration(Multiplied[DurationNumber]):
    """A duration (microseconds inside): `320ms`, or a distribution of it."""


class Probability(Multiplied[ShareNumber]):
    """A share from 0 to 1: `10%`, or a distribution of it."""
