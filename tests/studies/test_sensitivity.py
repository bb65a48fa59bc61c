"""Sensitivity of a bill that is worked out by hand: its derivatives are the token prices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("SALib", reason="the extra sensitivity is not installed")

from burncurve.errors import InputError, MissingFact
from burncurve.studies import knobs, points, sensitivity
from burncurve.studies.area import Area
from burncurve.studies.points import Base
from burncurve.studies.sensitivity import Plan
from burncurve.studies.study import Choices
from burncurve.studies.work import Work

# Two calls that nothing caches; the tools' time moves nothing.
HAND = """
name: by hand
start: 2026-11-02T09:00
horizon: 1h
agents:
  a: {base: 10k, message: 1k, turns: 1, output: 400, history: 0}
triggers: [{agent: a, at: [0s, 20m]}]
deployments:
  d: {roles: {main: anthropic/claude-opus-4.6}, cache: 5m}
  e: {roles: {main: anthropic/claude-haiku-4.5}, cache: 5m}
"""
WRITE, OUTPUT = 6.25e-6, 25e-6  # dollars per token of claude-opus-4.6, list


def base_of(tmp_path: Path, text: str = HAND, **choices: Any) -> Base:
    path = tmp_path / "hand.yaml"
    path.write_text(text, encoding="utf-8")
    return points.opened(path, Choices(**{"replications": 1, "pictures": False, **choices}))


def plan_of(base: Base, *vary: str, **numbers: int) -> Plan:
    turned, _ = sensitivity.turnable(base, knobs.given(vary) or knobs.found(base.study.scenario))
    (measure,) = points.measures_of(["bill_usd"], 1)
    return Plan(turned, measure, **{"trajectories": 4, "samples": 128, **numbers})


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    base = base_of(tmp_path_factory.mktemp("hand"), deployments=("d",))
    return sensitivity.analysed(base, plan_of(base, samples=64))


def of(document: dict[str, Any], name: str = "d") -> dict[str, dict[str, Any]]:
    (part,) = [part for part in document["deployments"] if part["name"] == name]
    return {record["path"]: record for record in part["knobs"]}


def test_ends_effects_and_shares_are_those_of_the_sum(document: dict[str, Any]) -> None:
    """The bill is 2 (w (base + message) + o output), so each knob's swing is half its share of it."""
    swings = {
        "agents.a.base": 2 * WRITE * 5000,
        "agents.a.message": 2 * WRITE * 500,
        "agents.a.output": 2 * OUTPUT * 200,
    }
    records = of(document)
    assert set(records) == set(swings)
    whole = sum(swing**2 for swing in swings.values())
    for path, swing in swings.items():
        record = records[path]
        assert record["at_high"] - record["at_low"] == pytest.approx(swing, rel=1e-9)
        assert record["effect"]["mean"] == pytest.approx(swing, rel=5e-3)  # tokens are rounded on the way
        assert record["effect"]["deviation"] < 1e-2 * swing
        assert record["sobol"]["first"] == pytest.approx(swing**2 / whole, abs=0.05)
        assert record["sobol"]["total"] == pytest.approx(swing**2 / whole, abs=0.05)
    assert document["deployments"][0]["value"] == pytest.approx(2 * (WRITE * 11_000 + OUTPUT * 400))
    assert any(note.startswith("assumption: 3 of 3 knobs go 25%") for note in document["notes"])


def test_as_many_points_as_were_planned(tmp_path: Path) -> None:
    base = base_of(tmp_path)
    plan = plan_of(base, "agents.a.base=1k:2k", "agents.a.output=1:200", samples=4, trajectories=2, most_indexed=1)
    store = Area(tmp_path, "a" * 16)
    document = sensitivity.analysed(base, plan, store=store)
    assert document["points"] == plan.count == 5 + 2 * 3 + 4 * 3
    assert store.pieces() == plan.count
    assert sensitivity.analysed(base, plan, Work(told=pytest.fail), store) == document, "none is played again"
    for name in ("d", "e"):
        assert [record["sobol"] is None for record in of(document, name).values()].count(True) == 1


def test_the_same_question_has_the_same_answer(tmp_path: Path) -> None:
    base = base_of(tmp_path, deployments=("d",))
    plan = plan_of(base, "agents.a.base=1k:2k", "agents.a.output=1:200", samples=4, trajectories=2)
    assert sensitivity.analysed(base, plan) == sensitivity.analysed(base, plan)
    other = plan_of(base, "agents.a.base=1k:3k", "agents.a.output=1:200", samples=4, trajectories=2)
    assert sensitivity.sensitivity_id(base, plan) != sensitivity.sensitivity_id(base, other)


@pytest.mark.parametrize(("samples", "said"), [(2, 1), (32, 1), (64, 0), (128, 0)])
def test_intervals_of_few_samples_are_said_to_be_too_narrow(tmp_path: Path, samples: int, said: int) -> None:
    base = base_of(tmp_path)
    plan = plan_of(base, "agents.a.base=1k:2k", samples=samples, trajectories=2)
    notes = sensitivity.analysed(base, plan)["notes"]
    assert len([note for note in notes if "too narrow; from 64 on" in note]) == said


def test_a_knob_that_moves_nothing_has_no_share(tmp_path: Path) -> None:
    base = base_of(tmp_path, HAND.replace("output: 400", "output: 400, tools: {result: 1, time: 1s}"))
    document = sensitivity.analysed(base, plan_of(base, "agents.a.tools.time=1s:2s", samples=4, trajectories=2))
    record = of(document)["agents.a.tools.time"]
    assert (record["swing"], record["effect"]["size"], record["sobol"]) == (0, 0, None)


def test_knobs_that_cannot_be_turned(tmp_path: Path) -> None:
    tight = HAND.replace("history: 0", "window: 200k, compact: {at: 11k, keep: 0, summary: 10}")
    base = base_of(tmp_path, tight)
    kept, notes = sensitivity.turnable(base, knobs.found(base.study.scenario))
    assert "agents.a.base" not in {knob.path for knob in kept}
    assert any(note.startswith("agents.a.base is left as it is: ") for note in notes)
    with pytest.raises(InputError, match="12,000"):
        sensitivity.turnable(base, knobs.given(["agents.a.base=1k:12k"]))
    with pytest.raises(InputError) as caught:
        sensitivity.turnable(base, knobs.given(["agents.a.bas=1k:2k"]))
    assert "did you mean base?" in str(caught.value)


def test_a_missing_price_is_said(tmp_path: Path) -> None:
    base = base_of(tmp_path, models=("openai/gpt-4o",), book="articles-2026-02")
    with pytest.raises(MissingFact, match="bill_usd is not known"):
        sensitivity.analysed(base, plan_of(base, "agents.a.base=1k:2k"))
