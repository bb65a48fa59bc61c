"""`new`, `validate` and `schema`: scenario files themselves."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from burncurve.aside import written_aside
from burncurve.cli import show
from burncurve.cli.options import (
    catalogue_option,
    debug_option,
    format_option,
    models_option,
    quiet_option,
    roles_option,
    setting_option,
    start_option,
)
from burncurve.errors import InputError, Problem

FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]{0,99}")


@click.command()
@click.argument("name")
@click.option(
    "--from", "source", metavar="SCENARIO", help="Copy this scenario, a file or one that comes with burncurve."
)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write this file. [default: NAME.yaml here]"
)
@quiet_option
@debug_option
def new(name: str, source: str | None, out: Path | None, quiet: bool) -> None:
    """Start a scenario file that runs: NAME.yaml, here."""
    from burncurve.scenario import reading, template
    from burncurve.studies import shipped

    stem = name.removesuffix(".yaml").removesuffix(".yml")
    if out is None and not FILE_NAME.fullmatch(stem):
        what = f"{stem[:60]!r} cannot be the name of a file; letters, digits, spaces and ._- can"
        raise InputError(Problem("NAME", what, "Write for example my-agents, or name the file with --out."))
    if source is None:
        text = template.small(stem)
    else:
        path = shipped.locate(source)
        text = template.renamed(reading.text_of(path), stem)
    target = out or Path(f"{stem}.yaml")
    write_new(target, text)
    show.note(f"wrote {target}; `burncurve compare {target}` simulates it", quiet)


def write_new(target: Path, text: str) -> None:
    """Write a file that is not there yet, or nothing at all; raises InputError where that cannot be."""
    from burncurve.studies.folder import refusals

    with refusals(target):
        try:
            with written_aside(target) as file:
                file.write(text.encode())
        except FileExistsError:
            what = "is there already; it is left as it is"
            raise InputError(Problem(str(target), what, "Choose another name.")) from None


@click.command()
@click.argument("scenario", metavar="SCENARIO")
@setting_option
@models_option
@roles_option
@catalogue_option
@start_option
@format_option
@quiet_option
@debug_option
def validate(
    scenario: str,
    settings: tuple[str, ...],
    models: tuple[str, ...],
    roles: dict[str, str],
    catalogue: Path | None,
    start: str | None,
    form: str,
    quiet: bool,
) -> None:
    """Say whether a scenario file is right, with every problem at once; nothing is simulated.

    SCENARIO is a file, or the name of a scenario that comes with burncurve.
    """
    from burncurve.report.tables import Grid, Heading, duration
    from burncurve.studies import shipped
    from burncurve.studies.study import Choices, open_study

    path = shipped.locate(scenario)
    choices = Choices(settings=settings, models=models, roles=roles, catalogue=catalogue, start=start)
    study = open_study(path, choices)
    headings = (
        Heading("file", "file"),
        Heading("scenario", "scenario"),
        Heading("horizon_s", "horizon", duration),
        Heading("agents", "agents"),
        Heading("deployments", "deployments"),
    )
    agents = ", ".join(agent.name for agent in study.workload.agents)
    served = ", ".join(deployment.name for deployment in study.deployments)
    row = (str(path), study.scenario.name, study.workload.horizon_us / 1e6, agents, served)
    show.grid(form, Grid("This scenario is right", headings, [row]))


@click.command()
@debug_option
def schema() -> None:
    """Print the JSON Schema of scenario files, which editors use to complete and check them."""
    from burncurve.scenario.schema import schema_text

    sys.stdout.write(schema_text())
