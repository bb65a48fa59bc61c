"""`--set PATH=VALUE`: replaces one value before the checks; a path that leads nowhere is told where it could."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from burncurve.errors import Problem
from burncurve.scenario.models import Scenario

ScenarioOf = Callable[..., Scenario]
ProblemsOf = Callable[..., list[Problem]]


def test_values_are_read_as_in_the_file(right: str, scenario_of: ScenarioOf) -> None:
    given = [
        "agents.lead.window=180k",
        "triggers.0.every=10m",
        "horizon=1d",
        "agents.worker.turns={geometric: {mean: 3}}",
    ]
    scenario = scenario_of(right, given)
    assert scenario.agents["lead"].window == 180_000
    assert scenario.triggers[0].every == 600_000_000
    assert scenario.horizon == 86_400_000_000
    assert scenario.agents["worker"].turns.mean() == pytest.approx(3)


def test_what_the_file_leaves_out_may_be_set(right: str, scenario_of: ScenarioOf) -> None:
    given = ["agents.worker.window=50k", "agents.lead.misses.user_turn=10%", "about=other", "users={}"]
    scenario = scenario_of(right, given[:3])
    assert scenario.agents["worker"].window == 50_000
    assert scenario.agents["lead"].misses.user_turn.mean() == pytest.approx(0.1)
    assert scenario.about == "other"


def test_later_settings_win(right: str, scenario_of: ScenarioOf) -> None:
    assert scenario_of(right, ["places=3", "places=4"]).places == 4


def test_names_with_dots(right: str, scenario_of: ScenarioOf) -> None:
    text = right.replace("  d: {roles", "  opus-4.6: {roles")
    assert scenario_of(text, ["deployments.opus-4.6.at_limit=refuse"]).deployments["opus-4.6"].at_limit == "refuse"


def test_an_aliased_part_changes_alone(scenario_of: ScenarioOf) -> None:
    text = (
        "name: x\nstart: 2026-01-01\nhorizon: 1h\ntriggers: {agent: a, once: true}\n"
        "agents: {a: &a {base: 1k, turns: 2}, b: *a}\n"
    )
    scenario = scenario_of(text, ["agents.b.base=5k", "triggers.agent=b"])
    assert [agent.base.mean() for agent in scenario.agents.values()] == [1000, 5000]


@pytest.mark.parametrize(
    ("setting", "what", "remedy"),
    [
        ("agents.leed.base=3", "agents has no 'leed'", "did you mean lead?"),
        ("agents.lead.widow=3", "agents.lead has no 'widow'", "did you mean window?"),
        ("triggers.1.every=5m", "triggers has no entry '1'", "entries 0 to 0"),
        ("triggers.first.every=5m", "triggers has no entry 'first'", "entries 0 to 0"),
        ("horizon.hours=3", "horizon is '8h', which has no parts", "set horizon itself"),
        ("agents.lead.base=-3", "agents.lead.base: -3 must not be negative", "17.6k"),
        ("agents.lead.base=5 apples", "unknown unit 'apples'", "17.6k"),
        ("agents.lead.base=", "agents.lead.base: None must be", ""),
        ("agents.lead.base=[1,", "is not YAML", ""),
        ("agents.lead.tools.mix.shell=0.6", "adds up to 0.9", "share"),
        ("triggers.0.agent=leda", "nobody defined the agent 'leda'", "did you mean lead?"),
        ("agents", "must be PATH=VALUE", "--set"),
        ("=5", "must be PATH=VALUE", "--set"),
        ("agents..base=5", "must be PATH=VALUE", "--set"),
        ("horizon=" + "9" * 20_000, "must be PATH=VALUE", "--set"),
        ("horizon={a: 1, a: 2}", "repeats the key 'a'", "keep one"),
    ],
)
def test_wrong_settings(right: str, problems_of: ProblemsOf, setting: str, what: str, remedy: str) -> None:
    problem = next((p for p in problems_of(right, [setting]) if what in p.what), None)
    assert problem is not None
    assert problem.where.startswith(f"--set {setting[:40]}") or "adds up" in what
    assert remedy in problem.remedy


def test_wrong_settings_and_wrong_fields_come_together(right: str, problems_of: ProblemsOf) -> None:
    problems = problems_of(right.replace("base: 20k", "base: -1"), ["agents.leed.base=3", "horizon=0"])
    assert [problem.where for problem in problems] == [
        "scenario.yaml:8:11",
        "--set agents.leed.base=3",
        "--set horizon=0",
    ]
