"""`run`, `compare` and `explain`: simulate, keep the run in its folder, and print what it came to."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import click

from burncurve.cli import show
from burncurve.cli.options import study_options
from burncurve.errors import MissingFact

if TYPE_CHECKING:
    from burncurve.studies.study import Choices, Result, Study

NOTE_WIDTH = 120

scenario_argument = click.argument("scenario", metavar="SCENARIO")


@click.command()
@scenario_argument
@click.option("--deployment", metavar="NAME", help="Which deployment to simulate. [default: the first]")
@study_options
def run(scenario: str, deployment: str | None, **options: Any) -> None:
    """Simulate one deployment: what it costs, and when.

    SCENARIO is a file, or the name of a scenario that comes with burncurve.
    """
    study = _opened(scenario, options, () if deployment is None else (deployment,))
    if deployment is None and len(study.deployments) > 1:
        others = ", ".join(other.name for other in study.deployments[1:])
        show.note(f"note: the first deployment is simulated; --deployment takes another: {others}", options["quiet"])
        study = study.with_deployments(study.deployments[:1])
    _print(_document(study, options), options, "run")


@click.command()
@scenario_argument
@study_options
def compare(scenario: str, **options: Any) -> None:
    """Simulate all deployments on the same luck, and hold each against the first.

    SCENARIO is a file, or the name of a scenario that comes with burncurve.
    """
    _print(_document(_opened(scenario, options), options), options, "compare")


@click.command()
@click.argument("scenario", metavar="SCENARIO|RUN")
@click.option("--deployment", metavar="NAME", help="Only this deployment.")
@study_options
def explain(scenario: str, deployment: str | None, **options: Any) -> None:
    """Show where the money went, cause by cause, for each deployment and agent.

    SCENARIO is a file, or the name of a scenario that comes with burncurve; RUN the folder of a run.
    """
    from burncurve.studies import runs

    if runs.is_run(scenario):
        document = runs.document_of(runs.find(scenario))
    else:
        document = _document(_opened(scenario, options), options)
    _print(_only(document, deployment), options, "explain")


def _choices(options: Mapping[str, Any], deployments: tuple[str, ...]) -> Choices:
    from burncurve.studies.study import Choices

    same = ("seed", "replications", "engine", "settings", "models", "roles", "book", "start", "as_of", "keep_ledger")
    return Choices(
        **{name: options[name] for name in same}, deployments=deployments, pictures=not options["no_pictures"]
    )


def _opened(scenario: str, options: Mapping[str, Any], deployments: tuple[str, ...] = ()) -> Study:
    from burncurve.studies import shipped
    from burncurve.studies.study import open_study

    return open_study(shipped.locate(scenario), _choices(options, deployments))


def _document(study: Study, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the study's document: from its folder where the run is there already, else simulated and kept."""
    from burncurve.studies import folder, runs

    target = options["out"] or runs.default_folder(study)
    if folder.complete(target, study.run_id):
        show.note(f"already there, verified: {_listed(target)}", options["quiet"])
        return runs.document_of(target)
    with folder.written_aside(target, study.run_id) as aside:
        document = _simulated(study, aside, target, options["quiet"])
    show.note(f"wrote {_listed(target)}", options["quiet"])
    return document


def _listed(folder: Path) -> str:
    return f"{folder}: {', '.join(sorted(path.name for path in folder.iterdir()))}"


def _simulated(study: Study, aside: Path, target: Path, quiet: bool) -> dict[str, Any]:
    from burncurve.studies import files, folder
    from burncurve.studies.document import document
    from burncurve.studies.study import results

    found = results(study, show.progress if show.wants_progress(quiet) else None)
    made = document(study, found)
    with folder.refusals(target):
        files.write(aside, study, found, made)
        if study.choices.pictures:
            _draw(aside, study, found)
    return made


def _draw(folder: Path, study: Study, found: Sequence[Result]) -> None:
    from burncurve.report.plots import write_pictures
    from burncurve.studies.curves import Played, picture_data

    played = [
        Played(
            result.name,
            result.ledger,
            result.amounts,
            result.bill.by_cause() if result.spend else None,
            result.bill.total(),
        )
        for result in found
    ]
    write_pictures(folder, picture_data(study.scenario.name, played))


def _only(document: dict[str, Any], deployment: str | None) -> dict[str, Any]:
    """Return the document with one of its deployments; raises InputError where it has none of that name."""
    if deployment is None:
        return document
    from burncurve.studies.study import known_name

    known_name(deployment, [part["name"] for part in document["deployments"]])
    kept = [part for part in document["deployments"] if part["name"] == deployment]
    return {**document, "deployments": kept}


def _print(document: dict[str, Any], options: Mapping[str, Any], view: str) -> None:
    """Print the document in the form asked for; raises MissingFact, at the very end, where a price is missing."""
    from burncurve.report import tables, views

    form = options["form"]
    tables.write(form, views.grids(document, view, whole=form == "csv"), document, sys.stdout)
    sys.stdout.flush()
    show.notes((*document["notes"], *_assumptions(document)), options["quiet"])
    missing = [text for part in document["unpriced"] for text in part["missing"]]
    if missing:
        raise MissingFact(*views.problems(document))


def _assumptions(document: Mapping[str, Any]) -> list[str]:
    """What each deployment rests on, long lists cut short: the JSON has them in full."""
    texts = dict.fromkeys(text for part in document["deployments"] for text in part["notes"])
    told = [shorten(text, NOTE_WIDTH, placeholder=" ...") for text in texts]
    if any(short != text for short, text in zip(told, texts, strict=True)):
        told.append("the JSON has these notes in full")
    return told
