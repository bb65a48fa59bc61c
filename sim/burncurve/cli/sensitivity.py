"""`sensitivity`: which knobs move the bill."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from burncurve.cli import points as common
from burncurve.cli import show
from burncurve.cli.options import Assignment, point_options
from burncurve.cli.simulate import scenario_argument
from burncurve.errors import InputError, Problem

if TYPE_CHECKING:
    from burncurve.studies.area import Area
    from burncurve.studies.points import Base
    from burncurve.studies.sensitivity import Plan
    from burncurve.studies.work import Work

MOST_SAMPLES = 1 << 16


class PowerOfTwo(click.ParamType[int]):
    """A power of two, as the Sobol sequence needs for its balance."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        number: int = click.IntRange(2, MOST_SAMPLES).convert(value, param, ctx)
        if number & (number - 1):
            near = 1 << number.bit_length() - 1
            self.fail(f"{number} is not a power of two; {near} and {2 * near} are", param, ctx)
        return number


@click.command()
@scenario_argument
@click.option(
    "--vary", multiple=True, type=Assignment(), metavar="PATH=LOW:HIGH",
    help="Turn this knob from LOW to HIGH. Repeatable. [default: the knobs of the scenario]",
)  # fmt: skip
@click.option("--figure", default="bill_usd", show_default=True, help="What may move, as in p95(bill_usd) or calls.")
@click.option(
    "--trajectories", type=click.IntRange(2, 1000), default=10, show_default=True,
    help="How many walks through all knobs measure their effects.",
)  # fmt: skip
@click.option(
    "--samples", type=PowerOfTwo(), default=64, show_default=True,
    help="How many points per knob measure the Sobol indices.",
)  # fmt: skip
@click.option(
    "--top", type=click.IntRange(1, 100), default=8, show_default=True,
    help="How many knobs, those with the largest effects, get Sobol indices.",
)  # fmt: skip
@click.option("--yes", is_flag=True, help="Play more than 10,000 points without asking.")
@point_options
def sensitivity(scenario: str, vary: tuple[str, ...], **options: Any) -> None:
    """Say which knobs of a scenario move its bill, with the same luck at all points.

    SCENARIO is a file, or the name of a scenario that comes with burncurve. Its knobs are the parameters known as
    a range, through that range, and what else it draws or counts, 25% up and down (an assumption). Each is turned
    alone (tornado), along random walks (elementary effects), and together (Sobol indices). Needs the extra
    `sensitivity`.
    """
    from burncurve.studies import axes, indices, knobs, points
    from burncurve.studies import sensitivity as study
    from burncurve.studies.sensitivity import Plan

    indices.require_salib()
    given = knobs.given(vary)
    base = common.opened(scenario, options)
    (measure,) = points.measures_of([options["figure"]], base.choices.replications)
    kept, notes = study.turnable(base, given or knobs.found(base.study.scenario))
    plan = Plan(kept, measure, options["trajectories"], options["samples"], options["top"])
    if plan.count > axes.MANY_POINTS and not options["yes"]:
        what = f"{len(kept)} knobs ask for {plan.count:,} points"
        raise InputError(Problem("sensitivity", what, "Take fewer --samples or knobs, or add --yes."))
    _print(_document(base, plan, notes, options), options)


def _document(base: Base, plan: Plan, notes: tuple[str, ...], options: Mapping[str, Any]) -> dict[str, Any]:
    from burncurve.studies import sensitivity as study

    def make(work: Work, store: Area) -> dict[str, Any]:
        return study.analysed(base, plan, work, store, notes)

    def write(folder: Path, document: Mapping[str, Any]) -> None:
        from burncurve.report import sensitivities, tables

        text = tables.comma_separated(sensitivities.whole(document))
        (folder / "sensitivity.csv").write_text(text, encoding="utf-8")
        if not options["no_pictures"]:
            from burncurve.report.plots import tornado

            tornado.write_picture(folder, document)

    return common.kept(base, study.kept(base, plan), options, make, write)


def _print(document: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    from burncurve.report import sensitivities, tables

    form = options["form"]
    grids = [sensitivities.whole(document)] if form == "csv" else sensitivities.by_deployment(document)
    tables.write(form, grids, document, sys.stdout)
    sys.stdout.flush()
    show.notes(document["notes"], options["quiet"])
