"""Which executor plays: this thread, threads, processes or a cluster, and what each of them needs."""

from __future__ import annotations

import os

from burncurve.studies.pool import Hands, Inline

MOST_WORKERS = 64


def inline() -> Hands:
    """Return the hands of this thread alone."""
    return Hands(Inline, 1, "one thread")


def threads(number: int) -> Hands:
    """Return threads of this process: for an engine that lets others work meanwhile."""
    from concurrent.futures import ThreadPoolExecutor

    return Hands(lambda: ThreadPoolExecutor(number), number, f"{number} threads")


def processes(number: int) -> Hands:
    """Return processes: for an engine that lets nobody of this one work meanwhile."""
    from burncurve.studies.processes import Processes, stop

    return Hands(lambda: Processes(number), 2 * number, f"{number} processes", stop)


def sensible() -> int:
    """Return how many workers this machine can use."""
    return max(1, min(MOST_WORKERS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1))
