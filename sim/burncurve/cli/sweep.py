"""`sweep`: the same scenario at every point of a grid."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from burncurve.cli import points as common
from burncurve.cli import show
from burncurve.cli.options import Assignment, point_options
from burncurve.cli.simulate import scenario_argument
from burncurve.errors import InputError, MissingFact, Problem
from burncurve.words import US_PER_S

if TYPE_CHECKING:
    from burncurve.scenario.thresholds import Measure
    from burncurve.studies.area import Area
    from burncurve.studies.axes import Axis
    from burncurve.studies.points import Base
    from burncurve.studies.work import Work

figure_option = click.option(
    "--figure", "figures", multiple=True, metavar="FIGURE",
    help="What to look at, as in p95(bill_usd) or calls. Repeatable.",
)  # fmt: skip


EXAMPLES = """\b
--vary agents.lead.base=10k,20k,40k     these values
--vary agents.lead.base=10k:40k:4       10k, 20k, 30k, 40k
--vary triggers.0.every=1m..64m*2       1m, 2m, 4m ... 64m"""


@click.command(epilog=EXAMPLES)
@scenario_argument
@click.option(
    "--vary", multiple=True, required=True, type=Assignment(), metavar="PATH=VALUES",
    help="Values of one path: A,B,C or LOW:HIGH:N or LOW..HIGH*FACTOR. Repeatable: every combination is played.",
)  # fmt: skip
@figure_option
@click.option("--yes", is_flag=True, help="Play more than 10,000 points without asking.")
@point_options
def sweep(scenario: str, vary: tuple[str, ...], **options: Any) -> None:
    """Simulate a scenario at every point of a grid, with the same luck at all of them.

    SCENARIO is a file, or the name of a scenario that comes with burncurve. PATH is a field of it, as for --set.
    """
    from burncurve.studies import axes as grid
    from burncurve.studies import points
    from burncurve.studies import sweep as sweeping

    axes = grid.axes_of(vary)
    base = common.opened(scenario, options)
    times = base.choices.replications
    measures = points.measures_of(options["figures"] or sweeping.default_figures(times), times)
    if grid.count(axes) > grid.MANY_POINTS and not options["yes"]:
        raise InputError(_too_many(base, axes, measures))
    sweeping.validate(base, axes)
    _print(_document(base, axes, measures, options), options)


def _too_many(base: Base, axes: Sequence[Axis], measures: Sequence[Measure]) -> Problem:
    """Play some points, to say how long all of them will take."""
    from burncurve.report.numbers import duration
    from burncurve.studies import axes as grid
    from burncurve.studies import sweep as sweeping
    from burncurve.studies.work import Work

    count = grid.count(axes)
    takes = duration(sweeping.seconds_a_point(base, axes, measures, Work(say=show.said)) * US_PER_S * count)
    return Problem("--vary", f"asks for {count:,} points, about {takes} here", "Take fewer values, or add --yes.")


def _document(
    base: Base, axes: Sequence[Axis], measures: Sequence[Measure], options: Mapping[str, Any]
) -> dict[str, Any]:
    from burncurve.studies import sweep as sweeping

    def make(work: Work, store: Area) -> dict[str, Any]:
        return sweeping.swept(base, axes, measures, work, store)

    def write(folder: Path, document: Mapping[str, Any]) -> None:
        from burncurve.report import sweeps, tables

        (folder / "sweep.csv").write_text(tables.comma_separated(sweeps.whole(document)), encoding="utf-8")
        if not options["no_pictures"]:
            from burncurve.report.plots import sweep as pictures

            pictures.write_pictures(folder, document)

    return common.kept(base, sweeping.kept(base, axes, measures), options, make, write)


def _print(document: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """Print the sweep in the form asked for; raises MissingFact, at the very end, where a figure is not known."""
    from burncurve.report import sweeps, tables

    form = options["form"]
    grids = [sweeps.whole(document)] if form == "csv" else sweeps.by_figure(document)
    tables.write(form, grids, document, sys.stdout)
    sys.stdout.flush()
    show.notes(document["notes"], options["quiet"])
    if document["unpriced"]:
        remedy = "`compare` says which prices are missing."
        raise MissingFact(*(Problem(name, "is unpriced", remedy) for name in document["unpriced"]))
