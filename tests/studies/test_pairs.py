"""Two deployments on the same luck: held against scipy, against Fieller's interval, and against chance itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from burncurve.studies import statistics
from burncurve.studies.pairs import Side, ordered, paired, record

PICO = 10**12
amounts = st.integers(1, 10**15)
two_bills = st.lists(st.tuples(amounts, amounts), min_size=3, max_size=40)


def side(name: str, pico, units=None) -> Side:
    whole = tuple(int(value) for value in pico)
    return Side(name, whole, (1,) * len(whole) if units is None else tuple(int(value) for value in units))


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 5, 10, 11, 50, 199, 200, 201, 999, 99_999])
def test_the_distribution_of_students_t_is_scipys(degrees: int) -> None:
    for value in (-8.0, -3.0, -1.0, 0.0, 0.3, 1.0, 1.96, 3.5, 8.0):
        assert statistics.t_below(value, degrees) == pytest.approx(stats.t.cdf(value, degrees), abs=3e-6)


@given(two_bills)
def test_equal_work_is_the_paired_t_test(pairs: list[tuple[int, int]]) -> None:
    mine, other = zip(*pairs, strict=True)
    gaps = np.array(mine, dtype=float) - np.array(other, dtype=float)
    pair = paired(side("mine", mine), side("other", other))
    assert float(pair.difference) == pytest.approx(gaps.mean(), rel=1e-9, abs=1e-3)
    assert math.sqrt(pair.squared_error or 0) == pytest.approx(stats.sem(gaps), rel=1e-6, abs=1e-2)
    if len(set(gaps.tolist())) > 1 and abs(gaps.mean()) > 1:
        p = stats.ttest_rel(mine, other).pvalue
        assert pair.certainty == pytest.approx(1 - p / 2, abs=1e-6)
        assert pair.resolved == (p < 0.05) or abs(p - 0.05) < 1e-3


def test_common_luck_cancels() -> None:
    """By hand: bills 10, 20, 30 and 11, 21, 31 differ by 1 in every replication, however much they spread."""
    pair = paired(side("b", [11, 21, 31]), side("a", [10, 20, 30]))
    assert (pair.difference, pair.squared_error, pair.certainty, pair.resolved) == (1, 0, 1.0, True)


def test_a_cost_per_request_by_hand() -> None:
    """Bills 6 and 2 for 3 and 1 requests are 2 a request, 4 and 8 for 1 and 2 are 4: always twice as dear."""
    pair = paired(side("b", [4, 8], [1, 2]), side("a", [6, 2], [3, 1]))
    assert (pair.side.cost, pair.base.cost, pair.ratio(), pair.squared_error) == (4, 2, 2.0, 0)
    assert pair.wins() == {"cheaper": 0, "equal": 0, "dearer": 2, "of": 2}


def _fieller(mine: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Return Fieller's (1954) 95% interval of the ratio of two means of pairs."""
    n = len(mine)
    cov = np.cov(mine, other) / n
    squared = stats.t.ppf(0.975, n - 1) ** 2
    a = other.mean() ** 2 - squared * cov[1, 1]
    b = mine.mean() * other.mean() - squared * cov[0, 1]
    c = mine.mean() ** 2 - squared * cov[0, 0]
    root = math.sqrt(b * b - a * c)
    return (b - root) / a, (b + root) / a


def test_the_interval_of_the_ratio_is_close_to_fiellers() -> None:
    chance = np.random.default_rng(5)
    luck = chance.lognormal(25, 0.3, 200)
    mine, other = luck * chance.lognormal(-2, 0.1, 200), luck * chance.lognormal(0, 0.1, 200)
    low, high = paired(side("b", mine), side("a", other)).ratio_ci95() or [0, 0]
    assert (low, high) == pytest.approx(_fieller(mine, other), rel=2e-3)


@pytest.mark.parametrize(("count", "least"), [(20, 0.915), (200, 0.93)])
def test_the_interval_covers_as_often_as_it_says(count: int, least: float) -> None:
    """Bills and requests as skewed as days of work: of 20 days 93% of the intervals hold the truth, of 200 days 95%."""
    chance = np.random.default_rng(7)
    trials, hits_of_ratio, hits_of_difference = 1500, 0, 0
    base_cost, cost = 2e12 * math.exp(0.5**2 / 2), 3e11 * math.exp(0.5**2 / 2)
    for _ in range(trials):
        luck = chance.lognormal(0, 0.5, count)
        asked, served = chance.integers(20, 30, count), chance.integers(5, 30, count)
        base = side("a", asked * 2e12 * luck, asked)
        pair = paired(side("b", served * 3e11 * luck * chance.lognormal(-0.02, 0.2, count), served), base)
        low, high = pair.ratio_ci95() or [0, 0]
        hits_of_ratio += low <= cost / base_cost <= high
        ends = pair.difference_ci95() or [0, 0]
        hits_of_difference += ends[0] <= (cost - base_cost) / PICO <= ends[1]
    for hits in (hits_of_ratio, hits_of_difference):
        assert least <= hits / trials <= 0.97


def test_the_forecast_of_replications_holds() -> None:
    """Of studies with the number forecast, about four of five resolve a difference of a tenth of its spread."""
    chance = np.random.default_rng(11)

    def bills(count: int, gap: float):
        base = chance.normal(1e13, 1e12, count)
        return paired(side("b", base + chance.normal(gap, 1e12, count)), side("a", base))

    pilot = bills(400, 1e11)
    mean, spread = float(pilot.difference), math.sqrt((pilot.squared_error or 0) * 400)
    assert pilot.needed == pytest.approx(max(400, 7.849 * (spread / mean) ** 2), rel=1e-3, abs=1)
    won = [bills(math.ceil(7.849 * 100), 1e11).resolved for _ in range(400)]
    assert 0.72 < sum(won) / 400 < 0.88


def test_ties_single_replications_and_free_deployments_are_said() -> None:
    tie = record(paired(side("b", [5, 5]), side("a", [5, 5])))
    assert (tie["ratio"], tie["always_equal"], tie["resolved"], tie["equal"]) == (1.0, True, True, 2)
    single = record(paired(side("b", [4]), side("a", [5])))
    assert (single["saving"], single["saving_ci95"], single["certainty"]) == (pytest.approx(0.2), None, None)
    assert (single["resolved"], single["replications_needed"]) == (False, None)
    free = record(paired(side("b", [0, 0]), side("a", [5, 6])))
    assert (free["saving"], free["saving_ci95"], free["cheaper"]) == (1.0, [1.0, 1.0], 2)
    against_free = record(paired(side("b", [5, 6]), side("a", [0, 0])))
    assert (against_free["ratio"], against_free["saving_ci95"], against_free["dearer"]) == (None, None, 2)
    even = record(paired(side("b", [5, 7]), side("a", [7, 5])))
    assert (even["certainty"], even["resolved"], even["replications_needed"]) == (0.5, False, None)


def test_equal_costs_are_ordered_by_name() -> None:
    assert [each.name for each in ordered([side("z", [1]), side("b", [3]), side("a", [3])])] == ["z", "a", "b"]
