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
    told = call("models", "new-model", "--catalogue", own, "--format", "csv").stdout
    assert 'maker/new-model-1,window_tokens,"100,000",tokens,known,2026-02-01,by hand' in told


def test_a_scenario_of_a_model_of_ones_own_is_right(call, own: Path, tmp_path: Path) -> None:
    assert call("new", "mine").exit_code == 0
    path = tmp_path / "mine.yaml"
    path.write_text(path.read_text().replace("anthropic/claude-opus-4.6", "maker/new-model-1"))
    assert "there is no offer `maker/new-model-1`" in call("validate", path).stderr
    told = call("validate", path, "--catalogue", own)
    assert told.exit_code == 0, told.stderr
    assert "This scenario is right" in told.stdout


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
        ("per_month: 90", "per_month: -90", ":6:45: ", "per_month: `-90` is not a number from 0 on"),
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


LOG = """\
time,end,session,model,input,cache_write_5m,cache_read,output,request
2026-02-23T09:00:00,2026-02-23T09:00:09,s,maker/new-model-1,9000,0,0,300,1
2026-02-23T09:01:00,2026-02-23T09:01:09,s,maker/new-model-1,12000,0,0,200,2
"""
MICRO = 9_000 * 1 + 12_000 * 1 + 500 * 2  # by BOOK


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Two calls of the own model, which the log names as the own files do."""
    (tmp_path / "log.csv").write_text(LOG)
    return tmp_path / "log.csv"


def test_logs_of_a_model_of_ones_own_are_billed_and_replayed(call, own: Path, log: Path, tmp_path: Path) -> None:
    book = ("--book", tmp_path / "book.yaml")
    told = call("import", log, *book, "--format", "json", "--quiet")
    assert told.exit_code == 0, told.stderr
    assert json.loads(told.stdout)["total"]["usd"] == MICRO / 1e6
    ways = ("--engine", "reference", "--no-pictures", "--quiet", "--format", "json")
    told = call("replay", log, "--catalogue", own, *book, "--models", "maker/new-model-1", *ways)
    assert told.exit_code == 0, told.stderr
    document = json.loads(told.stdout)
    assert document["replay"]["usd"] == {
        "logged": MICRO / 1e6,
        "replayed": MICRO / 1e6,
        "difference": 0.0,
        "without": [],
    }
    assert [part["name"] for part in document["deployments"]] == ["as-logged", "maker/new-model-1"]
    assert not [note for note in document["notes"] if "stand in" in note]
    without = call("replay", log, *book, *ways)
    assert without.exit_code == 2  # nobody knows the model without the own catalogue
    assert "maker/new-model-1" in without.stderr


def test_a_fit_to_logs_of_a_model_of_ones_own_is_served_by_it(call, own: Path, log: Path, tmp_path: Path) -> None:
    out = tmp_path / "fitted.yaml"
    told = call("fit", log, "--catalogue", own, "-o", out, "--no-pictures", "--quiet")
    assert told.exit_code == 0, told.stderr
    assert '"main": "maker/new-model-1"' in out.read_text()
    own_data = ("--catalogue", own, "--book", tmp_path / "book.yaml")
    assert call("run", out, *own_data, "--deployment", "as-logged", *QUIET).exit_code == 0


def test_a_back_test_of_a_model_of_ones_own_knows_its_prices(call, own: Path, tmp_path: Path) -> None:
    """Forty days of a session each that cost the same: what comes is what was forecast, to the cent."""
    rows = [
        f"2026-{1 + day // 28:02d}-{1 + day % 28:02d}T09:00:00,2026-{1 + day // 28:02d}-{1 + day % 28:02d}T09:00:09,"
        f"s{day},maker/new-model-1,9000,0,0,300,1"
        for day in range(40)
    ]
    path = tmp_path / "days.csv"
    path.write_text("\n".join([LOG.splitlines()[0], *rows]) + "\n")
    words = ("backtest", path, "--replications", "5", "--engine", "reference", "--format", "json", "--quiet")
    told = call(*words, "--catalogue", own, "--book", tmp_path / "book.yaml")
    assert told.exit_code == 0, told.stderr
    figures = {each["figure"]: each for each in json.loads(told.stdout)["figures"]}
    assert figures["usd per session, mean"]["came"] == pytest.approx(0.0096)
    assert figures["usd per session, mean"]["forecast"] == pytest.approx(0.0096, rel=0.02)
    assert call(*words, "--book", tmp_path / "book.yaml").exit_code == 2


def test_who_asks_for_no_plan_is_shown_where_plans_are_listed(call) -> None:
    assert "`burncurve models --plans` lists those that are known" in call("models", "--plans", "nosuch").stderr
    assert "`burncurve models` lists those that are known" in call("models", "nosuch").stderr
    assert "so without --from" in " ".join(call("models", "--help").stdout.split())


def test_an_offer_is_not_compared_with_itself(call) -> None:
    ended = call("compare", "blackboard", "--models", "zai/glm-5,zai/glm-5")
    assert ended.exit_code == 2
    assert "zai/glm-5 is given more than once" in ended.stderr
