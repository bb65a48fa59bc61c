"""Memory for rows, handed out again when the ledger that had it is gone.

A run plays chunk after chunk and drops each ledger. New memory costs more than what is written into it: the operating
system clears every page, which takes as long as playing half the calls that fit on it.
"""

from __future__ import annotations

import weakref
from threading import Lock

import numpy as np
from numpy.typing import NDArray

MOST_SPARE = 4  # pieces that wait for the next ledger: two sizes for each of two threads
LARGEST_SPARE = 1 << 28  # larger ones go back to the operating system
SLACK = 4  # a piece is not lent for less than a quarter of it

_spare: list[NDArray[np.uint8]] = []
_lock = Lock()


def lent(size: int) -> NDArray[np.uint8]:
    """Return memory of so many bytes, whatever stands in it; it comes back when no array uses it any more."""
    piece = _found(size)
    memory = np.frombuffer(piece.data, np.uint8)
    weakref.finalize(memory, _back, piece).atexit = False
    return memory[:size]


def _found(size: int) -> NDArray[np.uint8]:
    with _lock:
        for i, piece in enumerate(_spare):
            if size <= len(piece) <= size * SLACK:
                return _spare.pop(i)
    return np.empty(_rounded(size), np.uint8)


def _rounded(size: int) -> int:
    """Return the next of four sizes per doubling, so that ledgers of about the same size share their memory."""
    step = 1 << max(size.bit_length() - 3, 0)
    return -(-size // step) * step


def _back(piece: NDArray[np.uint8]) -> None:
    if len(piece) > LARGEST_SPARE:
        return
    with _lock:
        _spare.append(piece)
        _spare.sort(key=len)
        del _spare[:-MOST_SPARE]
