"""Every kind against scipy or plain arithmetic: tails, quantiles, truncated moments, clips; and what is refused."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from scipy import integrate, stats

from burncurve.scenario.distributions import Clipped, Count, Duration, Factor, Probability, Quantity, Tokens
from burncurve.scenario.law import Law

TOKENS: TypeAdapter[Tokens] = TypeAdapter(Tokens)


def tokens(written: Any) -> Quantity:
    return TOKENS.validate_python(written)


LAWS: dict[str, tuple[Any, Any]] = {
    "uniform": ({"uniform": {"low": 2, "high": 12}}, stats.uniform(2, 10)),
    "lognormal": ({"lognormal": {"median": 211, "sigma": 1.34}}, stats.lognorm(1.34, scale=211)),
    "lognormal 2.83": ({"lognormal": {"median": 317, "sigma": 2.83}}, stats.lognorm(2.83, scale=317)),
    "exponential": ({"gamma": {"mean": 500, "shape": 1}}, stats.expon(scale=500)),
    "bursty gamma": ({"gamma": {"mean": 500, "shape": 0.3}}, stats.gamma(0.3, scale=500 / 0.3)),
    "even gamma": ({"gamma": {"mean": 500, "shape": 30}}, stats.gamma(30, scale=500 / 30)),
    "gamma next to exponential": ({"gamma": {"mean": 500, "shape": 0.95}}, stats.gamma(0.95, scale=500 / 0.95)),
    "geometric": ({"geometric": {"mean": 10}}, stats.geom(0.1)),
    "poisson": ({"poisson": {"mean": 2.5}}, stats.poisson(2.5)),
    "large poisson": ({"poisson": {"mean": 4000}}, stats.poisson(4000)),
    "triangular": ({"range": [1, 2, 5]}, stats.triang(0.25, 1, 4)),
    "falling triangular": ({"range": [1, 1, 5]}, stats.triang(0.0, 1, 4)),
}


@pytest.mark.parametrize("name", LAWS)
def test_tails_and_quantiles_are_those_of_scipy(name: str) -> None:
    law, theirs = tokens(LAWS[name][0]).law, LAWS[name][1]
    for p in (1e-9, 1e-4, 0.01, 0.25, 0.5, 0.9, 0.999):
        x = float(theirs.ppf(p))
        assert law.quantile(p) == pytest.approx(x, rel=1e-9)
        assert law.quantile(p, upper=True) == pytest.approx(float(theirs.isf(p)), rel=1e-9)
        assert law.below(x) == pytest.approx(float(theirs.cdf(np.nextafter(x, -1))), rel=1e-8, abs=1e-15)
        assert law.above(x) == pytest.approx(float(theirs.sf(np.nextafter(x, -1))), rel=1e-8, abs=1e-15)


@pytest.mark.parametrize("name", LAWS)
def test_mean_and_mean_square_are_those_of_scipy(name: str) -> None:
    quantity, theirs = tokens(LAWS[name][0]), LAWS[name][1]
    assert quantity.mean() == pytest.approx(float(theirs.mean()), rel=1e-9)
    assert quantity.law.moment(2) == pytest.approx(float(theirs.var() + theirs.mean() ** 2), rel=1e-9)


@pytest.mark.parametrize("name", LAWS)
def test_the_far_tail_is_that_of_scipy(name: str) -> None:
    law, theirs = tokens(LAWS[name][0]).law, LAWS[name][1]
    for p in (2.0**-30, 2.0**-45):
        assert law.quantile(p, upper=True) == pytest.approx(float(theirs.isf(p)), rel=1e-6)


HALF = {"weight": 1, "uniform": {"low": 1, "high": 3}, "clip": [2, 3]}
SHAPES = [written for written, _ in LAWS.values()] + [
    {"quantiles": {0: 1, 0.5: 2, 0.9: 21, 0.99: 87, 1: 250}},
    {"quantiles": {0.25: 0, 0.5: 4, 0.9: 4, 0.99: 40}},
    {"mixture": [{"weight": 3, "lognormal": {"median": 800, "sigma": 1.2}}, {"weight": 1, "constant": 5}]},
    {
        "mixture": [
            {"weight": 1, "uniform": {"low": 1, "high": 3}, "clip": [2, 3]},
            {"weight": 1, "poisson": {"mean": 2}},
        ]
    },
    {"constant": 7},
]


def numeric(law: Law, order: int) -> float:
    """E[X**order] as the integral of order x**(order - 1) P(X >= x), from the tails alone."""
    edges = sorted({0.0, *(law.quantile(p, up) for up in (False, True) for p in 10.0 ** -np.linspace(0.3, 13, 60))})
    if law.whole:
        top = int(edges[-1]) + 1
        return sum((k**order - (k - 1) ** order) * law.above(k) for k in range(1, top))
    parts = (
        integrate.quad(lambda x: order * x ** (order - 1) * law.above(x), a, b, limit=200)[0]
        for a, b in itertools.pairwise(edges)
    )
    return math.fsum(parts)


@pytest.mark.parametrize("written", [s for s in SHAPES if "2.83" not in str(s)], ids=str)
@pytest.mark.parametrize("clip", [None, (3, 50), (0, 300), (2.5, 7.5)])
def test_moments_are_the_integral_of_the_tail(written: Any, clip: tuple[float, float] | None) -> None:
    law = tokens(written if clip is None else {**written, "clip": clip}).law
    for order in (1, 2):
        assert law.moment(order) == pytest.approx(numeric(law, order), rel=2e-6)


@pytest.mark.parametrize("written", SHAPES, ids=str)
@given(cut=st.floats(0, 1000), order=st.integers(0, 2))
def test_truncated_moments_add_up(written: Any, cut: float, order: int) -> None:
    law = tokens(written).law
    whole = law.moment(order)
    assert law.moment(order, high=cut) + law.moment(order, low=cut) == pytest.approx(whole, rel=1e-9)
    assert law.moment(0, high=cut) == pytest.approx(law.below(cut), abs=1e-12)
    assert law.below(cut) + law.above(cut) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("written", SHAPES, ids=str)
@given(p=st.floats(1e-12, 0.5), upper=st.booleans())
def test_a_quantile_leaves_what_it_says(written: Any, p: float, upper: bool) -> None:
    law = tokens(written).law
    x = law.quantile(p, upper)
    small = 1e-6 * p + 1e-14
    outside, inside = (law.above, law.below) if upper else (law.below, law.above)
    slack = 1e-12 * (1 + x) * (1 if upper else -1)
    further, nearer = x + slack, x - slack
    assert outside(further) <= p + small
    assert inside(nearer) <= 1 - p + small
    assert law.quantiles([p], upper)[0] == pytest.approx(x, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("upper", [False, True])
def test_many_quantiles_of_a_mixture_at_once(upper: bool) -> None:
    parts = [{"weight": 3, "lognormal": {"median": 800, "sigma": 1.2}}, {"weight": 1, "gamma": {"mean": 5, "shape": 1}}]
    law = tokens({"mixture": parts}).law
    shares = [2.0 ** -(40 * (1 - i / 4000) + 1) for i in range(4001)]
    many = law.quantiles(shares, upper)
    assert many[::101] == pytest.approx([law.quantile(p, upper) for p in shares[::101]], rel=1e-3)


def test_quantiles_by_hand() -> None:
    log = tokens({"quantiles": {0: 1, 1: 100}}).law
    assert log.quantile(0.5) == pytest.approx(10)  # halfway in logarithms
    assert log.moment(1) == pytest.approx(99 / math.log(100))
    linear = tokens({"quantiles": {0: 0, 1: 100}}).law
    assert linear.quantile(0.5) == pytest.approx(50)
    held = tokens({"quantiles": {0.25: 10, 0.5: 20}}).law
    assert (held.quantile(0.01), held.quantile(0.01, upper=True)) == (10, 20)
    assert held.moment(1) == pytest.approx(0.25 * 10 + 0.25 * 10 / math.log(2) + 0.5 * 20)


def test_a_mixture_by_hand() -> None:
    mixture = tokens({"mixture": [{"weight": 3, "constant": 10}, {"weight": 1, "constant": 50}]})
    assert mixture.mean() == pytest.approx(20)
    assert mixture.law.moment(2) == pytest.approx((3 * 100 + 2500) / 4)
    assert mixture.law.atoms == (10, 50)


def test_levels_and_factors() -> None:
    assert tokens({"range": [0, 1, 5]}).level == "run"
    assert tokens({"poisson": {"mean": 2}, "per": "session"}).level == "session"
    assert tokens(5).level is None
    times = [{"constant": 2}, {"uniform": {"low": 0.5, "high": 1.5}}]
    assert tokens({"constant": 5, "times": times}).expected() == pytest.approx(10)
    assert tokens({"constant": 5, "clip": [6, 7]}).fixed == 6
    assert tokens({"constant": 5, "times": times}).fixed is None
    assert isinstance(tokens({"constant": 5, "clip": [6, 7]}).law, Clipped)


def test_units() -> None:
    assert tokens("17.6k").fixed == 17_600
    assert TypeAdapter(Duration).validate_python("320ms").fixed == 320_000
    assert TypeAdapter(Probability).validate_python("10%").fixed == 0.1
    assert TypeAdapter(Factor).validate_python("120%").fixed == 1.2


@pytest.mark.parametrize("written", [*SHAPES, {"range": [0, 1, 5]}, 3], ids=str)
def test_what_is_written_out_reads_back(written: Any) -> None:
    for kind in (TOKENS, TypeAdapter(Duration)):
        if kind is not TOKENS and "mean" in str(written):
            continue
        quantity = kind.validate_python(written if kind is TOKENS else _in_seconds(written))
        assert kind.validate_json(kind.dump_json(quantity)) == quantity
        assert kind.validate_python(kind.dump_python(quantity)) == quantity


def _in_seconds(written: Any, key: str = "") -> Any:
    if isinstance(written, dict):
        return {k: _in_seconds(v, k) for k, v in written.items()}
    if isinstance(written, list):
        return [_in_seconds(v, key) for v in written]
    return written if key in ("sigma", "shape", "weight", "per") or isinstance(written, str) else f"{written}s"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (-1, "must not be negative"),
        (math.nan, "must be a number"),
        (math.inf, "must be a number"),
        (True, "must be a number"),
        (None, "must be a number, a text with a unit"),
        ([1, 2], "must be a number, a text with a unit"),
        ({}, "is empty"),
        ({"poisson": {"mean": 1}, "constant": 3}, "names constant and poisson"),
        ({"lognormal": {"median": 0, "sigma": 1}}, "must be above 0"),
        ({"lognormal": {"median": 5, "sigma": 5.1}}, "must be at most 5"),
        ({"lognormal": {"median": 5, "sigma": math.nan}}, "must be"),
        ({"lognormal": {"median": 5, "sigma": -1}}, "must not be negative"),
        ({"uniform": {"low": 5, "high": 5}}, "must be below high"),
        ({"gamma": {"mean": 0, "shape": 1}}, "must be above 0"),
        ({"gamma": {"mean": 5, "shape": 0}}, "must be between"),
        ({"geometric": {"mean": 0.5}}, "must be between 1"),
        ({"poisson": {"mean": 0}}, "must be above 0"),
        ({"quantiles": {0: 1}}, "two levels or more"),
        ({"quantiles": {0: 1, 0.5: 0.5}}, "must not decrease"),
        ({"quantiles": {0: 1, 1.5: 2}}, "above 1"),
        ({"quantiles": {0.5: 1, "50%": 2}}, "given twice"),
        ({"quantiles": [1, 2]}, "levels and values"),
        ({"mixture": [{"weight": 0, "constant": 1}]}, "a weight must be above 0"),
        ({"mixture": []}, "at least 1 item"),
        ({"range": [1, 2]}, "[low, mode, high]"),
        ({"range": [3, 2, 5]}, "in this order"),
        ({"range": [1, 2, 3], "per": "turn"}, "once per run"),
        ({"constant": 3, "clip": [5, 1]}, "in this order"),
        ({"constant": 3, "per": "week"}, "'turn'"),
        ({"lognormal": {"median": 5, "sigma": 1, "mean": 3}}, "not permitted"),
    ],
    ids=str,
)
def test_what_is_wrong_is_refused_with_its_rule(written: Any, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        tokens(written)
    assert any(said in error["msg"] for error in refused.value.errors())


def test_a_fixed_count_is_whole() -> None:
    with pytest.raises(ValidationError, match="not a whole number"):
        TypeAdapter(Count).validate_python(2.5)
    assert TypeAdapter(Count).validate_python({"poisson": {"mean": 2.5}}).mean() == pytest.approx(2.5)


@pytest.mark.parametrize("shape", [0.02, 0.5, 0.88, 0.999, 1.001, 1.22, 7.0, 900.0])
@pytest.mark.parametrize("distance", [2.0**-62, 1e-6, 0.3])
def test_the_far_tail_of_any_gamma_is_found(shape: float, distance: float) -> None:
    law = tokens({"gamma": {"mean": 500, "shape": shape}}).law
    assert law.quantile(distance, upper=True) == pytest.approx(stats.gamma.isf(distance, shape, scale=500 / shape))
