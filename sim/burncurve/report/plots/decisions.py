"""Which pictures of a decision a study's document calls for, in which files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from burncurve.report.plots.frontier import quality, quality_dots, time, time_dots
from burncurve.report.plots.pairs import pairs, shown
from burncurve.report.plots.sheet import look, save


def drawn(folder: Path, document: Mapping[str, Any]) -> tuple[Path, ...]:
    """Draw and write every picture that the document calls for; see `write_decisions`."""
    wanted = {}
    if document["comparison"] and shown(document):
        wanted["pairs.png"] = pairs
    if len(quality_dots(document)) > 1:
        wanted["cost_quality.png"] = quality
    if len(time_dots(document)) > 1:
        wanted["cost_time.png"] = time
    with look():
        return save((folder / name, draw(document)) for name, draw in wanted.items())
