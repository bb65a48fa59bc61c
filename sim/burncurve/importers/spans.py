"""Which bytes are read together: files, and ranges of large ones, in pieces that do not depend on who reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

PIECE_BYTES = 32 << 20
PIECE_FILES = 500


@dataclass(frozen=True, slots=True)
class Span:
    """A file, by its number among all and its path, or a range of its bytes that holds whole lines.

    `end` 0: as far as the file goes, which was `size` bytes when it was found. `format` is known where it had to be
    looked at to cut the file. `continued` and `goes_on`: other records of the same file come before and after.
    """

    number: int
    path: str
    begin: int = 0
    end: int = 0
    format: str = ""
    continued: bool = False
    goes_on: bool = False
    size: int = 0

    @property
    def bytes(self) -> int:
        """How many bytes there were to read when the file was found."""
        return self.end - self.begin if self.end else self.size


Piece = tuple[Span, ...]


def ranges(file: IO[bytes], number: int, path: str, size: int, format_name: str) -> Iterator[Span]:
    """Yield ranges of about PIECE_BYTES that each end behind an end of line; raises OSError."""
    begin = 0
    while begin < size:
        end = _behind_line(file, begin + PIECE_BYTES, size)
        yield Span(number, path, begin, end, format_name, begin > 0, end < size)
        begin = end


def _behind_line(file: IO[bytes], wanted: int, size: int) -> int:
    """Return the first place at or behind the wanted one where a line begins, or the size."""
    if wanted >= size:
        return size
    file.seek(wanted - 1)
    while block := file.read(1 << 16):
        at = block.find(b"\n")
        if at >= 0:
            return min(file.tell() - len(block) + at + 1, size)
    return size


def pieces(sized: Iterable[tuple[Span, int]]) -> Iterator[Piece]:
    """Yield spans, which come with their sizes in bytes, in pieces: parts of a file alone, whole files together."""
    together: list[Span] = []
    held = 0
    for span, size in sized:
        alone = span.continued or span.goes_on
        if together and (alone or held + size > PIECE_BYTES or len(together) >= PIECE_FILES):
            yield tuple(together)
            together, held = [], 0
        if alone:
            yield (span,)
        else:
            together.append(span)
            held += size
    if together:
        yield tuple(together)
