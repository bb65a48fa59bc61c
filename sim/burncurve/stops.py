"""Being asked to stop: by a person's Ctrl-C, or by SIGTERM, as schedulers, containers and `kill` do."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

CTRL_C_CODE = 2
SIGTERM_CODE = 128 + signal.SIGTERM  # as a shell tells the end by a signal
ONCE_MORE_S = 0.01
IMPORTING = "<frozen importlib"  # where Python's own code for imports is from


class Terminated(KeyboardInterrupt):
    """SIGTERM came: whatever Ctrl-C ends in good order, this ends too."""


def heed() -> None:
    """Have Terminated raised when SIGTERM comes, except where whoever started this process has it ignored.

    Neither it nor Ctrl-C is lost where Python cannot raise: in what runs when an object goes. And both wait until an
    import is over: raised between the taking of its lock and the note of that, they would leave it taken for ever.
    """
    for number, usual in ((signal.SIGTERM, signal.SIG_DFL), (signal.SIGINT, signal.default_int_handler)):
        if signal.getsignal(number) is usual:
            signal.signal(number, _stop)
    sys.unraisablehook = _once_more


@contextmanager
def held() -> Iterator[Callable[[], None]]:
    """Hold back Ctrl-C and SIGTERM; yield what raises the one that came, to be called where one may.

    Whoever calls a library that takes locks needs it: an interrupt between taking one and noting so leaves it taken
    for ever. The second that comes is raised at once. Outside the main thread, where none is raised, nothing is done.
    """
    numbers = (signal.SIGINT, signal.SIGTERM) if threading.current_thread() is threading.main_thread() else ()
    raising = {number: how for number in numbers if callable(how := signal.getsignal(number))}
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)
        if len(came) > 1:
            raising[signal.Signals(number)](number, frame)

    def look() -> None:
        if came:
            raising[signal.Signals(came[0])](came[0], None)

    for number in raising:
        signal.signal(number, note)
    try:
        yield look
    finally:
        for number, how in raising.items():
            signal.signal(number, how)
    look()


@contextmanager
def kept_from_children() -> Iterator[None]:
    """Start the processes of this block deaf to Ctrl-C, which a terminal sends to all that it runs."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def told(stop: BaseException | None) -> tuple[str, int]:
    """Return how to say what stopped the work, and the exit code."""
    return ("stopped by SIGTERM", SIGTERM_CODE) if isinstance(stop, Terminated) else ("stopped by Ctrl-C", CTRL_C_CODE)


def _stop(number: int, frame: FrameType | None) -> None:
    if _is_importing(frame):
        _ask_later(number)
    else:
        raise Terminated if number == signal.SIGTERM else KeyboardInterrupt


def _is_importing(frame: FrameType | None) -> bool:
    while frame and not frame.f_code.co_filename.startswith(IMPORTING):
        frame = frame.f_back
    return frame is not None


def _once_more(lost: UnraisableHookArgs) -> None:
    """Ask again for the stop that was raised where nobody could take it."""
    if isinstance(lost.exc_value, KeyboardInterrupt):
        _ask_later(signal.SIGTERM if isinstance(lost.exc_value, Terminated) else signal.SIGINT)
    else:
        sys.__unraisablehook__(lost)


def _ask_later(number: int) -> None:
    threading.Timer(ONCE_MORE_S, _ask, (number,)).start()


def _ask(number: int) -> None:
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(cast(int, threading.main_thread().ident), number)  # which wakes it where it waits
    else:
        signal.raise_signal(number)
