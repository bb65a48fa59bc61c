"""What the options about work mean: who plays, and what is told meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from burncurve.cli import show

if TYPE_CHECKING:
    from burncurve.studies.work import Work
    from burncurve.studies.workers import Hands


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
