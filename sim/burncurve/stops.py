"""Being asked to stop: by a person's Ctrl-C, or by SIGTERM, as schedulers, containers and `kill` do."""

from __future__ import annotations

import signal
from types import FrameType
from typing import NoReturn

CTRL_C_CODE = 2
SIGTERM_CODE = 128 + signal.SIGTERM  # as a shell tells the end by a signal


class Terminated(KeyboardInterrupt):
    """SIGTERM came: whatever Ctrl-C ends in good order, this ends too."""


def heed_sigterm() -> None:
    """Have Terminated raised when SIGTERM comes, except where whoever started this process has it ignored."""
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _terminate)


def told(stop: BaseException | None) -> tuple[str, int]:
    """Return how to say what stopped the work, and the exit code."""
    return ("stopped by SIGTERM", SIGTERM_CODE) if isinstance(stop, Terminated) else ("stopped by Ctrl-C", CTRL_C_CODE)


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    raise Terminated
