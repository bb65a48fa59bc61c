"""A scenario goes to another process and comes back the same, places included."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from burncurve.scenario import read

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_pickled_scenario_is_the_same(path: Path) -> None:
    scenario = read(path, ["horizon=90m"])
    copy = pickle.loads(pickle.dumps(scenario))
    assert copy == scenario
    assert copy.model_dump_json() == scenario.model_dump_json()
    assert copy.where("agents") == scenario.where("agents")
    assert copy.where("horizon") == "--set horizon=90m"
