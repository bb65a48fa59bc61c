"""The compiled twins of the hash and the tables agree with the plain ones to the last bit."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from burncurve import draws
from burncurve.draws import ALWAYS, MASK, Table, TableKind
from burncurve.engines.compiled import draws as twins
from burncurve.engines.compiled import layout
from burncurve.engines.compiled.pack import Lists, _given
from burncurve.engines.compiled.tables import addresses, given_of
from burncurve.prepare.tables import table_of
from burncurve.scenario.kinds import Gamma

KEYS = st.integers(0, MASK)
EDGES = (0, 1, 2, (1 << 20) - 1, 1 << 20, (1 << 21) - 1, 1 << 21, ALWAYS // 2 - 1, ALWAYS // 2, ALWAYS - 2, ALWAYS - 1)


@njit
def _derive(key, salt, ordinal):  # type: ignore[no-untyped-def]
    return twins.derive(key, salt, ordinal)


@njit
def _look_up(words, number, u):  # type: ignore[no-untyped-def]
    return twins.look_up(given_of(words), number, u)


@given(KEYS, KEYS, st.integers(-1, 1 << 60))
def test_the_hash_is_the_same(key: int, salt: int, ordinal: int) -> None:
    assert int(_derive(np.uint64(key), np.uint64(salt), ordinal)) == draws.derive(key, salt, ordinal)


TABLES = {
    "smooth": table_of(Gamma(mean=1_000, shape=0.5)),
    "steps": Table(TableKind.STEPS, (3, 9, 27), (ALWAYS // 8, ALWAYS // 2, ALWAYS)),
    "one step": Table(TableKind.STEPS, (5,), (ALWAYS,)),
    "constant": draws.constant(7),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_gives_the_same_values(name: str) -> None:
    lists = Lists()
    number = lists.table(TABLES[name])
    given_arrays = _given(lists)
    words = addresses(given_arrays._asdict(), layout.GIVEN)
    luck = random.Random(1)
    for u in (*EDGES, *(luck.randrange(ALWAYS) >> luck.randrange(62) for _ in range(3_000))):
        assert _look_up(words, number, u) == draws.look_up(TABLES[name], u)
        assert _look_up(words, number, ALWAYS - 1 - u) == draws.look_up(TABLES[name], ALWAYS - 1 - u)
