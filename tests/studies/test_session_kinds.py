"""Sessions are told apart where openings, requests and calls depend on each other, and only there."""

from __future__ import annotations

import numpy as np
import pytest

from burncurve.studies import fit_parts
from burncurve.studies.session_kinds import MOST_KINDS, told_apart
from burncurve.studies.turns import Turns


def made(openings: np.ndarray, requests: np.ndarray, turns: np.ndarray, growth: int = 500) -> Turns:
    """Return sessions that begin with so many tokens and have so many requests of so many turns each."""
    calls = requests * turns
    session = np.repeat(np.arange(len(calls)), calls)
    place = np.arange(len(session)) - np.repeat(np.cumsum(calls) - calls, calls)
    zero = np.zeros(len(session), dtype=np.int64)
    return Turns(
        session=session, parent=zero - 1, agent=zero, request=place // np.repeat(turns, calls), kind=zero,
        start_us=place * 10_000_000, end_us=place * 10_000_000 + 1, prompt=np.repeat(openings, calls) + growth * place,
        read=zero - 1, kept=zero - 1, output=zero + 10, reasoning=zero, agents=("main",),
    )  # fmt: skip


def kinds(turns: Turns) -> list[str]:
    return sorted({told_apart(turns)[0].agents[agent] for agent in fit_parts.session_agents(told_apart(turns)[0])})


@pytest.mark.parametrize("seed", range(12))
def test_what_is_independent_stays_one_kind(seed: int) -> None:
    luck = np.random.default_rng(seed)
    openings = np.rint(np.exp(luck.normal(10, 0.8, 300))).astype(np.int64)
    assert kinds(made(openings, luck.integers(1, 9, 300), luck.integers(1, 30, 300))) == ["main"]


def test_long_openings_with_few_calls_are_a_kind_of_their_own() -> None:
    luck = np.random.default_rng(0)
    long = np.arange(200) % 2 == 1
    openings = np.where(long, luck.integers(90_000, 110_000, 200), luck.integers(15_000, 20_000, 200))
    turns = np.where(long, luck.integers(2, 10, 200), luck.integers(30, 60, 200))
    told, bounds = told_apart(made(openings, np.ones(200, dtype=np.int64), turns))
    found = fit_parts.session_agents(told)
    for name, kind in bounds.items():
        mine = found == told.agents.index(name)
        assert long[mine].all() or not long[mine].any()
        assert ((openings[mine] >= kind.opening[0]) & (openings[mine] <= kind.opening[1])).all()
    assert 2 <= len(bounds) <= MOST_KINDS


def test_many_requests_with_few_turns_each_are_told_apart_by_requests() -> None:
    luck = np.random.default_rng(0)
    requests = np.repeat([1, 2, 6], 80)
    turns = np.where(requests == 1, 40, np.where(requests == 2, 20, 5)) + luck.integers(0, 5, 240)
    names = kinds(made(np.full(240, 20_000), requests, turns))
    assert set(names) == {"main-1-request", "main-2-requests", "main-3-to-6-requests"}


def test_contexts_beyond_the_usual_cut_are_another_window() -> None:
    small = made(np.full(60, 20_000), np.ones(60, dtype=np.int64), np.full(60, 80), 1_000)
    prompt = np.where(small.prompt > 80_000, small.prompt - 60_000, small.prompt)  # cut at 80,000
    large = small.session >= 30
    turns = Turns(**{**small.columns, "prompt": np.where(large, small.prompt + 100_000, prompt)}, agents=("main",))
    assert kinds(turns) == ["main-large", "main-usual"]
