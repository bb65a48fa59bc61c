"""Tables against the distributions they stand for: moments within 0.1%, exact steps, the far tail."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from scipy import stats

from burncurve.draws import ALWAYS, Table, TableKind, derive, draw, look_up, salt_of
from burncurve.errors import InputError
from burncurve.prepare.tables import distances, rounded_moments, table_of
from burncurve.scenario.distributions import Tokens
from burncurve.scenario.law import Law

TOKENS: TypeAdapter[Tokens] = TypeAdapter(Tokens)

WRITTEN: list[Any] = [
    {"uniform": {"low": 1, "high": 20_000}},
    {"lognormal": {"median": 211, "sigma": 1.34}, "clip": [1, "32k"]},
    {"lognormal": {"median": 320_000, "sigma": 2.83}, "clip": [1000, 600_000_000]},
    {"lognormal": {"median": 14, "sigma": 1.85}, "clip": [1, 10_000]},
    {"lognormal": {"median": 14, "sigma": 1.85}},
    {"lognormal": {"median": 67_000_000, "sigma": 2.71}, "clip": [1_000_000, 28_800_000_000]},
    {"lognormal": {"median": 4, "sigma": 0.5}, "clip": [1, 40]},
    {"lognormal": {"median": 3, "sigma": 1.2}},
    {"gamma": {"mean": 5000, "shape": 1}},
    {"gamma": {"mean": 5000, "shape": 0.3}},
    {"gamma": {"mean": 40, "shape": 2.5}},
    {"geometric": {"mean": 10}},
    {"geometric": {"mean": 50_000}},
    {"poisson": {"mean": 2}},
    {"poisson": {"mean": 300}},
    {"quantiles": {0: 1, 0.5: 2, 0.9: 21, 0.99: 87, 1: 250}},
    {"quantiles": {0.25: 110_000, 0.5: 850_000, 0.9: 23_000_000, 0.99: 240_000_000}},
    {"mixture": [{"weight": 4, "lognormal": {"median": 800, "sigma": 1.2}}, {"weight": 1, "constant": 0}]},
    {"mixture": [{"weight": 9, "constant": 5}, {"weight": 1, "constant": 50_000}]},
    {"range": [0, 1000, 5000]},
]


def law_of(written: Any) -> Law:
    return TOKENS.validate_python(written).law


def table_moments(table: Table) -> tuple[float, float]:
    """Mean and mean square by looking every cell up: values lie evenly between the knots of a cell."""
    if table.kind == TableKind.STEPS:
        width = np.diff(np.array([0, *table.thresholds], dtype=np.float64)) / ALWAYS
        values = np.array(table.values, dtype=np.float64)
        return float((width * values).sum()), float((width * values**2).sum())
    places = np.array(distances(table.cell_bits), dtype=np.float64) / ALWAYS
    knots = np.array(table.values, dtype=np.float64).reshape(2, -1)
    mean = square = 0.0
    nodes, weights = np.polynomial.legendre.leggauss(2)  # exact for the squares of a straight line
    for node, weight in zip(nodes, weights, strict=True):
        values = knots[:, :-1] + (knots[:, 1:] - knots[:, :-1]) * (node + 1) / 2
        mean += float((np.diff(places) * values).sum() * weight / 2)
        square += float((np.diff(places) * values**2).sum() * weight / 2)
    return mean, square


@pytest.mark.parametrize("written", WRITTEN, ids=str)
def test_moments_are_within_a_thousandth(written: Any) -> None:
    law = law_of(written)
    mean, square = table_moments(table_of(law))
    large = law.moment(1) > 100
    own = (law.moment(1), law.moment(2)) if large else rounded_moments(law, 1)
    assert mean == pytest.approx(own[0], rel=1e-3)
    # the even spread between knots counts 1/6 less per square than whole numbers do (a trapezoid sum)
    assert square == pytest.approx(own[1], rel=1e-3, abs=0.0 if large else 0.17)


@pytest.mark.parametrize("sigma", [1.34, 1.85, 2.83])
def test_clipped_lognormals_against_scipy(sigma: float) -> None:
    low, high, median = 1000.0, 6e8, 320_000.0
    table = table_of(law_of({"lognormal": {"median": median, "sigma": sigma}, "clip": [low, high]}))
    theirs = stats.lognorm(sigma, scale=median)
    ends = [(low, float(theirs.cdf(low))), (high, float(theirs.sf(high)))]
    for order, own in zip((1, 2), table_moments(table), strict=True):
        shift = stats.norm(order * sigma, 1)
        inside = math.exp((order * sigma) ** 2 / 2) * median**order
        inside *= shift.cdf(math.log(high / median) / sigma) - shift.cdf(math.log(low / median) / sigma)
        assert own == pytest.approx(inside + sum(x**order * p for x, p in ends), rel=1e-3)


@pytest.mark.parametrize("written", WRITTEN, ids=str)
@given(u=st.integers(1 << 25, ALWAYS - (1 << 25)))  # nearer to the ends the cells no longer shrink
def test_a_look_up_is_the_quantile(written: Any, u: int) -> None:
    law = law_of(written)
    table = table_of(law)
    share = (u + 0.5) / ALWAYS
    exact = law.quantile(share) if share < 0.5 else law.quantile((ALWAYS - u - 0.5) / ALWAYS, upper=True)
    if table.kind == TableKind.SMOOTH:  # steps are exact, see below
        assert look_up(table, u) == pytest.approx(exact, rel=0.01, abs=1 + 1e-4 * law.moment(1))


@pytest.mark.parametrize("distance", [2.0**-10, 2.0**-20, 2.0**-30, 2.0**-38])
def test_the_tail_of_a_heavy_lognormal(distance: float) -> None:
    law = law_of({"lognormal": {"median": 200, "sigma": 2.0}})
    far = ALWAYS - round(distance * ALWAYS)
    assert look_up(table_of(law), far) == pytest.approx(law.quantile(distance, upper=True), rel=0.01)


def test_steps_are_the_probabilities_of_scipy() -> None:
    for written, theirs in [
        ({"geometric": {"mean": 4}}, stats.geom(0.25)),
        ({"poisson": {"mean": 2}}, stats.poisson(2)),
    ]:
        table = table_of(law_of(written))
        shares = [(end - start) / ALWAYS for start, end in pairwise((0, *table.thresholds))]
        assert shares == pytest.approx(theirs.pmf(table.values), rel=1e-9, abs=3e-16)
        assert table.thresholds[-1] == ALWAYS


def test_small_continuous_numbers_are_rounded_half_up_exactly() -> None:
    table = table_of(law_of({"uniform": {"low": 0, "high": 3}}))
    assert table.values == (0, 1, 2, 3)
    assert table.thresholds == pytest.approx([ALWAYS * k / 6 for k in (1, 3, 5, 6)], rel=1e-15)


def test_scales() -> None:
    million = table_of(law_of({"uniform": {"low": 0.5, "high": 1.5}}), 1_000_000)
    assert look_up(million, 0) == 500_000
    assert look_up(million, ALWAYS // 4) == pytest.approx(750_000, abs=1)
    assert look_up(million, ALWAYS - 1) == 1_500_000
    assert table_of(law_of({"constant": 0.1}), 1 << 30).values == (107_374_182,)


def test_a_hopeless_tail_is_refused_with_a_remedy() -> None:
    with pytest.raises(InputError, match="clip"):
        table_of(law_of({"lognormal": {"median": 1000, "sigma": 4.5}}))


@settings(max_examples=60)
@given(
    median=st.integers(1, 1_000_000),
    sigma=st.integers(0, 500).map(lambda hundredths: hundredths / 100),
    low=st.integers(0, 10_000),
    width=st.integers(1, 100_000_000),
    u=st.lists(st.integers(0, ALWAYS - 1), min_size=2, max_size=20),
)
def test_clipped_lognormals_always_have_a_table(median: int, sigma: float, low: int, width: int, u: list[int]) -> None:
    law = law_of({"lognormal": {"median": median, "sigma": sigma}, "clip": [low, low + width]})
    table = table_of(law)
    values = [look_up(table, x) for x in sorted(u)]
    assert values == sorted(values)
    assert low <= values[0] <= values[-1] <= low + width


@pytest.mark.parametrize("written", [WRITTEN[1], WRITTEN[10], WRITTEN[15]], ids=str)
def test_draws_through_hash_and_table_follow_the_law(written: Any) -> None:
    law, key, n = law_of(written), derive(5, 0, 0), 40_000
    table = table_of(law)
    values = np.array([look_up(table, draw(key, salt_of("test"), i)) for i in range(n)], dtype=np.float64)
    for x in (law.quantile(p) for p in (0.1, 0.5, 0.9, 0.99)):
        edge = math.floor(x) + 0.5
        share = law.below(edge)
        assert abs(float((values < edge).mean()) - share) < 5 * math.sqrt(share * (1 - share) / n) + 1e-4
