"""Files below a path: every one once, however links lead to it, in the same order every time."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from burncurve.importers.tally import Tally

SUFFIXES = (".jsonl", ".json", ".csv", ".ndjson")
PACKED = (".gz", ".zst", ".zstd")
MOST_DEPTH = 40
MOST_FILES = 2_000_000
_ASIDE = re.compile(r"(?<=\.jsonl)\.(reset|deleted)\.[\dt:.z-]+(?=$|\.)")  # OpenClaw's sessions put aside, with when
SAME_FILE = "the same file under another name"
AGAIN = "a folder already read"
OTHER_KIND = "neither .jsonl, .json nor .csv"


class Found(NamedTuple):
    """A file as it was found: which one it is whatever its name, and how large."""

    path: str
    identity: tuple[int, int]
    bytes: int


def files(paths: Iterable[Path], tally: Tally) -> Iterator[Found]:
    """Yield the files to read below folders, and the files named, which may have any name; each file once.

    Folders and files that cannot be entered, and those that links or other paths lead to again, are counted.
    """
    seen: set[tuple[int, int]] = set()
    entered: set[tuple[int, int]] = set()
    for path in paths:
        found: list[Found] = []
        if path.is_dir():
            _walk(path, tally, found, entered, 0)
        else:
            _named(path, found)
        for file in sorted(found):
            if file.identity in seen:
                tally.skip_file(SAME_FILE, file.path)
            else:
                seen.add(file.identity)
                yield file


def _named(path: Path, found: list[Found]) -> None:
    """Take a file that was named; where it cannot be looked at, opening it will tell why."""
    try:
        status = path.stat()
    except OSError:
        found.append(Found(str(path), (-1, len(found)), 0))
    else:
        found.append(Found(str(path), (status.st_dev, status.st_ino), status.st_size))


def _walk(folder: Path, tally: Tally, found: list[Found], entered: set[tuple[int, int]], depth: int) -> None:
    try:
        itself = folder.stat()
        identity = (itself.st_dev, itself.st_ino)
        if identity in entered:
            tally.skip_file(AGAIN, str(folder))
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
    entry: os.DirEntry[str], tally: Tally, found: list[Found], entered: set[tuple[int, int]], depth: int
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
            found.append(Found(entry.path, (status.st_dev, status.st_ino), status.st_size))
    except OSError as error:
        broken = isinstance(error, FileNotFoundError)
        tally.skip_file("a link that leads nowhere" if broken else f"cannot be read: {error.strerror}", entry.path)


def _wanted(name: str) -> bool:
    low = _ASIDE.sub("", name.lower())
    for packed in PACKED:
        low = low.removesuffix(packed)
    return low.endswith(SUFFIXES)
