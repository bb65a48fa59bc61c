"""Columns on disk: written as they come, read a piece at a time or mapped, gone with the last who holds them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from burncurve.errors import InputError, Problem

Ints = NDArray[np.signedinteger]
Wide = NDArray[np.int64]
Flags = NDArray[np.bool_]
ROWS_AT_ONCE = 1 << 15
MOST_IN_MEMORY_BYTES = 1 << 12  # of a column: a file for so little takes longer than all else


def pieces(rows: int) -> Iterator[slice]:
    """Yield slices that together are all rows, each of as many as are looked at together."""
    return (slice(begin, min(begin + ROWS_AT_ONCE, rows)) for begin in range(0, rows, ROWS_AT_ONCE))


def distinct(parts: Iterable[Ints]) -> Wide:
    """Return the different values of a column that comes in pieces, in order."""
    found = np.zeros(0, dtype=np.int64)
    for values in parts:
        found = np.union1d(found, values)
    return found


def no_room(folder: str, error: OSError) -> InputError:
    """Return what to tell where a folder for temporary files takes no more."""
    what = f"cannot be written: {error.strerror or error}"
    remedy = "Make room there, or name another folder in the environment variable TMPDIR."
    return InputError(Problem(folder, what, remedy))


def part_of(columns: Mapping[str, Ints], rows: slice) -> Mapping[str, Ints]:
    """Return some rows in a row of columns; of those on disk a column is read when it is asked for."""
    if isinstance(columns, Spilled):
        return _Window(columns, rows)
    return {name: values[rows] for name, values in columns.items()}


class Spilled(Mapping[str, Ints]):
    """Columns of numbers by name, each in a temporary file of its own once it is large.

    A column that is asked for is the file itself, mapped: the part of it that is looked at is in memory, as long as
    somebody holds it. What is changed in it stays with who holds it. Who needs rows one after the other rather takes
    `read`, which maps nothing.
    """

    def __init__(self, dtypes: Mapping[str, DTypeLike]) -> None:
        self._dtypes = {name: np.dtype(dtype) for name, dtype in dtypes.items()}
        self._files: dict[str, IO[bytes]] = {}
        self._small = dict.fromkeys(dtypes, b"")

    def add(self, columns: Iterable[tuple[str, Ints]]) -> None:
        """Put values behind those of the columns; raises InputError where there is no room for them."""
        try:
            for name, values in columns:
                whole = np.ascontiguousarray(values, dtype=self._dtypes[name])
                if name not in self._files and len(self._small[name]) + whole.nbytes <= MOST_IN_MEMORY_BYTES:
                    self._small[name] += whole.tobytes()
                    continue
                if name not in self._files:
                    self._files[name] = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the columns)
                    self._files[name].write(self._small.pop(name))
                self._files[name].write(whole.data)
                self._files[name].flush()
        except OSError as error:
            raise no_room(tempfile.gettempdir(), error) from error

    def read(self, name: str, rows: slice) -> NDArray[Any]:
        """Return some rows of a column, apart from it; `rows` has a start and a stop within the column."""
        dtype, file = self._dtypes[name], self._files.get(name)
        found = np.empty(max(0, rows.stop - rows.start), dtype=dtype)
        if file is None:
            found[:] = np.frombuffer(self._small[name], dtype=dtype)[rows]
        else:
            os.preadv(file.fileno(), [found.view(np.uint8).data], rows.start * dtype.itemsize)
        return found

    def replace(self, name: str, values: Iterable[Ints]) -> None:
        """Put other values, which may come piece by piece, in the place of a column's; raises InputError as `add`."""
        new = Spilled({name: self._dtypes[name]})
        for part in values:
            new.add([(name, part)])
        self._files.pop(name, None)
        self._files |= new._files
        self._small |= new._small

    def __getitem__(self, name: str) -> Ints:
        dtype, file = self._dtypes[name], self._files.get(name)
        if file is None:
            return np.frombuffer(bytearray(self._small[name]), dtype=dtype)
        count = file.seek(0, 2) // dtype.itemsize
        return np.memmap(file, dtype=dtype, mode="c", shape=(count,)).view(np.ndarray)

    def __iter__(self) -> Iterator[str]:
        return iter(self._dtypes)

    def __len__(self) -> int:
        return len(self._dtypes)


class _Window(Mapping[str, Ints]):
    """Some rows of columns on disk, each read once."""

    def __init__(self, columns: Spilled, rows: slice) -> None:
        self._columns, self._rows, self._read = columns, rows, dict[str, Ints]()

    def __getitem__(self, name: str) -> Ints:
        if name not in self._read:
            self._read[name] = self._columns.read(name, self._rows)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)
