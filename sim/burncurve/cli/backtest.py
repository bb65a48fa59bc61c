"""`backtest`: fitted to the earlier part of logs, held to the later one."""

from __future__ import annotations

import sys
from datetime import date
from fractions import Fraction
from pathlib import Path

import click

from burncurve.cli import show
from burncurve.cli.options import (
    ENGINES,
    LARGEST_SEED,
    Share,
    as_of_option,
    book_option,
    catalogue_option,
    debug_option,
    format_option,
    quiet_option,
)


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--earlier", type=Share(), default="50%", show_default=True, help="Share of the sessions to fit to.")
@click.option("--replications", type=click.IntRange(2, 10_000), default=100, show_default=True, help="Forecasts drawn.")
@click.option("--seed", type=click.IntRange(0, LARGEST_SEED), default=0, show_default=True, help="Which luck to draw.")
@click.option("--engine", type=click.Choice(ENGINES), default="auto", show_default=True, help="Which engine plays.")
@book_option
@catalogue_option
@as_of_option
@format_option
@quiet_option
@debug_option
def backtest(
    paths: tuple[Path, ...], earlier: Fraction, replications: int, seed: int, engine: str, book: str,
    catalogue: Path | None, as_of: date | None, form: str, quiet: bool,
) -> None:  # fmt: skip
    """Fit to the earlier part of logs, forecast the later one, and show both beside each other.

    PATH is a file or folder of logs, or the folder of an import. Calls, tokens, cached share and dollars per
    session and per day come with intervals, and with how often those held.
    """
    from burncurve import catalogue as catalogues
    from burncurve import prices
    from burncurve.report import backtests, tables
    from burncurve.studies import backtest as studies
    from burncurve.studies import observing
    from burncurve.studies.forecast import Known

    known = Known(catalogues.load(catalogue).known_on(as_of), prices.load(book), as_of)
    found = observing.seen(observing.observed_in(paths))
    document = studies.backtest(found, known, float(earlier), replications, seed, engine)
    tables.write(
        form, (backtests.whole(document),) if form == "csv" else backtests.grids(document), document, sys.stdout
    )
    sys.stdout.flush()
    show.notes(document["notes"], quiet)
