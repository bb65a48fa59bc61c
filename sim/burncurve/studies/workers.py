"""Which executor plays: this thread, threads, processes or a cluster, and what each of them needs."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from burncurve.studies.pool import Inline

MOST_WORKERS = 64


@dataclass(frozen=True, slots=True)
class Hands:
    """How to make an executor, how many items to hand it at once, and how to let go of it when interrupted."""

    make: Callable[[], Executor]
    at_once: int
    name: str


def inline() -> Hands:
    """Return the hands of this thread alone."""
    return Hands(Inline, 1, "one thread")


def threads(number: int) -> Hands:
    """Return threads of this process: for an engine that lets others work meanwhile."""
    from concurrent.futures import ThreadPoolExecutor

    return Hands(lambda: ThreadPoolExecutor(number), number, f"{number} threads")


def processes(number: int) -> Hands:
    """Return processes of their own, started afresh: no lock of this one is copied half-held."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    def make() -> Executor:
        return ProcessPoolExecutor(number, mp_context=get_context("spawn"), initializer=_enter_process)

    return Hands(make, 2 * number, f"{number} processes")


def sensible() -> int:
    """Return how many workers this machine can use."""
    return max(1, min(MOST_WORKERS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1))


def stop_processes() -> None:
    """End the processes that still work for this one; what they had not finished is done again when resumed."""
    from multiprocessing import active_children

    for child in active_children():
        child.terminate()


def _enter_process() -> None:
    """Leave Ctrl-C to the parent, and end when it is gone."""
    from multiprocessing import parent_process

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.join,), daemon=True).start()


def _end_with(parent_ends: Callable[[], None]) -> None:
    parent_ends()
    os._exit(1)
