"""Sphinx: built offline; the references and the output of the examples are made anew on every build."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "sim")]

import executed  # noqa: E402  the path must be there first
import references  # noqa: E402

from burncurve.version import __version__  # noqa: E402

project = "burncurve"
author = "the burncurve authors"
release = __version__
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"burncurve {release}"
html_extra_path = ["scenario.schema.json"]


def run_the_lessons(_: Sphinx) -> None:
    """Run the lessons where they stand, so that their pictures are this version's; a stale page fails the build."""
    os.environ.update(executed.ENVIRONMENT)
    for page in sorted((HERE / "lessons").glob("*.md")):
        if executed.refreshed(page, page.parent) != page.read_text(encoding="utf-8"):
            raise RuntimeError(f"{page.name} shows what its examples no longer print; run: make readme")


def setup(app: Sphinx) -> None:
    """Write the references before the pages are looked for, then run the lessons."""
    references.write()
    app.connect("builder-inited", run_the_lessons)
