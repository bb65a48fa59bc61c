"""Observed calls are put in order: sessions by their first time, calls within them, unknown times where they stood."""

from __future__ import annotations

import numpy as np
import pytest

from burncurve.importers import ordering
from burncurve.importers.names import Hashed
from burncurve.importers.observed import SCHEMA, Observed

NAMES = {"sessions": ("late", "early", "never")}


def columns(session, start, end=None, **others):
    size = len(session)
    given = {"session": session, "start_us": start, "end_us": end or [-1] * size, "parent": [-1] * size, **others}
    return {name: np.array(given.get(name, [0] * size)) for name in SCHEMA.names}


def ordered(columns, names) -> Observed:
    """Put rows in order that point to sessions by place."""
    sessions = Hashed()
    numbers = np.append(sessions.numbers(names["sessions"]), -1)
    known = {name: numbers[columns[name]] for name in ("session", "parent")}
    return ordering.ordered([{**columns, **known, "row": np.arange(len(columns["session"]))}], names, sessions)


def test_sessions_are_numbered_by_their_first_call_and_parents_follow():
    found = ordered(columns([0, 1, 0], [50, 10, 40], parent=[1, -1, 1]), NAMES)
    assert found.names["sessions"][:] == ("early", "late")
    assert found["session"].tolist() == [0, 1, 1]
    assert found["parent"].tolist() == [-1, 0, 0]
    assert found["start_us"].tolist() == [10, 40, 50]
    assert found.named("parent") == ["", "early", "early"]


def test_a_call_without_a_time_stays_behind_the_one_before_it():
    found = ordered(columns([0, 0, 0, 1], [30, -1, 20, -1], input=[1, 2, 3, 4]), NAMES)
    assert found["input"].tolist() == [3, 1, 2, 4]  # a session without any time comes last
    assert ordered(columns([0, 0], [-1, 5], [9, -1]), NAMES)["end_us"].tolist() == [-1, 9]


def test_the_prompt_is_the_sum_of_its_meters():
    found = ordered(columns([0], [1], input=[1], cache_read=[10], cache_write_5m=[100], cache_write_1h=[1000]), NAMES)
    assert found.prompt.tolist() == [1111]


def test_a_value_that_does_not_fit_is_refused():
    with pytest.raises(OverflowError, match="web_searches"):
        ordered(columns([0], [1], web_searches=[1 << 20]), NAMES)


def test_some_rows_are_taken_in_the_order_asked_for():
    found = ordered(columns([0, 0], [1, 2], input=[7, 8]), NAMES)
    assert found.rows(np.array([1, 0]))["input"].tolist() == [8, 7]
