"""`sweep` from outside: forms, the folder, what is refused."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from burncurve.cli.points import progress_text

QUIET = ("--replications", "1", "--no-pictures", "--quiet")
VARY = ("--vary", "agents.teacher.base=4k,8k")


@pytest.mark.parametrize("form", ["table", "json", "markdown", "csv"])
def test_every_form_has_every_point_and_deployment(call, form: str) -> None:
    ended = call("sweep", "blackboard", *VARY, "--format", form, *QUIET)
    assert ended.exit_code == 0, ended.stderr
    assert ended.stderr == ""
    for word in ("agents.teacher.base", "4k", "8k", "opus", "minimax", "bill_usd"):
        assert word in ended.stdout


def test_csv_has_one_line_per_point_and_deployment(call) -> None:
    words = ("sweep", "blackboard", *VARY, "--vary", "agents.pupil.base=1k,2k", "--figure", "bill", "--format")
    rows = list(csv.DictReader(io.StringIO(call(*words, "csv", *QUIET).stdout)))
    assert [(row["agents.teacher.base"], row["agents.pupil.base"]) for row in rows[::2]] == [
        ("4k", "1k"),
        ("4k", "2k"),
        ("8k", "1k"),
        ("8k", "2k"),
    ]
    assert [row["deployment"] for row in rows[:2]] == ["opus", "minimax"]
    assert list(rows[0])[3:] == ["bill_usd", "bill_usd_ci95_low", "bill_usd_ci95_high"]


def test_the_folder_is_found_again(call) -> None:
    words = ("sweep", "blackboard", *VARY, "--figure", "bill", "--replications", "1")
    first = call(*words)
    (folder,) = Path("results/blackboard").iterdir()
    names = {path.name for path in folder.iterdir()}
    assert names == {"sweep.json", "sweep.csv", "manifest.json", "bill_usd.png"}
    again = call(*words)
    assert "already there" in again.stderr
    assert again.stdout == first.stdout
    written = json.loads((folder / "sweep.json").read_text())
    assert written == json.loads(call(*words, "--format", "json").stdout)


def test_one_deployment(call) -> None:
    ended = call("sweep", "blackboard", *VARY, "--deployment", "minimax", *QUIET)
    assert "opus" not in ended.stdout


def test_a_missing_price_is_exit_code_3(call) -> None:
    models = ("--models", "anthropic/claude-opus-4.6,openai/gpt-4o", "--book", "articles-2026-02")
    ended = call("sweep", "blackboard", *VARY, *models, *QUIET)
    assert ended.exit_code == 3
    assert "openai/gpt-4o" in ended.stderr
    assert "$0.2" in ended.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "--vary"),
        (("--vary", "agents.techer.base=1k,2k"), "did you mean teacher?"),
        (("--vary", "agents.teacher.base"), "NAME=VALUE"),
        (("--vary", "agents.teacher.base=1k,,2k"), "empty value"),
        (("--vary", "agents.teacher.base=1k,x"), "--vary agents.teacher.base=x"),
        (("--vary", "agents.teacher.base=1k,2k", "--vary", "agents.teacher.base=3k"), "second time"),
        (("--vary", "agents.teacher.base=1:9:1000", "--vary", "agents.pupil.base=1:9:1000"), "1,000,000 points"),
        (("--vary", "agents.teacher.base=1:9:200", "--vary", "agents.pupil.base=1:9:200"), "add --yes"),
        ((*VARY, "--figure", "cost"), "unknown figure 'cost'"),
        ((*VARY, "--figure", "p95(bill)"), "--replications 100"),
        ((*VARY, "--deployment", "opas"), "Did you mean opus?"),
        ((*VARY, "--replications", "0"), "--replications"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_is_written(
    call, tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    ended = call("sweep", "blackboard", *QUIET, *words)
    assert ended.exit_code == 2
    assert says in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_progress_says_how_much_is_left() -> None:
    assert progress_text(0, 1200, 0.1) == "  point 1 of 1,200"
    assert progress_text(300, 1200, 100.0) == "  point 301 of 1,200, 5 min left"
