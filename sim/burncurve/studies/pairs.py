"""Two deployments on the same luck: what one costs against the other, how sure that is, and what would make it sure.

The cost of a deployment is its bills over its units: replications, or requests where the deployments did
not serve equally many. The variance is that of the linearised ratio (the delta method; Cochran 1977, 6.4),
taken over pairs, so that luck which both have in common cancels. Sums are exact; floats come at the very end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from burncurve.studies import statistics
from burncurve.studies.spend import dollars

Z_80 = 0.8416212335729143  # of the normal distribution: four of five such studies would resolve the difference


@dataclass(frozen=True)
class Side:
    """One deployment, replication by replication: pico-dollars, and units of which at least one is above 0."""

    name: str
    pico: tuple[int, ...]
    units: tuple[int, ...]

    @cached_property
    def cost(self) -> Fraction:
        """Pico-dollars per unit."""
        return Fraction(sum(self.pico), sum(self.units))

    @cached_property
    def residuals(self) -> tuple[int, ...]:
        """By how much each replication departs from `cost`, in units of `scale`; they add up to 0."""
        paid, used = sum(self.pico), sum(self.units)
        return tuple(pico * used - paid * units for pico, units in zip(self.pico, self.units, strict=True))

    @property
    def scale(self) -> Fraction:
        """What a residual of 1 is in pico-dollars per unit."""
        return Fraction(len(self.units), sum(self.units) ** 2)

    @cached_property
    def variance(self) -> Fraction:
        """The variance of `cost` over samples of so many replications; needs two of them."""
        return covariance(self, self)


def covariance(one: Side, other: Side) -> Fraction:
    """Return the covariance of two costs over samples of so many replications; needs two of them."""
    n = len(one.pico)
    both = sum(a * b for a, b in zip(one.residuals, other.residuals, strict=True))
    return one.scale * other.scale * both / (n * (n - 1))


@dataclass(frozen=True, slots=True)
class Pair:
    """What `side` costs beyond `base`, per unit; `squared_error` is None with a single replication."""

    side: Side
    base: Side
    difference: Fraction
    squared_error: Fraction | None
    shared: Fraction = Fraction(0)  # covariance of the two costs

    @property
    def count(self) -> int:
        """Replications."""
        return len(self.base.pico)

    @property
    def always_equal(self) -> bool:
        """Whether both cost the same, and would in any number of replications, as far as these tell."""
        return self.difference == 0 and not self.squared_error

    @property
    def certainty(self) -> float | None:
        """How sure the sign of the difference is: 1 less the one-sided p of Student's paired test."""
        if self.squared_error is None or self.always_equal:
            return None
        if not self.squared_error:
            return 1.0
        return statistics.t_below(abs(float(self.difference)) / math.sqrt(self.squared_error), self.count - 1)

    @property
    def resolved(self) -> bool:
        """Whether the 95% interval of the difference leaves out 0; or nothing is left to resolve."""
        ends = self.between()
        return ends is not None and (self.always_equal or not ends[0] <= 0 <= ends[1])

    @property
    def needed(self) -> int | None:
        """How many replications would resolve the difference with a chance of 80%, were it as it looks; None: none."""
        if not self.difference or self.squared_error is None:
            return None
        spread = self.squared_error * self.count / self.difference**2
        return max(self.count, math.ceil((statistics.Z_975 + Z_80) ** 2 * float(spread)))

    def between(self) -> tuple[Fraction, Fraction] | None:
        """Return the 95% interval of the difference in pico-dollars per unit (Student's t)."""
        if self.squared_error is None:
            return None
        half = Fraction(statistics.t_975(self.count - 1)) * statistics.root(self.squared_error)
        return self.difference - half, self.difference + half

    def ratio(self) -> float | None:
        """Return the cost against the base's; None where that is nothing."""
        return float(self.side.cost / self.base.cost) if self.base.cost else None

    def ratio_ci95(self) -> list[float] | None:
        """Return the 95% interval of the ratio, made on the log scale; None where there is none."""
        ratio = self.ratio()
        if ratio is None or self.squared_error is None:
            return None
        if not ratio:
            return [0.0, 0.0]
        mine, other = self.side, self.base
        squared = mine.variance / mine.cost**2 + other.variance / other.cost**2
        squared -= 2 * self.shared / (mine.cost * other.cost)
        half = statistics.t_975(self.count - 1) * math.sqrt(max(Fraction(0), squared))
        return [ratio * math.exp(-half), ratio * math.exp(half)]

    def difference_ci95(self) -> list[float | None] | None:
        """Return the 95% interval of the difference in dollars per unit."""
        ends = self.between()
        return None if ends is None else [dollars(end) for end in ends]

    def wins(self) -> dict[str, int]:
        """Return in how many replications it was cheaper, equal and dearer per unit, of those in which both worked."""
        signs = []
        for pico, units, base_pico, base_units in zip(
            self.side.pico, self.side.units, self.base.pico, self.base.units, strict=True
        ):
            if units and base_units:
                gap = pico * base_units - base_pico * units
                signs.append((gap > 0) - (gap < 0))
        return {"cheaper": signs.count(-1), "equal": signs.count(0), "dearer": signs.count(1), "of": len(signs)}


def paired(side: Side, base: Side) -> Pair:
    """Return what a deployment costs beyond another, on the same replications."""
    difference = side.cost - base.cost
    if len(base.pico) < 2:
        return Pair(side, base, difference, None)
    shared = covariance(side, base)
    return Pair(side, base, difference, side.variance + base.variance - 2 * shared, shared)


def record(pair: Pair) -> dict[str, Any]:
    """Return a pair as a part of a document; a saving is what is left of 1 when the ratio is taken off."""
    ratio, between = pair.ratio(), pair.ratio_ci95()
    won = pair.wins()
    return {
        "name": pair.side.name,
        "ratio": ratio,
        "saving": None if ratio is None else 1 - ratio,
        "saving_ci95": None if between is None else [1 - end for end in reversed(between)],
        "difference_usd": dollars(pair.difference),
        "difference_usd_ci95": pair.difference_ci95(),
        **won,
        "cheaper_share_ci95": statistics.share_interval(won["cheaper"], won["of"]) if won["of"] else None,
        **judged(pair),
    }


def judged(pair: Pair) -> dict[str, Any]:
    """Return how sure a pair's order is."""
    return {
        "certainty": pair.certainty,
        "resolved": pair.resolved,
        "always_equal": pair.always_equal,
        "replications_needed": None if pair.resolved else pair.needed,
    }


def ordered(sides: Sequence[Side]) -> list[Side]:
    """Return the sides from the cheapest to the dearest, equal ones by name."""
    return sorted(sides, key=lambda side: (side.cost, side.name))
