"""Files written aside and then given their name: whole or not there, and never through a link that somebody left."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

LOST = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


@contextmanager
def written_aside(target: Path, *, overwrite: bool = False) -> Iterator[BinaryIO]:
    """Give a new file beside `target` to write to; when the block ends well it becomes `target`.

    When the block fails nothing is left. The name aside cannot be foreseen and must not exist. Raises
    OSError, FileExistsError among them where `target` is there and is not to be overwritten.
    """
    aside = target.parent / f".{secrets.token_hex(8)}.part"
    file = open(aside, "xb")  # noqa: SIM115 (closed below, before it gets its name)
    try:
        with file:
            yield file
        if overwrite:
            os.replace(aside, target)
        else:
            _named(aside, target)
    finally:
        aside.unlink(missing_ok=True)


def _named(aside: Path, target: Path) -> None:
    """Give the file its name unless something has it: a second name does, where the file system knows such."""
    try:
        os.link(aside, target)
    except FileExistsError:
        raise
    except OSError:
        if os.path.lexists(target):
            raise
        os.rename(aside, target)


def to_disk(path: Path) -> None:
    """Have the disk itself hold a file, or the names in a folder, so that losing power later takes nothing of it.

    Raises OSError where the disk is full or fails; a system that cannot do this to such a path is let be.
    """
    try:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno in LOST:
            raise
