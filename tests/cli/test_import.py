"""`burncurve import`: what it prints, what it keeps, and how other commands take what it kept."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from burncurve.studies import observed_file
from importers.written import answer, asked, claude_usage, jsonl, read_all

QUIET = ("--quiet",)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Two days, two projects, two calls; hand-worked: see the test of the bill."""
    later = answer(5, "m2", cwd="/srv/other", usage=claude_usage(0, 1_000, 2_000, 100, hour=1_000))
    later["timestamp"] = "2026-03-03T08:00:00.000Z"
    first = answer(5, "m1", usage=claude_usage(100, 200, 3_000, 40))
    jsonl(tmp_path / "logs/s1.jsonl", [asked(0), first])
    jsonl(tmp_path / "logs/s2.jsonl", [{**later, "sessionId": "s2"}])
    return tmp_path / "logs"


def document(call, *words: object) -> dict:
    ended = call("import", *words, "--format", "json", *QUIET)
    assert ended.exit_code == 0, ended.stderr
    return json.loads(ended.stdout)


def test_the_bill_by_day_model_project_and_agent(call, logs: Path) -> None:
    """Opus 4.6: input $5, read $0.5, written 5 min $6.25, 1 h $10, output $25 per million.

    m1: 100 x 5 + 3,000 x 0.5 + 200 x 6.25 + 40 x 25 = 4,250 micro-dollars; m2: 2,000 x 0.5 + 1,000 x 10 + 100 x 25
    = 13,500.
    """
    found = document(call, logs)
    assert found["total"]["usd"] == pytest.approx(0.01775, rel=1e-12)
    assert {each["name"]: each["usd"] for each in found["by_day"]} == {"2026-03-02": 0.00425, "2026-03-03": 0.0135}
    assert [each["name"] for each in found["by_project"]] == ["/srv/other", "/srv/demo"]
    assert [each["usd"] for each in found["by_model"]] == [0.01775]
    assert found["by_agent"][0]["calls"] == 2
    assert found["total"]["tokens"] == {
        "input": 100, "cache_read": 5_000, "cache_write_5m": 200, "cache_write_1h": 1_000, "output": 140,
        "reasoning": 0,
    }  # fmt: skip
    assert found["read"]["records"] == found["read"]["used"] == 3


@pytest.mark.parametrize(("where", "factor"), [("us", "1.1"), ("global", "1"), ("not_available", "1"), ("mars", "1")])
def test_where_a_call_was_served_changes_its_price(call, tmp_path: Path, where: str, factor: str) -> None:
    """Of Opus 4.6 inference in the US costs a tenth more: 4,250 micro-dollars are 4,675."""
    usage = claude_usage(100, 200, 3_000, 40) | {"inference_geo": where}
    jsonl(tmp_path / "s1.jsonl", [asked(0), answer(5, "m1", usage=usage)])
    ended = call("import", tmp_path / "s1.jsonl", "--format", "json", *QUIET)
    assert Fraction(str(json.loads(ended.stdout)["total"]["usd"])) == Fraction("0.00425") * Fraction(factor)


def test_what_was_kept_is_a_run_for_other_commands(call, logs: Path) -> None:
    whole = document(call, logs)
    folder = Path("results/logs") / whole["id"]
    observed = observed_file.read(folder / observed_file.OBSERVED)
    read = read_all(logs).observed
    for name, values in read.columns.items():
        assert observed[name].tolist() == values.tolist() or observed.named(name) == read.named(name)
    explained = call("explain", whole["id"], "--format", "json")
    assert explained.exit_code == 0, explained.stderr
    told = json.loads(explained.stdout)["deployments"][0]
    assert told["bill_usd"]["mean"] == whole["total"]["usd"]
    assert sum(map(Fraction, told["causes_usd"].values())) == pytest.approx(told["bill_usd"]["mean"])
    rows = json.loads(call("ledger", whole["id"], "--format", "json").stdout)
    assert [row["offer"] for row in rows] == ["anthropic/claude-opus-4.6"] * 2
    pytest.importorskip("duckdb")
    sql = "select sum(cache_read) as read, count(distinct run) as runs from ledger"
    asked_of = call("query", sql, "--format", "json")
    assert json.loads(asked_of.stdout) == [{"read": 5_000, "runs": 1}]


def test_equal_logs_are_one_run_and_a_damaged_one_is_refused(call, logs: Path) -> None:
    one = document(call, logs)
    assert document(call, logs)["id"] == one["id"]
    (Path("results/logs") / one["id"] / "observed.parquet").write_bytes(b"no")
    ended = call("import", logs)
    assert ended.exit_code == 2
    assert "checksum" in ended.stderr


def test_a_model_without_a_price_is_kept_and_named_and_the_others_are_billed(call, logs: Path) -> None:
    jsonl(logs / "s3.jsonl", [asked(20, session="s3"), answer(25, "m9", session="s3", model="nobody-knows-1")])
    ended = call("import", logs, "--format", "json")
    assert ended.exit_code == 3
    found = json.loads(ended.stdout)
    assert found["total"]["usd"] == pytest.approx(0.01775)
    assert found["total"]["unpriced_calls"] == 1
    assert [each["usd"] for each in found["by_model"]] == [0.01775, None]
    assert [each["offer"] for each in found["unpriced"]] == ["unknown/nobody-knows-1"]
    assert "unknown/nobody-knows-1 is unpriced" in ended.stderr
    explained = call("explain", found["id"], "--format", "json")
    assert explained.exit_code == 3
    by_name = {each["name"]: each["bill_usd"] for each in json.loads(explained.stdout)["deployments"]}
    assert by_name["observed"] is None
    assert by_name["observed, priced models only"]["mean"] == found["total"]["usd"]


