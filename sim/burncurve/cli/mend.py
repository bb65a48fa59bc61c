"""What --resume does to a folder that is finished and damaged: what is not as it was written is made again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from burncurve.cli import show
from burncurve.cli.work import saying_what_is_left

if TYPE_CHECKING:
    from burncurve.studies.area import Area

AGAIN = "again.part"


def made_again(target: Path, run_id: str, options: Mapping[str, Any], make: Callable[[Area, Path], object]) -> None:
    """With --resume, put what is damaged in a finished folder back as it was; parts of large ledgers are left out.

    `make` gets where pieces are kept and the folder to write. What does not come out as it was is left as it is.
    """
    from burncurve.studies import area, folder, mending

    if not (options["resume"] and mending.needs_all(target, run_id)):
        return
    with (
        saying_what_is_left(target, run_id, options["quiet"]),
        folder.refusals(target),
        area.opened(target, run_id, resume=True) as store,
    ):
        make(store, store.path / AGAIN)
        for name in mending.put_back(store.path / AGAIN, target):
            said(target / name, options["quiet"])


def said(path: Path, quiet: bool) -> None:
    """Say that a damaged file was made again."""
    show.note(f"was damaged, done again: {path}", quiet)


def told(store: Area, what: str, quiet: bool) -> None:
    """Say how many pieces are there from before, and which of them are damaged and are done again."""
    whole, damaged = store.sound()
    if whole:
        show.note(f"resumed: {whole:,} {what}", quiet)
    for path in damaged:
        said(path, quiet)
