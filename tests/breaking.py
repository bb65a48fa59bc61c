"""Work that goes wrong, in a module that other processes can import."""

from __future__ import annotations

import os
import signal
from pathlib import Path

BEYOND_A_PIPE = 200_000  # bytes; a pipe holds 65,536 on Linux


def kill_once(item: tuple[str, int]) -> int:
    """Return the item's number; the first time number 2 is asked for, the process dies."""
    mark, number = item
    if number == 2 and not Path(mark).exists():
        Path(mark).touch()
        os._exit(9)
    return number


def large_unless_killed(item: tuple[str, int]) -> bytes:
    """Return more than a pipe holds; the first process that sends so much through one is killed half-way."""
    from multiprocessing.connection import Connection

    mark = Path(item[0])

    def send(self: Connection, buffer: memoryview) -> None:
        sent = os.write(self.fileno(), buffer[: len(buffer) // 2] if len(buffer) > BEYOND_A_PIPE // 2 else buffer)
        if sent < len(buffer) and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if sent < len(buffer):
            os.write(self.fileno(), buffer[sent:])

    Connection._send = send  # type: ignore[attr-defined]
    return bytes(BEYOND_A_PIPE)
