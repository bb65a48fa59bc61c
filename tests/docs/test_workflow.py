"""The workflow that the documents show: valid, the same in both places, and its commands do what they promise."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from burncurve.version import __version__

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "examples" / "agents-cost.yml"
IN_RUN = re.compile(r"\$\{\{")


@pytest.fixture(scope="module")
def workflow() -> dict[Any, Any]:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def steps(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    (job,) = workflow["jobs"].values()
    return list(job["steps"])


def test_the_page_shows_the_file() -> None:
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    assert f"```yaml\n{FILE.read_text(encoding='utf-8')}```\n" in page


def test_it_is_a_workflow(workflow: dict[Any, Any], steps: list[dict[str, Any]]) -> None:
    assert set(workflow) == {"name", True, "permissions", "env", "jobs"}  # YAML 1.1 reads `on` as true
    assert list(workflow[True]) == ["pull_request"]
    (job,) = workflow["jobs"].values()
    assert set(job) == {"runs-on", "timeout-minutes", "steps"}
    for step in steps:
        assert ("uses" in step) != ("run" in step)
        assert set(step) <= {"name", "uses", "with", "env", "if", "run"}


def test_what_it_installs_is_a_wheel_of_this_version(workflow: dict[Any, Any], steps: list[dict[str, Any]]) -> None:
    """Not a name: nobody but the owner of a name on an index says what it installs."""
    assert workflow["env"]["BURNCURVE"] == f"tools/burncurve-{__version__}-py3-none-any.whl"
    assert named(steps, "Install") == 'pip install "$BURNCURVE"'


def test_what_others_wrote_is_never_part_of_a_command(steps: list[dict[str, Any]]) -> None:
    assert [step["name"] for step in steps if IN_RUN.search(step.get("run", ""))] == []


class Clone:
    """A clone on a branch that changes the scenario of main, in which steps run as a runner would."""

    def __init__(self, folder: Path, thresholds: str) -> None:
        self.folder, self.summary = folder / "clone", folder / "summary.md"
        self.env = {
            **os.environ, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT / "sim"),
            "GITHUB_STEP_SUMMARY": str(self.summary), "BASE": "main", "SCENARIO": "agents.yaml", "REPLICATIONS": "2",
            "GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
        }  # fmt: skip
        tool = folder / "bin" / "burncurve"
        tool.parent.mkdir()
        tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m burncurve "$@"\n')
        tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
        origin = folder / "origin"
        self.run(f"git init -q -b main {origin}", folder)
        self.run("burncurve new agents --from heartbeat --quiet", origin)
        self.run(f"printf '\\nthresholds:\\n  - {thresholds}\\n' >> agents.yaml", origin)
        self.run("git add . && git commit -q -m before", origin)
        self.run(f"git clone -q {origin} {self.folder}", folder)
        self.run("sed -i 's/30m/55m/' agents.yaml && git commit -q -am after", self.folder)

    def run(self, script: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        words = ["bash", "-e", "-o", "pipefail", "-c", script]
        done = subprocess.run(words, cwd=folder or self.folder, env=self.env, capture_output=True, text=True)
        if folder is not None:
            assert done.returncode == 0, done.stderr
        return done


def named(steps: list[dict[str, Any]], name: str) -> str:
    return str(next(step["run"] for step in steps if step.get("name") == name))


def test_a_pull_request_is_told_what_changes(tmp_path: Path, steps: list[dict[str, Any]]) -> None:
    clone = Clone(tmp_path, "minimax: bill < 10")
    assert clone.run(named(steps, "What changes")).returncode == 0
    text = clone.summary.read_text()
    assert text == (clone.folder / "cost.md").read_text()
    assert "| triggers.0.every | 30m | 55m |" in text
    assert re.search(r"\| minimax \| \$[\d.]+ \| \$[\d.]+ \| -\$", text)
    assert clone.run(named(steps, "What must hold")).returncode == 0
    assert "1 threshold held" in clone.summary.read_text()


def test_a_broken_threshold_stops_the_build(tmp_path: Path, steps: list[dict[str, Any]]) -> None:
    clone = Clone(tmp_path, "minimax: bill < 0.01")
    done = clone.run(named(steps, "What must hold"))
    assert done.returncode == 99
    assert "BROKEN" in clone.summary.read_text()


def test_a_new_scenario_is_held_against_itself(tmp_path: Path, steps: list[dict[str, Any]]) -> None:
    clone = Clone(tmp_path, "minimax: bill < 10")
    clone.run("git mv agents.yaml others.yaml && git commit -q -am renamed", clone.folder)
    clone.env["SCENARIO"] = "others.yaml"
    assert clone.run(named(steps, "What changes")).returncode == 0
    assert "no change" in clone.summary.read_text()
