"""Rows sorted on disk come in the order in which memory would sort them, those of equal keys together."""

from __future__ import annotations

from itertools import pairwise
from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from burncurve.importers import spilled
from burncurve.importers.names import Texts
from burncurve.importers.sorting import Sorted, evenly

SMALL = st.integers(-4, 4)


@settings(max_examples=200, deadline=None)
@given(
    parts=st.lists(st.lists(st.tuples(SMALL, SMALL, st.integers(-(2**62), 2**62)), max_size=12), max_size=8),
    rows=st.integers(1, 9),
    together=st.integers(1, 3),
)
def test_rows_come_in_order_and_equal_ones_together(
    parts: list[list[tuple[int, int, int]]], rows: int, together: int
) -> None:
    with patch.multiple(spilled, ROWS_AT_ONCE=rows, MOST_IN_MEMORY_BYTES=16):
        found = Sorted({"a": "int8", "b": "int32", "c": "int64"}, keys=3, together=together)
        for part in parts:
            columns = zip(*part, strict=True) if part else ((), (), ())
            found.add({name: np.array(values, dtype=np.int64) for name, values in zip("abc", columns, strict=True)})
        ranges = [list(zip(*(part[name].tolist() for name in "abc"), strict=True)) for part in found.ranges()]
        again = [part["a"].tolist() for part in evenly(found.ranges())]
    whole = sorted(row for part in parts for row in part)
    assert [row for part in ranges for row in part] == whole
    assert all(one[-1][:together] != other[0][:together] for one, other in pairwise(ranges))
    assert [len(part) for part in again[:-1]] == [rows] * (len(again) - 1)
    assert [value for part in again for value in part] == [row[0] for row in whole]


@given(st.lists(st.text(st.characters(), max_size=5), max_size=20), st.integers(0, 20), st.integers(0, 20))
def test_texts_on_disk_are_those_put_there(texts: list[str], begin: int, end: int) -> None:
    with patch.multiple(spilled, ROWS_AT_ONCE=3, MOST_IN_MEMORY_BYTES=16):
        found = Texts()
        for text in texts:
            found.add([text])
        assert list(found) == texts
        assert len(found) == len(texts)
        assert found[begin:end] == tuple(texts[begin:end])
        assert not texts or found[-1] == texts[-1]


def test_ranges_are_about_as_large_as_what_is_looked_at_together() -> None:
    luck = np.random.default_rng(1)
    with patch.multiple(spilled, ROWS_AT_ONCE=256):
        found = Sorted({"a": "int64", "b": "int64"}, keys=2, together=1)
        for _ in range(100):
            found.add({name: luck.integers(0, 1 << 60, 300) for name in "ab"})
        sizes = [len(part["a"]) for part in found.ranges()]
    assert sum(sizes) == 30_000
    assert max(sizes) < 3 * 256
