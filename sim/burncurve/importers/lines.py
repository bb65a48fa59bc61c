"""Lines of a file of any size in little memory: plain, gzip or zstd, whatever it does while it is read."""

from __future__ import annotations

import gzip
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

BLOCK_BYTES = 1 << 20
PACKED_BLOCK_BYTES = 1 << 16
ZSTD_BLOCK_BYTES = 1 << 12  # of unpacked bytes: those unpacked together with damage are lost with it
MOST_LINE_BYTES = 32 << 20
MOST_FILE_BYTES = 1 << 40
MOST_UNPACKED_BYTES = 64 << 30
_BLANK = re.compile(rb"\n[ \t\r\n]{16,}\n")  # fewer are not worth a look of their own
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
BOM = b"\xef\xbb\xbf"


class Unreadable(Exception):
    """A file, or the rest of it, cannot be read; the text is the reason."""


class TooLong(bytes):
    """Stands for a line longer than MOST_LINE_BYTES, of which only the beginning was kept."""


class Unended(bytes):
    """A last line without an end of line behind it, which may have been cut off."""


@dataclass(frozen=True, slots=True)
class Blank:
    """Stands for so many empty lines, of which a small packed file can hold any number."""

    lines: int


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Give the unpacked bytes of a regular file; raises Unreadable."""
    try:
        file = open(path, "rb", opener=_without_waiting)  # noqa: SIM115 (entered below, errors of opening told apart)
    except OSError as error:
        raise Unreadable(_why(error)) from None
    with file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise Unreadable("not a regular file")
        with _unpacked(file) as unpacked:
            yield unpacked


def _without_waiting(path: str, flags: int) -> int:
    """Open what was a file a moment ago and may be a pipe now."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _unpacked(file: IO[bytes]) -> Any:
    try:
        begin = file.peek(4)[:4] if hasattr(file, "peek") else b""
    except OSError as error:
        raise Unreadable(_why(error)) from None
    if begin.startswith(_GZIP):
        return gzip.GzipFile(fileobj=file)
    if begin == _ZSTD:
        import pyarrow

        return pyarrow.CompressedInputStream(pyarrow.PythonFile(file, mode="r"), "zstd")
    return file


def _why(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "vanished before it was read"
    if isinstance(error, PermissionError):
        return "no permission"
    return f"cannot be read: {error.strerror or type(error).__name__}"


def blocks(file: IO[bytes], begin: int = 0, end: int = 0) -> Iterator[bytes]:
    """Yield the bytes of a file, or of a range of it, in blocks, as far as it went when it was opened.

    What is added to a plain file while it is read waits for the next reading: a log that grows faster
    than it is read has no end. Raises Unreadable.
    """
    if begin:
        file.seek(begin)
    left = end - begin if end else _size(file)
    read, most = _reader(file)
    while left > 0:
        try:
            block = read(min(most, left))
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise Unreadable("packed data is damaged or cut off") from None
        except OSError as error:
            raise Unreadable(_why(error) if error.errno else "packed data is damaged or cut off") from None
        if not block:
            return
        left -= len(block)
        yield block
    if not plain(file) and file.read(1):
        raise Unreadable(f"unpacks to more than {MOST_UNPACKED_BYTES:,} bytes")


def _reader(file: IO[bytes]) -> tuple[Callable[[int], bytes], int]:
    """Return how to read blocks so that what stands before damage is given, and how large they are at most."""
    if isinstance(file, gzip.GzipFile):
        return file.read1, PACKED_BLOCK_BYTES
    return file.read, BLOCK_BYTES if plain(file) else ZSTD_BLOCK_BYTES


def plain(file: IO[bytes]) -> bool:
    """Say whether the bytes are those of the file itself, not unpacked ones."""
    return not isinstance(file, gzip.GzipFile) and hasattr(file, "fileno") and hasattr(file, "peek")


def _size(file: IO[bytes]) -> int:
    return min(os.fstat(file.fileno()).st_size, MOST_FILE_BYTES) if plain(file) else MOST_UNPACKED_BYTES


def lines(pieces: Iterator[bytes]) -> Iterator[bytes | Blank]:
    """Yield the lines of blocks of bytes without their ends; one too long as TooLong, in as little memory.

    Many empty ones in a row come together, the last is Unended where it has no end. What was read before the rest
    turned out to be unreadable is given first; raises Unreadable.
    """
    rest: list[bytes] = []
    kept, why = 0, None
    for block in _without_blanks(pieces):
        if isinstance(block, Blank):
            yield block
            continue
        if isinstance(block, Unreadable):
            why = block
            break
        *whole, last = block.split(b"\n")
        if whole:
            yield _joined([*rest, whole[0]], kept + len(whole[0]))
            yield from whole[1:]
            rest, kept = [], 0
        kept += len(last)
        if kept <= MOST_LINE_BYTES:
            rest.append(last)
    if kept:
        line = _joined(rest, kept)
        yield line if isinstance(line, TooLong) else Unended(line)
    if why:
        raise why


def _without_blanks(pieces: Iterator[bytes]) -> Iterator[bytes | Blank | Unreadable]:
    """Yield what stands between long runs of empty lines, to the end of the line before, and the runs.

    Why the rest cannot be read, if it cannot, comes last.
    """
    for block in _told(pieces):
        if isinstance(block, Unreadable):
            yield block
            return
        begin = 0
        for found in _BLANK.finditer(block):
            yield block[begin : found.start() + 1]
            yield Blank(found.group().count(b"\n") - 1)
            begin = found.end()
        yield block[begin:] if begin else block


def _told(pieces: Iterator[bytes]) -> Iterator[bytes | Unreadable]:
    try:
        yield from pieces
    except Unreadable as why:
        yield why


def _joined(parts: list[bytes], size: int) -> bytes:
    return TooLong(parts[0]) if size > MOST_LINE_BYTES else b"".join(parts)
