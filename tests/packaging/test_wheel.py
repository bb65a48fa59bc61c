"""The wheel, installed by pip into an empty environment, works far from any clone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    """Return what the command printed; fails with what it said."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, root, cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands of an environment that holds the wheel, at the versions that are locked."""
    folder = tmp_path_factory.mktemp("empty")
    venv.create(folder / "env", with_pip=True)
    pins = re.findall(r"^[\w.-]+==\S+(?: ;[^\\\n]*)?", (root / "requirements.lock").read_text(), re.MULTILINE)
    (folder / "pins.txt").write_text("\n".join(pins))
    bin_folder = folder / "env" / ("Scripts" if sys.platform == "win32" else "bin")
    run(bin_folder / "python", "-m", "pip", "install", "-q", "-c", "pins.txt", wheel, cwd=folder)
    return bin_folder


def test_the_wheel_holds_every_scenario_and_all_data(root: Path, wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    scenarios = {f"burncurve/shipped/{path.name}" for path in (root / "scenarios").glob("*.yaml")}
    data = {str(path.relative_to(root / "sim")) for path in (root / "sim" / "burncurve").rglob("*.yaml")}
    assert scenarios
    assert data
    assert scenarios | data <= held


def test_a_shipped_scenario_runs_from_another_folder(installed: Path, tmp_path: Path) -> None:
    printed = run(installed / "burncurve", "compare", "blackboard", "--format", "json", "--no-pictures", cwd=tmp_path)
    document = json.loads(printed)
    assert document["deployments"]
    assert all(deployment["calls"] > 0 for deployment in document["deployments"])
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


def test_pictures_can_be_drawn_there(installed: Path, tmp_path: Path) -> None:
    run(installed / "burncurve", "compare", "blackboard", "--out", "here", cwd=tmp_path)
    assert list((tmp_path / "here").glob("*.png"))


def test_nothing_of_a_clone_is_needed(installed: Path, tmp_path: Path) -> None:
    code = "import burncurve; print(burncurve.__file__)"
    where = Path(run(installed / "python", "-c", code, cwd=tmp_path).strip())
    assert where.is_relative_to(installed.parent)
