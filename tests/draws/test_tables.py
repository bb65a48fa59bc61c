"""Look-ups in tables against arithmetic: knots, steps, ends, monotony, and a slow twin in fractions."""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burncurve.draws import ALWAYS, LARGEST_VALUE, OCTAVES, Table, TableKind, constant, look_up, step_of
from burncurve.prepare.tables import distances

draws = st.one_of(
    st.integers(0, ALWAYS - 1),
    st.integers(0, 61).map(lambda bits: (1 << bits) - 1),
    st.integers(0, 61).map(lambda bits: ALWAYS - (1 << bits)),
)


def smooth(values: list[int], cell_bits: int) -> Table:
    return Table(TableKind.SMOOTH, tuple(values), cell_bits=cell_bits)


def line(cell_bits: int, top: int) -> Table:
    """The table of a uniform number between 0 and top: its knots lie on a straight line."""
    lower = [floor(Fraction(top * d, ALWAYS) + Fraction(1, 2)) for d in distances(cell_bits)]
    return smooth(lower + [top - value for value in lower], cell_bits)


def slow(table: Table, u: int) -> Fraction:
    """The same interpolation in fractions, by a search over all knots."""
    places = distances(table.cell_bits)
    half = len(places)
    upper = u >= ALWAYS // 2
    distance = ALWAYS - 1 - u if upper else u
    values = table.values[half:] if upper else table.values[:half]
    cell = next(i for i in range(half - 1) if distance < places[i + 1])
    share = Fraction(distance - places[cell], places[cell + 1] - places[cell])
    return values[cell] + (values[cell + 1] - values[cell]) * share


@pytest.mark.parametrize("cell_bits", [5, 7, 10])
def test_knots_double_their_distance_octave_by_octave(cell_bits: int) -> None:
    places, cells = distances(cell_bits), 1 << cell_bits
    assert len(places) == (OCTAVES + 1) * cells + 1
    assert places[0] == 0
    assert places[-1] == ALWAYS // 2
    assert [places[octave * cells] for octave in range(1, OCTAVES + 2)] == [1 << (20 + k) for k in range(1, 42)]
    assert all(a < b for a, b in itertools.pairwise(places))


@pytest.mark.parametrize("cell_bits", [5, 8, 10])
def test_a_look_up_at_a_knot_is_the_knot(cell_bits: int) -> None:
    places = distances(cell_bits)
    half = len(places)
    table = smooth([3 * i for i in range(half)] + [10 * half - 2 * i for i in range(half)], cell_bits)
    for i in range(half - 1):
        assert look_up(table, places[i]) == 3 * i
        assert look_up(table, ALWAYS - 1 - places[i]) == 10 * half - 2 * i


@given(draws, st.sampled_from([5, 6, 10]), st.integers(1, LARGEST_VALUE))
def test_the_table_of_a_uniform_number_gives_u(u: int, cell_bits: int, top: int) -> None:
    assert abs(look_up(line(cell_bits, top), u) - Fraction(top * u, ALWAYS)) <= 1 + top / 2**26


@given(draws, st.integers(5, 7), st.data())
def test_interpolation_is_that_of_the_slow_twin(u: int, cell_bits: int, data: st.DataObject) -> None:
    half = len(distances(cell_bits))
    top = data.draw(st.integers(1, LARGEST_VALUE))
    lower = [top * i // (2 * half) for i in range(half)]
    table = smooth([*lower, *(top - value for value in lower)], cell_bits)
    widest = top // (2 * half) + 1
    assert abs(look_up(table, u) - slow(table, u)) <= Fraction(1, 2) + Fraction(widest, 1 << 20)


@given(draws, draws)
def test_look_ups_never_decrease(u: int, v: int) -> None:
    table = line(5, 10**9)
    low, high = sorted((u, v))
    assert look_up(table, low) <= look_up(table, high)


@given(st.lists(st.integers(1, ALWAYS - 1), min_size=1, max_size=40, unique=True), draws)
def test_steps_are_exact(thresholds: list[int], u: int) -> None:
    cuts = (*sorted(thresholds), ALWAYS)
    table = Table(TableKind.STEPS, tuple(range(len(cuts))), cuts)
    expected = sum(cut <= u for cut in cuts)
    assert look_up(table, u) == step_of(cuts, u) == expected
    for i, cut in enumerate(cuts[:-1]):
        assert look_up(table, cut - 1) == i
        assert look_up(table, cut) == i + 1


@given(draws, st.integers(0, LARGEST_VALUE))
def test_a_constant_is_constant(u: int, value: int) -> None:
    assert look_up(constant(value), u) == value