def test_nothing_found_is_no_silent_zero(call, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/words.jsonl").write_text('{"a": 1}\n')
    (tmp_path / "logs/read.me").write_text("x")
    ended = call("import", "logs")
    assert ended.exit_code == 2
    assert "no call was found: 1 file, 0 records read" in ended.stderr
    assert "of no known format" in ended.stderr
    assert "neither .jsonl, .json nor .csv" in ended.stderr
    assert not Path("results").exists()


def test_without_a_path_the_usual_places_are_read(call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    ended = call("import")
    assert ended.exit_code == 2
    assert "Name a file or folder of logs" in ended.stderr
    jsonl(tmp_path / ".claude/projects/p/s1.jsonl", [asked(0), answer(5, "m1")])
    assert document(call)["total"]["calls"] == 1
    elsewhere = tmp_path / "elsewhere"
    jsonl(elsewhere / "projects/p/s2.jsonl", [asked(0), answer(5, "m7"), answer(6, "m8")])
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(elsewhere))
    assert document(call)["total"]["calls"] == 3


@pytest.mark.parametrize("form", ["table", "markdown", "csv"])
def test_every_form_shows_the_same(call, logs: Path, form: str) -> None:
    ended = call("import", logs, "--format", form, *QUIET)
    assert ended.exit_code == 0
    for name in ("2026-03-02", "claude-opus-4-6", "/srv/other", "main"):
        assert name in ended.stdout
    assert "secret" not in ended.stdout


def test_names_that_would_move_a_cursor_or_be_a_formula_are_shown_inert(call, tmp_path: Path) -> None:
    jsonl(tmp_path / "s.jsonl", [asked(0, cwd="=1+1"), answer(5, "m1", cwd="=1+1\x1b[2J")])
    shown = call("import", "s.jsonl", "--format", "csv", *QUIET).stdout
    assert "\x1b" not in shown
    assert "'=1+1" in shown
    assert "\x1b" not in call("import", "s.jsonl", *QUIET).stdout


def test_long_tables_are_cut_for_people_and_whole_in_files(call, tmp_path: Path) -> None:
    rows = [{"model": f"anthropic/claude-opus-4.6-{n}", "input": n, "output": 1, "session": "s"} for n in range(60)]
    jsonl(tmp_path / "a.jsonl", rows)
    shown = call("import", "a.jsonl", *QUIET)
    assert shown.exit_code == 3
    assert "and 20 more: --format csv or json has them all" in shown.stdout
    whole = call("import", "a.jsonl", "--format", "csv", *QUIET)
    assert sum(line.startswith("model,") for line in whole.stdout.splitlines()) == 60


def test_what_logs_say_it_cost_is_added_exactly(call, tmp_path: Path) -> None:
    """More pico-dollars than 64 bits hold."""
    rows = [{"model": "m/x", "input": 1, "output": 1, "cost_usd": 999_999.000000000001} for _ in range(20)]
    jsonl(tmp_path / "a.jsonl", rows)
    found = json.loads(call("import", "a.jsonl", "--format", "json", *QUIET).stdout)
    assert found["total"]["stated_usd"] == 19_999_980.0


def test_the_folder_of_an_import_is_no_scenario_and_no_log_and_it_is_said_what_takes_it(call, logs: Path) -> None:
    assert call("import", logs, "--out", "kept", *QUIET).exit_code == 0
    takers = "taken by explain, ledger, query and diff, and by replay, fit and backtest"
    assert call("explain", "kept").exit_code == 0
    for command in ("compare", "run", "check", "validate", "import"):
        done = call(command, "kept")
        assert done.exit_code == 2
        assert "kept: is the folder of an import" in done.stderr
        assert takers in done.stderr


def test_the_remedy_for_days_before_any_price_is_one_that_an_import_has(call, tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("model,input,output,time\nclaude-opus-4-6,10,1,2023-01-01\n")
    done = call("import", tmp_path / "old.csv")
    assert done.exit_code == 3
    assert "bill with another --book, or, if it is a scenario" in done.stderr


def test_the_sum_of_what_logs_state_says_of_how_many_calls_it_is(call, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("model,input,output,cost_usd\nclaude-opus-4-6,9,9,0.5\nclaude-opus-4-6,9,9,\n")
    assert "1 of 2 calls say what they cost" in call("import", "a.csv").stdout
    (tmp_path / "b.csv").write_text("model,input,output,cost_usd\nclaude-opus-4-6,9,9,0.5\n")
    assert "say what they cost" not in call("import", "b.csv").stdout


def test_several_folders_of_claude_code(call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As ccusage takes them: with commas between."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("one", "two"):
        jsonl(tmp_path / name / "projects" / "p" / "s.jsonl", [asked(0), answer(1, name)])
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", f"{tmp_path / 'one'}, {tmp_path / 'two'}")
    assert json.loads(call("import", "--format", "json").stdout)["total"]["calls"] == 2
