"""Frontiers of cost and merit against arithmetic by hand, and benchmark figures that stay what they are."""

from __future__ import annotations

from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from burncurve import catalogue
from burncurve.deployment import Deployment, Leg, Offer, Route
from burncurve.draws import CERTAIN
from burncurve.studies.document import document
from burncurve.studies.frontiers import Point, frontier, frontiers
from burncurve.studies.quality import Benchmark, Quality, benchmarks, quality
from burncurve.studies.study import Choices, open_study, results


def test_a_frontier_by_hand() -> None:
    """A is cheap, c is good, b lies under both; d costs as much as c and is worse; e is not known."""
    points = [Point("c", 10, 0.8), Point("a", 1, 0.5), Point("b", 11, 0.5), Point("d", 10, 0.7)]
    found = frontier([*points, Point("e", 3, None, "no figure"), Point("f", None, 0.9, "no price")])
    assert found["frontier"] == ["a", "c"]
    assert found["dominated"] == [{"name": "b", "by": "a"}, {"name": "d", "by": "c"}]
    assert found["off"] == [{"name": "e", "why": "no figure"}, {"name": "f", "why": "no price"}]


def test_equal_points_do_not_beat_each_other() -> None:
    assert frontier([Point("a", 1, 0.5), Point("b", 1, 0.5)])["frontier"] == ["a", "b"]


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 6)), min_size=1, max_size=12))
def test_the_frontier_is_what_nothing_beats(pairs: list[tuple[int, int]]) -> None:
    points = [Point(str(number), float(usd), float(merit)) for number, (usd, merit) in enumerate(pairs)]
    beaten = {
        str(one)
        for one, other in product(range(len(pairs)), repeat=2)
        if pairs[other][0] <= pairs[one][0] and pairs[other][1] >= pairs[one][1] and pairs[other] != pairs[one]
    }
    found = frontier(points)
    assert {each["name"] for each in found["dominated"]} == beaten
    assert set(found["frontier"]) == {point.name for point in points} - beaten


def _deployment(*offers: Offer, failover: int | None = None) -> Deployment:
    legs = [(Leg(place, 0),) for place in range(len(offers) if failover is None else failover)]
    routes = tuple(Route(leg) for leg in legs)
    if failover is not None:
        routes = (Route((Leg(0, 0), Leg(failover, 0))),)
    return Deployment("d", offers, (), routes)


KNOWN = {"a/x": Benchmark("a/x", 80.8, "maker", "2026-02-05"), "b/y": Benchmark("b/y", 80.2, "maker", "2026-02-12")}


def test_a_mix_lies_between_its_models() -> None:
    found = quality(_deployment(Offer("a/x", 1), Offer("b/y", 1)), KNOWN)
    assert (found.low, found.high, len(found.rests_on)) == (80.2 / 100, 80.8 / 100, 2)


def test_an_unknown_figure_stays_unknown_and_a_failover_needs_none() -> None:
    unknown = quality(_deployment(Offer("a/x", 1), Offer("c/z", 1)), KNOWN)
    assert (unknown.low, unknown.why) == (None, "no figure for c/z")
    assert quality(_deployment(Offer("a/x", 1), Offer("c/z", 1), failover=1), KNOWN).low == 80.8 / 100


def test_who_took_over_and_served_counts() -> None:
    of_two = _deployment(Offer("a/x", 1), Offer("b/y", 1), failover=1)
    assert quality(of_two, KNOWN, {"a/x"}).low == 80.8 / 100
    assert quality(of_two, KNOWN, {"a/x", "b/y"}).low == 80.2 / 100


BUDGET = """
name: a budget of nearly nothing
start: 2026-03-02T00:00
horizon: 1h
triggers: [{agent: main, every: 20m}]
agents: {main: {base: 20k}}
deployments:
  cheaper:
    roles: {main: anthropic/claude-opus-4.6}
    budgets: [{per: run, usd: 0.2, then: cheaper, offer: minimax/minimax-m2.5}]
  always: {roles: {main: anthropic/claude-opus-4.6}}
"""


def test_a_budget_that_goes_on_with_a_weaker_model_is_ranked_by_it(tmp_path: Path) -> None:
    (tmp_path / "budget.yaml").write_text(BUDGET)
    asked = open_study(tmp_path / "budget.yaml", Choices(replications=1, engine="reference"))
    told = document(asked, results(asked))["frontiers"]["deployments"]
    assert {each["name"]: round(each["success"], 6) for each in told} == {"cheaper": 0.802, "always": 0.808}


