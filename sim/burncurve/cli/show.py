"""What commands say on standard error, and how they print a grid."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from burncurve.report.tables import Grid, duration, records, write
from burncurve.texts import escaped

if TYPE_CHECKING:
    from burncurve.studies.work import Progress as Reached

QUIET_S = 1.0


def note(text: str, quiet: bool) -> None:
    """Print one note on standard error unless the user wants none."""
    if not quiet:
        click.echo(escaped(text), err=True)


def said(text: str) -> None:
    """Print one note on standard error."""
    note(text, quiet=False)


def silent(text: str) -> None:
    """Print nothing."""


def grid(form: str, table: Grid, for_people: Sequence[Grid] = ()) -> None:
    """Print one table on standard output, as JSON a list of records; people may get it arranged otherwise."""
    arranged = [table] if form == "csv" else list(for_people) or [table]
    write(form, arranged, records(table), sys.stdout)


class Progress:
    """A line on standard error that says how far a study is, from a second on, and redraws itself."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self, progress: Reached) -> None:
        spent_s = time.monotonic() - self._start
        if spent_s >= QUIET_S:
            self._draw(progress_text(progress, spent_s))

    def clear(self) -> None:
        """Take the line away."""
        self._draw("")

    def _draw(self, text: str) -> None:
        sys.stderr.write(f"\r\x1b[2K{text}")
        sys.stderr.flush()


def progress_text(progress: Reached, spent_s: float) -> str:
    """Return replications done, twins said to be so, calls per second and the time left, as far as one knows."""
    fresh = max(1, progress.done - progress.before)
    left_s = spent_s / fresh * (progress.of - progress.done)
    rate = progress.calls / spent_s
    twins = f" ({progress.twins:,} are twins)" if progress.twins else ""
    return f"  {progress.done:,} of {progress.of:,} replications{twins}, {rate:,.0f} calls/s, {duration(left_s)} left"


def wants_progress(quiet: bool) -> bool:
    """Progress is for people who look: on a terminal only."""
    return not quiet and sys.stderr.isatty()


def notes(texts: Sequence[str], quiet: bool) -> None:
    """Print notes, each once."""
    for text in dict.fromkeys(texts):
        note(f"note: {text}", quiet)
