"""run, compare, explain and ledger: the document, its renderings, and the folder they leave."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest

PROMISED = {
    "name", "calls", "tokens", "bill_usd", "causes_usd", "per_request_usd", "per_day_usd", "makespan_s",
    "reread_factor", "peak_context_tokens", "stopped", "unfinished",
}  # fmt: skip
QUIET = ("--no-pictures", "--quiet")


@pytest.fixture
def document(call):
    return lambda *words: json.loads(call(*words, "--format", "json", *QUIET).stdout)


def test_the_document_has_all_that_is_promised(document) -> None:
    found = document("compare", "blackboard", "--replications", "1")
    assert found["schema"].startswith("burncurve.")
    assert (found["scenario"]["name"], found["seed"], found["replications"]) == ("Blackboard", 0, 1)
    for part in found["deployments"]:
        assert part.keys() >= PROMISED
        meters = {"input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning"}
        assert part["tokens"].keys() >= meters
        assert part["bill_usd"]["mean"] > 0
        assert [part["bill_usd"][name] for name in ("p50", "p90", "p95", "p99", "ci95")] == [None] * 5


def test_a_hundred_replications_are_played_unless_another_number_is_asked_for(document) -> None:
    found = document("compare", "chat-session", "--set", "horizon=1h")
    assert found["replications"] == 100
    for part in found["deployments"]:
        bill = part["bill_usd"]
        assert bill["ci95"][0] < bill["mean"] < bill["ci95"][1]
        assert bill["p50"] <= bill["p95"] <= bill["p99"]
    assert not [note for note in found["notes"] if "say little more than the largest" in note]


def test_the_blackboard_bill_is_the_one_worked_by_hand(document) -> None:
    """11k + 6k + 2k + 1k written at 6.25, 24k read at 0.5, 4k put out at 25 dollars per million."""
    (opus,) = document("run", "blackboard")["deployments"]
    assert opus["bill_usd"]["mean"] == pytest.approx((20_000 * 6.25 + 24_000 * 0.5 + 4_000 * 25) / 1e6, rel=1e-15)
    assert opus["calls"] == 4
    assert opus["reread_factor"] == 44_000 / 20_000
    assert opus["peak_context_tokens"] == 15_000
    assert sum(opus["causes_usd"].values()) == pytest.approx(opus["bill_usd"]["mean"], rel=1e-12)


def test_replications_give_quantiles_and_paired_differences(document) -> None:
    found = document("compare", "code-review-bot", "--replications", 3, "--set", "horizon=3h")
    first, second = found["deployments"][:2]
    assert first["against_baseline"] is None
    bill = first["bill_usd"]
    assert bill["p50"] <= bill["p90"] <= bill["p95"] <= bill["p99"]
    assert bill["ci95"][0] <= bill["mean"] <= bill["ci95"][1]
    gaps = second["against_baseline"]["difference_usd"]["by_replication"]
    assert len(gaps) == 3
    assert sum(gaps) / 3 == pytest.approx(second["bill_usd"]["mean"] - bill["mean"], rel=1e-9)


def test_the_bill_file_adds_up_to_the_last_digit(call, document) -> None:
    found = document("compare", "blackboard", "--replications", "1", "--out", "run")
    with open("run/bill.csv", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    for part in found["deployments"]:
        amounts = [Decimal(line["amount_usd"]) for line in lines if line["deployment"] == part["name"]]
        assert float(sum(amounts)) == part["bill_usd"]["mean"]
    for line in lines:
        assert int(line["tokens"]) * Decimal(line["rate_per_token"]) == Decimal(line["list_amount"])


@pytest.mark.parametrize("form", ["table", "markdown", "csv", "json"])
@pytest.mark.parametrize("command", ["run", "compare", "explain"])
def test_every_form_names_what_was_simulated(call, command: str, form: str) -> None:
    ended = call(command, "blackboard", "--format", form, *QUIET)
    assert ended.exit_code == 0, ended.stderr
    assert ended.stderr == ""
    assert "opus" in ended.stdout
    assert ("minimax" in ended.stdout) == (command != "run")


def test_csv_has_the_same_columns_whatever_the_run(call) -> None:
    one = call("compare", "blackboard", "--format", "csv", *QUIET).stdout
    two = call("run", "blackboard", "--replications", 2, "--format", "csv", *QUIET).stdout
    header, *rows = csv.reader(io.StringIO(one))
    assert len(rows) == 2
    assert next(csv.reader(io.StringIO(two))) == header


def test_run_takes_the_first_deployment_and_says_so(call) -> None:
    ended = call("run", "blackboard", "--no-pictures")
    assert "--deployment takes another: minimax" in ended.stderr
    assert "minimax" in call("run", "blackboard", "--deployment", "minimax", *QUIET).stdout


def test_start_and_settings_reach_the_simulation(document) -> None:
    base = document("run", "blackboard")["deployments"][0]["bill_usd"]["mean"]
    more = document("run", "blackboard", "--set", "agents.teacher.base=20k")["deployments"][0]["bill_usd"]["mean"]
    assert more > base
    assert document("run", "blackboard", "--start", "2026-11-02T09:00")["start_utc"].startswith("2026-11-02")


def test_models_and_roles_build_deployments(document) -> None:
    models = document("compare", "blackboard", "--models", "anthropic/claude-opus-4.6,minimax/minimax-m2.5")
    assert [part["offers"] for part in models["deployments"]] == [
        ["anthropic/claude-opus-4.6"],
        ["minimax/minimax-m2.5"],
    ]


def test_explain_reads_a_run_as_it_reads_a_scenario(call) -> None:
    call("compare", "blackboard", "--out", "run", *QUIET)
    assert call("explain", "run").stdout == call("explain", "blackboard", *QUIET).stdout
    assert "minimax" not in call("explain", "run", "--deployment", "opus", "--format", "csv").stdout


def test_shares_add_up_to_the_whole(document) -> None:
    for part in document("explain", "blackboard")["deployments"]:
        assert sum(cause["share"] for cause in part["causes"]) == pytest.approx(1, rel=1e-12)


@pytest.fixture
def run(call) -> str:
    call("compare", "blackboard", "--replications", "1", "--out", "run", *QUIET)
    return "run"


def rows(ended) -> list[dict[str, str]]:
    assert ended.exit_code == 0, ended.stderr
    return list(csv.DictReader(io.StringIO(ended.stdout)))


def test_the_ledger_is_filtered_sorted_and_limited(call, run: str) -> None:
    assert len(rows(call("ledger", run, "--format", "csv"))) == 8
    opus = ("--deployment", "opus", "--format", "csv")
    assert [row["kind"] for row in rows(call("ledger", run, *opus))] == ["turn", "turn", "announce", "turn"]
    assert {row["agent"] for row in rows(call("ledger", run, "--agent", "pupil", *opus))} == {"pupil"}
    assert len(rows(call("ledger", run, "--kind", "announce", *opus))) == 1
    assert rows(call("ledger", run, "--status", "refused", *opus)) == []
    assert {row["task"] for row in rows(call("ledger", run, "--task", 1, *opus))} == {"1"}
    largest = rows(call("ledger", run, "--sort", "-context_after", "--limit", 1, "--columns", "context_after", *opus))
    assert largest == [{"context_after": "15000"}]
    by_name = rows(call("ledger", run, "--sort", "agent", "--columns", "agent", *opus))
    assert [row["agent"] for row in by_name] == ["pupil", "teacher", "teacher", "teacher"]
    assert len(rows(call("ledger", run, "--columns", "all", *opus))[0]) == 39


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--agent", "pupl"), "did you mean pupil?"),
        (("--agent", "zzz"), "known are pupil, teacher"),
        (("--deployment", "opas"), "did you mean opus?"),
        (("--kind", "turns"), "turn"),
        (("--status", "fine"), "ok"),
        (("--columns", "cost"), "no column 'cost'"),
        (("--columns", "replicaton"), "did you mean replication?"),
        (("--sort", "agent,task"), "one column"),
        (("--limit", "-1"), "--limit"),
        (("--task", "first"), "--task"),
        (("--replication", "5"), "no replication 5 in this run"),
    ],
)
def test_a_wrong_filter_is_refused(call, run: str, words: tuple[str, ...], says: str) -> None:
    ended = call("ledger", run, *words)
    assert ended.exit_code == 2
    assert says in ended.stderr


def test_a_run_is_found_by_its_id(call) -> None:
    call("run", "blackboard", *QUIET)
    (folder,) = Path("results/blackboard").iterdir()
    names = (folder, f"blackboard/{folder.name}", folder.name, folder.name[:6])
    (told,) = {call("ledger", name, "--format", "csv").stdout for name in names}
    assert len(told.splitlines()) == 1 + 100 * 4


def test_a_run_without_ledger_says_how_to_get_one(call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("burncurve.studies.simulation.SMALL_LEDGER_ROWS", 3)
    call("run", "blackboard", "--out", "small", *QUIET)
    assert "Run it again with --ledger" in call("ledger", "small").stderr
    call("run", "blackboard", "--ledger", "--out", "kept", *QUIET)
    assert call("ledger", "kept").exit_code == 0
