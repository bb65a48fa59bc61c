"""The spread of a bill taken apart: what luck does, and what not knowing the parameters does (mechanics M4).

Each replication gets a twin that draws the same parameters per run and other luck. What twins have in
common is the parameters' part of the variance: the first-order Sobol index, by the estimator of Janon,
Klein, Lagnoux, Nodet and Prieur (2014) with its own asymptotic interval.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any

from burncurve.studies.statistics import Z_975
from burncurve.workload import Factor, Per, Quantity, Workload

PICO = 10**12
MOST_TWINS = 256  # the share of the parameters is then known to 12 points or better; its interval is told
FEWEST_TWINS = 2


def drawn_per_run(workload: Workload) -> bool:
    """Say whether anything but constants is drawn once per run."""
    return any(part.per is Per.RUN and part.table.kind for part in _drawn(workload))


def _drawn(value: object) -> Iterator[Quantity | Factor]:
    if isinstance(value, Quantity | Factor):
        yield value
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _drawn(getattr(value, field.name))
    elif isinstance(value, tuple) and value and not isinstance(value[0], int | str):
        for part in value:
            yield from _drawn(part)


def twins_wanted(workload: Workload, replications: int) -> int:
    """Return how many replications get a twin."""
    wanted = min(replications, MOST_TWINS)
    return wanted if wanted >= FEWEST_TWINS and drawn_per_run(workload) else 0


def taken_apart(totals: Sequence[int], twins: Sequence[int]) -> Mapping[str, Any] | None:
    """Return the parameters' and luck's shares of the variance of pico-dollars; None where nothing varies."""
    n = len(twins)
    pairs = list(zip(totals[:n], twins, strict=True))
    both = sum(a + b for a, b in pairs)
    # all times 4 n**2, so that everything stays an integer
    variance = 2 * n * sum(a * a + b * b for a, b in pairs) - both * both
    common = 4 * n * sum(a * b for a, b in pairs) - both * both
    if variance <= 0:
        return None
    share = Fraction(common, variance)
    half = Z_975 * _deviation(pairs, Fraction(both, 2 * n), share, Fraction(variance, 4 * n * n)) / math.sqrt(n)
    whole = math.sqrt(variance / (4 * n * n)) / PICO
    held = min(1.0, max(0.0, float(share)))
    return {
        "pairs": n,
        "sd_usd": whole,
        "parameters_share": float(share),
        "parameters_share_ci95": [float(share) - half, float(share) + half],
        "parameters_sd_usd": whole * math.sqrt(held),
        "luck_sd_usd": whole * math.sqrt(1 - held),
    }


def _deviation(pairs: Sequence[tuple[int, int]], mean: Fraction, share: Fraction, variance: Fraction) -> float:
    """Return the standard deviation of one pair's contribution to the estimate."""
    scale, index, centre = math.sqrt(variance), float(share), float(mean)
    parts = []
    for one, other in pairs:
        a, b = (one - centre) / scale, (other - centre) / scale
        parts.append(a * b - index / 2 * (a * a + b * b))
    middle = math.fsum(parts) / len(parts)
    return math.sqrt(math.fsum((part - middle) ** 2 for part in parts) / len(parts))
