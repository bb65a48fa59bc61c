"""Set-up says which one line installs what is missing, and is quick when there is nothing to do."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CHECK = Path(".ci") / "check-python"


def fake_python(folder: Path, script: str) -> Path:
    """Write a command `python3` into the folder."""
    python = folder / "python3"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    return python


def check(root: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the check where `python3` is the one in the folder, or none."""
    (folder / "sh").symlink_to(shutil.which("sh") or "sh")
    return subprocess.run(
        [root / CHECK, "python3"], env={"PATH": str(folder)}, capture_output=True, text=True, cwd=folder
    )


@pytest.mark.parametrize(
    ("script", "remedy"),
    [
        (None, "apt-get install python3 python3-venv"),
        ('case "$2" in *version_info*) exit 1;; esac', "apt-get install python3.11 python3.11-venv"),
        ('case "$2" in *ensurepip*) exit 1;; esac', "apt-get install python3-venv"),
        ('case "$2" in *venv*) exit 1;; esac', "apt-get install python3-venv"),
    ],
    ids=["no python", "too old", "no ensurepip", "no venv"],
)
def test_what_is_missing_is_one_line(root: Path, tmp_path: Path, script: str | None, remedy: str) -> None:
    if script is not None:
        fake_python(tmp_path, script)
    done = check(root, tmp_path)
    assert done.returncode == 1
    assert remedy in done.stderr.splitlines()[1]
    assert len(done.stderr.splitlines()) == 2


def test_a_whole_python_passes(root: Path, tmp_path: Path) -> None:
    fake_python(tmp_path, "exit 0")
    done = check(root, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.fixture
def clone(root: Path, tmp_path: Path) -> Path:
    """A folder with what set-up reads, and an environment that is already there."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(root / name, tmp_path / name)
    shutil.copytree(root / ".ci", tmp_path / ".ci")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / ".ready").touch()
    return tmp_path


def planned(folder: Path) -> str:
    """Return what `make` would do to set up."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", "--dry-run", ".venv/.ready"], cwd=folder, env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_nothing_is_done_twice(clone: Path) -> None:
    assert "up to date" in planned(clone)


@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml"])
def test_a_changed_requirement_sets_up_again(clone: Path, changed: str) -> None:
    later_s = (clone / ".venv" / ".ready").stat().st_mtime + 10
    os.utime(clone / changed, (later_s, later_s))
    assert "-m venv" in planned(clone)


def test_make_alone_prints_its_targets(clone: Path) -> None:
    done = subprocess.run(["make"], cwd=clone, capture_output=True, text=True, check=True)
    assert {"demo", "test", "docs"} <= {line.split()[0] for line in done.stdout.splitlines()}
