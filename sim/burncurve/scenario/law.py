"""What a distribution answers: quantiles, tail probabilities and truncated moments.

On these four rest the tables and the tests:
`below(x)` = P(X < x) and `above(x)` = P(X >= x), each accurate where it is small;
`quantile(distance, upper)`, the value that leaves `distance` of the probability towards that end;
`moment(order, low, high)` = E[X**order; low <= X < high] for order 0, 1 and 2.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict
from typing_extensions import TypeVar

from burncurve.scenario.units import factor, fraction

N = TypeVar("N", bound=float, default=float)
Share = Annotated[float, BeforeValidator(fraction)]
Plain = Annotated[float, BeforeValidator(factor)]


class Law(ABC):
    """What every distribution of numbers of 0 or more can answer."""

    @property
    def atoms(self) -> tuple[float, ...]:
        """The only values there are, increasing, if they are few; else empty."""
        return ()

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

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
