"""Calling the command as people do: in a folder of one's own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from burncurve.cli import main

Call = Callable[..., Result]
SOURCES = Path(__file__).parents[2] / "sim"


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """The command within this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


def _hear_ctrl_c() -> None:
    """Have Ctrl-C heard also where a shell started the tests in the background, which has it ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def process(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """The command as a process of its own, in an empty folder."""

    def start(*words: str, **options: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "burncurve", *words]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "preexec_fn": _hear_ctrl_c, **options}
        paths = {**os.environ, "PYTHONPATH": str(SOURCES)}
        return subprocess.Popen(command, cwd=tmp_path, text=True, env=paths, **pipes)  # type: ignore[call-overload]

    return start
