"""Compiled code on disk: never stale, and no need of a folder that can be written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "sim" / "burncurve"
PROGRAM = """
from burncurve.deployment import Account, Deployment, Leg, Offer, Route
from burncurve.engines import play
from burncurve.workload import ONE, Agent, Trigger, Workload, fixed
agent = Agent("a", 0, base=fixed(100), turns=ONE, output=fixed(10))
work = Workload("w", 1, 0, 10_000_000, ("r",), (agent,), (Trigger("t", 1, 0, times_us=(0,)),))
offer = Offer("o", 1_000_000, first_token_ns=5_000_000)
print(play(work, Deployment("d", (offer,), (Account("a"),), (Route((Leg(0, 0),)),)), range(1), "compiled")["end_us"][0])
"""


def _run(program: str, folder: Path, cache: Path | str, **more: str) -> str:
    environment = os.environ | {"PYTHONPATH": str(folder), "NUMBA_CACHE_DIR": str(cache)} | more
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.slow
def test_an_edited_rule_changes_the_next_run(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "burncurve", ignore=shutil.ignore_patterns("__pycache__"))
    cache = tmp_path / "cache"
    assert _run(PROGRAM, tmp_path, cache) == "5000"
    assert _run(PROGRAM, tmp_path, cache) == "5000"
    assert len(list(cache.iterdir())) == 1  # the second run loaded what the first had compiled
    rules = tmp_path / "burncurve" / "engines" / "rules.py"
    stamp = rules.stat()
    rules.write_text(rules.read_text().replace("return scaled(half_up(start_ns", "return 1 + scaled(half_up(start_ns"))
    os.utime(rules, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # not even the clock gives the edit away
    assert _run(PROGRAM, tmp_path, cache) == "5001"


WHERE = "from burncurve.engines.compiled import kept; print(kept.cache_folder())"


def test_a_folder_that_cannot_be_made_is_passed_over(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    nowhere = {"XDG_CACHE_HOME": str(blocked), "HOME": str(blocked), "TMPDIR": str(tmp_path)}
    found = _run(WHERE, PACKAGE.parent, blocked, **nowhere)
    assert found.startswith(str(tmp_path / "burncurve-"))


def test_a_folder_that_others_may_write_to_is_passed_over(tmp_path: Path) -> None:
    shared, home = tmp_path / "shared", tmp_path / "home"
    for folder in (shared, home):
        folder.mkdir()
    shared.chmod(0o777)
    elsewhere = {"XDG_CACHE_HOME": str(home)}
    assert _run(WHERE, PACKAGE.parent, shared, **elsewhere).startswith(str(home))
    shared.chmod(0o1777)  # nobody takes away there what is another's
    assert _run(WHERE, PACKAGE.parent, shared, **elsewhere).startswith(str(shared))


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can make what is another's")
def test_a_folder_of_another_user_is_passed_over(tmp_path: Path) -> None:
    theirs, home = tmp_path / "theirs", tmp_path / "home"
    theirs.mkdir()
    os.chown(theirs, 12_345, 12_345)
    assert _run(WHERE, PACKAGE.parent, theirs, XDG_CACHE_HOME=str(home)).startswith(str(home))


def test_a_change_of_any_kernel_or_rule_changes_the_folder(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "burncurve", ignore=shutil.ignore_patterns("__pycache__"))
    names = {_run(WHERE, tmp_path, tmp_path / "cache")}
    for edited in ("engines/rules.py", "engines/compiled/call.py", "engines/reference/luck.py", "draws.py"):
        path = tmp_path / "burncurve" / edited
        path.write_text(path.read_text() + "\n# edited\n")
        names.add(_run(WHERE, tmp_path, tmp_path / "cache"))
    assert len(names) == 5


KERNEL = "from burncurve.studies.reduction import machine; print(machine.file_name())"


def test_a_change_of_what_adds_ledgers_up_changes_the_file(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "burncurve", ignore=shutil.ignore_patterns("__pycache__"))
    names = {_run(KERNEL, tmp_path, tmp_path / "cache")}
    for edited in (
        "studies/reduction/kernel.py",
        "studies/reduction/bill.py",
        "billing/causes.py",
        "studies/growth.py",
    ):
        path = tmp_path / "burncurve" / edited
        path.write_text(path.read_text() + "\n# edited\n")
        names.add(_run(KERNEL, tmp_path, tmp_path / "cache"))
    assert len(names) == 5
