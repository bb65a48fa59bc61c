"""`diff` from outside: scenarios, runs, one scenario changed, what is refused."""

from __future__ import annotations

import csv
import io
import json
from hashlib import sha256
from pathlib import Path

import pytest

QUIET = ("--replications", "1", "--no-pictures", "--quiet")
CHANGED = ("--to-set", "agents.teacher.base=20k")


@pytest.mark.parametrize("form", ["table", "json", "markdown", "csv"])
def test_one_scenario_changed(call, form: str) -> None:
    ended = call("diff", "blackboard", *CHANGED, *QUIET, "--format", form)
    assert ended.exit_code == 0, ended.stderr
    assert ended.stderr == ""
    assert "opus" in ended.stdout
    if form != "csv":
        assert "agents.teacher.base" in ended.stdout


def test_the_numbers_are_those_of_the_two_runs(call) -> None:
    document = json.loads(call("diff", "blackboard", *CHANGED, *QUIET, "--format", "json").stdout)
    bills = []
    for extra in ((), ("--set", "agents.teacher.base=20k")):
        found = json.loads(call("run", "blackboard", *extra, *QUIET, "--format", "json").stdout)
        bills.append(found["deployments"][0]["bill_usd"]["mean"])
    opus = document["deployments"][0]["figures"]["bill_usd"]
    assert (opus["from"], opus["to"], opus["change"]) == (bills[0], bills[1], bills[1] - bills[0])
    assert document["inputs"][0]["path"] == "agents.teacher.base"
    assert document["same_luck"] is True


def test_two_runs_are_told_as_they_were_simulated(call) -> None:
    call("compare", "blackboard", "--out", "one", *QUIET)
    call("compare", "blackboard", "--set", "agents.teacher.base=20k", "--out", "two", *QUIET)
    rows = list(csv.DictReader(io.StringIO(call("diff", "one", "two", "--format", "csv").stdout)))
    by_name = {(row["deployment"], row["name"]): row for row in rows}
    assert float(by_name["opus", "bill_usd"]["change"]) > 0
    assert call("diff", "one", "one").stdout.count("no change") == 2


def test_one_scenario_at_two_dates(call) -> None:
    ended = call("diff", "blackboard", "--to-start", "2026-03-02T09:00", *QUIET)
    assert ended.exit_code == 0, ended.stderr
    assert "2026-03-02T09:00" in ended.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("blackboard",), "nothing differs"),
        (("blackboard", "blackbord"), "Did you mean blackboard?"),
        (("blackboard", *CHANGED, "--out", "x"), "leave out --out"),
        (("blackboard", "--to-set", "agents.techer.base=1"), "did you mean teacher?"),
        (("blackboard", "--to-as-of", "yesterday"), "YYYY-MM-DD"),
        ((), "A"),
    ],
)
def test_what_is_wrong_is_refused(call, words: tuple[str, ...], says: str) -> None:
    ended = call("diff", *words, *QUIET)
    assert ended.exit_code == 2
    assert says in ended.stderr


def test_a_run_cannot_be_changed(call) -> None:
    call("compare", "blackboard", "--out", "one", *QUIET)
    ended = call("diff", "one", *CHANGED, *QUIET)
    assert ended.exit_code == 2
    assert "stays as it was simulated" in ended.stderr
    assert not Path("results").exists()


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("scenario.json", "[]", "no mapping"),
        ("scenario.json", "[" * 5000, "no JSON"),
        ("scenario.json", None, "seals no scenario.json"),
        ("summary.json", "{}", "schema"),
    ],
)
def test_a_run_changed_and_sealed_again_is_refused(call, name: str, text: str | None, says: str) -> None:
    call("compare", "blackboard", "--out", "one", *QUIET)
    manifest = json.loads(Path("one/manifest.json").read_text())
    if text is None:
        del manifest["files"][name]
    else:
        Path("one", name).write_text(text)
        manifest["files"][name] = sha256(text.encode()).hexdigest()
    Path("one/manifest.json").write_text(json.dumps(manifest))
    ended = call("diff", "one", "one")
    assert ended.exit_code == 2, ended.output
    assert says in ended.stderr


