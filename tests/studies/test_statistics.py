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
