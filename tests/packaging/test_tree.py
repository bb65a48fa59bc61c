"""The tree speaks of itself alone: no registry's host, no machine's path."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

PATHS = re.compile(r"(?<![\w.:/])/(?:home|root|Users|work|tmp|opt|mnt)/\w")
TEXT = {".py", ".md", ".yaml", ".yml", ".toml", ".lock", ".txt", ".json", ".csv", ".cfg", ".rst", ".sh", ""}
LARGEST_BYTES = 2_000_000
LEFT_BEHIND = re.compile(
    r"\.(?!ci/|gitignore)|results/|build/|dist/|docs/(_build|gallery)/|.*__pycache__/|.*\.egg-info/"
)


@pytest.fixture(scope="module")
def texts(root: Path) -> dict[str, str]:
    """The text of every committed or new file, by its path in the tree."""
    if (root / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.split("\0")
    else:  # unpacked from an archive: what it holds is what was committed, beside what tests and set-up leave
        found = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
        listed = [path.as_posix() for path in found if not LEFT_BEHIND.match(path.as_posix())]
    names = [name for name in listed if name and (root / name).is_file()]
    return {name: (root / name).read_text(encoding="utf-8") for name in names if Path(name).suffix in TEXT}


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml", "Makefile", ".ci/install", ".ci/run"])
def test_set_up_takes_packages_by_name_from_any_index(root: Path, name: str) -> None:
    assert "://" not in (root / name).read_text(encoding="utf-8")


def test_no_file_names_a_path_of_a_machine(texts: dict[str, str]) -> None:
    found = [(name, match.group()) for name, text in texts.items() for match in PATHS.finditer(text)]
    assert found == []


def test_the_lock_is_pinned_and_hashed(root: Path) -> None:
    lock = (root / "requirements.lock").read_text()
    entries = re.split(r"\n(?=\S)", lock.strip())
    assert len(entries) > 20
    assert all(re.match(r"[\w.-]+==\S+", entry) and "--hash=sha256:" in entry for entry in entries)


def test_the_lock_holds_every_requirement(root: Path) -> None:
    project = (root / "pyproject.toml").read_text()
    wanted = {name.lower() for name in re.findall(r'^    "([A-Za-z][\w-]*)>=', project, re.MULTILINE)}
    locked = set(re.findall(r"^([\w-]+)==", (root / "requirements.lock").read_text(), re.MULTILINE))
    assert {"simpy", "pytest", "sphinx"} <= wanted
    assert wanted <= locked


def test_no_file_is_large(root: Path, texts: dict[str, str]) -> None:
    assert [name for name in texts if (root / name).stat().st_size > LARGEST_BYTES] == []
