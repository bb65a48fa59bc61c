"""Memory for rows and for what changes while they are made, handed out again when who had it is gone.

A run plays chunk after chunk and drops each ledger and each world. New memory costs more than what is written into it:
the operating system clears every page, which takes as long as playing half the calls that fit on it.
"""

from __future__ import annotations

import weakref
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from burncurve.engines.compiled.layout import ALIGNED

MOST_SPARE = 2  # pieces that wait for the next ledger or world: one for each of two threads
LARGEST_SPARE = 1 << 28  # larger ones go back to the operating system


class Spare:
    """Pieces of memory that nobody uses for now."""

    def __init__(self) -> None:
        self._pieces: list[NDArray[np.uint8]] = []  # by size
        self._lock = Lock()

    def lent(self, size: int) -> NDArray[np.uint8]:
        """Return at least so many aligned bytes, whatever stands there; they come back when no array uses them."""
        piece = self._found(size + ALIGNED)
        memory = np.frombuffer(piece.data, np.uint8, offset=-piece.ctypes.data % ALIGNED)
        weakref.finalize(memory, self._back, piece).atexit = False
        return memory

    def _found(self, size: int) -> NDArray[np.uint8]:
        with self._lock:
            if self._pieces and len(self._pieces[-1]) >= size:
                return self._pieces.pop()
        return np.empty(size, np.uint8)

    def _back(self, piece: NDArray[np.uint8]) -> None:
        if len(piece) > LARGEST_SPARE:
            return
        with self._lock:
            self._pieces.append(piece)
            self._pieces.sort(key=len)
            del self._pieces[:-MOST_SPARE]


LEDGERS, WORLDS = Spare(), Spare()
