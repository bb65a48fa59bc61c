"""`diff`: two scenarios or runs side by side."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from burncurve.cli import show, simulate
from burncurve.cli.options import Assignment, Day, Moment, study_options
from burncurve.errors import MissingFact, Problem

if TYPE_CHECKING:
    from burncurve.studies.diff import Side


@click.command()
@click.argument("one", metavar="A")
@click.argument("other", metavar="[B]", required=False)
@click.option(
    "--to-set", "to_settings", multiple=True, type=Assignment(), metavar="PATH=VALUE",
    help="Change a value of B alone; --set changes both. Repeatable.",
)  # fmt: skip
@click.option("--to-start", type=Moment(), metavar="TIME", help="Start B at this local time.")
@click.option("--to-as-of", type=Day(), metavar="DATE", help="Use what the book knew on this date for B.")
@study_options
def diff(
    one: str,
    other: str | None,
    to_settings: tuple[str, ...],
    to_start: str | None,
    to_as_of: date | None,
    **options: Any,
) -> None:
    """Show what changes from A to B: tokens, money, and the causes that moved it.

    A and B are scenarios (files, or names of those that come with burncurve) or folders of runs. Without B it is
    A again, changed by --to-set, --to-start and --to-as-of. `--format markdown` fits a pull request.
    """
    from burncurve.studies import diff as differences

    if options["out"] is not None:
        raise click.UsageError("diff keeps two runs, each in its own folder below results; leave out --out")
    changes = {"to_settings": to_settings, "to_start": to_start, "to_as_of": to_as_of}
    if other is None and not any(changes.values()):
        raise click.UsageError("nothing differs: name B, or change A with --to-set, --to-start or --to-as-of")
    later = {
        **options,
        "settings": (*options["settings"], *to_settings),
        "start": to_start or options["start"],
        "as_of": to_as_of or options["as_of"],
    }
    second = one if other is None else other
    before = _side(one, one, options, {})
    after = _side(second, second if second != one else f"{one} changed", later, changes)
    _print(differences.document(before, after), options)


def _side(name: str, called: str, options: Mapping[str, Any], changes: Mapping[str, Any]) -> Side:
    """Return a run, or a scenario simulated and kept, as one of the two sides."""
    from burncurve.studies import diff as differences
    from burncurve.studies import runs

    if runs.is_run(name):
        if any(changes.values()):
            raise click.UsageError(f"{name} is a run and stays as it was simulated; name the scenario to change it")
        return differences.run_of(runs.find(name), called)
    study = simulate.opened(name, options)
    simulate.document_of(study, options)
    return differences.run_of(runs.default_folder(study), called)


def _print(document: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    from burncurve.report import diffs, tables

    form = options["form"]
    if form == "markdown":
        sys.stdout.write(diffs.for_pull_request(document))
    else:
        grids = [diffs.whole(document)] if form == "csv" else diffs.for_people(document)
        tables.write(form, grids, document, sys.stdout)
    sys.stdout.flush()
    show.notes(document["notes"], options["quiet"])
    if document["unpriced"]:
        raise MissingFact(*(Problem(name, "is unpriced on one side at least") for name in document["unpriced"]))
