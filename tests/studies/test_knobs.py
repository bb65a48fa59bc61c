"""Knobs: what is found in a scenario, how far each goes, and that every position is a right scenario."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from burncurve.errors import InputError
from burncurve.scenario import read
from burncurve.studies import knobs
from burncurve.studies.knobs import Knob

SHIPPED = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))

TEXT = """
name: knobs
start: 2026-11-02T09:00
horizon: 1d
agents:
  a:
    base: 10k
    message: {lognormal: {median: 100, sigma: 1}, clip: [1, 1k]}
    turns: 1
    output: {range: [100, 200, 500]}
    tools: {result: {range: [0, 10, 40], times: [{lognormal: {median: 1, sigma: 0.1}}], clip: [0, 50]}, time: 10s}
    spawn: {agent: b, count: 8, probability: 90%}
    misses: {user_turn: {range: [0%, 10%, 50%]}}
  b: {base: 1k, turns: 4}
triggers: [{agent: a, every: 40m}]
users: {agent: a, count: 10, sessions_per_day: 1, requests: 4, think: 1m}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "s.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def found(file: Path) -> dict[str, Knob]:
    return {knob.path: knob for knob in knobs.found(read(file))}


@pytest.mark.parametrize(
    ("path", "low", "high", "origin", "middle"),
    [
        ("agents.a.base", "7500", "12500", "assumed", "10000.0"),
        ("agents.a.tools.time", "7500ms", "12500ms", "assumed", "10s"),
        ("agents.a.spawn.0.count", "6", "10", "assumed", "8"),
        ("agents.a.spawn.0.probability", "67.5%", "100%", "assumed", "0.8375"),
        ("agents.b.turns", "3", "5", "assumed", "4"),
        ("triggers.0.every", "30m", "50m", "assumed", "40m"),
        ("users.0.count", "8", "13", "assumed", "11"),  # the fourth of six
        ("agents.a.output", "100", "500", "range", None),
        ("agents.a.misses.user_turn", "0%", "50%", "range", None),
    ],
)
def test_numbers(found: dict[str, Knob], path: str, low: str, high: str, origin: str, middle: str | None) -> None:
    knob = found[path]
    assert (knob.low, knob.high, knob.origin) == (low, high, origin)
    if middle is not None:
        assert knob.value(0.5) == middle


@pytest.mark.parametrize("path", ["agents.b.turns", "users.0.count", "agents.a.spawn.0.count"])
def test_each_whole_number_has_an_equal_part_of_the_positions(found: dict[str, Knob], path: str) -> None:
    """Indices are computed over the positions: an end that only one of them reaches would count for nothing."""
    knob = found[path]
    counts = Counter(int(knob.value((place + 0.5) / 600)) for place in range(600))
    assert list(counts) == list(range(int(knob.low), int(knob.high) + 1))
    assert set(counts.values()) == {600 // len(counts)}


def test_what_no_quarter_changes_is_no_knob(found: dict[str, Knob]) -> None:
    for path in ("agents.a.turns", "agents.a.history", "users.0.sessions_per_day", "agents.b.spawn.0.probability"):
        assert path not in found


def test_a_range_is_passed_through_by_its_own_distribution(found: dict[str, Knob]) -> None:
    """Triangular from 100 over 200 to 500: a quarter of the probability lies below the mode."""
    output = found["agents.a.output"]
    assert [float(output.value(u)) for u in (0, 0.25, 1)] == pytest.approx([100, 200, 500])
    assert float(output.value(0.7)) == pytest.approx(500 - (0.3 * 400 * 300) ** 0.5)


def test_what_stands_beside_a_range_stays(file: Path, found: dict[str, Knob]) -> None:
    scenario = read(file, [found["agents.a.tools.result"].setting(1.0)])
    tools = scenario.agents["a"].tools
    assert tools is not None
    assert tools.result is not None
    assert (tools.result.fixed, tools.result.law.quantile(0.5), tools.result.clip) == (None, 40.0, (0.0, 50.0))
    assert len(tools.result.factors) == 1


def test_a_distribution_is_scaled_by_a_factor(file: Path, found: dict[str, Knob]) -> None:
    plain = read(file).agents["a"].message
    for position, factor in ((0.0, 0.75), (0.5, 1.0), (1.0, 1.25)):
        scaled = read(file, [found["agents.a.message"].setting(position)]).agents["a"].message
        assert scaled.expected() == pytest.approx(plain.mean() * factor)
        assert scaled.clip == plain.clip


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_knob_of_a_shipped_scenario_can_be_turned(path: Path) -> None:
    turned = knobs.found(read(path))
    assert turned
    for knob in turned:
        for position in (0.0, 1 / 3, 1.0):
            read(path, [knob.setting(position)])


def test_given_knobs() -> None:
    base, share, count = knobs.given(["a.base=10k:20k", "b.p=5%:15%", "c.count=1:4"])
    assert [base.setting(u) for u in (0, 0.5, 1)] == ["a.base=10000", "a.base=15000", "a.base=20000"]
    assert [share.value(u) for u in (0, 0.5, 1)] == ["5%", "10%", "15%"]
    assert [count.value(u / 8) for u in range(9)] == ["1", "1", "2", "2", "3", "3", "4", "4", "4"]
    (factor,) = knobs.given(["sigma=1.0:3.0"])
    assert factor.value(0.25) == "1.5"
    assert {base.origin, share.origin} == {"given"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a.base=1k", "PATH=LOW:HIGH"),
        ("a.base=2k:1k", "lower end first"),
        ("a.base=1k:5m", "not of one kind"),
        ("a.base=x:y", "unknown unit"),
    ],
)
def test_wrong_knobs(text: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        knobs.given([text, "b=1:2", "b=2:3"])
    assert says in str(caught.value)
    assert "is given twice" in str(caught.value)