LOG = """\
time,session,agent,model,input,cache_read,cache_write_5m,output
2026-02-23T09:00:00,amy,lead,claude-opus-4-6,1000,0,8000,400
"""


def test_logs_are_held_against_logs_and_not_against_a_simulation(call) -> None:
    for name, text in {"old": LOG, "new": LOG.replace("400", "1400")}.items():
        Path(f"{name}.csv").write_text(text)
        assert call("import", f"{name}.csv", "--out", name, "--quiet").exit_code == 0
    ended = call("diff", "old", "new", "--format", "json")
    assert ended.exit_code == 0, ended.stderr
    (part,) = json.loads(ended.stdout)["deployments"]
    assert part["figures"]["bill_usd"]["change"] == pytest.approx(1000 * 25e-6)
    assert call("diff", "old", "new").stdout.startswith("From old to new: as logged")
    refused = call("diff", "old", "blackboard", *QUIET)
    assert refused.exit_code == 2
    assert "Logs are held against logs" in refused.stderr


def test_replications_on_the_same_luck_give_a_paired_interval(call) -> None:
    words = (
        "chat-session",
        "--to-set",
        "agents.chat.base=3k",
        "--replications",
        "6",
        *QUIET[2:],
        "--engine",
        "reference",
    )
    ended = call("diff", *words, "--format", "json")
    assert ended.exit_code == 0, ended.stderr
    for part in json.loads(ended.stdout)["deployments"]:
        low, high = part["certainty"]["change_usd_ci95"]
        assert 0 < low < part["figures"]["bill_usd"]["change"] < high
        assert (part["certainty"]["dearer"], part["certainty"]["of"], part["certainty"]["resolved"]) == (6, 6, True)


@pytest.mark.parametrize("command", ["diff", "explain"])
def test_the_folder_of_a_sweep_is_called_what_it_is(call, command: str) -> None:
    call("sweep", "blackboard", "--vary", "agents.teacher.base=9k,20k", "--out", "swept", *QUIET)
    ended = call(command, "swept", *(("swept",) if command == "diff" else ()))
    assert ended.exit_code == 2
    assert "is the folder of a sweep, not of a run" in ended.stderr
    assert "Remove" not in ended.stderr


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("deployment,replication,bill_usd\nopus,0,1e9\n", "line 2: bill_usd is '1e9'"),
        ("deployment,replication\nopus,0\n", "has no columns deployment and bill_usd"),
        ("deployment,bill_usd\n\udc80,0.000000000000\n", "cannot be read"),
    ],
)
def test_bills_changed_and_sealed_again_are_refused(call, text: str, says: str) -> None:
    call("compare", "blackboard", "--out", "one", *QUIET)
    data = text.encode(errors="surrogateescape")
    Path("one/replications.csv").write_bytes(data)
    manifest = json.loads(Path("one/manifest.json").read_text())
    manifest["files"]["replications.csv"] = sha256(data).hexdigest()
    Path("one/manifest.json").write_text(json.dumps(manifest))
    ended = call("diff", "one", "one")
    assert ended.exit_code == 2, ended.output
    assert says in ended.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("blackboard", "--to-set", "agents.techer.base=1"), ["did you mean teacher?"]),
        (("blackbord", "hartbeat"), ["Did you mean blackboard?", "Did you mean heartbeat?"]),
        (("blackboard", "chat-session"), ["they share no deployment: opus, minimax against anthropic/claude-opus-4.6"]),
    ],
)
def test_nothing_is_simulated_before_both_sides_are_right(call, words: tuple[str, ...], says: list[str]) -> None:
    ended = call("diff", *words, *QUIET)
    assert ended.exit_code == 2
    for text in says:
        assert text in ended.stderr
    assert not Path("results").exists()


def test_help_offers_no_out(call) -> None:
    assert "--resume" in call("diff", "--help").stdout
    assert "--out" not in call("diff", "--help").stdout
    assert "--out DIR" in call("compare", "--help").stdout
