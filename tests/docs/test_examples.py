"""Every example of the README and of the documents runs and prints what the page shows."""

from __future__ import annotations

import difflib
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "lessons").glob("*.md"))]


def load(name: str) -> ModuleType:
    """Import a helper of docs/, which is no package."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


executed = load("executed")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in executed.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "sim"), os.environ.get("PYTHONPATH", "")]))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_page_is_true(page: Path, tmp_path: Path) -> None:
    shown = page.read_text(encoding="utf-8")
    now = executed.refreshed(page, tmp_path)
    changed = list(difflib.unified_diff(shown.splitlines(), now.splitlines(), "shown", "printed now", lineterm=""))
    assert not changed, "\n".join([*changed[:40], "if this is right, run: make readme"])
    if page.name in executed.PICTURES:
        assert executed.drawn(tmp_path, page.name).stat().st_size
        assert executed.PICTURES[page.name][0] in shown


def test_a_stale_page_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nx = 2\n```\nand\n```python\nprint(x + x)\n```\n```text\n5\n```\nend\n")
    assert executed.refreshed(page, tmp_path).endswith("```text\n4\n```\nend\n")


def test_commands_of_others_keep_what_they_show(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    text = "```console\n$ make test\nfine\n```\n\n```text\nprose\n```\n"
    page.write_text(text)
    assert executed.refreshed(page, tmp_path) == text


def test_our_commands_show_what_they_print(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ burncurve --version\nold\n$ ls\nx\n```\n")
    version = load_version()
    assert executed.refreshed(page, tmp_path) == f"```console\n$ burncurve --version\n{version}\n$ ls\nx\n```\n"


def load_version() -> str:
    """The line that --version prints."""
    from burncurve.version import __version__

    return f"burncurve, version {__version__}"
