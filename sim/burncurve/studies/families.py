"""Which distribution fits observed whole numbers best, among those that a scenario file can hold.

Values are counted in cells; each family's parameters come from closed forms, its likelihood from the mass that
the scenario's own law (clip included) puts into each cell, so that counts and sizes are judged alike (AIC, Akaike
1974). A family must meet what is paid for as well: the mean, and what the largest tenth adds up to. What no family
fits is kept as it was seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burncurve.scenario.distributions import Clipped
from burncurve.scenario.kinds import LARGEST_SIGMA, Constant, Gamma, Geometric, Lognormal, Poisson
from burncurve.scenario.law import Law
from burncurve.scenario.special import normal_below
from burncurve.studies import as_seen
from burncurve.studies.as_seen import quantiles

MOST_CELLS = 400
FAR = 0.05  # a family further from the data than this (KS distance, or share of the mean) does not fit
TAIL = 0.9  # level from which on values are the tail
CRITICAL = 1.36  # KS distance of a right family, times the root of the number of values, in 95 of 100 cases
FEWEST = 20  # values from which a family is believed
PILED = 0.002  # share of the values at the highest one from which it is taken for a bound
CENSORED_ROUNDS = 60
LEAST_MASS = 1e-12

Values = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rival:
    """One family held against the data: `parameters` as a scenario file names them."""

    family: str
    parameters: tuple[tuple[str, float], ...]
    law: Law
    aic: float
    ks: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """The distribution chosen for some values, and how well it fits; `clip` is the range of the values."""

    family: str
    parameters: tuple[tuple[str, float], ...]
    clip: tuple[int, int] | None
    law: Law
    count: int
    mean: float
    ks: float
    quantiles: tuple[tuple[float, int], ...]  # of the values, at LEVELS
    rivals: tuple[Rival, ...] = ()  # best first


def fitted(values: Values) -> Fitted:
    """Return the family with the least AIC if it is near the data, else their quantiles; there must be a value."""
    ordered = np.sort(values)
    low, high = int(ordered[0]), int(ordered[-1])
    if low == high:
        return _constant(ordered)
    edges = _edges(ordered)
    counts = np.histogram(ordered, edges)[0]
    rivals = tuple(sorted(_rivals(ordered, edges, counts), key=lambda rival: rival.aic))
    mean = float(ordered.mean())
    best = next(iter(rivals), None)
    if best and len(ordered) >= FEWEST and _near(best, ordered, mean):
        family, parameters, law, ks = best.family, best.parameters, best.law, best.ks
        return Fitted(family, parameters, (low, high), law, len(ordered), mean, ks, quantiles(ordered), rivals)
    return _empirical(ordered, edges, counts, rivals)


def _near(rival: Rival, ordered: Values, mean: float) -> bool:
    """Say whether a family is near the data (or no further than so few values of its own lie), mean and tail too."""
    near = rival.ks <= max(FAR, CRITICAL / math.sqrt(len(ordered)))
    start = math.ceil(np.quantile(ordered, TAIL)) - 0.5  # a law's values are rounded
    tail = float(ordered[ordered >= start].sum()) / len(ordered)
    off = abs(rival.law.moment(1) - mean), abs(rival.law.moment(1, start) - tail)
    return near and max(off) <= FAR * mean


def _constant(ordered: Values) -> Fitted:
    value = int(ordered[0])
    law = Constant[float](value=float(value))
    return Fitted("constant", (("value", float(value)),), None, law, len(ordered), float(value), 0.0,
                  quantiles(ordered))  # fmt: skip


def _empirical(ordered: Values, edges: NDArray[np.float64], counts: Values, rivals: tuple[Rival, ...]) -> Fitted:
    """Return few different values with their shares, others as a table of quantiles."""
    held = as_seen.shares(ordered)
    found = held or as_seen.table(ordered)
    law = as_seen.law_of_shares(found) if held else as_seen.law_of_table(found)
    parameters = tuple((f"{named:g}", value) for named, value in found)
    return Fitted("shares" if held else "quantiles", parameters, None, law, len(ordered), float(ordered.mean()),
                  _ks(_below(law, edges), counts), quantiles(ordered), rivals)  # fmt: skip


def _edges(ordered: Values) -> NDArray[np.float64]:
    """Return the ends of the cells: around every value where there are few, else around quantiles of the values."""
    distinct = np.unique(ordered)
    if len(distinct) > MOST_CELLS:
        levels = np.linspace(0.0, 1.0, MOST_CELLS + 1)
        distinct = np.unique(np.quantile(ordered, levels, method="nearest"))
    return np.concatenate(([distinct[0] - 0.5], (distinct[:-1] + distinct[1:]) // 2 + 0.5, [distinct[-1] + 0.5]))


def _rivals(ordered: Values, edges: NDArray[np.float64], counts: Values) -> list[Rival]:
    found = []
    for family, estimate in FAMILIES.items():
        parameters = estimate(ordered)
        if parameters is None:
            continue
        law = Clipped(LAWS[family](**parameters), float(ordered[0]), float(ordered[-1]))
        below = _below(law, edges)
        mass = np.maximum(np.diff(below), LEAST_MASS)
        aic = 2 * len(parameters) - 2 * float((counts * np.log(mass)).sum())
        found.append(Rival(family, tuple(parameters.items()), law, aic, _ks(below, counts)))
    return found


def _below(law: Law, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([law.below(float(edge)) for edge in edges])


def _ks(below: NDArray[np.float64], counts: Values) -> float:
    """Return the largest distance between the two distribution functions, at the ends of the cells."""
    seen = np.concatenate(([0], np.cumsum(counts))) / counts.sum()
    return float(np.abs(seen - below).max())


# Estimates: maximum likelihood in closed form, or next to it


def _lognormal(ordered: Values) -> dict[str, float] | None:
    """Mean and deviation of the logarithms; values piled up at the highest one are taken as cut off there."""
    if ordered[0] < 0 or np.mean(ordered == 0) > FAR:
        return None
    logs = np.log(np.maximum(ordered, 0.5))
    mu, sigma = float(logs.mean()), float(logs.std())
    piled = ordered == ordered[-1]
    if PILED * len(ordered) <= piled.sum() < len(ordered) / 2 and piled.sum() >= 5:
        mu, sigma = _uncensored(logs[~piled], int(piled.sum()), float(logs[-1]), mu, sigma)
    return {"median": math.exp(mu), "sigma": sigma} if 0 < sigma <= LARGEST_SIGMA else None


def _uncensored(logs: NDArray[np.float64], cut: int, bound: float, mu: float, sigma: float) -> tuple[float, float]:
    """Return mean and deviation of a normal of which `cut` values lie somewhere above the bound (EM algorithm)."""
    n, total, squares = len(logs) + cut, float(logs.sum()), float((logs**2).sum())
    for _ in range(CENSORED_ROUNDS):
        z = (bound - mu) / sigma
        hazard = math.exp(-z * z / 2) / math.sqrt(2 * math.pi) / max(normal_below(-z), 1e-300)
        mean = mu + sigma * hazard
        square = mu * mu + sigma * sigma + sigma * hazard * (bound + mu)
        mu = (total + cut * mean) / n
        sigma = math.sqrt(max((squares + cut * square) / n - mu * mu, 1e-12))
    return mu, sigma


def _gamma(ordered: Values) -> dict[str, float] | None:
    """Estimators in closed form by Ye and Chen (2017), next to maximum likelihood."""
    if ordered[0] < 0 or np.mean(ordered == 0) > FAR:
        return None
    x = np.maximum(ordered, 0.5).astype(np.float64)
    spread = float(len(x) * (x * np.log(x)).sum() - np.log(x).sum() * x.sum())
    shape = float(len(x) * x.sum() / spread) if spread > 0 else math.inf
    return {"mean": float(x.mean()), "shape": shape} if 0.01 <= shape <= 1000 else None


def _geometric(ordered: Values) -> dict[str, float] | None:
    mean = float(ordered.mean())
    return {"mean": mean} if ordered[0] >= 1 and mean <= 1e6 else None


def _poisson(ordered: Values) -> dict[str, float] | None:
    mean = float(ordered.mean())
    return {"mean": mean} if 0 < mean <= 1000 else None


FAMILIES: dict[str, Callable[[Values], dict[str, float] | None]] = {
    "lognormal": _lognormal, "gamma": _gamma, "geometric": _geometric, "poisson": _poisson,
}  # fmt: skip
LAWS: dict[str, Callable[..., Law]] = {
    "lognormal": Lognormal[float], "gamma": Gamma[float], "geometric": Geometric[float], "poisson": Poisson[float],
}  # fmt: skip


def quantile(law: Law, level: float) -> float:
    """Return the value below which the law has that share of its probability."""
    return law.quantile(level) if level <= 0.5 else law.quantile(1 - level, upper=True)
