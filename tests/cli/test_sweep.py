"""`sweep` from outside: forms, the folder, what is refused."""

from __future__ import annotations

import csv
import io
import json
import time
from hashlib import sha256
from pathlib import Path

import pytest

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
    assert ended.exit_code == 0, ended.stderr
    assert "minimax" in ended.stdout
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


@pytest.mark.parametrize("work", [("--workers", "2"), ("--chunk", "3"), ("--workers", "1", "--engine", "reference")])
def test_who_plays_changes_nothing(call, work: tuple[str, ...]) -> None:
    words = ("sweep", "chat-session", "--set", "horizon=1h", "--vary", "agents.chat.base=3k,4k", "--replications", "8")
    quiet = ("--no-pictures", "--quiet")
    assert call(*words, *quiet, "--out", "one").exit_code == 0
    assert call(*words, *quiet, *work, "--out", "other").exit_code == 0
    assert Path("one/sweep.json").read_bytes() == Path("other/sweep.json").read_bytes()


def test_each_point_is_played_until_it_is_sure_enough(call) -> None:
    words = ("sweep", "blackboard", *VARY, "--set", "agents.pupil.base={range: [1k, 10k, 30k]}", "--figure", "bill")
    ended = call(*words, "--replications", "auto", "--precision", "2%", "--no-pictures", "--format", "json")
    document = json.loads(ended.stdout)
    assert document["precision"] == {"figure": "mean", "share": 0.02}
    times = [point["replications"] for point in document["points"]]
    assert document["replications"] == max(times) > 64
    assert all(times[place] in (64, 128, 256, 512, 1024, 2048) for place in range(2))
    for point in document["points"]:
        for figures in point["deployments"].values():
            value, (low, high) = figures["bill_usd"]["value"], figures["bill_usd"]["ci95"]
            assert max(value - low, high - value) <= 0.02 * value
    assert f"{times[0]} replications were enough" in ended.stderr


def test_a_killed_sweep_goes_on_with_what_it_has_not_played(process, tmp_path: Path) -> None:
    words = (
        "sweep",
        "code-review-bot",
        "--vary",
        "triggers.0.bursty.per_hour=0.2,0.4,0.6",
        "--replications",
        "4",
        "--engine",
    )
    words = (*words, "reference", "--no-pictures", "--workers", "1")
    running = process(*words)
    deadline = time.monotonic() + 100
    while not list(tmp_path.glob("results/*/.*/point-*.piece")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    running.kill()
    running.communicate(timeout=60)
    (pieces,) = tmp_path.glob("results/*/.*.partial")
    done = len(list(pieces.glob("*.piece")))
    resumed = process(*words, "--resume")
    _, said = resumed.communicate(timeout=100)
    assert resumed.returncode == 0, said
    assert f"resumed: {done} points were played before" in said
    whole = process(*words, "--out", "whole")
    whole.communicate(timeout=100)
    (folder,) = tmp_path.glob("results/*/[!.]*")
    assert (folder / "sweep.json").read_bytes() == (tmp_path / "whole/sweep.json").read_bytes()
    assert not pieces.exists()


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        ({"points": []}, "not a list"),
        ({"points": None}, "not a list"),
        ({"vary": [{"path": "agents.pupil.base", "values": ["4k", "8k"]}]}, "its vary is not that of these inputs"),
        ({"figures": [{"name": "bill_usd", "unit": "ells"}]}, "its figures is not that of these inputs"),
        ({"schema": "burncurve.sweep/9"}, "holds no document of the schema"),
        ({"replications": "many"}, "not a number"),
    ],
)
def test_a_folder_that_was_changed_and_sealed_again_is_refused(call, harm: dict, says: str) -> None:
    words = ("sweep", "blackboard", *VARY, "--figure", "bill", "--out", "swept", *QUIET)
    assert call(*words).exit_code == 0
    data = json.dumps(json.loads(Path("swept/sweep.json").read_text()) | harm).encode()
    manifest = json.loads(Path("swept/manifest.json").read_text())
    manifest["files"]["sweep.json"] = sha256(data).hexdigest()
    Path("swept/sweep.json").write_bytes(data)
    Path("swept/manifest.json").write_text(json.dumps(manifest))
    ended = call(*words)
    assert ended.exit_code == 2, ended.output
    assert says in ended.stderr
