"""Processes that play for this one: they leave Ctrl-C to it, end when it is gone, and may be ended at any moment."""

from __future__ import annotations

import os
import pickle
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from multiprocessing import active_children, get_context, parent_process
from pathlib import Path
from tempfile import TemporaryDirectory, mkstemp
from typing import Any

from burncurve import stops


class Processes(ProcessPoolExecutor):
    """So many processes, started afresh: no lock of this one is copied half-held.

    What they come to returns by files, and only the files' names by the pipe that they share: who is killed amid a
    long message leaves half of it there, and whoever hears it would wait for the other half for ever.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number, mp_context=get_context("spawn"), initializer=_enter)
        self._folder = TemporaryDirectory(prefix="burncurve-", ignore_cleanup_errors=True)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have the call made; this also starts processes, whose first second would not know what to do with Ctrl-C."""
        found: Future[Any] = Future()
        with stops.kept_from_children():
            kept = super().submit(_keep, self._folder.name, fn, *args, **kwargs)
        kept.add_done_callback(partial(_hand_on, found))
        return found

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls; the folder goes with the last of them."""
        super().shutdown(wait, cancel_futures=cancel_futures)
        if wait:
            self._folder.cleanup()


def stop() -> None:
    """End the processes that still work for this one; what they had not finished is done again when resumed."""
    for child in active_children():
        child.terminate()


def _keep(folder: str, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """Make the call in the other process and return the file with what came of it."""
    result = fn(*args, **kwargs)
    number, name = mkstemp(dir=folder)
    with open(number, "wb") as file:
        pickle.dump(result, file, pickle.HIGHEST_PROTOCOL)
    return name


def _hand_on(found: Future[Any], kept: Future[str]) -> None:
    """Let the one future come to what the other's file holds."""
    if kept.cancelled():
        found.cancel()
    if not found.set_running_or_notify_cancel():
        return
    try:
        path = Path(kept.result())
        with path.open("rb") as file:
            result = pickle.load(file)
        path.unlink()
    except BaseException as error:  # whatever it is, it is for whoever asks the future
        found.set_exception(error)
    else:
        found.set_result(result)


def _enter() -> None:
    """Leave Ctrl-C to the parent, and end when it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.join,), daemon=True).start()


def _end_with(parent_ends: Callable[[], None]) -> None:
    parent_ends()
    os._exit(1)
