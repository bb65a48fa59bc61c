"""`run`, `compare` and `explain`: simulate, keep the run in its folder, and print what it came to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from burncurve.cli import invoices, mend, show
from burncurve.cli.options import replications_of, study_options
from burncurve.cli.work import meanwhile, saying_what_is_left, work
from burncurve.errors import InputError, MissingFact, Problem

if TYPE_CHECKING:
    from burncurve.studies.area import Area
    from burncurve.studies.simulation import Simulated
    from burncurve.studies.study import Choices, Result, Study

NOTE_WIDTH = 160
OF_PRINTING = ("scenario", "deployment", "form", "quiet", "debug", "help")

scenario_argument = click.argument("scenario", metavar="SCENARIO")


@click.command()
@scenario_argument
@click.option("--deployment", metavar="NAME", help="Which deployment to simulate. [default: the first]")
@invoices.invoice_options
@study_options
def run(scenario: str, deployment: str | None, **options: Any) -> None:
    """Simulate one deployment: what it costs, and when.

    SCENARIO is a file, or the name of a scenario that comes with burncurve.
    """
    study = opened(scenario, options, () if deployment is None else (deployment,))
    if deployment is None and len(study.deployments) > 1:
        others = ", ".join(other.name for other in study.deployments[1:])
        show.note(f"note: the first deployment is simulated; --deployment takes another: {others}", options["quiet"])
        study = study.with_deployments(study.deployments[:1])
    _tell(study, options, "run")


@click.command()
@scenario_argument
@invoices.invoice_options
@click.option("--baseline", metavar="NAME", help="Hold the others against this deployment. [default: the first]")
@study_options
def compare(scenario: str, baseline: str | None, **options: Any) -> None:
    """Simulate all deployments on the same luck, and hold each against a baseline.

    SCENARIO is a file, or the name of a scenario that comes with burncurve.
    """
    from burncurve.studies.comparison import held_against

    _tell(held_against(opened(scenario, options), baseline), options, "compare")


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
        _refuse_simulation_options()
        _print(_only(runs.document_of(runs.find(scenario)), deployment), options, "explain")
        return
    study = opened(scenario, options)
    _tell(study, options, "explain", lambda document: _only(document, deployment))


def _refuse_simulation_options() -> None:
    """A run is told as it was simulated; raises click.UsageError where an option would want it otherwise."""
    context = click.get_current_context()
    given = [
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.name not in OF_PRINTING
        and context.get_parameter_source(str(parameter.name)) is ParameterSource.COMMANDLINE
    ]
    if given:
        what = f"{', '.join(given)}: a run is explained as it was simulated"
        raise click.UsageError(f"{what}; give the scenario instead of the run to simulate it otherwise")


class NotKept(InputError):
    """A study was simulated and its folder could not be written; carries its document."""

    def __init__(self, document: dict[str, Any], *problems: Problem) -> None:
        super().__init__(*problems)
        self.document = document


def _tell(
    study: Study, options: Mapping[str, Any], view: str, part: Callable[[dict[str, Any]], dict[str, Any]] | None = None
) -> None:
    """Simulate and print a document, or a part of it; what could not be kept is printed before it is refused."""
    try:
        document = document_of(study, options)
    except NotKept as refusal:
        with suppress(MissingFact):
            _print(part(refusal.document) if part else refusal.document, options, view, study.places)
        raise
    _print(part(document) if part else document, options, view, study.places)


def _choices(options: Mapping[str, Any], deployments: tuple[str, ...]) -> Choices:
    from burncurve.studies.study import Choices

    replications = replications_of(options)
    same = ("seed", "engine", "settings", "models", "roles", "book", "catalogue", "start", "as_of", "keep_ledger")
    return Choices(
        **{name: options[name] for name in same},
        replications=replications,
        invoice=invoices.wanted(options, replications),
        above_pico=options["above"],
        deployments=deployments,
        pictures=not options["no_pictures"],
    )


def opened(scenario: str, options: Mapping[str, Any], deployments: tuple[str, ...] = ()) -> Study:
    """Return the study that the options of a command ask for."""
    from burncurve.studies import shipped
    from burncurve.studies.study import open_study

    return open_study(shipped.locate(scenario), _choices(options, deployments))


def document_of(study: Study, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the study's document: from its folder where the run is there already, else simulated and kept."""
    from burncurve.studies import folder, runs
    from burncurve.studies.mending import mended

    refuse_unknown(study, options)
    target, quiet = options["out"] or runs.default_folder(study), options["quiet"]
    mend.made_again(target, study.run_id, options, lambda store, again: _kept(study, store, again, options))
    for name in mended(study, target) if options["resume"] else ():
        mend.said(target / name, quiet)
    if not folder.complete(target, study.run_id):
        with saying_what_is_left(target, study.run_id, quiet):
            document = _played(study, target, options)
        if document is not None:
            show.note(f"wrote {_listed(target)}", quiet)
            return document
    show.note(f"already there, verified: {_listed(target)}", quiet)
    document = runs.document_of(target)
    refuse_not_known(document, options)
    return document


