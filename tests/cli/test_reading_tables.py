"""What people read: what matters first, equal work compared, every word explained, every remedy named."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from burncurve.cli.door import COMMANDS
from burncurve.report import tables, views

QUIET = ("--no-pictures", "--quiet")
STOCKS = ("openclaw-stock-monitor", "--set", "horizon=2h")


@pytest.fixture
def document(call):
    return lambda *words: json.loads(call("compare", "--replications", "1", *words, "--format", "json", *QUIET).stdout)


def names(grid: tables.Grid) -> list[str]:
    return [heading.name for heading in grid.headings]


def test_the_first_piece_of_a_narrow_terminal_shows_the_money(document) -> None:
    first = tables.pieces(views.grids(document("blackboard"), "compare")[0], 80)[0]
    assert names(first)[:5] == ["name", "mean", "ratio", "per_hour_usd", "per_day_usd"]
    assert "per_request_usd" in names(first)


def test_a_figure_that_says_the_same_is_not_told_twice(document) -> None:
    assert "per_finished_task_usd" not in names(views.grids(document("blackboard"), "compare")[0])
    found = document("blackboard")
    found["deployments"][0]["per_finished_task_usd"] = 7.0
    assert "per_finished_task_usd" in names(views.grids(found, "compare")[0])


def test_replications_have_a_table_of_their_own_that_fits(document) -> None:
    money, *others = views.grids(document("blackboard", "--replications", 3), "compare")
    spread = next(grid for grid in others if "spreads" in grid.title)
    assert "p95" not in names(money)
    assert {"ci95_low", "p50", "p99"} <= set(names(spread))


def test_unequal_work_is_compared_by_request(document) -> None:
    found = document("blackboard")
    first, second = found["deployments"]
    first["requests"], second["requests"] = 30, 19
    assert second["against_baseline"]["ratio_per_request"] == second["per_request_usd"] / first["per_request_usd"]
    second["against_baseline"]["ratio_per_request"] = 0.25
    shown = views.grids(found, "compare")[0]
    assert "ratio" not in names(shown)
    assert shown.rows[1][names(shown).index("request_ratio")] == 0.25


def test_the_table_says_what_serves_and_csv_has_every_figure(call) -> None:
    words = ("compare", "blackboard", "--set-role", "lead=zai/glm-5", *QUIET)
    ended = call(*words)
    assert "opus with lead=zai/glm-5" in ended.stdout
    assert "served by" in ended.stdout
    (row, *_) = csv.DictReader(io.StringIO(call(*words, "--format", "csv").stdout))
    assert {"ratio", "request_ratio", "p99", "offers", "per_finished_task_usd"} <= row.keys()


def test_a_deployment_is_found_by_its_name_in_the_file(call) -> None:
    ended = call("run", "blackboard", "--deployment", "opus", "--set-role", "lead=zai/glm-5", *QUIET)
    assert ended.exit_code == 0, ended.stderr
    assert "opus with lead=zai/glm-5" in ended.stdout
    assert "minimax" not in ended.stdout


def test_words_are_explained_below_their_table(call) -> None:
    text = call("compare", *STOCKS, "--replications", "1", *QUIET).stdout
    for said in (
        "coordination: calls that take in subtasks' results",
        "re-read factor: ",
        "peak context: ",
        "skipped: ",
    ):
        assert said in text
    assert "history read again" in text
    assert "history reread" not in text


def test_diff_names_causes_as_other_tables_do(call) -> None:
    text = call("diff", "heartbeat", "--to-set", "triggers.0.every=1h", "--replications", "1", *QUIET).stdout
    assert "cache misses" in text
    assert "history read again" in text
    assert "history reread" not in text


def test_what_stands_in_for_a_missing_price_is_marked_in_the_table(call) -> None:
    text = call("compare", "blackboard", "--book", "articles-2026-02", *QUIET).stdout
    assert "opus *" in text
    assert "* anthropic/claude-opus-4.6: cache_read is billed as input, book articles-2026-02" in text


def test_hours_reach_to_the_horizon_and_an_hour_of_nothing_stays(document) -> None:
    found = document("blackboard", "--set", "horizon=30h")
    assert list(found["deployments"][0]["after_usd"]) == ["1h", "2h", "4h", "8h", "30h"]
    for part in found["deployments"]:
        part["after_usd"]["1h"] = 0
    over_time = next(grid for grid in views.grids(found, "compare") if "peak_hour" in names(grid))
    assert names(over_time)[1:6] == ["after_1h", "after_2h", "after_4h", "after_8h", "after_30h"]
    short = document("blackboard", "--set", "horizon=90m")["deployments"][0]["after_usd"]
    assert {step for step, amount in short.items() if amount is not None} == {"1h", "2h"}


def test_an_unpriced_offer_has_a_remedy_and_a_place_that_is_at_hand(call) -> None:
    said = call("run", "blackboard", "--start", "2020-01-01", "--no-pictures").stderr
    assert "book list, entry from 2026-02-05: has no price of anthropic/claude-opus-4.6 on 2020-01-01" in said
    assert "bill with another --book, or, if it is a scenario, choose a --start from 2026-02-05 on" in said


def test_a_wrong_book_is_told_in_whole_sentences(call) -> None:
    said = call("run", "blackboard", "--book", "nonsense").stderr
    assert "known are articles-2026-02, list; a book of your own is the path of a YAML file" in said


def test_assumed_facts_are_marked_in_the_overview(call) -> None:
    text = call("models").stdout
    assert "1,024 *" in text
    assert "* not known, assumed" in text


@pytest.fixture
def run(call) -> str:
    call("compare", "blackboard", "--replications", "1", "--out", "run", *QUIET)
    return "run"


@pytest.mark.parametrize("given", [("--seed", "0"), ("--book", "list"), ("--set", "horizon=1h"), ("--out", "x")])
def test_a_run_is_not_explained_otherwise_than_it_was_simulated(call, run: str, given: tuple[str, ...]) -> None:
    ended = call("explain", run, *given)
    assert ended.exit_code == 2
    assert f"{given[0]}: a run is explained as it was simulated" in ended.stderr
    assert call("explain", run, "--format", "csv", "--deployment", "opus", "--quiet").exit_code == 0


def test_a_folder_that_is_no_run_is_told_so(call, tmp_path) -> None:
    (tmp_path / "left").mkdir()
    ended = call("explain", "left")
    assert ended.exit_code == 2
    assert "is not the folder of a burncurve run: it holds no manifest.json" in ended.stderr


def test_the_ledger_fits_a_terminal_and_has_more_when_asked(call, run: str) -> None:
    lines = call("ledger", run, "--deployment", "opus").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "4 of 4 calls, deployment opus, replication 0"
    assert lines[2].split() == [
        "time",
        "s",
        "agent",
        "task",
        "kind",
        "prompt",
        "read",
        "write",
        "output",
        "context",
        "status",
    ]
    assert lines[4].split()[-6:] == ["11,000", "0", "11,000", "1,000", "12,000", "ok"]
    assert "grant s" in call("ledger", run, "--wide").stdout


def test_a_day_without_a_request_says_where_to_look(call) -> None:
    words = ("compare", "chat-session", "--set", "users.sessions_per_day=0", "--set", "horizon=1h")
    ended = call(*words)
    assert ended.exit_code == 0, ended.stderr
    assert "no request arrived, so nothing was billed: look at users, triggers, start and horizon" in ended.stderr


def test_a_title_is_not_broken_at_the_width_of_a_narrow_table(call) -> None:
    text = call("compare", "chat-session", "--set", "users.sessions_per_day=0", "--set", "horizon=1h", *QUIET).stdout
    assert text.splitlines()[0].endswith("prices of book list")
    assert "What was done for it" not in text


def test_a_threshold_finds_a_deployment_by_its_name_in_the_file(call) -> None:
    rule = 'thresholds=["opus: mean(bill_usd) < 0.0001"]'
    ended = call("check", "blackboard", "--set", rule, "--set-role", "lead=zai/glm-5", *QUIET)
    assert ended.exit_code == 99, ended.stderr


def test_only_commands_that_exist_are_named() -> None:
    package = Path(views.__file__).parents[1]
    named = {
        (path.name, word)
        for path in package.rglob("*.py")
        for word in re.findall(r"`burncurve ([a-z]+)", path.read_text(encoding="utf-8"))
    }
    assert ("template.py", "check") in named
    assert [pair for pair in named if pair[1] not in COMMANDS] == []


def test_how_often_an_amount_is_exceeded_is_as_counted_in_the_file_of_replications(call) -> None:
    words = ("run", "chat-session", "--models", "minimax/minimax-m2.5", "--replications", "20", *QUIET)
    assert call(*words, "--above", "0.08", "--out", "out").exit_code == 0
    with Path("out/replications.csv").open(newline="") as file:
        above = sum(float(each["bill_usd"]) > 0.08 for each in csv.DictReader(file))
    assert 0 < above < 20
    told = call(*words, "--above", "0.08", "--out", "out").stdout
    assert f"minimax/minimax-m2.5: {100 * above // 20}% of the replications cost more than $0.0800" in told
