"""Quantities of a scenario become quantities of a workload: tables, levels, salts from names, bounds."""

from __future__ import annotations

import math
from collections.abc import Callable

from burncurve.draws import CERTAIN, LARGEST_VALUE, Table, salt_of
from burncurve.errors import InputError, Problem
from burncurve.prepare.tables import table_of
from burncurve.scenario.distributions import Clipped, Factor, Quantity
from burncurve.scenario.law import Law
from burncurve.words import PPM
from burncurve.workload import Factor as DrawnFactor
from burncurve.workload import Per, fixed
from burncurve.workload import Quantity as DrawnQuantity

LEVELS = {"turn": Per.TURN, "request": Per.REQUEST, "session": Per.SESSION, "run": Per.RUN}
RARE = 2.0**-40
"""Where the ends of a factor are taken to lie."""

Where = Callable[..., str]


class Preparer:
    """Prepares quantities, collecting what is wrong with them under the place of each in the file."""

    def __init__(self, where: Where) -> None:
        self.where = where
        self.problems: list[Problem] = []

    def whole(self, path: tuple[str | int, ...], salt: str, given: Quantity, finest: Per) -> DrawnQuantity:
        """Prepare tokens, counts and microseconds; `finest` is how often it is used, and drawn unless it says more."""
        return self._guarded(path, salt, given, finest, 1, LARGEST_VALUE)

    def probability(self, path: tuple[str | int, ...], salt: str, given: Quantity, finest: Per) -> DrawnQuantity:
        """Prepare a probability, counted in 2**-30."""
        return self._guarded(path, salt, given, finest, CERTAIN, CERTAIN)

    def wrong(self, path: tuple[str | int, ...], what: str, remedy: str) -> None:
        """Note a problem at a place of the file."""
        self.problems.append(Problem(self.where(*path), what, remedy))

    def _guarded(
        self, path: tuple[str | int, ...], salt: str, given: Quantity, finest: Per, scale: int, most: int
    ) -> DrawnQuantity:
        self._check_level(path, given.level, finest)
        for place, factor in enumerate(given.factors):
            self._check_level((*path, "times", place), factor.level, finest)
        try:
            return prepared(given, salt, finest, scale, most)
        except InputError as error:
            self.problems += [Problem(self.where(*path), p.what, p.remedy) for p in error.problems]
            return fixed(0)

    def _check_level(self, path: tuple[str | int, ...], level: str | None, finest: Per) -> None:
        if level is not None and LEVELS[level] < finest:
            used = finest.name.lower()
            self.wrong(path, f"is needed once per {used}: per: {level} is finer than that", f"write per: {used}")


def prepared(given: Quantity, salt: str, finest: Per, scale: int = 1, most: int = LARGEST_VALUE) -> DrawnQuantity:
    """Return the drawn quantity in units of 1/scale; `salt` is its path by names; InputError (without a place)."""
    clip = _clip(given, scale, most)
    low, high = (0, most) if clip is None else (_held(bound * scale, most) for bound in clip)
    if given.fixed is not None:
        return fixed(min(max(_held(given.fixed * scale, most), low), high))
    per = finest if given.level is None else LEVELS[given.level]
    times = tuple(_factor(f, f"{salt}/times/{place}", finest) for place, f in enumerate(given.factors))
    return DrawnQuantity(_table(given, clip, scale), per, salt_of(salt), times, low, high)


def _clip(given: Quantity, scale: int, most: int) -> tuple[float, float] | None:
    """Return the bounds of the product: those written, within those by nature (a probability ends at 1)."""
    if most == LARGEST_VALUE:
        return given.clip
    low, high = given.clip or (0.0, math.inf)
    return min(low, most / scale), min(high, most / scale)


def _held(value: float, most: int) -> int:
    return math.floor(min(value, most) + 0.5)


def _factor(given: Factor, salt: str, finest: Per) -> DrawnFactor:
    """A factor that does not say how often it is drawn is drawn per session: it tells sessions apart."""
    per = max(finest, Per.SESSION) if given.level is None else LEVELS[given.level]
    return DrawnFactor(table_of(given.law, PPM), per, salt_of(salt))


def _table(given: Quantity, clip: tuple[float, float] | None, scale: int) -> Table:
    """Return the table before factors: clipped only where every factor would leave the value clipped.

    The clip belongs to the product; cutting the draw itself as widely as the factors can bridge keeps
    the moments of the product and spares the table a tail that can never be seen.
    """
    law: Law = given.law.inner if isinstance(given.law, Clipped) else given.law
    if clip is None:
        return table_of(law, scale)
    smallest, largest = _span(given)
    return table_of(Clipped(law, clip[0] / largest, clip[1] / smallest if smallest else math.inf), scale)


def _span(given: Quantity) -> tuple[float, float]:
    """Return the smallest and the largest product of the factors."""
    return (
        math.prod(factor.law.quantile(RARE) for factor in given.factors),
        math.prod(factor.law.quantile(RARE, upper=True) for factor in given.factors) or 1.0,
    )
