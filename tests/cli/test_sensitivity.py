"""`sensitivity` from outside: forms, the folder, what is refused."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

pytest.importorskip("SALib", reason="the extra sensitivity is not installed")

KNOBS = ("--vary", "agents.teacher.base=4k:8k", "--vary", "agents.pupil.base=1k:2k")
FEW = ("--replications", "1", "--samples", "2", "--trajectories", "2", "--deployment", "opus")
QUIET = ("--no-pictures", "--quiet")


def test_forms_and_folder(call) -> None:
    ended = call("sensitivity", "blackboard", *KNOBS, *FEW)
    assert ended.exit_code == 0, ended.stderr
    assert ended.stdout.index("agents.teacher.base") < ended.stdout.index("agents.pupil.base"), "the larger one first"
    (folder,) = Path("results/blackboard").iterdir()
    names = {path.name for path in folder.iterdir()}
    assert names == {"sensitivity.json", "sensitivity.csv", "manifest.json", "tornado.png"}
    document = json.loads(call("sensitivity", "blackboard", *KNOBS, *FEW, "--format", "json").stdout)
    assert document == json.loads((folder / "sensitivity.json").read_text())
    assert document["schema"] == "burncurve.sensitivity/1"
    rows = list(csv.DictReader(io.StringIO(call("sensitivity", "blackboard", *KNOBS, *FEW, "--format", "csv").stdout)))
    assert [row["path"] for row in rows] == ["agents.teacher.base", "agents.pupil.base"]
    assert "| agents.pupil.base |" in call("sensitivity", "blackboard", *KNOBS, *FEW, "--format", "markdown").stdout


def test_the_scenario_has_knobs_of_its_own(call) -> None:
    ended = call("sensitivity", "blackboard", *FEW, "--top", "1", "--no-pictures")
    assert ended.exit_code == 0, ended.stderr
    assert "note: assumption: " in ended.stderr
    assert "assumed" in ended.stdout


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--vary", "agents.techer.base=1k:2k"), 2, "did you mean teacher?"),
        (("--vary", "agents.teacher.base=2k:1k"), 2, "lower end first"),
        (("--vary", "agents.teacher.base=2k"), 2, "PATH=LOW:HIGH"),
        (("--samples", "100"), 2, "64 and 128 are"),
        (("--samples", "0"), 2, "--samples"),
        (("--figure", "bil"), 2, "did you mean bill?"),
        (("--figure", "p95(bill)"), 2, "--replications 100"),
        (("--samples", "65536"), 2, "add --yes"),
        (("--deployment", "opas"), 2, "Did you mean opus?"),
        (("--models", "openai/gpt-4o", "--book", "articles-2026-02", "--deployment", "openai/gpt-4o"), 3, "not known"),
    ],
)
def test_what_is_wrong_is_refused(call, tmp_path: Path, words: tuple[str, ...], code: int, says: str) -> None:
    ended = call("sensitivity", "blackboard", *FEW, *QUIET, *words)
    assert ended.exit_code == code
    assert says in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_salib_the_extra_is_named(call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("burncurve.studies.indices.find_spec", lambda name: None)
    ended = call("sensitivity", "blackboard", *FEW)
    assert ended.exit_code == 2
    assert "burncurve[sensitivity]" in ended.stderr
