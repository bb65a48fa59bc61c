"""Files of any bytes: a kept corpus is read on every run, and atheris goes on from it for a bounded time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from importers.test_structure import holds
from importers.written import read_all

CORPUS = Path(__file__).with_name("corpus")
SECONDS = 20


@pytest.mark.parametrize("path", sorted(CORPUS.iterdir()), ids=lambda path: path.name)
def test_the_corpus(path: Path) -> None:
    holds(read_all(path).observed)


def test_atheris_finds_nothing(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="unproven here: atheris is not installed")
    found = tmp_path / "found"
    shutil.copytree(CORPUS, found)
    words = (f"-max_total_time={SECONDS}", "-max_len=20000", "-timeout=20", "-rss_limit_mb=4000", "-seed=1")
    command = [sys.executable, str(Path(__file__).with_name("fuzz.py")), str(found), *words]
    roots = os.pathsep.join(map(str, (Path(__file__).parents[1], Path(__file__).parents[2] / "sim")))
    ended = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": roots}, timeout=300
    )
    crashes = [path.read_bytes() for path in tmp_path.glob("crash-*")]
    assert ended.returncode == 0, f"{crashes[:1]}\n{ended.stderr[-3_000:]}"
