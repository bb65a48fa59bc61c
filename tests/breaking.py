"""Work that goes wrong, in a module that other processes can import."""

from __future__ import annotations

import os
from pathlib import Path


def kill_once(item: tuple[str, int]) -> int:
    """Return the item's number; the first time number 2 is asked for, the process dies."""
    mark, number = item
    if number == 2 and not Path(mark).exists():
        Path(mark).touch()
        os._exit(9)
    return number
