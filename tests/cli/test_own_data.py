"""A new model, price or plan is a change of data only: files in a folder of one's own, and it can be compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

OFFER = """\
offers:
  maker/new-model-1:
    maker: {value: Maker, source: by hand, date: 2026-02-01}
    window_tokens: {value: 100000, source: by hand, date: 2026-02-01}
    cache_kind: {value: none, source: by hand, date: 2026-02-01}
"""
BOOK = """\
checked: 2026-12-31
offers:
  maker/new-model-1:
    - {valid_from: 2026-01-01, per_mtok: {input: 1, output: 2}, source: by hand}
  anthropic/claude-opus-4.6:
    - {valid_from: 2026-01-01, per_mtok: {input: 5, cache_read: 0.5, cache_write_5m: 6.25, output: 25}, source: by hand}
"""
PLAN = """\
plans:
  team-flat:
    seller: Maker
    offers: [anthropic/*]
    prices:
      - {valid_from: 2026-01-01, per_month: 90, source: by hand}
    quotas:
      - name: week
        window: 7d
        unit: requests
        limit: 10
        per_call: 1
        weights: {anthropic/claude-opus-4.6: 2}
        valid_from: 2026-01-01
        source: by hand
    terms:
      - {valid_from: 2026-01-01, clients: [any], source: by hand}
"""
OFFERS = ("--models", "maker/new-model-1,anthropic/claude-opus-4.6")
QUIET = ("--replications", "1", "--engine", "reference", "--no-pictures", "--quiet", "--format", "json")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with one offer and a book with its price."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "maker.yaml").write_text(OFFER)
    (tmp_path / "book.yaml").write_text(BOOK)
    return folder


def test_a_new_model_is_compared_by_two_files(call, own: Path, tmp_path: Path) -> None:
    told = call("compare", "blackboard", "--catalogue", own, "--book", tmp_path / "book.yaml", *OFFERS, *QUIET)
    assert told.exit_code == 0, told.stderr
    parts = {part["name"]: part for part in json.loads(told.stdout)["deployments"]}
    new = parts["maker/new-model-1"]
    tokens = new["tokens"]
    by_hand = (tokens["input"] + 2 * (tokens["output"] + tokens["reasoning"])) / 1_000_000
    assert tokens["cache_read"] == tokens["cache_write_5m"] == 0
    assert new["bill_usd"]["mean"] == pytest.approx(by_hand, rel=1e-9)
    assert parts["anthropic/claude-opus-4.6"]["bill_usd"]["mean"] > 0


def test_a_new_model_stands_at_every_point_of_a_sweep(call, own: Path, tmp_path: Path) -> None:
    words = ("--catalogue", own, "--book", tmp_path / "book.yaml", "--models", "maker/new-model-1", *QUIET)
    told = call("sweep", "blackboard", "--vary", "agents.teacher.base=10k,20k", *words)
    assert told.exit_code == 0, told.stderr
    bills = [
        point["deployments"]["maker/new-model-1"]["bill_usd"]["value"] for point in json.loads(told.stdout)["points"]
    ]
    assert 0 < bills[0] < bills[1]


def test_a_new_price_of_a_known_model_is_a_book(call, tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(BOOK)
    words = ("run", "blackboard", "--models", "anthropic/claude-opus-4.6", *QUIET)
    listed, own = (json.loads(call(*words, *more).stdout) for more in ((), ("--book", path)))
    assert listed["deployments"][0]["bill_usd"] == own["deployments"][0]["bill_usd"]
    path.write_text(
        BOOK.replace("input: 5, cache_read: 0.5, cache_write_5m: 6.25, output: 25", "input: 10, output: 50")
    )
    dearer = json.loads(call(*words, "--book", path).stdout)
    assert dearer["deployments"][0]["bill_usd"]["mean"] > 2 * own["deployments"][0]["bill_usd"]["mean"]


def test_what_is_wrong_in_a_file_of_ones_own_has_its_place(call, own: Path) -> None:
    (own / "maker.yaml").write_text(OFFER.replace("100000", "-1"))
    told = call("compare", "blackboard", "--catalogue", own, *OFFERS)
    assert told.exit_code == 2
    assert "maker.yaml:4:28: window_tokens: `-1` is not a whole number above 0" in told.stderr


def test_own_offers_are_shown_with_their_sources(call, own: Path) -> None:
    assert 'maker/new-model-1,window_tokens,"100,000"' in call(
        "models", "new-model", "--catalogue", own, "--format", "csv"
    ).stdout.replace("100000", '"100,000"')


ON_PLAN = ("--deployment", "plan", "--set", "deployments.plan.seats.plan=team-flat", "--set", "horizon=2d")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A file with a plan."""
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN)
    return path


def test_a_plan_of_ones_own_is_one_new_file(call, plan: Path) -> None:
    """Ten requests a week at two for each call: five calls are covered, the rest is paid."""
    told = call("run", "openclaw-plan", *ON_PLAN, "--catalogue", plan, *QUIET)
    assert told.exit_code == 0, told.stderr
    part = json.loads(told.stdout)["deployments"][0]
    held = part["plans"][0]
    assert (held["name"], held["fee_usd"], held["covered_calls"]) == ("team-flat", 90, 5)
    assert held["paid_calls"] == part["calls"] - 5
    assert part["bill_usd"]["mean"] > 90


def test_offers_and_plans_may_stand_in_one_file_and_a_folder(call, own: Path) -> None:
    (own / "maker.yaml").write_text(OFFER + PLAN)
    assert call("run", "openclaw-plan", *ON_PLAN, "--catalogue", own, *QUIET).exit_code == 0
    told = call("models", "team", "--plans", "--catalogue", own, "--format", "csv")
    assert "team-flat,price per month,90 USD,2026-01-01,,,by hand" in told.stdout


def test_a_plan_of_ones_own_goes_before_the_shipped_one(call, plan: Path) -> None:
    plan.write_text(PLAN.replace("team-flat", "claude-max-20x"))
    told = call("models", "claude-max-20x", "--plans", "--catalogue", plan, "--format", "csv")
    assert "claude-max-20x,price per month,90 USD" in told.stdout
    assert "200 USD" not in told.stdout


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("per_month: 90", "per_month: -90", ":6:45: ", "per_month: `-90` is not a price"),
        ("per_month: 90, ", "", ":6:9: ", "per_month: give a number"),
        ("per_month: 90", "per_month: 90, currency: ARS", ":6:9: ", "has no exchange rate for it"),
        ("        unit: requests\n", "", ":8:9: ", "`unit` is missing"),
        ("        per_call: 1\n", "", ":11:16: ", "limit: nothing says how much of it work takes"),
        ("anthropic/claude-opus-4.6: 2", "opus: 2", ":13:19: ", "'opus' is not the name of an offer"),
        (
            "    quotas:",
            "      - {valid_from: 2026-01-01, per_month: 9, source: x}\n    quotas:",
            ":7:9: ",
            "prices: the entry from 2026-01-01 overlaps",
        ),
        ("plans:", "plan:", ":1:1: ", "unknown field 'plan'"),
    ],
)
def test_what_is_wrong_with_a_plan_of_ones_own_has_its_place(
    call, plan: Path, tmp_path: Path, old: str, new: str, place: str, said: str
) -> None:
    assert old in PLAN
    plan.write_text(PLAN.replace(old, new, 1))
    told = call("run", "openclaw-plan", *ON_PLAN, "--catalogue", plan, *QUIET)
    assert told.exit_code == 2
    assert f"plan.yaml{place}" in told.stderr
    assert said in told.stderr
    assert not (tmp_path / "results").exists()


def test_a_plan_stands_in_one_file_only(call, own: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (own / name).write_text(PLAN)
    told = call("models", "--plans", "--catalogue", own)
    assert told.exit_code == 2
    assert "b.yaml:2:3: the plan `team-flat` stands in" in told.stderr