def refuse_unknown(study: Study, options: Mapping[str, Any]) -> None:
    """With --strict, raise MissingFact for what no price and no quota is known of, before anything is played."""
    if options.get("strict") and study.unknown:
        raise MissingFact(*study.unknown)


def refuse_not_known(document: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """With --strict, raise MissingFact for everything that the book does not know."""
    if options.get("strict") and document["not_known"]:
        where = f"book {document['book']['name']}"
        remedy = "without --strict the bill goes on and says so; a book of your own may know it"
        raise MissingFact(*(Problem(where, text, remedy) for text in document["not_known"]))


def _played(study: Study, target: Path, options: Mapping[str, Any]) -> dict[str, Any] | None:
    """Simulate and keep a study; None where another process finished the same run while this one waited for it."""
    from burncurve.studies import area, folder

    worth = study.choices.looks[-1] > 1
    with folder.refusals(target), area.opened(target, study.run_id, options["resume"], worth) as store:
        return None if folder.complete(target, study.run_id) else _kept(study, store, target, options)


def _listed(folder: Path) -> str:
    return f"{folder}: {', '.join(sorted(path.name for path in folder.iterdir()))}"


def _kept(study: Study, store: Area, target: Path, options: Mapping[str, Any]) -> dict[str, Any]:
    """Simulate a study and write its folder; what is done when it is interrupted waits for --resume."""
    from burncurve.studies import files, folder
    from burncurve.studies.document import document

    with meanwhile(partial(_import_report, options["form"] == "table", study.choices.pictures)):
        found = _simulated(study, store, options)
    made = document(study, found.results)
    refuse_not_known(made, options)
    try:
        with folder.written_aside(target, study.run_id, store.path) as aside, folder.refusals(target):
            files.write(aside, study, found, made)
            invoices.write(aside, study, found)
            if study.choices.pictures:
                _draw(aside, study, found.results, made)
    except InputError as refusal:
        raise NotKept(made, *refusal.problems) from refusal
    return made


def _simulated(study: Study, store: Area, options: Mapping[str, Any]) -> Simulated:
    from burncurve.studies.simulation import simulated

    quiet = options["quiet"]
    mend.told(store, "pieces of work were done before", quiet)
    with work(options) as asked:
        found = simulated(study, asked, store)
    for engine in found.engines:
        show.note(f"played by the {engine} engine", quiet)
    return found


def _import_report(tables: bool, pictures: bool) -> None:
    """Import what shows a study, which takes as long as playing a small one."""
    import burncurve.report.views  # noqa: F401
    from burncurve.report.plots import import_quickly

    if tables:
        import rich.console
        import rich.table  # noqa: F401
    if pictures:
        import_quickly()


def _draw(folder: Path, study: Study, found: Sequence[Result], document: Mapping[str, Any]) -> None:
    from burncurve.report.plots import import_quickly, write_decisions, write_pictures
    from burncurve.studies.drawing import drawing

    import_quickly()
    write_pictures(folder, drawing(study, found))
    write_decisions(folder, document)


def _only(document: dict[str, Any], deployment: str | None) -> dict[str, Any]:
    """Return the document with one of its deployments; raises InputError where it has none of that name."""
    if deployment is None:
        return document
    from burncurve.deploy import names_of
    from burncurve.studies.study import known_name

    known_name(deployment, [name for part in document["deployments"] for name in names_of(part["name"])])
    kept = [part for part in document["deployments"] if deployment in names_of(part["name"])]
    return {**document, "deployments": kept}


def _print(
    document: dict[str, Any], options: Mapping[str, Any], view: str, places: Mapping[str, str] | None = None
) -> None:
    """Print the document in the form asked for; raises MissingFact, at the very end, where a price is missing."""
    from burncurve.report import tables, views

    form = options["form"]
    tables.write(form, views.grids(document, view, whole=form == "csv"), document, sys.stdout)
    sys.stdout.flush()
    show.notes((*document["notes"], *_assumptions(document)), options["quiet"])
    missing = [text for part in document["unpriced"] for text in part["missing"]]
    if missing:
        raise MissingFact(*views.problems(document, places))


def _assumptions(document: Mapping[str, Any]) -> list[str]:
    """What each deployment rests on, long lists cut short: the JSON has them in full."""
    texts = dict.fromkeys(text for part in document["deployments"] for text in part["notes"])
    told = [shorten(text, NOTE_WIDTH, placeholder=" ...") for text in texts]
    if any(short != text for short, text in zip(told, texts, strict=True)):
        told.append("the JSON has these notes in full")
    return told
