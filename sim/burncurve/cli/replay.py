"""`replay`: what was logged, through other offers' caches, limits and prices."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from burncurve.cli import show
from burncurve.cli.options import (
    ENGINES,
    as_of_option,
    book_option,
    catalogue_option,
    debug_option,
    format_option,
    keeping_options,
    models_for,
    out_for,
    quiet_option,
    strict_option,
    work_options,
)
from burncurve.errors import MissingFact


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@models_for("Replay on these offers too, each serving all agents.")
@click.option(
    "--cache",
    type=click.Choice(("off", "5m", "1h")),
    help="How long explicit caches of --models keep. [default: as the log's did, 5m where it tells of none]",
)
@click.option("--tier", metavar="NAME", help="Tier of the accounts of --models, whose limits then hold.")
@click.option("--cold", is_flag=True, help="Let sessions find nothing in a cache at first, whatever the log says.")
@click.option("--engine", type=click.Choice(ENGINES), default="auto", show_default=True, help="Which engine plays.")
@book_option
@catalogue_option
@as_of_option
@strict_option
@out_for("results/replay")
@keeping_options
@work_options
@format_option
@quiet_option
@debug_option
def replay(paths: tuple[Path, ...], **options: Any) -> None:
    """Play logged work again on other models: the same turns, sizes, pauses and sub-agents.

    PATH is a file or folder of logs, or the folder of an import. What was logged is replayed too, and the
    difference to the logs is shown as the error of the method.
    """
    from burncurve import prices
    from burncurve.cli.simulate import document_of
    from burncurve.studies import observing
    from burncurve.studies import replay as replays
    from burncurve.studies.study import Choices

    choices = Choices(
        replications=1, engine=options["engine"], models=options["models"], book=options["book"],
        catalogue=options["catalogue"], as_of=options["as_of"],
        keep_ledger=options["keep_ledger"], pictures=not options["no_pictures"],
    )  # fmt: skip
    book = prices.load(choices.book)
    found = observing.seen(observing.observed_in(paths))
    study = replays.study(found, book, choices, options["tier"], options["cache"], cold=options["cold"])
    document = document_of(study, options)
    _print({**document, "replay": replays.error(found, study, document["deployments"])}, options)


def _print(document: dict[str, Any], options: dict[str, Any]) -> None:
    from burncurve.report import replays, tables, views

    form = options["form"]
    grids = [*views.grids(document, "replay", whole=form == "csv")]
    if form != "csv":
        grids += [replays.method_error(document["replay"]), replays.method_error_money(document["replay"])]
    tables.write(form, grids, document, sys.stdout)
    sys.stdout.flush()
    show.notes(document["notes"], options["quiet"])
    if document["unpriced"]:
        raise MissingFact(*views.problems(document))
