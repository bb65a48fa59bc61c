"""What no family fits is kept so that it adds up to what was seen, with few points."""

from __future__ import annotations

import numpy as np
import pytest

from burncurve.studies import as_seen
from burncurve.studies.families import fitted


def heavy(count: int, sigma: float) -> np.ndarray:
    """Return heavy-tailed values, a third of them 0, so that no family fits."""
    luck = np.random.default_rng(1)
    values = np.rint(np.exp(luck.normal(5, sigma, count))).astype(np.int64)
    return np.sort(np.where(luck.random(count) < 1 / 3, 0, values))


@pytest.mark.parametrize("count", [120, 1_200, 12_000])
@pytest.mark.parametrize("sigma", [1.0, 2.5])
def test_a_table_keeps_the_mean_and_the_tail(count: int, sigma: float) -> None:
    values = heavy(count, sigma)
    points = as_seen.table(values)
    law = as_seen.law_of_table(points)
    assert len(points) <= as_seen.MOST_POINTS
    assert law.moment(1) == pytest.approx(values.mean(), rel=0.03)
    start = float(np.quantile(values, 0.9))
    tail = values[values >= start].sum() / count
    assert abs(law.moment(1, start) - tail) <= 0.04 * values.mean()


def test_evenly_spread_levels_alone_would_lose_tokens() -> None:
    values = heavy(12_000, 2.5)
    plain = as_seen.law_of_table(tuple((level, float(value)) for level, value in as_seen.quantiles(values)))
    refined = as_seen.law_of_table(as_seen.table(values))
    off = [abs(law.moment(1) / values.mean() - 1) for law in (plain, refined)]
    assert off[1] < off[0] / 2


def test_points_within_equal_values_are_left_out() -> None:
    values = np.sort(np.concatenate((np.zeros(600, dtype=np.int64), np.arange(1, 401))))
    points = as_seen.table(values)
    assert sum(value == 0 for _, value in points) <= 2
    assert as_seen.law_of_table(points).moment(1) == pytest.approx(values.mean(), rel=0.02)


def test_few_different_values_keep_their_shares() -> None:
    values = np.array([1] * 5 + [2] * 3 + [9] * 2)
    found = fitted(values)
    assert found.family == "shares"
    assert dict(found.parameters) == {"1": 0.5, "2": 0.3, "9": 0.2}
    assert found.law.moment(1) == pytest.approx(2.9)
    assert found.ks == pytest.approx(0, abs=1e-12)


def test_a_family_that_misses_the_mean_is_not_taken() -> None:
    values = np.concatenate((heavy(3_000, 1.0) + 50, [2_000_000] * 2))  # two values hold most of all tokens
    assert fitted(values).family == "quantiles"
    assert fitted(values).law.moment(1) == pytest.approx(values.mean(), rel=0.05)
