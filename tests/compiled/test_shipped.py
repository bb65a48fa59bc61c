"""Every shipped scenario on each of its deployments, two seeds: one ledger from both engines."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from burncurve import catalogue, deploy, prepare, prices, scenario

from .law import same

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))


@cache
def _catalogue() -> catalogue.Catalogue:
    return catalogue.load()


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_shipped_scenario_gives_the_same_ledger_under_both_engines(path: Path) -> None:
    read = scenario.read(path)
    for seed in (1, 2):
        workload = prepare.prepare(read, seed)
        if any(agent.behaviour for agent in workload.agents):
            pytest.skip("a behaviour of its own plays on the reference engine alone")
        for deployment in deploy.deployments(read, _catalogue(), book=prices.load("list")):
            same(workload, deployment)
