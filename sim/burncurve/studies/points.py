"""One scenario played at several points: the same luck, the same prices, other values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from burncurve.errors import InputError, Problem
from burncurve.studies import check
from burncurve.studies.study import Choices, Study, chosen, open_study

if TYPE_CHECKING:
    from burncurve.catalogue import Catalogue
    from burncurve.scenario.thresholds import Measure

Figure = Mapping[str, Any]


@dataclass(frozen=True)
class Base:
    """What all points share: the file, the choices, and what was looked up once."""

    path: Path
    study: Study
    catalogue: Catalogue

    @property
    def choices(self) -> Choices:
        """What was chosen for every point."""
        return self.study.choices


def opened(path: Path, choices: Choices) -> Base:
    """Read and resolve the scenario as it stands; raises InputError and MissingFact as `open_study` does."""
    from burncurve import catalogue

    return Base(path, open_study(path, choices), catalogue.load())


def study_at(base: Base, settings: Sequence[str]) -> Study:
    """Return the study of a point, given as `PATH=VALUE`; raises InputError that speaks of --vary."""
    from burncurve import deploy, scenario
    from burncurve.prepare import prepare

    choices = base.choices
    start = () if choices.start is None else (f"start={choices.start}",)
    try:
        work = scenario.read(base.path, (*choices.settings, *start, *settings))
        served = deploy.deployments(
            work, base.catalogue, models=choices.models, roles=choices.roles, book=base.study.book, as_of=choices.as_of
        )
        workload = prepare(work, choices.seed)
    except InputError as error:
        raise InputError(*(_of_vary(problem, settings) for problem in error.problems)) from None
    picked = chosen(served, choices.deployments)
    return replace(base.study, scenario=work, workload=workload, deployments=picked)


def _of_vary(problem: Problem, settings: Sequence[str]) -> Problem:
    mine = any(problem.where == f"--set {setting}" for setting in settings)
    return replace(problem, where=problem.where.replace("--set", "--vary", 1)) if mine else problem


@dataclass(frozen=True, slots=True)
class Measured:
    """What one point came to: figures by deployment and measure, what a reader must know, and what has no price."""

    figures: dict[str, dict[str, Figure]]
    notes: tuple[str, ...]
    unpriced: tuple[str, ...]


def measured(study: Study, measures: Sequence[Measure]) -> Measured:
    """Play a study and return its measures, each with its value and its 95% interval (None where unknown)."""
    from burncurve.studies.document import document
    from burncurve.studies.simulation import simulated

    made = document(study, simulated(study).results)
    figures = {
        part["name"]: {str(measure): figure(part, measure) for measure in measures} for part in made["deployments"]
    }
    return Measured(figures, tuple(made["notes"]), tuple(part["name"] for part in made["unpriced"]))


def figure(part: Mapping[str, Any], measure: Measure) -> Figure:
    """Return a measure of one deployment of a study's document."""
    interval = check.interval_of(part, measure)
    return {"value": check.value_of(part, measure), "ci95": None if interval is None else list(interval)}


def measures_of(texts: Sequence[str], replications: int | None) -> tuple[Measure, ...]:
    """Return what each text such as `p95(bill_usd)` means; raises InputError with every problem."""
    from burncurve.scenario.thresholds import parse_measure

    found, problems = [], []
    for text in dict.fromkeys(texts):
        where = f"--figure {text[:80]}"
        try:
            measure = parse_measure(text)
        except ValueError as error:
            problems.append(Problem(where, str(error)))
            continue
        if measure.statistic != "mean" and replications == 1:
            what = f"one replication has no {measure.statistic}"
            problems.append(Problem(where, what, "Play more of them: --replications 100"))
        found.append(measure)
    if problems:
        raise InputError(*problems)
    return tuple(found)
