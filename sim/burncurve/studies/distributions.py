"""How the figures that need no price spread over the replications, read from the integers of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from burncurve.studies import statistics
from burncurve.studies.budgets import LASTS
from burncurve.studies.figures import COUNTS, TOKEN_METERS, Columns
from burncurve.studies.spend import QUANTILES
from burncurve.words import US_PER_S

COLUMN_OF: Mapping[str, str] = {
    **{name: name for name in COUNTS},
    **{f"tokens.{meter}": meter for meter in TOKEN_METERS},
    "prompt_tokens": "prompt",
    "fresh_tokens": "fresh",
    "peak_context_tokens": "peak_context",
    **{name: name for name in ("requests", "finished", "unfinished", "failed", "skipped", "tasks")},
    "makespan_s": "makespan_us",
    "budget_lasts_s": LASTS,
}
"""Each figure of a result that every single replication has, and the column it comes from."""
QUANTILES_OF: Mapping[str, Mapping[str, Fraction]] = {"budget_lasts_s": {"p10": Fraction("0.1"), **QUANTILES}}
"""Where the lower end is asked for too."""

Named = tuple[tuple[str, Fraction], ...]


def of(columns: Columns) -> dict[str, Any] | None:
    """Return by figure mean, quantiles and their 95% intervals; None where there is but one replication."""
    if len(columns["calls"]) < 2:
        return None
    known = {figure: columns[name].tolist() for figure, name in COLUMN_OF.items() if name in columns}
    return {
        figure: _spread(values, _scale(figure), QUANTILES_OF.get(figure, QUANTILES)) for figure, values in known.items()
    }


def _scale(figure: str) -> int:
    return US_PER_S if figure.endswith("_s") else 1


def _spread(values: Sequence[int], scale: int, quantiles: Mapping[str, Fraction]) -> dict[str, Any]:
    ordered = sorted(values)
    centre, half = statistics.mean(ordered), statistics.half_width(ordered)
    between = {
        name: [None if rank is None else float(Fraction(ordered[rank - 1], scale)) for rank in ends]
        for name, ends in _ranks(len(ordered), tuple(quantiles.items()))
    }
    return {
        "mean": float(centre / scale),
        **{name: float(statistics.quantile(ordered, p) / scale) for name, p in quantiles.items()},
        "ci95": [float((centre - half) / scale), float((centre + half) / scale)],
        "ci95_of": between,
    }


@lru_cache
def _ranks(n: int, quantiles: Named) -> tuple[tuple[str, tuple[int | None, int | None]], ...]:
    return tuple((name, statistics.quantile_ranks(n, float(probability))) for name, probability in quantiles)
