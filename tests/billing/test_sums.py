"""Which numbers occur and which bounds are reached, against sets and counting one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from burncurve.billing.sums import present, reached

NUMBERS = st.one_of(
    st.lists(st.integers(0, 5), max_size=60),
    st.lists(st.integers(1_000, 1_090), max_size=60),
    st.lists(st.tuples(st.integers(7, 90), st.integers(1, 40)), max_size=8).map(
        lambda runs: [number for number, length in sorted(runs) for _ in range(length)]
    ),
)


@given(NUMBERS)
def test_what_occurs_is_told_once_and_in_order(numbers: list[int]) -> None:
    for dtype in (np.int16, np.int32, np.int64):
        assert present(np.array(numbers, dtype=dtype)).tolist() == sorted(set(numbers))


@pytest.mark.parametrize("many", [0, 1, 2, 16, 17, 40])
def test_a_bound_is_reached_by_what_comes_up_to_it(many: int) -> None:
    bounds = np.arange(many) * 10
    for value in (-1, 0, 1, 9, 10, 11, 155, 399, 400):
        assert reached(bounds, [value]).tolist() == [sum(bound <= value for bound in bounds.tolist())]
