"""What commands say on standard error, and how they print a grid."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from burncurve.report.tables import Grid, records, write
from burncurve.texts import escaped


def note(text: str, quiet: bool) -> None:
    """Print one note on standard error unless the user wants none."""
    if not quiet:
        click.echo(escaped(text), err=True)


def grid(form: str, table: Grid, for_people: Sequence[Grid] = ()) -> None:
    """Print one table on standard output, as JSON a list of records; people may get it arranged otherwise."""
    arranged = [table] if form == "csv" else list(for_people) or [table]
    write(form, arranged, records(table), sys.stdout)


def progress(deployment: str, done: int, of: int) -> None:
    """Draw the line of progress over itself on standard error."""
    text = f"  {deployment}: replication {done + 1} of {of}" if done < of else ""
    sys.stderr.write(f"\r\x1b[2K{text}")
    sys.stderr.flush()


def wants_progress(quiet: bool) -> bool:
    """Progress is for people who look: on a terminal only."""
    return not quiet and sys.stderr.isatty()


def notes(texts: Sequence[str], quiet: bool) -> None:
    """Print notes, each once."""
    for text in dict.fromkeys(texts):
        note(f"note: {text}", quiet)
