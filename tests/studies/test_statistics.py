"""Statistics over replications against numpy and scipy."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from burncurve.studies import statistics

integers = st.lists(st.integers(0, 10**15), min_size=2, max_size=40)


@given(integers, st.sampled_from(["0.5", "0.9", "0.95", "0.99"]))
def test_quantiles_are_numpys(values: list[int], probability: str) -> None:
    exact = statistics.quantile(values, Fraction(probability))
    assert float(exact) == pytest.approx(np.quantile(values, float(probability)), rel=1e-12)


@given(integers)
def test_the_interval_is_students(values: list[int]) -> None:
    expected = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    assert float(statistics.half_width(values)) == pytest.approx(expected, rel=3e-4, abs=1e-3)


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 5, 6, 10, 30, 99, 1000, 10**6])
def test_the_point_of_students_t(degrees: int) -> None:
    assert statistics.t_975(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), rel=2e-4)


def test_one_pico_among_many_is_not_lost() -> None:
    values = [10**30, 10**30 + 2]
    assert statistics.mean(values) == 10**30 + 1
    assert statistics.quantile(values, Fraction(1, 2)) == 10**30 + 1


@pytest.mark.parametrize("n", [1, 2, 5, 20, 58, 100, 1000, 5000])
@pytest.mark.parametrize("p", [0.5, 0.9, 0.95, 0.99])
def test_ranks_are_the_narrowest_that_the_binomial_allows(n: int, p: float) -> None:
    low, high = statistics.quantile_ranks(n, p)
    below = stats.binom(n, p)
    # the quantile lies below X(low) when fewer than `low` values do, above X(high) when at least `high` do
    assert below.cdf((low or 0) - 1) <= 0.025 < below.cdf(low or 0)
    end = n + 1 if high is None else high
    assert below.sf(end - 1) <= 0.025 < below.sf(end - 2)


def test_intervals_of_quantiles_cover_as_often_as_they_say() -> None:
    luck = np.random.default_rng(5)
    samples = np.sort(luck.lognormal(0, 1.5, (4000, 200)), axis=1)
    for p in (0.5, 0.9, 0.95):
        low, high = statistics.quantile_ranks(200, p)
        assert low is not None
        assert high is not None
        true = stats.lognorm.ppf(p, 1.5)
        covered = np.mean((samples[:, low - 1] <= true) & (true <= samples[:, high - 1]))
        assert 0.94 <= covered <= 0.99


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (3, 10), (10, 10), (499, 1000)])
def test_the_interval_of_a_share_is_wilsons(hits: int, n: int) -> None:
    expected = stats.binomtest(hits, n).proportion_ci(0.95, method="wilson")
    assert statistics.share_interval(hits, n) == pytest.approx([expected.low, expected.high])


@pytest.mark.parametrize("n", [1, 7, 64, 100, 1000, 9999])
def test_the_interval_of_none_begins_at_0_and_that_of_all_ends_at_1(n: int) -> None:
    assert statistics.share_interval(0, n)[0] == 0.0
    assert statistics.share_interval(n, n)[1] == 1.0


@given(integers)
def test_the_variance_is_exact(values: list[int]) -> None:
    centre = statistics.mean(values)
    assert statistics.variance(values) == sum((value - centre) ** 2 for value in values) / (len(values) - 1)
