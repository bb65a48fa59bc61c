"""How many replications are enough: as many as make the interval of one figure narrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from burncurve.studies import statistics
from burncurve.studies.spend import QUANTILES

FIRST_LOOK, LAST_LOOK = 64, 65_536
FIGURES = ("mean", *QUANTILES)


@dataclass(frozen=True, slots=True)
class Precision:
    """The 95% interval of a figure of each bill shall reach no further than `share` of it to either side.

    Looks are few and far between (64, 128, 256, ...): who looks after each replication stops when luck is kind.
    """

    share: Fraction
    figure: str = "mean"

    @property
    def looks(self) -> tuple[int, ...]:
        """After how many replications it is looked whether they are enough."""
        return tuple(FIRST_LOOK << n for n in range((LAST_LOOK // FIRST_LOOK).bit_length()))

    def reached(self, bills: Sequence[Sequence[int]]) -> bool:
        """Say whether the interval is narrow enough for every bill, each a total per replication."""
        return all(half_share(totals, self.figure) <= self.share for totals in bills)


def half_share(totals: Sequence[int], figure: str) -> Fraction:
    """Return how far the interval reaches to its wider side, as a share of the figure; beyond 1 where unknown."""
    low, value, high = _interval(totals, figure)
    if low is None or high is None:
        return Fraction(10**9)
    if low == high:
        return Fraction(0)
    return max(value - low, high - value) / abs(value) if value else Fraction(10**9)


def _interval(totals: Sequence[int], figure: str) -> tuple[Fraction | None, Fraction, Fraction | None]:
    if figure == "mean":
        centre, half = statistics.mean(totals), statistics.half_width(totals)
        return centre - half, centre, centre + half
    ordered = sorted(totals)
    low, high = statistics.quantile_ranks(len(ordered), float(QUANTILES[figure]))
    ends = (None if rank is None else Fraction(ordered[rank - 1]) for rank in (low, high))
    return next(ends), statistics.quantile(ordered, QUANTILES[figure]), next(ends)
