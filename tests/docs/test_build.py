"""The documentation builds without a warning and fetches nothing from outside when it is read."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

FETCHED = re.compile(r"""<(?:script|img|link|iframe)[^>]+(?:src|href)=["'](?:https?:)?//""")


def test_the_documentation_builds_and_is_whole(root: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "docs", str(tmp_path)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr  # without Sphinx too: the lock installs it
    pages = {page.name: page.read_text(encoding="utf-8") for page in tmp_path.rglob("*.html")}
    references = {"commands.html", "scenario.html", "ledger.html"}
    assert {"index.html", "design.html", "ten-turns.html", *references} <= set(pages)
    assert [name for name, text in pages.items() if FETCHED.search(text)] == []
