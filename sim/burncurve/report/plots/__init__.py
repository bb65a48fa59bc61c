"""The pictures of a run or a comparison, drawn with matplotlib, which is imported only when they are wanted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from burncurve.studies.curves import PictureData

LISTING = "_update_set_signature_and_docstring"  # of each kind of artist, where this matplotlib has it


def import_quickly() -> None:
    """Import matplotlib without its lists of properties, which only its help shows: for a command, which shows none.

    They take a quarter of the time. Where matplotlib is there already, nothing changes.
    """
    import matplotlib.artist as artists

    listed, listing = artists.kwdoc, vars(artists.Artist).get(LISTING)
    artists.kwdoc = lambda artist: ""
    if listing:
        setattr(artists.Artist, LISTING, classmethod(lambda cls: None))
    try:
        from burncurve.report.plots import pictures  # noqa: F401  # brings in the rest of it
    finally:
        artists.kwdoc = listed
        if listing:
            setattr(artists.Artist, LISTING, listing)


def write_pictures(folder: Path, data: PictureData) -> tuple[Path, ...]:
    """Write the pictures into the folder, each complete or not at all, and return their paths.

    Always `curves.png` (tokens by meter), `context.png`, `bill.png`, `causes.png`; `bill_log.png` where
    bills lie so far apart that the smaller ones cannot be read, `bill_fan.png` with several replications.
    The same data give the same bytes. Raises OSError where the folder cannot be written.
    """
    from burncurve.report.plots.pictures import drawn

    return drawn(folder, data)


def write_decisions(folder: Path, document: Mapping[str, Any]) -> tuple[Path, ...]:
    """Write the pictures of a study's document that help to decide, and return their paths; raises OSError.

    `pairs.png` where deployments are held against a baseline; `cost_quality.png` and `cost_time.png` where at
    least two have what the picture shows.
    """
    from burncurve.report.plots.decisions import drawn

    return drawn(folder, document)
