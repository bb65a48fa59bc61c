"""`diff`: two scenarios or runs side by side."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from burncurve.cli import show, simulate
from burncurve.cli.options import Assignment, Day, Moment, pair_options
from burncurve.errors import InputError, MissingFact, Problem, attempt

if TYPE_CHECKING:
    from burncurve.studies.diff import Side
    from burncurve.studies.study import Study


@click.command()
@click.argument("one", metavar="A")
@click.argument("other", metavar="[B]", required=False)
@click.option(
    "--to-set", "to_settings", multiple=True, type=Assignment(), metavar="PATH=VALUE",
    help="Change a value of B alone; --set changes both. Repeatable.",
)  # fmt: skip
@click.option("--to-start", type=Moment(), metavar="TIME", help="Start B at this local time.")
@click.option("--to-as-of", type=Day(), metavar="DATE", help="Use what was known on this date for B.")
@pair_options
def diff(
    one: str,
    other: str | None,
    to_settings: tuple[str, ...],
    to_start: str | None,
    to_as_of: date | None,
    **options: Any,
) -> None:
    """Show what changes from A to B: tokens, money, and the causes that moved it.

    A and B are scenarios (files, or names of those that come with burncurve) or folders of runs or of imported logs.
    Without B it is A again, changed by --to-set, --to-start and --to-as-of. `--format markdown` fits a pull request.
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
    names = one, second if second != one else f"{one} changed"
    problems: list[Problem] = []
    before = attempt(problems, lambda: _found(one, names[0], options, {}))
    after = attempt(problems, lambda: _found(second, names[1], later, changes))
    if before is None or after is None:
        raise InputError(*dict.fromkeys(problems))
    differences.shared(_deployments(before), _deployments(after), names)
    one_side, other_side = _played(before, names[0], options), _played(after, names[1], later)
    _print(differences.document(one_side, other_side), options)


def _found(name: str, called: str, options: Mapping[str, Any], changes: Mapping[str, Any]) -> Side | Study:
    """Return a run as one of the two sides, or the study of a scenario, of which nothing is played yet."""
    from burncurve.studies import diff as differences
    from burncurve.studies import runs

    if not runs.is_run(name):
        return simulate.opened(name, options)
    if any(changes.values()):
        raise click.UsageError(f"{name} is a run and stays as it was simulated; name the scenario to change it")
    return differences.run_of(runs.find(name), called)


def _deployments(side: Side | Study) -> list[str]:
    from burncurve.studies.study import Study

    if isinstance(side, Study):
        return [deployment.name for deployment in side.deployments]
    return [part["name"] for part in side.document["deployments"]]


def _played(side: Side | Study, called: str, options: Mapping[str, Any]) -> Side:
    """Return a side that is a run already, or simulate and keep one."""
    from burncurve.studies import diff as differences
    from burncurve.studies import runs
    from burncurve.studies.study import Study

    if not isinstance(side, Study):
        return side
    simulate.document_of(side, options)
    return differences.run_of(runs.default_folder(side), called)


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
