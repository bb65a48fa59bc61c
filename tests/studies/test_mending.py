"""Damaged files of a finished run are found by their checksums and done again, and nothing else is touched."""

import sys
from pathlib import Path
from subprocess import CompletedProcess, run

import pytest

pytest.importorskip("numba")
STOCK_MONITOR = Path(__file__).parents[2] / "scenarios" / "openclaw-stock-monitor.yaml"


def played(target: Path, *more: str) -> CompletedProcess[str]:
    command = (sys.executable, "-m", "burncurve", "run", str(STOCK_MONITOR), "--replications", "45", "--ledger")
    rest = ("--engine", "compiled", "--no-pictures", "--out", str(target), *more)
    return run((*command, *rest), capture_output=True, text=True)


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "out"
    assert played(folder).returncode == 0
    return folder


def test_a_changed_and_a_missing_part_are_done_again_on_resume(target: Path) -> None:
    whole = {path: path.read_bytes() for path in target.rglob("*") if path.is_file()}
    first, *_, last = sorted((target / "ledger").iterdir())
    first.unlink()
    last.write_bytes(whole[last][:-100])
    refused = played(target)
    assert refused.returncode == 2
    assert "--resume" in refused.stderr
    assert first.name in refused.stderr
    assert last.name in refused.stderr
    mended = played(target, "--resume")
    assert mended.returncode == 0, mended.stderr
    assert mended.stderr.count("done again") == 2
    assert {path: path.read_bytes() for path in target.rglob("*") if path.is_file()} == whole


def test_a_damaged_summary_and_a_part_are_done_again(target: Path) -> None:
    whole = {path: path.read_bytes() for path in target.rglob("*") if path.is_file()}
    summary, part = target / "summary.json", min((target / "ledger").iterdir())
    summary.write_bytes(whole[summary] + b" ")
    part.write_bytes(b"")
    mended = played(target, "--resume")
    assert mended.returncode == 0, mended.stderr
    assert mended.stderr.count("done again") == 2
    assert {path: path.read_bytes() for path in target.rglob("*") if path.is_file()} == whole
