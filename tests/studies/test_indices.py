"""Effects and indices against functions whose indices are known in closed form."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest

pytest.importorskip("SALib", reason="the extra sensitivity is not installed")

from burncurve.studies import indices

SAMPLES = 4096


def ishigami(x: Sequence[float], a: float = 7.0, b: float = 0.1) -> float:
    """Ishigami and Homma 1990, inputs uniform from -pi to pi."""
    one, two, three = (math.pi * (2 * u - 1) for u in x)
    return math.sin(one) + a * math.sin(two) ** 2 + b * three**4 * math.sin(one)


def ishigami_indices(a: float = 7.0, b: float = 0.1) -> tuple[list[float], list[float]]:
    one = 0.5 * (1 + b * math.pi**4 / 5) ** 2
    two = a**2 / 8
    both = b**2 * math.pi**8 * (1 / 18 - 1 / 50)
    whole = one + two + both
    return [one / whole, two / whole, 0.0], [(one + both) / whole, two / whole, both / whole]


WEIGHTS = (0.0, 1.0, 4.5, 9.0, 99.0)


def g_function(x: Sequence[float]) -> float:
    """Saltelli and Sobol 1995, inputs uniform from 0 to 1; the larger the weight, the less an input matters."""
    return math.prod((abs(4 * u - 2) + a) / (1 + a) for u, a in zip(x, WEIGHTS, strict=True))


def g_indices() -> tuple[list[float], list[float]]:
    parts = [1 / (3 * (1 + a) ** 2) for a in WEIGHTS]
    whole = math.prod(1 + part for part in parts) - 1
    others = [math.prod(1 + other for j, other in enumerate(parts) if j != i) for i in range(len(parts))]
    return [part / whole for part in parts], [part * rest / whole for part, rest in zip(parts, others, strict=True)]


@pytest.mark.parametrize(
    ("function", "inputs", "known"), [(ishigami, 3, ishigami_indices()), (g_function, 5, g_indices())]
)
def test_indices_are_those_of_the_closed_form(
    function: Callable[[Sequence[float]], float], inputs: int, known: tuple[list[float], list[float]]
) -> None:
    points = indices.index_points(inputs, SAMPLES, seed=0)
    assert points.shape == (SAMPLES * (inputs + 2), inputs)
    found = indices.indices(inputs, [function(point) for point in points.tolist()], seed=0)
    assert found is not None
    for index, first, total in zip(found, *known, strict=True):
        assert index.first == pytest.approx(first, abs=0.03)
        assert index.total == pytest.approx(total, abs=0.03)
        assert 0 <= index.first_half < 0.1
        # a bootstrap of quasi-random points is wider than the error: the truth lies well inside
        assert abs(index.first - first) <= max(index.first_half, 0.005)
        assert abs(index.total - total) <= max(index.total_half, 0.005)


def plane(x: Sequence[float]) -> float:
    return 2 * x[0] + 2 * x[1] + 0.4 * x[2] + 0.1 * x[3] + 0 * x[4]


def held(function: Callable[[Sequence[float]], float], known: tuple[list[float], list[float]], samples: int) -> float:
    """Return how often, over 30 seeds, the intervals hold the indices of inputs that matter."""
    inputs, found = len(known[0]), []
    for seed in range(30):
        points = indices.index_points(inputs, samples, seed).tolist()
        told = indices.indices(inputs, [function(point) for point in points], seed)
        assert told is not None
        for index, first, total in zip(told, *known, strict=True):
            found += [abs(index.first - first) <= index.first_half] if first > 0.02 else []
            found += [abs(index.total - total) <= index.total_half] if total > 0.02 else []
    return float(np.mean(found))


def test_intervals_of_few_samples_are_too_narrow_and_those_trusted_are_not() -> None:
    shares = [slope**2 / 8.17 for slope in (2, 2, 0.4, 0.1, 0)]
    assert held(plane, (shares, shares), 16) < 0.6
    assert held(plane, (shares, shares), indices.TRUSTED_SAMPLES) > 0.94
    assert held(ishigami, ishigami_indices(), indices.TRUSTED_SAMPLES) > 0.94
    assert held(g_function, g_indices(), indices.TRUSTED_SAMPLES) > 0.94


def test_effects_of_a_plane_are_its_slopes() -> None:
    slopes = np.array([5.0, -2.0, 0.0])
    points = indices.effect_points(3, 10, seed=0)
    assert points.shape == (40, 3)
    found = indices.effects(points, (points @ slopes).tolist(), seed=0)
    assert [effect.mean for effect in found] == pytest.approx(slopes)
    assert [effect.size for effect in found] == pytest.approx(np.abs(slopes))
    assert [effect.deviation for effect in found] == pytest.approx([0, 0, 0], abs=1e-12)


def test_effects_rank_the_inputs_of_the_g_function() -> None:
    points = indices.effect_points(5, 40, seed=0)
    found = indices.effects(points, [g_function(point) for point in points.tolist()], seed=0)
    sizes = [effect.size for effect in found]
    assert sizes == sorted(sizes, reverse=True)
    assert found[0].deviation > found[4].deviation  # it interacts, the last one does next to nothing


def test_the_same_seed_gives_the_same_points_and_intervals() -> None:
    for seed in (0, 7):
        one, two = (indices.index_points(3, 64, seed) for _ in range(2))
        assert np.array_equal(one, two)
        outputs = [ishigami(point) for point in one.tolist()]
        assert indices.indices(3, outputs, seed) == indices.indices(3, outputs, seed)
        walks = indices.effect_points(3, 8, seed)
        assert np.array_equal(walks, indices.effect_points(3, 8, seed))
        outputs = [ishigami(point) for point in walks.tolist()]
        assert indices.effects(walks, outputs, seed) == indices.effects(walks, outputs, seed)


def test_what_never_varies_has_no_indices() -> None:
    assert indices.indices(2, [3.0] * (64 * 4), seed=0) is None


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indices, "find_spec", lambda name: None)
    with pytest.raises(Exception, match=r"burncurve\[sensitivity\]"):
        indices.require_salib()
