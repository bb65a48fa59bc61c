"""SQL over runs: what it may read, and that it can only read."""

from __future__ import annotations

import json
import shutil
import signal
import time
from pathlib import Path

import pytest

pytest.importorskip("duckdb")

QUIET = ("--no-pictures", "--quiet")


@pytest.fixture
def asked(call):
    def ask(sql: str, *words: object) -> list[dict[str, object]]:
        ended = call("query", sql, "--format", "json", *words)
        assert ended.exit_code == 0, ended.stderr
        return json.loads(ended.stdout)

    return ask


@pytest.fixture
def two_runs(call) -> list[dict]:
    return [
        json.loads(call("compare", "blackboard", *QUIET, "--format", "json", *words).stdout)
        for words in (("--replications", "1"), ("--replications", 3, "--set", "agents.teacher.base=20k"))
    ]


def test_runs_replications_bills_and_calls_are_tables(asked, two_runs) -> None:
    ids = [document["id"] for document in two_runs]
    found = asked("select run, replications, scenario from runs order by replications")
    assert found == [{"run": ids[0], "replications": 1, "scenario": "Blackboard"},
                     {"run": ids[1], "replications": 3, "scenario": "Blackboard"}]  # fmt: skip
    assert asked("select count(*) as n from ledger") == [{"n": 8 + 3 * 8}]
    for document in two_runs:
        for part in document["deployments"]:
            where = f"where run = '{document['id']}' and deployment = '{part['name']}'"
            (mean,) = asked(f"select avg(bill_usd) as usd from replications {where}")
            (whole,) = asked(f"select sum(amount_usd) as usd from bills {where}")
            assert mean["usd"] == pytest.approx(part["bill_usd"]["mean"])
            assert whole["usd"] / document["replications"] == pytest.approx(mean["usd"])
    assert asked("select count(*) as n from replications", "--run", ids[1]) == [{"n": 6}]


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("drop table runs", "must be one SELECT"),
        ("select 1; select 2", "must be one SELECT"),
        ("copy runs to 'stolen.csv'", "must be one SELECT"),
        ("attach 'new.duckdb'", "must be one SELECT"),
        ("set enable_external_access = true", "must be one SELECT"),
        ("select * from read_csv('/etc/passwd')", "SQL"),
        ("select * from 'mine.csv'", "SQL"),
        ("select * from lodger", "ledger"),
        ("selct 1", "SQL"),
        ("", "must be one SELECT"),
    ],
)
def test_it_only_reads_and_only_runs(call, two_runs, sql: str, says: str) -> None:
    Path("mine.csv").write_text("a,b\n1,2\n")
    before = sorted(Path().rglob("*"))
    ended = call("query", sql)
    assert ended.exit_code == 2
    assert says in ended.stderr
    assert sorted(Path().rglob("*")) == before


def test_nothing_but_the_answer_or_the_error_is_said(process, two_runs) -> None:
    asked, wrong = process("query", "select count(*) as n from ledger"), process("query", "selct 1")
    assert asked.communicate(timeout=60)[1] == ""
    said = wrong.communicate(timeout=60)[1]
    assert said.startswith("burncurve: SQL")
    assert said.strip().endswith("Tables: runs, replications, bills, ledger.")


def test_what_json_has_no_number_for_is_a_text(asked, two_runs) -> None:
    assert asked("select 1e0 / 0 as most, 'nan'::double as none") == [{"most": "inf", "none": "nan"}]


def test_two_folders_of_the_same_run_count_once(call, asked, two_runs) -> None:
    document = two_runs[0]
    shutil.copytree(next(Path().glob(f"results/*/{document['id']}")), "again")
    both = ("--run", document["id"], "--run", "again")
    (joined,) = asked("select sum(amount_usd) as usd from bills join runs using (run)", *both)
    assert joined["usd"] == pytest.approx(sum(part["bill_usd"]["mean"] for part in document["deployments"]))
    assert "1 rows of 1 runs" in call("query", "select count(*) from runs", *both).stdout


@pytest.mark.parametrize(("how", "code", "name"), [(signal.SIGINT, 2, "Ctrl-C"), (signal.SIGTERM, 143, "SIGTERM")])
def test_a_signal_ends_a_question_that_takes_long(process, call, two_runs, how, code: int, name: str) -> None:
    asking = process("query", "select count(*) from range(100000000000) a, range(1000000) b")
    time.sleep(3)
    asking.send_signal(how)
    _, said = asking.communicate(timeout=30)
    assert asking.returncode == code
    assert f"stopped by {name}" in said


def test_without_duckdb_it_says_how_to_get_it(call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("burncurve.studies.query.find_spec", lambda _: None)
    ended = call("query", "select 1")
    assert ended.exit_code == 2
    assert "burncurve[query]" in ended.stderr


def test_without_runs_there_is_nothing_to_read(call) -> None:
    assert call("query", "select count(*) from runs").exit_code == 0
    ended = call("query", "select * from ledger")
    assert ended.exit_code == 2
    assert "there is no run here" in ended.stderr
    assert "burncurve run SCENARIO" in ended.stderr
    assert "pg_" not in ended.stderr


def test_sweeps_in_results_are_no_runs(call, asked, two_runs) -> None:
    vary = ("--vary", "agents.teacher.base=9k,20k", "--replications", "1")
    assert call("sweep", "blackboard", *vary, *QUIET).exit_code == 0
    assert asked("select count(*) as n from runs") == [{"n": len(two_runs)}]
