"""Memory for rows, handed out again when the ledger that had it is gone.

A run plays chunk after chunk and drops each ledger. New memory costs more than what is written into it: the operating
system clears every page, which takes as long as playing half the calls that fit on it.
"""

from __future__ import annotations

import weakref
from threading import Lock

import numpy as np
from numpy.typing import NDArray

MOST_SPARE = 2  # pieces that wait for the next ledger: one for each of two threads
LARGEST_SPARE = 1 << 28  # larger ones go back to the operating system

_spare: list[NDArray[np.uint8]] = []  # by size
_lock = Lock()


def lent(size: int) -> NDArray[np.uint8]:
    """Return memory of at least so many bytes, whatever stands in it; it comes back when no array uses it any more."""
    piece = _found(size)
    memory = np.frombuffer(piece.data, np.uint8)
    weakref.finalize(memory, _back, piece).atexit = False
    return memory


def _found(size: int) -> NDArray[np.uint8]:
    with _lock:
        if _spare and len(_spare[-1]) >= size:
            return _spare.pop()
    return np.empty(size, np.uint8)


def _back(piece: NDArray[np.uint8]) -> None:
    if len(piece) > LARGEST_SPARE:
        return
    with _lock:
        _spare.append(piece)
        _spare.sort(key=len)
        del _spare[:-MOST_SPARE]
