"""The compiled twins of the hash and the tables agree with the plain ones to the last bit."""

from __future__ import annotations

import ctypes
import random
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import types

from burncurve import draws
from burncurve.draws import ALWAYS, MASK, Table, TableKind
from burncurve.engines.compiled import ahead, layout
from burncurve.engines.compiled import draws as twins
from burncurve.engines.compiled.jit import kernel
from burncurve.engines.compiled.machine import loaded
from burncurve.engines.compiled.pack import Lists, _given
from burncurve.engines.compiled.tables import Table as Pools
from burncurve.engines.compiled.tables import given_of, opener
from burncurve.engines.compiled.whole import compiled
from burncurve.prepare.tables import table_of
from burncurve.scenario.kinds import Gamma

KEYS = st.integers(0, MASK)
EDGES = (0, 1, 2, (1 << 20) - 1, 1 << 20, (1 << 21) - 1, 1 << 21, ALWAYS // 2 - 1, ALWAYS // 2, ALWAYS - 2, ALWAYS - 1)


@kernel
def _derive(key, salt, ordinal):  # type: ignore[no-untyped-def]
    return twins.derive(key, salt, ordinal)


@kernel
def _look_up(words, number, u):  # type: ignore[no-untyped-def]
    return twins.look_up(given_of(words), given_of(words).factors[number].table, np.uint64(u) << np.uint64(2))


LOW, HIGH, WIDE_HIGH = 40, 3_000, 1 << 36
sheets_of = opener(Pools("Sheets", {"sheets": layout.Shape(layout.SHEET)}, constant=False))


@kernel
def _draw_many(words, sheets, key, salt, ordinal, step):  # type: ignore[no-untyped-def]
    s, cells = given_of(words), sheets_of(sheets).sheets[0].output
    if s.factors[0].table.wide:
        ahead.draw_many(s.values, s.factors[0].table, key, salt, ordinal, step, LOW, WIDE_HIGH, cells)
    else:
        ahead.draw_many(s.narrow, s.factors[0].table, key, salt, ordinal, step, LOW, HIGH, cells)
    return 0


@cache
def _callable(part, *kinds):  # type: ignore[no-untyped-def]
    arguments = {types.uint64: ctypes.c_uint64, types.int64: ctypes.c_int64}
    return loaded(*compiled(part, kinds, ()), tuple(arguments[kind] for kind in kinds))


@given(KEYS, KEYS, st.integers(-1, 1 << 60))
def test_the_hash_is_the_same(key: int, salt: int, ordinal: int) -> None:
    derive = _callable(_derive, types.uint64, types.uint64, types.int64)
    assert derive(key, salt, ordinal) & MASK == draws.derive(key, salt, ordinal)


TABLES = {
    "smooth": table_of(Gamma(mean=1_000, shape=0.5)),
    "wide": table_of(Gamma(mean=1 << 34, shape=0.5)),
    "steps": Table(TableKind.STEPS, (3, 9, 27), (ALWAYS // 8, ALWAYS // 2, ALWAYS)),
    "one step": Table(TableKind.STEPS, (5,), (ALWAYS,)),
    "constant": draws.constant(7),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_gives_the_same_values(name: str) -> None:
    lists = Lists()
    number = lists.add("factors", {"table": lists.table(TABLES[name])})
    given_arrays = _given(lists)
    words = layout.addresses(given_arrays._asdict(), layout.GIVEN)
    look_up = _callable(_look_up, types.int64, types.int64, types.int64)
    luck = random.Random(1)
    for u in (*EDGES, *(luck.randrange(ALWAYS) >> luck.randrange(62) for _ in range(3_000))):
        assert look_up(words.ctypes.data, number, u) == draws.look_up(TABLES[name], u)
        assert look_up(words.ctypes.data, number, ALWAYS - 1 - u) == draws.look_up(TABLES[name], ALWAYS - 1 - u)


@pytest.mark.parametrize(("name", "high"), [("smooth", HIGH), ("wide", WIDE_HIGH)])
@given(KEYS, KEYS, st.integers(0, 1 << 40), st.sampled_from((1, 64)))
def test_draws_made_ahead_are_those_made_one_by_one(
    name: str, high: int, key: int, salt: int, ordinal: int, step: int
) -> None:
    lists = Lists()
    lists.add("factors", {"table": lists.table(TABLES[name])})
    given_arrays, sheets = _given(lists), np.zeros(1, layout.SHEET)
    words = layout.addresses(given_arrays._asdict(), layout.GIVEN)
    place = layout.addresses({"sheets": sheets}, {"sheets": layout.Shape(layout.SHEET)})
    draw_many = _callable(_draw_many, *(types.int64,) * 2, *(types.uint64,) * 2, *(types.int64,) * 2)
    draw_many(words.ctypes.data, place.ctypes.data, key, salt, ordinal, step)
    one_by_one = [draws.draw(key, salt, ordinal + i * step) for i in range(layout.AHEAD)]
    held = [min(max(draws.look_up(TABLES[name], u), LOW), high) for u in one_by_one]
    assert sheets["output"][0].tolist() == held
