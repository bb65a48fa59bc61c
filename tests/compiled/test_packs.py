"""What is packed for the kernel is kept for the very same run alone, and playing changes nothing in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from burncurve import catalogue, deploy, prepare, prices, scenario
from burncurve.engines import play
from burncurve.engines.compiled.packs import packed_once

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.mark.parametrize("name", ["fifty-dollars", "openclaw-plan", "coding-agent"])
def test_playing_changes_nothing_of_what_was_packed(name: str) -> None:
    read = scenario.read(SCENARIOS / f"{name}.yaml")
    workload = prepare.prepare(read, 1)
    for deployment in deploy.deployments(read, catalogue.load(), book=prices.load("list")):
        given = packed_once(workload, deployment)
        before = [array.tobytes() for array in given]
        play(workload, deployment, range(1), "compiled")
        assert packed_once(workload, deployment) is given
        assert [array.tobytes() for array in given] == before


def test_another_workload_or_deployment_is_packed_anew() -> None:
    read = scenario.read(SCENARIOS / "heartbeat.yaml")
    workload = prepare.prepare(read, 1)
    first, *others = deploy.deployments(read, catalogue.load(), book=prices.load("list"))
    given = packed_once(workload, first)
    assert packed_once(replace(workload), first) is not given
    assert packed_once(workload, replace(first)) is not given
    assert all(packed_once(workload, other) is not given for other in others)
