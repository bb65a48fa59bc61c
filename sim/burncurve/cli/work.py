"""What the options about work mean: who plays, what is told meanwhile, and what is left when it ends early."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import click

from burncurve import stops
from burncurve.cli import show
from burncurve.errors import BurncurveError, Problem, Stopped, StoppedBySystem

if TYPE_CHECKING:
    from burncurve.studies.pool import Hands
    from burncurve.studies.work import Work


@contextmanager
def work(options: Mapping[str, Any]) -> Iterator[Work]:
    """Give the work that the options ask for; its line of progress is gone when the block ends.

    Raises InputError for a cluster that is not there or not of this program.
    """
    from burncurve.studies.work import Work

    quiet, hands = options["quiet"], _cluster(options)
    line = show.Progress() if show.wants_progress(quiet) else None
    try:
        say = show.silent if quiet else show.said
        yield Work(options["workers"], options["chunk"], hands, told=line, say=say)
    finally:
        if line:
            line.clear()


@contextmanager
def meanwhile(call: Callable[[], None]) -> Iterator[None]:
    """Import in a thread of its own while the block works; what cannot be imported says so where it is needed.

    Where the block fails nobody needs it, and nobody waits.
    """

    def quietly() -> None:
        with suppress(ImportError, RuntimeError):  # the latter where Python ends meanwhile
            call()

    thread = Thread(target=quietly)
    with stops.held():
        thread.start()
    yield
    thread.join()


def _cluster(options: Mapping[str, Any]) -> Hands | None:
    address = options["cluster"]
    if address is None:
        return None
    if options["workers"]:
        raise click.UsageError("--workers is about this machine; leave it out with --cluster")
    from burncurve.studies import cluster

    hands = cluster.hands(address)
    show.note(f"played by {hands.name}", options["quiet"])
    return hands


@contextmanager
def saying_what_is_left(target: Path, run_id: str, quiet: bool) -> Iterator[None]:
    """Let the message of whatever ends the block say what is left behind of the run, if anything is."""
    from burncurve.studies import area
    from burncurve.studies.folder import NOTHING_LEFT

    try:
        yield
    except KeyboardInterrupt as stop:
        if left := area.left(target, run_id):
            kind = StoppedBySystem if isinstance(stop, stops.Terminated) else Stopped
            raise kind(Problem("", stops.told(stop)[0], left)) from stop
        raise
    except Exception as end:  # whatever it is, it goes on to the door; only what is left behind is added
        left = area.left(target, run_id)
        if left and isinstance(end, BurncurveError) and NOTHING_LEFT in str(end):
            end.problems = tuple(replace(one, remedy=one.remedy.replace(NOTHING_LEFT, left)) for one in end.problems)
        elif left:
            show.note(f"note: {left}", quiet)
        raise
