"""Columns on disk: written as they come, read one at a time, gone with the last who holds them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from burncurve.errors import InputError, Problem

Ints = NDArray[np.signedinteger]


def no_room(folder: str, error: OSError) -> InputError:
    """Return what to tell where a folder for temporary files takes no more."""
    what = f"cannot be written: {error.strerror or error}"
    remedy = "Make room there, or name another folder in the environment variable TMPDIR."
    return InputError(Problem(folder, what, remedy))


class Spilled(Mapping[str, Ints]):
    """Columns of integers by name in a temporary file, each read anew whenever it is asked for."""

    def __init__(self, dtypes: Mapping[str, str]) -> None:
        self._dtypes = dtypes
        self._places: dict[str, list[tuple[int, int]]] = {name: [] for name in dtypes}
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the columns)

    def add(self, columns: Iterable[tuple[str, Ints]]) -> None:
        """Put values behind those of the columns; raises InputError where there is no room for them."""
        try:
            self._file.seek(0, 2)
            for name, values in columns:
                self._places[name].append((self._file.tell(), len(values)))
                self._file.write(np.ascontiguousarray(values, dtype=self._dtypes[name]).data)
            self._file.flush()
        except OSError as error:
            raise no_room(tempfile.gettempdir(), error) from error

    def replace(self, name: str, values: Ints) -> None:
        """Put other values in the place of a column's; raises InputError where there is no room for them."""
        self._places[name] = []
        self.add([(name, values)])

    def __getitem__(self, name: str) -> Ints:
        places = self._places[name]
        values = np.empty(sum(count for _, count in places), dtype=self._dtypes[name])
        filled = 0
        for offset, count in places:
            self._file.seek(offset)
            self._file.readinto(values[filled : filled + count].data.cast("B"))
            filled += count
        return values

    def __iter__(self) -> Iterator[str]:
        return iter(self._dtypes)

    def __len__(self) -> int:
        return len(self._dtypes)
