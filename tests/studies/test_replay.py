"""Replays: the same work again, exactly where it is ours, and within a point of what block hashes imply."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from burncurve import catalogue, deploy
from burncurve.deployment import Account, CacheKind, CacheRule, Deployment, Leg, Offer, Route
from burncurve.draws import constant
from burncurve.engines import play
from burncurve.ledger import Ledger, Status
from burncurve.prepare import prepare
from burncurve.scenario.reading import read_text
from burncurve.studies import tracing
from burncurve.studies import turns as turns_of
from coders import begun

SCENARIO = (
    begun("Made to be replayed", "3d")
    + """\
    tools: {result: {lognormal: {median: 3k, sigma: 1}, clip: [1, 16k]}, time: {lognormal: {median: 2s, sigma: 1.2}}}
    compact: {at: 120k, summary: 2k, restore: 8k}
    spawn: {agent: helper, probability: 8%, count: 2, join: wait, brief: 700}
  helper: {role: worker, base: 12k, turns: 9, tools: {result: 1.5k, time: 4s}, result: 900}
deployments:
  one: {roles: {lead: anthropic/claude-opus-4.6, worker: anthropic/claude-haiku-4.5}}
"""
)


@pytest.fixture(scope="module")
def both() -> tuple[Ledger, Ledger]:
    """A ledger of ours, and the replay of what a log would show of it, on the same deployment."""
    scenario = read_text(SCENARIO, "made.yaml")
    (served,) = deploy.deployments(scenario, catalogue.load())
    ledger = play(prepare(scenario, 1), served, range(1), "reference")
    seen = turns_of.of_ledger(ledger)
    work = tracing.workload(seen, ("lead", "worker"), "again", ledger.start_utc_us)
    return ledger, play(work, served, range(1), "reference")


def test_every_call_is_made_again_with_its_sizes(both: tuple[Ledger, Ledger]) -> None:
    first, again = both
    assert (first["depth"] > 0).any()
    assert (first["kind"] == 2).any()
    for name in ("output", "reasoning"):
        assert again[name].sum() == first[name].sum()
    assert sorted(again.prompt.tolist()) == sorted(first.prompt.tolist())
    assert again.outcomes[0].tasks == first.outcomes[0].tasks


def test_the_cache_serves_it_as_it_did(both: tuple[Ledger, Ledger]) -> None:
    first, again = (ledger["cache_read"].sum() / ledger.prompt.sum() for ledger in both)
    assert again == pytest.approx(first, abs=0.01)


def test_time_goes_by_as_it_did(both: tuple[Ledger, Ledger]) -> None:
    first, again = (ledger.outcomes[0].makespan_us - int(ledger["request_us"].min()) for ledger in both)
    assert again == pytest.approx(first, rel=0.01)


# The public traces: block hashes say which prefix a prompt shares with the one before


def served(ttl_s: int) -> Deployment:
    cache = CacheRule(CacheKind.EXPLICIT, short_us=constant(ttl_s * 1_000_000))
    offer = Offer("maker/model", 1 << 30, cache=cache, first_token_ns=3_100_000_000, decode_ns_per_token=16_400_000)
    return Deployment("one", (offer,), (Account("account"),), (Route((Leg(0, 0),)),) * 2)


@pytest.fixture(scope="module")
def traced() -> turns_of.Turns:
    path = Path(os.environ.get("BURNCURVE_TRACES", ""))
    if not path.is_file():
        pytest.skip("the public traces are not here (BURNCURVE_TRACES): that replays meet their hashes is unproven")
    import traces

    return traces.read(path)


@pytest.mark.slow
@pytest.mark.parametrize("ttl_s", [300, 3_600, 10_000_000])
def test_the_cached_share_is_within_a_point_of_what_hashes_imply(traced: turns_of.Turns, ttl_s: int) -> None:
    alive = (traced.before >= 0) & (traced.start_us - traced.previous(traced.start_us) < ttl_s * 1_000_000)
    implied = np.where(alive, traced.kept, 0).sum() / traced.prompt.sum()
    ledger = play(tracing.workload(traced, traced.agents, "traces", 0), served(ttl_s), range(1), "reference")
    assert np.all(ledger["status"] == Status.OK)
    assert int(ledger.prompt.sum()) == int(traced.prompt.sum())
    assert int(ledger["output"].sum()) == int(traced.output.sum())
    assert ledger["cache_read"].sum() / ledger.prompt.sum() == pytest.approx(implied, abs=0.01)


def test_figures_of_the_traces_are_those_that_were_published_with_them(traced: turns_of.Turns) -> None:
    """Main agents after removing duplicates: traces, calls, and quantiles of calls, output and growth."""
    main = traced.of(traced.parent < 0)
    calls = np.diff(main.first)
    assert (main.sessions, len(main)) == (692, 45_542)
    assert [round(float(np.quantile(calls, p))) for p in (0.5, 0.9)] == [44, 149]
    assert [round(float(np.quantile(main.output, p))) for p in (0.5, 0.9)] == [217, 894]
    growth = main.prompt - main.previous(main.prompt)
    growth = growth[(main.before >= 0) & (growth > 0)]
    assert [round(float(np.quantile(growth, p))) for p in (0.5, 0.9)] == [663, 3_659]
    assert round(float(growth.mean())) == 1_832


def test_sessions_of_a_trace_keep_their_own_clock(traced: turns_of.Turns) -> None:
    moved = replace(traced, start_us=traced.start_us + 5, end_us=traced.end_us + 5)
    assert tracing.trace(moved) == tracing.trace(traced)
