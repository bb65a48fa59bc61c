"""A fit recovers what a synthetic workload was made with, and its text is a scenario that does the same again."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from burncurve import catalogue, deploy
from burncurve.engines import play
from burncurve.errors import InputError
from burncurve.ledger import Ledger
from burncurve.prepare import prepare
from burncurve.scenario.reading import read_text
from burncurve.studies import turns as turns_of
from burncurve.studies.families import Fitted
from burncurve.studies.fit import AgentFit, Fit, fit
from burncurve.studies.fit_text import Frame, scenario_text
from coders import begun

SCENARIO = (
    begun("Made to be recovered", "60d")
    + """\
    output: {lognormal: {median: 211, sigma: 1.34}, clip: [1, 32k]}
    tools:
      result: {lognormal: {median: 800, sigma: 1.1}, clip: [1, 16k]}
      time: {lognormal: {median: 2s, sigma: 1.2}, clip: [1ms, 10m]}
    misses: {user_turn: 20%, tool_turn: 2%}
    spawn: {agent: helper, probability: 8%, count: {geometric: {mean: 2}}, join: wait, brief: 700}
  helper:
    role: worker
    base: 12k
    turns: {lognormal: {median: 9, sigma: 0.5}, clip: [1, 60], per: request}
    output: {lognormal: {median: 120, sigma: 0.8}, clip: [1, 8k]}
    tools:
      result: {lognormal: {median: 1.5k, sigma: 0.9}, clip: [1, 16k]}
      time: {gamma: {mean: 4s, shape: 0.7}, clip: [1ms, 5m]}
    result: 900
deployments:
  one: {roles: {lead: anthropic/claude-opus-4.6, worker: anthropic/claude-haiku-4.5}}
"""
)


def played(text: str, seed: int) -> Ledger:
    scenario = read_text(text, "made.yaml")
    served = deploy.deployments(scenario, catalogue.load())[0]
    return play(prepare(scenario, seed), served, range(1), "reference")


@cache
def found() -> Fit:
    seen = turns_of.of_ledger(played(SCENARIO, 1))
    assert len(seen) > 10_000
    return fit(seen)


def agent(name: str) -> AgentFit:
    return next(one for one in found().agents if one.name == name)


def parameters(one: Fitted | None) -> dict[str, float]:
    assert one is not None
    return dict(one.parameters)


LOGNORMALS = [
    ("lead", "message", 150, 0.9), ("lead", "turns", 6, 0.7), ("lead", "output", 211, 1.34),
    ("lead", "result", 800, 1.1), ("lead", "time_us", 2e6, 1.2),
    ("helper", "turns", 9, 0.5), ("helper", "output", 120, 0.8), ("helper", "result", 1500, 0.9),
]  # fmt: skip


@pytest.mark.parametrize(("name", "quantity", "median", "sigma"), LOGNORMALS)
def test_medians_and_sigmas_are_recovered(name: str, quantity: str, median: float, sigma: float) -> None:
    got: Fitted = getattr(agent(name), quantity)
    assert got.family == "lognormal"
    assert parameters(got)["median"] == pytest.approx(median, rel=0.05)
    assert parameters(got)["sigma"] == pytest.approx(sigma, rel=0.05)


def test_other_families_are_told_from_the_lognormal() -> None:
    time = agent("helper").time_us
    assert time is not None
    assert time.family == "gamma"
    assert parameters(time)["mean"] == pytest.approx(4e6, rel=0.05)
    assert parameters(time)["shape"] == pytest.approx(0.7, rel=0.05)
    (people,) = found().people
    assert people.requests.family == "geometric"
    assert parameters(people.requests)["mean"] == pytest.approx(4, rel=0.1)
    assert people.think_us is not None
    assert parameters(people.think_us)["median"] == pytest.approx(70e6, rel=0.1)


def test_spawning_is_recovered() -> None:
    (spawn,) = agent("lead").spawns
    assert spawn.child == "helper"
    assert spawn.waits
    assert spawn.probability.value == pytest.approx(0.08, rel=0.1)
    assert parameters(spawn.count)["mean"] == pytest.approx(2, rel=0.1)
    assert spawn.brief is not None
    assert parameters(spawn.brief) == {"value": pytest.approx(700, rel=0.05)}


def test_bases_and_misses_are_recovered() -> None:
    assert agent("lead").base == pytest.approx(20_000, rel=0.02)
    assert agent("helper").base == pytest.approx(12_000, rel=0.07)
    assert agent("lead").user_miss.value == pytest.approx(0.2, rel=0.25)
    assert agent("lead").tool_miss.value == pytest.approx(0.02, rel=0.25)


def test_there_is_no_history_and_no_kind_of_session_where_none_was_made() -> None:
    assert [one.name for one in found().agents] == ["lead", "helper"]
    assert agent("lead").history is None
    assert agent("lead").first_turns is None
    assert not agent("lead").reads_in


def test_the_text_is_a_scenario_that_does_the_same_again() -> None:
    frame = Frame("Again", "a synthetic workload", horizon="60d", deployments=(
        "one: {roles: {lead: anthropic/claude-opus-4.6, helper: anthropic/claude-haiku-4.5}}",))  # fmt: skip
    text = scenario_text(found(), frame)
    first, again = (turns_of.of_ledger(played(one, seed)) for one, seed in ((SCENARIO, 1), (text, 2)))
    assert len(again) == pytest.approx(len(first), rel=0.15)
    assert per_session(again) == pytest.approx(per_session(first), rel=0.1)
    assert again.read.sum() / again.prompt.sum() == pytest.approx(first.read.sum() / first.prompt.sum(), abs=0.02)


def test_first_requests_that_take_more_turns_are_told_apart() -> None:
    """Drawn apart, they are no reason to tell kinds of session apart by their number of requests."""
    first = "    first_turns: {lognormal: {median: 24, sigma: 0.5}, clip: [1, 200], per: request}"
    text = SCENARIO.replace("    turns:", f"{first}\n    turns:", 1)
    seen = turns_of.of_ledger(played(text, 1))
    assert len(seen) > 10_000
    lead, helper = fit(seen).agents
    assert (lead.name, helper.name) == ("lead", "helper")
    for got, median, sigma in ((lead.first_turns, 24, 0.5), (lead.turns, 6, 0.7)):
        assert parameters(got)["median"] == pytest.approx(median, rel=0.05)
        assert parameters(got)["sigma"] == pytest.approx(sigma, rel=0.05)
    assert helper.first_turns is None
    frame = Frame("Again", "a synthetic workload", deployments=(
        "one: {roles: {lead: anthropic/claude-opus-4.6, helper: anthropic/claude-haiku-4.5}}",))  # fmt: skip
    assert "first_turns: {lognormal: {median: " in scenario_text(fit(seen), frame)


def per_session(seen: turns_of.Turns) -> float:
    """Mean prompt tokens of all agents for each session that a person opened."""
    opened = seen.parent[seen.first[:-1]] < 0
    return float(seen.prompt.sum() / opened.sum())


def test_no_call_is_refused() -> None:
    nothing: dict[str, Any] = {name: np.zeros(0, dtype=np.int64) for name in turns_of.COLUMNS}
    with pytest.raises(InputError, match="no answered call"):
        fit(turns_of.Turns(**nothing, agents=()))
