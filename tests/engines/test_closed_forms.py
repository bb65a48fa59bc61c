"""Closed forms: what a few rules must come to, worked out here by arithmetic alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burncurve.deployment import CacheKind, CacheRule, Retention
from burncurve.draws import constant, salt_of
from burncurve.ledger import Kind
from burncurve.workload import Join, Per, Spawn, fixed

from .build import DAY, HOUR, MINUTE, S, agent, at, chance, deployment, offer, ok, played, steps, tools, workload

TTL_US = 5 * MINUTE
CACHED = offer(cache=CacheRule(CacheKind.EXPLICIT))  # lives five minutes, or an hour


def prompts(base: int, output: int, result: int, turns: int) -> np.ndarray:
    work = workload(agent(base=base, turns=turns, output=output, tools=tools(result)))
    return played(work).prompt


@settings(max_examples=40)
@given(st.integers(1, 50_000), st.integers(0, 500), st.integers(1, 2_000), st.integers(1, 60))
def test_without_a_cache_n_calls_send_n_bases_and_the_growth_quadratically(
    base: int, output: int, result: int, turns: int
) -> None:
    growth = output + result
    assert prompts(base, output, result, turns).sum() == turns * base + growth * turns * (turns - 1) // 2


@pytest.mark.parametrize(("base", "growth"), [(10_000, 500), (3_000, 700), (1_000, 2_000)])
def test_growth_outweighs_the_base_beyond_1_plus_2_bases_by_growth(base: int, growth: int) -> None:
    calls = 1 + 2 * base / growth
    for turns, outweighs in ((math.floor(calls), False), (math.floor(calls) + 1, True)):
        total = prompts(base, 0, growth, turns).sum()
        assert (total - turns * base > turns * base) == outweighs


def family(children: int, depth: int, *, share: float = 1.0, join: Join = Join.WAIT) -> Spawn:
    return Spawn(0, salt_of("family"), chance(share), fixed(children), fixed(10), join, on_turns=(1,), depth=depth)


@pytest.mark.parametrize("join", list(Join))
@pytest.mark.parametrize(("children", "depth"), [(1, 6), (2, 5), (3, 4), (5, 3), (4, 0)])
def test_b_children_each_to_depth_d_make_a_geometric_sum(children: int, depth: int, join: Join) -> None:
    ledger = played(workload(agent(spawns=(family(children, depth, join=join),))))
    turns = ok(ledger, kind=Kind.TURN)
    below = sum(children**d for d in range(1, depth + 1))
    assert ledger.outcomes[0].tasks == 1 + below
    assert np.bincount(turns["depth"]).tolist() == [children**d for d in range(depth + 1)]
    announcing = sum(children**d for d in range(depth)) if depth else 0  # every task that had children
    if join != Join.WAIT:  # one call per child instead of one for all
        announcing = below
    assert len(ok(ledger, kind=Kind.ANNOUNCE)["task"]) == announcing


@pytest.mark.parametrize(("children", "share"), [(1, 0.5), (2, 0.3), (4, 0.2)])
def test_spawning_with_a_mean_below_one_gives_one_by_one_minus_the_mean(children: int, share: float) -> None:
    """Galton-Watson: mean 1/(1-m), variance s2/(1-m)**3 with s2 the variance of the number of children."""
    mean, trees = children * share, 4_000
    ledger = played(workload(agent(spawns=(family(children, 127, share=share),)), at([S * i for i in range(trees)])))
    expected = 1 / (1 - mean)
    spread = math.sqrt(children**2 * share * (1 - share) / (1 - mean) ** 3 / trees)
    assert ledger.outcomes[0].tasks / trees == pytest.approx(expected, abs=4 * spread)


def test_the_number_of_tasks_over_replications_has_the_same_mean() -> None:
    share, runs = 0.4, 600
    ledger = played(workload(agent(spawns=(family(2, 127, share=share),))), None, range(runs))
    spread = math.sqrt(4 * share * (1 - share) / 0.2**3 / runs)
    assert np.mean([one.tasks for one in ledger.outcomes]) == pytest.approx(5, abs=4 * spread)


@pytest.mark.parametrize(
    ("every_us", "retention", "warm"),
    [
        (4 * MINUTE, Retention.SHORT, True),
        (TTL_US - S, Retention.SHORT, True),
        (TTL_US, Retention.SHORT, False),  # warm while start < expiry
        (30 * MINUTE, Retention.SHORT, False),
        (30 * MINUTE, Retention.LONG, True),
        (HOUR, Retention.LONG, False),
    ],
)
def test_a_heartbeat_sends_its_context_a_day_by_its_interval(every_us: int, retention: Retention, warm: bool) -> None:
    context = 25_000
    work = workload(agent(base=24_000, message=1_000, output=0), at(range(0, DAY, every_us)), horizon_us=DAY)
    calls = ok(played(work, deployment(CACHED, retention=retention)))
    write = "cache_write_5m" if retention == Retention.SHORT else "cache_write_1h"
    per_day = -(-DAY // every_us) * context
    assert calls["cache_read"].sum() + calls[write].sum() == per_day
    if warm:  # the message is new in each isolated session, the base is read, but for the first time
        assert calls["cache_read"].sum() == per_day * 24 // 25 - 24_000
    else:
        assert calls["cache_read"].sum() == 0


@pytest.mark.parametrize("every_us", [2 * MINUTE, 10 * MINUTE])
def test_a_heartbeat_in_a_shared_session_reads_or_writes_all_of_it(every_us: int) -> None:
    """Nothing is added by message or answer, so every beat sends the same context."""
    work = workload(agent(base=20_000, history=5_000, output=0), at(range(0, DAY, every_us), session="main"))
    calls = ok(played(work, deployment(CACHED)))
    beats = DAY // every_us
    read, written = int(calls["cache_read"].sum()), int(calls["cache_write_5m"].sum())
    assert (read, written) == ((beats - 1) * 25_000, 25_000) if every_us < TTL_US else (0, beats * 25_000)


def test_the_loss_per_pause_is_the_chance_of_a_pause_beyond_the_life_times_context_times_the_price_gap() -> None:
    """Pauses of 1, 3, 6 or 20 minutes: P(pause > 5 min) = 3/8; the context is the same in every call."""
    context, turns, runs = 50_000, 200, 20
    pauses = steps([MINUTE, 3 * MINUTE, 6 * MINUTE, 20 * MINUTE], [0.375, 0.25, 0.25, 0.125], "pause")
    work = workload(agent(base=0, message=context, output=0, turns=turns, tools=tools(0, pauses)))
    ledger = played(work, deployment(CACHED), range(runs))
    calls = ok(ledger)
    write_usd, read_usd = 3.75, 0.30  # any two prices
    paid = float(calls["cache_write_5m"].sum() * write_usd + calls["cache_read"].sum() * read_usd)
    pauses_made = runs * (turns - 1)
    all_warm = runs * context * write_usd + pauses_made * context * read_usd
    loss = 0.375 * context * (write_usd - read_usd)
    spread = math.sqrt(0.375 * 0.625 / pauses_made) * context * (write_usd - read_usd)
    assert (paid - all_warm) / pauses_made == pytest.approx(loss, abs=4 * spread)
    gaps = np.diff(calls["grant_us"].reshape(runs, turns), axis=1)
    misses = calls["cache_read"].reshape(runs, turns)[:, 1:] == 0
    assert np.array_equal(misses, gaps >= TTL_US)  # pause by pause


def test_a_drawn_life_loses_the_share_of_pauses_that_outlast_it() -> None:
    """Life evenly 2 or 6 minutes, a pause of 4: half of the calls find nothing."""
    lives = steps([2 * MINUTE, 6 * MINUTE]).table
    served = offer(cache=CacheRule(CacheKind.AUTOMATIC, short_us=lives))
    turns = 4_000
    work = workload(agent(message=10, output=0, turns=turns, step_cap=turns, tools=tools(0, 4 * MINUTE)))
    reads = ok(played(work, deployment(served)))["cache_read"][1:]
    assert (reads == 0).mean() == pytest.approx(0.5, abs=4 * 0.5 / math.sqrt(turns))


def test_a_forked_tree_reads_its_parents_context_once_per_child() -> None:
    """One parent of 9,000 + 1,000 tokens and three forks with briefs of 50: each child reads all of the parent."""
    fork = Spawn(1, salt_of("fork"), chance(1), fixed(3), fixed(50), Join.WAIT, fork=True)
    parent = agent("parent", base=9_000, message=1_000, output=0, spawns=(fork,))
    calls = ok(played(workload([parent, agent("child", output=0)]), deployment(CACHED)), depth=1)
    assert calls["cache_read"].tolist() == [10_000] * 3
    assert calls["cache_write_5m"].tolist() == [50] * 3
    assert calls["fresh"].tolist() == [50] * 3


def test_time_is_prefill_and_decode_of_every_token() -> None:
    served = offer(first_token_ns=10**9, prefill_ns_per_token=50_000, decode_ns_per_token=20_000_000)
    ledger = played(workload(agent(base=1_000, message=1_000, output=100, turns=3, tools=tools(400, 7 * S))),
                    deployment(served))  # fmt: skip
    to_first = [S + prompt * 50 for prompt in (2_000, 2_500, 3_000)]
    assert (ledger["first_token_us"] - ledger["grant_us"]).tolist() == to_first
    assert (ledger["end_us"] - ledger["first_token_us"]).tolist() == [2 * S] * 3
    assert ledger.outcomes[0].makespan_us == sum(to_first) + 3 * 2 * S + 2 * 7 * S


def test_a_level_of_drawing_is_kept() -> None:
    """A size drawn per run is one number in a run; per session one per session; per request one per request."""
    for per, distinct in ((Per.RUN, 1), (Per.SESSION, 5), (Per.REQUEST, 5), (Per.TURN, 20)):
        sizes = steps(list(range(1, 100_000)), salt="sizes", per=per)  # too many to meet by chance
        ledger = played(workload(agent(output=sizes, turns=4), at([0, S, 2 * S, 3 * S, 4 * S])))
        assert len(set(ledger["output"].tolist())) == distinct


def test_an_automatic_cache_floors_to_the_block_and_reads_nothing_below_the_minimum() -> None:
    rule = CacheRule(CacheKind.AUTOMATIC, minimum_tokens=1_024, block_tokens=128, short_us=constant(TTL_US))
    for context, read in ((1_000, 0), (1_023, 0), (1_024, 1_024), (1_151, 1_024), (1_152, 1_152), (5_000, 4_992)):
        work = workload(agent(message=context, output=0, turns=2, tools=tools(0, S)))
        calls = ok(played(work, deployment(offer(cache=rule))))
        assert calls["cache_read"].tolist() == [0, read]
        assert calls["input"].tolist() == [context, context - read]
