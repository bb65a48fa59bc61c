"""`compare`: against which deployment, and what is said of luck."""

from __future__ import annotations

import json

import pytest

QUIET = ("--no-pictures", "--quiet", "--engine", "reference")
ONCE = (*QUIET, "--replications", 1)


def test_a_baseline_may_be_named_and_a_wrong_one_is_refused_before_playing(call) -> None:
    ended = call("compare", "blackboard", "--baseline", "opuss", *ONCE)
    assert ended.exit_code == 2
    assert "--baseline: no deployment 'opuss' is compared\n    did you mean opus?" in ended.stderr
    made = json.loads(call("compare", "blackboard", "--format", "json", *ONCE).stdout)
    names = [part["name"] for part in made["deployments"]]
    assert made["comparison"]["baseline"] == names[0]
    last = json.loads(call("compare", "blackboard", "--baseline", names[-1], "--format", "json", *ONCE).stdout)
    assert {pair["name"] for pair in last["comparison"]["pairs"]} == set(names[:-1])
    assert last["deployments"][-1]["against_baseline"] is None
    assert last["id"] != made["id"]


def test_pairs_are_of_the_bills_of_the_same_replications(call) -> None:
    made = json.loads(call("compare", "blackboard", "--replications", 5, "--format", "json", *QUIET).stdout)
    first, second = made["deployments"][:2]
    pair = made["comparison"]["pairs"][0]
    assert made["comparison"]["basis"] == "bill"
    ratio = second["bill_usd"]["mean"] / first["bill_usd"]["mean"]
    assert abs(pair["ratio"] - ratio) < 1e-9
    gaps = second["against_baseline"]["difference_usd"]
    assert pair["difference_usd_ci95"] == gaps["ci95"]
    assert pair["cheaper"] == sum(gap < 0 for gap in gaps["by_replication"])
    assert pair["of"] == 5


def test_an_unpriced_deployment_is_left_out_by_name(call) -> None:
    models = "anthropic/claude-opus-4.6,minimax/minimax-m2.5,openai/gpt-6-luna"
    ended = call("compare", "blackboard", "--models", models, "--book", "articles-2026-02", "--format", "json", *ONCE)
    assert ended.exit_code == 3
    found = json.loads(ended.stdout)["comparison"]
    assert found["left_out"] == [{"name": "openai/gpt-6-luna", "why": "no price"}]
    assert [pair["name"] for pair in found["pairs"]] == ["minimax/minimax-m2.5"]


MIGRATION = ("--set", "migration.baseline=opus", "--set", "migration.hours=40", "--set", "migration.usd_per_hour=90")


def test_a_switch_is_told_from_the_deployment_in_use(call) -> None:
    ended = call("compare", "blackboard", *MIGRATION, *ONCE)
    assert "Switching away from opus" in ended.stdout
    assert "the switch costs $3,600.00 once: 40 h at $90.00" in ended.stdout
    reverse = [word.replace("baseline=opus", "baseline=minimax") for word in MIGRATION]
    ended = call("compare", "blackboard", *reverse, *ONCE)
    assert "a switch from minimax to opus never pays for itself: it saves nothing" in ended.stdout


def test_a_switch_from_what_is_not_compared_is_refused(call) -> None:
    others = call("compare", "blackboard", *MIGRATION, "--models", "zai/glm-5,minimax/minimax-m2.5", *ONCE)
    assert others.exit_code == 2
    assert "migration.baseline: opus is not compared" in others.stderr
    other = call("compare", "blackboard", *MIGRATION, "--baseline", "minimax", *ONCE)
    assert other.exit_code == 2
    assert "the migration is one from opus" in other.stderr


def test_the_wall_is_told_in_dollars(call) -> None:
    words = ("compare", "openclaw-stock-monitor", "--set", "horizon=1h", "--set", "constraints.maker_countries=[US]")
    ended = call(*words, *ONCE)
    assert "Excluded by the constraints" in ended.stdout
    assert "maker_country is CN, not US" in ended.stdout
    assert "the cheapest that keeps the constraints, opus, costs $" in ended.stdout
    made = json.loads(call(*words, "--format", "json", *ONCE).stdout)
    wall, costs = made["comparison"]["constraints"], {p["name"]: p["cost_usd"] for p in made["comparison"]["order"]}
    assert wall["choice"] == "opus"
    assert wall["premium"]["premium_usd"] == pytest.approx(costs["opus"] - costs[wall["cheapest"]])
    assert (
        "excluded by maker_countries" in {e["name"]: e["why"] for e in made["frontiers"]["quality"]["off"]}["minimax"]
    )


def test_constraints_that_leave_nothing_end_with_2_and_write_nothing(call, tmp_path) -> None:
    ended = call("compare", "blackboard", "--set", "constraints.only=openai", *ONCE)
    assert ended.exit_code == 2
    assert "opus: excluded by only" in ended.stderr
    assert not list(tmp_path.iterdir())


def test_a_run_of_what_is_excluded_says_so(call) -> None:
    """The first deployment is played where none is named; one that is named and excluded is refused."""
    words = ("run", "blackboard", "--no-pictures", "--replications", 1, "--engine", "reference")
    ended = call(*words, "--set", "constraints.maker_countries=[CN]")
    told = "opus: excluded by the constraint maker_countries (anthropic/claude-opus-4.6: maker_country is US, not CN)"
    assert told in ended.stderr
    refused = call(*words, "--set", "constraints.maker_countries=[US]", "--deployment", "minimax")
    assert refused.exit_code == 2
    assert "minimax: excluded by maker_countries (minimax/minimax-m2.5: maker_country is CN, not US)" in refused.stderr


def test_who_leaves_work_undone_is_on_no_frontier(call) -> None:
    """DeepSeek V3.2 is slow, so that the monitor's next look finds its session busy and is skipped."""
    words = ("compare", "openclaw-stock-monitor", "--set", "horizon=2h", "--format", "json")
    made = json.loads(call(*words, *ONCE).stdout)
    undone = {place["name"] for place in made["comparison"]["order"] if place["left_undone"]}
    assert undone == {"deepseek"}
    for frontier in (made["frontiers"]["quality"], made["frontiers"]["time"]):
        assert "left work undone" in {each["name"]: each["why"] for each in frontier["off"]}["deepseek"]
