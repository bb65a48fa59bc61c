"""Sweeps against the runs they stand for, and against bills worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from burncurve.errors import InputError
from burncurve.studies import axes, points, sweep
from burncurve.studies.document import document
from burncurve.studies.points import Base
from burncurve.studies.simulation import simulated
from burncurve.studies.study import Choices

ROOT = Path(__file__).parents[2]

# Two calls that nothing caches: what they cost is a sum of a few products.
HAND = """
name: by hand
start: 2026-11-02T09:00
horizon: 1h
agents:
  a: {base: 10k, message: 1k, turns: 1, output: 100}
triggers: [{agent: a, at: [0s, 20m]}]
deployments:
  d: {roles: {main: anthropic/claude-opus-4.6}, cache: 5m}
"""
WRITE_USD_PER_MTOK, OUTPUT_USD_PER_MTOK = 6.25, 25.0  # claude-opus-4.6, list


def base_of(tmp_path: Path, text: str = HAND, **choices: Any) -> Base:
    path = tmp_path / "hand.yaml"
    path.write_text(text, encoding="utf-8")
    return points.opened(path, Choices(**{"replications": 1, "pictures": False, **choices}))


def swept(base: Base, *vary: str, figures: tuple[str, ...] = ("bill_usd",)) -> dict[str, Any]:
    return sweep.swept(base, axes.axes_of(vary), points.measures_of(figures, base.choices.replications))


def values(document: dict[str, Any], name: str = "d", figure: str = "bill_usd") -> list[float]:
    return [point["deployments"][name][figure]["value"] for point in document["points"]]


def test_each_point_costs_what_it_must(tmp_path: Path) -> None:
    document = swept(base_of(tmp_path), "agents.a.base=10k:30k:3", "agents.a.output=100,200")
    expected = [
        2 * ((base + 1000) * WRITE_USD_PER_MTOK + output * OUTPUT_USD_PER_MTOK) / 1e6
        for base in (10_000, 20_000, 30_000)
        for output in (100, 200)
    ]
    assert values(document) == pytest.approx(expected, rel=1e-12)
    assert document["points"][1]["values"] == {"agents.a.base": "10k", "agents.a.output": "200"}


def test_a_point_is_the_run_with_the_same_settings(tmp_path: Path) -> None:
    scenario = ROOT / "scenarios" / "code-review-bot.yaml"
    base = points.opened(scenario, Choices(replications=3, settings=("horizon=3h",), pictures=False))
    document = swept(base, "time_zone=UTC,Europe/Berlin", figures=("bill_usd", "p90(bill_usd)", "calls"))
    for zone, point in zip(("UTC", "Europe/Berlin"), document["points"], strict=True):
        alone = points.opened(
            scenario, Choices(replications=3, settings=("horizon=3h", f"time_zone={zone}"), pictures=False)
        )
        measures = points.measures_of(("bill_usd", "p90(bill_usd)", "calls"), 3)
        assert _figures(alone, measures) == point["deployments"]


def _figures(base: Base, measures: Any) -> dict[str, Any]:
    made = document(base.study, simulated(base.study).results)
    return {
        part["name"]: {str(measure): points.figure(part, measure) for measure in measures}
        for part in made["deployments"]
    }


def test_all_points_have_the_same_luck(tmp_path: Path) -> None:
    """Output is drawn; a value that changes nothing but the price of a write leaves every draw as it was."""
    drawn = HAND.replace("output: 100", "output: {lognormal: {median: 200, sigma: 1}}")
    base = base_of(tmp_path, drawn, replications=4)
    document = swept(base, "agents.a.base=10k,20k", figures=("bill_usd", "tokens.output", "p95(tokens.output)"))
    first, second = document["points"]
    for figure in ("tokens.output", "p95(tokens.output)"):
        assert first["deployments"]["d"][figure] == second["deployments"]["d"][figure]
    low, high = values(document)
    assert high - low == pytest.approx(2 * 10_000 * WRITE_USD_PER_MTOK / 1e6, rel=1e-9)


def test_every_wrong_value_is_said_before_anything_is_played(tmp_path: Path) -> None:
    base = base_of(tmp_path)
    with pytest.raises(InputError) as caught:
        sweep.validate(base, axes.axes_of(["agents.a.bse=1k,2k", "agents.a.turns=1,x,0.5"]))
    told = str(caught.value)
    assert told.count("did you mean base?") == 1
    with pytest.raises(InputError) as caught:
        sweep.validate(base, axes.axes_of(["agents.a.base=1k,y", "agents.a.turns=1,x"]))
    assert [problem.where for problem in caught.value.problems] == [
        "--vary agents.a.base=y",
        "--vary agents.a.turns=x",
    ]


def test_the_id_knows_the_grid_the_figures_and_the_study(tmp_path: Path) -> None:
    base = base_of(tmp_path)
    one, two = axes.axes_of(["agents.a.base=1k,2k"]), axes.axes_of(["agents.a.base=1k,3k"])
    bill, calls = points.measures_of(["bill_usd"], 1), points.measures_of(["calls"], 1)
    other = base_of(tmp_path, seed=1)
    ids = {sweep.sweep_id(base, one, bill), sweep.sweep_id(base, two, bill), sweep.sweep_id(base, one, calls)}
    assert len(ids | {sweep.sweep_id(other, one, bill)}) == 4
    assert sweep.sweep_id(base_of(tmp_path), one, bill) in ids


def test_what_holds_at_some_points_only_is_said_with_the_point(tmp_path: Path) -> None:
    document = swept(base_of(tmp_path), "agents.a.base=10k,3M")
    assert any(note.startswith("at 3M: d: ") and "did not fit" in note for note in document["notes"])


def test_measures() -> None:
    assert [str(one) for one in points.measures_of(["p95(bill)", "makespan"], 2)] == ["p95(bill_usd)", "makespan_s"]
    with pytest.raises(InputError) as caught:
        points.measures_of(["p95(bill)", "cals"], 1)
    assert "--replications 100" in str(caught.value)
    assert "did you mean calls?" in str(caught.value)
