"""Trees of tasks: their expected size against closed forms, and refusal of those that never end."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from burncurve.errors import Problem
from burncurve.scenario.growth import Rule, Tree, tree
from burncurve.scenario.models import Scenario


def lone(mean: float, depth: int | None) -> Tree:
    return tree([Rule("a", 0, "a", mean, depth)], ["a"])


@pytest.mark.parametrize("m", [0.1, 0.5, 0.9, 0.99])
def test_a_tree_that_shrinks_has_expected_size_one_over_one_minus_m(m: float) -> None:
    grown = lone(m, None)
    assert grown.ends
    assert math.isclose(grown.tasks, 1 / (1 - m), rel_tol=1e-3)


@pytest.mark.parametrize(("b", "depth"), [(5, 5), (2, 10), (1, 7)])
def test_b_children_to_a_depth(b: int, depth: int) -> None:
    grown = lone(float(b), depth)
    assert grown.ends
    assert grown.tasks == sum(b**level for level in range(depth + 1))


@pytest.mark.parametrize("m", [1.0, 1.01, 2.6])
def test_a_tree_that_does_not_shrink_has_no_end(m: float) -> None:
    grown = lone(m, None)
    assert not grown.ends
    assert math.isclose(grown.ratio, m, rel_tol=1e-9)


def test_two_agents_that_start_each_other() -> None:
    ping, pong = Rule("a", 0, "b", 3.0, None), Rule("b", 0, "a", 0.2, None)
    grown = tree([ping, pong], ["a"])
    assert grown.ends
    assert math.isclose(grown.tasks, (1 + 3) / (1 - 0.6), rel_tol=1e-6)
    assert not tree([ping, Rule("b", 0, "a", 0.5, None)], ["a"]).ends


SWARM = """\
name: swarm
start: 2026-11-02
horizon: 1h
agents: {{a: {{base: 1k, turns: {turns}, {more}spawn: {{agent: a, {rule}}}}}}}
triggers: {{agent: a, once: true}}
"""


@pytest.mark.parametrize(
    ("turns", "rule", "more", "said"),
    [
        (13, "probability: 20%", "", "2.6 a expected per task, each generation 2.6 times the last"),
        (1, "count: {poisson: {mean: 1.5}}", "", "each generation 1.5 times the last"),
        (1, "count: 1", "", "each generation 1 times the last"),
        (1, "probability: {range: [0, 10%, 60%]}, count: 2", "", "each generation 1.2 times the last"),
        (9, "on_turn: [1, 2, 3]", "", "3 a expected per task"),
        (9, "count: 5", "children_cap: 2, ", "2 a expected per task"),
    ],
)
def test_endless_spawning_is_refused_with_its_growth(
    problems_of: Callable[..., list[Problem]], turns: int, rule: str, more: str, said: str
) -> None:
    (problem,) = problems_of(SWARM.format(turns=turns, rule=rule, more=more))
    assert problem.where.startswith("scenario.yaml:4:")
    assert "can grow without bound" in problem.what
    assert said in problem.what
    assert "depth" in problem.remedy


def test_a_depth_that_still_means_millions_is_refused(problems_of: Callable[..., list[Problem]]) -> None:
    (problem,) = problems_of(SWARM.format(turns=1, rule="count: 10, depth: 8", more=""))
    # 1 + 10 + ... + 10^8
    assert "grows to 111,111,111 tasks expected for one root, at most 1,000,000" in problem.what


def test_a_million_tasks_are_the_most(
    scenario_of: Callable[..., Scenario], problems_of: Callable[..., list[Problem]]
) -> None:
    assert scenario_of(SWARM.format(turns=1, rule="count: 999999, depth: 1", more=""))
    (problem,) = problems_of(SWARM.format(turns=1, rule="count: 1M, depth: 1", more=""))
    assert "grows to 1,000,001 tasks" in problem.what
    (problem,) = problems_of(SWARM.format(turns=1, rule="count: 1000, depth: 1000", more=""))
    assert "grows to more than 1,000,000,000,000 tasks" in problem.what


@pytest.mark.parametrize(
    ("turns", "rule", "more"),
    [
        (13, "probability: 5%", ""),
        (1, "count: 5, depth: 5", ""),
        (1, "count: 0", ""),
        (50, "probability: 10%", "step_cap: 9, "),
    ],
)
def test_spawning_that_ends_is_fine(scenario_of: Callable[..., Scenario], turns: int, rule: str, more: str) -> None:
    assert scenario_of(SWARM.format(turns=turns, rule=rule, more=more)).agents["a"].spawn
