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
from burncurve.engines.compiled import draws as twins
from burncurve.engines.compiled import layout
from burncurve.engines.compiled.jit import kernel
from burncurve.engines.compiled.machine import loaded
from burncurve.engines.compiled.pack import Lists, _given
from burncurve.engines.compiled.tables import given_of
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
