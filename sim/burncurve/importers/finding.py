"""Files below a path: every one once, however links lead to it, in the same order every time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from burncurve.importers.tally import Tally

SUFFIXES = (".jsonl", ".json", ".csv", ".ndjson")
PACKED = (".gz", ".zst", ".zstd")
MOST_DEPTH = 40
MOST_FILES = 2_000_000
OTHER_KIND = "neither .jsonl, .json nor .csv"


def files(path: Path, tally: Tally) -> Iterator[Path]:
    """Yield the files to read below a folder, or the one file named, which may have any name.

    Folders and files that cannot be entered, and those that links lead to again, are counted.
    """
    if not path.is_dir():
        yield path
        return
    found: list[tuple[tuple[int, int], Path]] = []
    _walk(path, tally, found, set(), 0)
    seen: set[tuple[int, int]] = set()
    for identity, file in sorted(found, key=lambda item: str(item[1])):
        if identity in seen:
            tally.skip_file("the same file under another name", str(file))
        else:
            seen.add(identity)
            yield file


def _walk(
    folder: Path, tally: Tally, found: list[tuple[tuple[int, int], Path]], entered: set[tuple[int, int]], depth: int
) -> None:
    try:
        itself = folder.stat()
        identity = (itself.st_dev, itself.st_ino)
        if identity in entered:
            tally.skip_file("a link back to a folder already read", str(folder))
            return
        entered.add(identity)
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        why = "no permission" if isinstance(error, PermissionError) else f"cannot be entered: {error.strerror}"
        tally.skip_file(why, str(folder))
        return
    for entry in listed:
        _entry(entry, tally, found, entered, depth)


def _entry(
    entry: os.DirEntry[str],
    tally: Tally,
    found: list[tuple[tuple[int, int], Path]],
    entered: set[tuple[int, int]],
    depth: int,
) -> None:
    try:
        if entry.is_dir():
            if depth >= MOST_DEPTH:
                tally.skip_file(f"more than {MOST_DEPTH} folders deep", entry.path)
            else:
                _walk(Path(entry.path), tally, found, entered, depth + 1)
        elif not _wanted(entry.name):
            tally.skip_file(OTHER_KIND, entry.path)
        elif len(found) >= MOST_FILES:
            tally.skip_file(f"more than {MOST_FILES:,} files", entry.path)
        else:
            status = entry.stat()
            found.append(((status.st_dev, status.st_ino), Path(entry.path)))
    except OSError as error:
        broken = isinstance(error, FileNotFoundError)
        tally.skip_file("a link that leads nowhere" if broken else f"cannot be read: {error.strerror}", entry.path)


def _wanted(name: str) -> bool:
    low = name.lower()
    for packed in PACKED:
        low = low.removesuffix(packed)
    return low.endswith(SUFFIXES)