def test_a_stated_probability_goes_before_a_benchmark() -> None:
    found = quality(_deployment(Offer("a/x", 1, success=CERTAIN // 2)), KNOWN)
    assert (found.low, found.rests_on) == (0.5, ())


def test_the_catalogue_has_the_figures_with_source_and_date() -> None:
    found = benchmarks(catalogue.load(), date(2026, 2, 23))
    assert (found["anthropic/claude-opus-4.6"].percent, found["minimax/minimax-m2.5"].percent) == (80.8, 80.2)
    assert all(figure.source and figure.date for figure in found.values())
    assert "moonshotai/kimi-k2.5" not in found


def _part(name: str, usd: float | None, answer_s: float | None, **more: Any) -> dict[str, Any]:
    bill = None if usd is None else {"mean": 4 * usd}
    return {
        "name": name, "per_finished_task_usd": usd, "answer_s": answer_s, "bill_usd": bill, "succeeded": None,
        "makespan_s": 1.0, **more,
    }  # fmt: skip


def test_a_figure_that_was_not_out_yet_is_not_known_then() -> None:
    """MiniMax M2.5 was measured on 12 February 2026, by its maker: a day before, nobody could rank it."""
    whole, start = catalogue.load(), date(2026, 2, 23)
    before, then = (benchmarks(whole.known_on(date(2026, 2, day)), start) for day in (11, 12))
    assert "minimax/minimax-m2.5" not in before
    assert then["minimax/minimax-m2.5"].percent == 80.2
    assert before["anthropic/claude-opus-4.6"] == then["anthropic/claude-opus-4.6"]
    assert benchmarks(whole, date(2026, 2, 11))["minimax/minimax-m2.5"].percent == 80.2  # with what is known today


def test_a_success_costs_all_attempts_until_it() -> None:
    """At $4 a finished task and a chance of 80% a success takes 1.25 attempts and $5; simulated, $16 for 2 are $8."""
    qualities = {name: Quality(0.8, 0.8, "") for name in "ab"}
    parts = [_part("a", 4.0, 10.0), _part("b", 4.0, 20.0, succeeded=2)]
    found = frontiers(parts, qualities, {})
    assert found is not None
    assert [each["usd_per_success"] for each in found["deployments"]] == [5.0, 8.0]
    assert found["deployments"][0]["attempts_per_success"] == 1.25
    assert found["time"]["frontier"] == ["a"]


def test_who_is_excluded_is_off_both_frontiers_and_beats_nobody() -> None:
    qualities = {"a": Quality(0.5, 0.5, ""), "b": Quality(0.9, 0.9, ""), "c": Quality(None, None, "no figure for c/z")}
    parts = [_part("a", 4.0, 10.0), _part("b", 1.0, 1.0), _part("c", 1.0, 2.0), _part("n", None, None)]
    found = frontiers(
        parts, {**qualities, "n": Quality(0.1, 0.1, "")}, {"b": "excluded by zdr (b/y: it keeps prompts)"}
    )
    assert found is not None
    assert found["quality"]["frontier"] == ["a"]
    assert {each["name"]: each["why"] for each in found["quality"]["off"]} == {
        "b": "excluded by zdr (b/y: it keeps prompts)", "c": "no figure for c/z", "n": "no price",
    }  # fmt: skip
    assert found["time"]["frontier"] == ["c"]
    assert frontiers(parts[:1], qualities, {}) is None


@given(st.floats(1e-6, 1e6), st.floats(1, 1e5))
def test_costs_have_at_least_two_ticks_and_not_too_many(least: float, spread: float) -> None:
    from burncurve.report.plots.frontier import MOST_TICKS, ROOM, cost_ticks

    low, high = least / ROOM, least * spread * ROOM
    ticks = cost_ticks(low, high)
    assert 2 <= len(ticks) <= MOST_TICKS
    assert low <= min(ticks) < max(ticks) <= high


def test_the_picture_marks_what_is_beaten() -> None:
    from burncurve.report.plots.frontier import quality as drawn
    from burncurve.report.plots.sheet import look

    qualities = {"a": Quality(0.8, 0.8, ""), "b": Quality(0.7, 0.75, ""), "c": Quality(0.9, 0.9, "")}
    parts = [_part("a", 1.0, 1.0), _part("b", 2.0, 1.0), _part("c", 30.0, 1.0)]
    document = {"frontiers": frontiers(parts, qualities, {}), "scenario": {"name": "w"}}
    with look():
        paper = drawn(document)
    title = " ".join(text.get_text() for text in paper.figure.texts[:2])
    assert "90.0% (c) instead of 80.0% (a) costs 30.0× as much a task; b is beaten" in title
    faces = [line.get_markerfacecolor() for line in paper.figure.axes[0].lines if len(line.get_xdata()) == 1]
    assert [face == "white" for face in faces] == [False, True, False]
