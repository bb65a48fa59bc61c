"""Waiting times against queueing theory, in two steps.

The engine's grants equal, call by call and to the microsecond, those of the Lindley and Kiefer-Wolfowitz
recursions fed with the same keyed draws; and these recursions, over as many customers as it takes, come
to the means of Erlang and of Pollaczek and Khinchine.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from burncurve.deployment import Account
from burncurve.draws import ALWAYS, MASK, Table, constant, derive, look_up, run_key, salt_of
from burncurve.engines.reference import luck
from burncurve.prepare.tables import table_of
from burncurve.scenario.kinds import Gamma
from burncurve.workload import Per, Quantity, Renewal, Trigger, Workload

from .build import DAY, S, agent, deployment, offer, ok, played, steps, workload
from .fast_luck import Numbers, derived, looked_up

GAP, OUTPUT, TRIGGER = salt_of("gap"), salt_of("output"), salt_of("trigger queue")
MEAN_TOKENS = 1_000  # and a mean gap of one second: a load is set by the time a token takes
GAPS = table_of(Gamma[float](mean=float(S)))  # shape 1: exponential
SIZES = table_of(Gamma[float](mean=float(MEAN_TOKENS)))
EVEN = constant(MEAN_TOKENS)
SYSTEMS = {"M/M/1": (SIZES, 1), "M/D/1": (EVEN, 1), "M/M/3": (SIZES, 3)}
LOADS = (0.5, 0.8, 0.95)
CASES = [pytest.param(system, load, id=f"{system} at {load}") for system in SYSTEMS for load in LOADS]
SEED = 1


def token_ns(load: float, servers: int) -> int:
    return round(load * servers * S * 1_000 / MEAN_TOKENS)


def queue(sizes: Table, until_us: int) -> Workload:
    """Return Poisson arrivals, each with one call whose length is its service."""
    renewal = Renewal(Quantity(GAPS, Per.TURN, GAP), (0, until_us), (0, until_us))
    served = agent(output=Quantity(sizes, Per.TURN, OUTPUT))
    return workload(served, Trigger("queue", TRIGGER, 0, renewal=renewal), seed=SEED, horizon_us=100 * DAY)


def customers(sizes: Table, first: int, count: int) -> tuple[Numbers, Numbers]:
    """Return gaps before arrivals (in us) and sizes (in tokens) of customers, by their keys."""
    number = np.arange(first, first + count, dtype=np.uint64)
    source = derive(run_key(SEED, 0), TRIGGER, 0)
    gaps = looked_up(GAPS, derived(source, GAP, number) >> np.uint64(2))
    key = derived(derived(source, luck.ARRIVAL, number), luck.ATTEMPT, 0)
    return gaps, looked_up(sizes, derived(key, OUTPUT, 1) >> np.uint64(2))  # 1: the first turn


def service_us(tokens: Numbers, ns: int) -> Numbers:
    return (tokens * ns + 500) // 1_000


def lindley(gaps: Numbers, services: Numbers, backlog: int) -> tuple[Numbers, int]:
    """Return the waits of customers at one server that has work for `backlog` us at time 0, and what is left then.

    W[n+1] = max(W[n] + S[n] - T[n+1], 0) is a sum minus its running minimum.
    """
    steps_us = np.concatenate(([backlog - gaps[0]], services[:-1] - gaps[1:]))
    sums = np.cumsum(steps_us)
    waits = sums - np.minimum(np.minimum.accumulate(sums), 0)
    return waits, int(waits[-1] + services[-1])


def kiefer_wolfowitz(gaps: Numbers, services: Numbers, free_us: list[int]) -> Numbers:
    """Return the waits at as many servers as there are times at which they come free (kept from the last arrival)."""
    free = np.array(free_us, dtype=np.int64)
    waits = np.empty(len(gaps), dtype=np.int64)
    free_us[:] = (free - _served(gaps, services, free, waits)).tolist()
    return waits


@njit(cache=False)  # type: ignore[untyped-decorator]
def _served(gaps: Numbers, services: Numbers, free: Numbers, waits: Numbers) -> int:
    """Let everybody take the server that comes free first; return the time of the last arrival."""
    now = 0
    for i in range(len(gaps)):
        now += gaps[i]
        first = np.argmin(free)
        start = max(free[first], now)
        waits[i] = start - now
        free[first] = start + services[i]
    return now


@cache
def mean_waits(total: int) -> dict[tuple[str, float], tuple[float, float]]:
    """Return, of every system at every load, the mean wait in seconds and its standard error by 30 batches."""
    chunks: dict[tuple[str, float], list[float]] = {(system, load): [] for system in SYSTEMS for load in LOADS}
    backlog = {(system, load): [0] * SYSTEMS[system][1] for system, load in chunks}
    for gaps, tokens in _drawn(total):
        for (system, load), means in chunks.items():
            sizes, servers = SYSTEMS[system]
            work = service_us(tokens if sizes is SIZES else np.full(len(tokens), MEAN_TOKENS), token_ns(load, servers))
            state = backlog[system, load]
            if servers == 1:
                waits, state[0] = lindley(gaps, work, state[0])
            else:
                waits = kiefer_wolfowitz(gaps, work, state)
            means.append(float(waits.mean()) / S)
    return {case: _with_error(np.array(means)) for case, means in chunks.items()}


def _drawn(total: int) -> Iterator[tuple[Numbers, Numbers]]:
    for first in range(0, total, total // 30):
        yield customers(SIZES, first, total // 30)


def _with_error(batches: np.ndarray) -> tuple[float, float]:
    return float(batches.mean()), float(batches.std(ddof=1) / math.sqrt(len(batches)))


def expected_wait_s(system: str, load: float) -> float:
    """Return the mean wait at a mean gap of 1 s: Erlang C (1917), Pollaczek (1930) and Khinchine (1932)."""
    servers = SYSTEMS[system][1]
    mean_service_s = load * servers
    if system == "M/D/1":
        return load * mean_service_s / (2 * (1 - load))
    offered = load * servers
    last = offered**servers / math.factorial(servers) / (1 - load)
    waiting = last / (sum(offered**k / math.factorial(k) for k in range(servers)) + last)
    return waiting * mean_service_s / (servers * (1 - load))


@given(st.integers(0, MASK), st.integers(0, MASK), st.integers(0, 1 << 62))
def test_the_fast_hash_is_the_hash(key: int, salt: int, ordinal: int) -> None:
    keys = np.array([key, key ^ 1, MASK], dtype=np.uint64)
    assert derived(keys, salt, ordinal).tolist() == [derive(int(k), salt, ordinal) for k in keys]
    assert derived(key, salt, keys[:1] >> np.uint64(1)).tolist() == [derive(key, salt, key >> 1)]


ENDS = [0, 1, (1 << 21) - 1, 1 << 21, (1 << 22) - 1, (1 << 61) - 1, 1 << 61, ALWAYS - (1 << 22), ALWAYS - 1]


@given(st.lists(st.integers(0, ALWAYS - 1), max_size=50), st.integers(0, 61))
def test_the_fast_tables_are_the_tables(draws: list[int], power: int) -> None:
    some = [*draws, *ENDS, (1 << power) - 1, 1 << power, ALWAYS - (1 << power)]
    for table in (GAPS, SIZES, EVEN, steps([3, 5, 9]).table):
        assert looked_up(table, np.array(some, dtype=np.uint64)).tolist() == [look_up(table, u) for u in some]


def test_the_recursions_agree_where_both_apply() -> None:
    gaps, tokens = customers(SIZES, 0, 20_000)
    work = service_us(tokens, token_ns(0.9, 1))
    waits, left = lindley(gaps[:12_000], work[:12_000], 0)
    more, _ = lindley(gaps[12_000:], work[12_000:], left)
    assert np.array_equal(np.concatenate((waits, more)), kiefer_wolfowitz(gaps, work, [0]))


def grants_agree(system: str, load: float, seconds: int, engine: str) -> None:
    sizes, servers = SYSTEMS[system]
    served = deployment(offer(decode_ns_per_token=token_ns(load, servers)), Account("a", concurrent_calls=servers))
    calls = ok(played(queue(sizes, seconds * S), served, engine=engine))
    order = np.argsort(calls["task"])
    gaps, tokens = customers(sizes, 0, len(order))
    arrivals = np.cumsum(gaps)
    work = service_us(tokens, token_ns(load, servers))
    assert abs(len(order) - seconds) < 5 * math.sqrt(seconds)
    assert np.array_equal(calls["request_us"][order], arrivals)
    assert np.array_equal(calls["grant_us"][order], arrivals + kiefer_wolfowitz(gaps, work, [0] * servers))
    assert np.array_equal(calls["end_us"][order], calls["grant_us"][order] + work)


@pytest.mark.parametrize(("system", "load"), CASES)
def test_the_engine_grants_as_the_recursion_does(system: str, load: float) -> None:
    grants_agree(system, load, 4_000, "reference")


@pytest.mark.parametrize(("system", "load"), CASES)
def test_mean_waits_are_within_two_percent_of_theory(system: str, load: float) -> None:
    """40 million customers: at a load of 0.95 the standard error is 0.65% (Daley 1968), a third of what is allowed."""
    mean, error = mean_waits(40_000_000)[system, load]
    assert error < 0.012 * expected_wait_s(system, load)
    assert mean == pytest.approx(expected_wait_s(system, load), rel=0.02)


@pytest.mark.parametrize(("system", "load"), CASES)
def test_the_compiled_engine_grants_as_the_recursion_does(system: str, load: float) -> None:
    grants_agree(system, load, 300_000, "compiled")
