"""One scenario played at several points: the same luck, the same prices, other values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from burncurve.errors import InputError, Problem
from burncurve.studies import check
from burncurve.studies.area import Store
from burncurve.studies.document import document
from burncurve.studies.precision import Precision
from burncurve.studies.simulation import all_simulated
from burncurve.studies.stored import Maybe
from burncurve.studies.study import Choices, Result, Study, chosen, open_study
from burncurve.studies.tasks import Piece
from burncurve.studies.work import Work

if TYPE_CHECKING:
    from burncurve.catalogue import Catalogue
    from burncurve.scenario.thresholds import Measure

Figure = Mapping[str, Any]
ANY_DOCUMENT = {
    "scenario": {"name": str, "horizon_s": float},
    "replications": float,
    "book": {"name": str},
    "currency": str,
    "not_known": [str],
    "notes": [str],
}
FIGURE = {"value": Maybe(float), "ci95": Maybe((Maybe(float), Maybe(float)))}


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

    return Base(path, open_study(path, choices), catalogue.load(choices.catalogue))


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
    """What one point came to: figures by deployment and measure, what a reader must know, and what has no price.

    `not_known`: what the book does not know, though a bill goes on.
    """

    figures: dict[str, dict[str, Figure]]
    notes: tuple[str, ...]
    unpriced: tuple[str, ...]
    not_known: tuple[str, ...]
    replications: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What a document of many points is when it is read back.

    It has a schema, a file, a shape (see `stored`), and values that these inputs give it.
    """

    id: str
    schema: str
    file: str
    shape: Mapping[str, Any]
    same: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Point:
    """A point by its number among all points of a sweep; the name of what is kept of it."""

    number: int

    @property
    def name(self) -> str:
        return f"point-{self.number:07d}"


class Player:
    """Plays points of one scenario with the same luck; those that are done wait in the store for --resume."""

    def __init__(self, base: Base, measures: Sequence[Measure], work: Work, store: Store) -> None:
        self.base = base
        self.engines: set[str] = set()
        self._measures, self._work, self._store = measures, work, store
        self._asked = 0

    def measured(self, settings: Sequence[Sequence[str]]) -> list[Measured]:
        """Return what each point comes to, given as `PATH=VALUE`s; points that were done before are not played again.

        Points must be asked for in the same order in every run of the same inputs.
        """
        points = [_Point(self._asked + number) for number in range(len(settings))]
        self._asked += len(settings)
        missing = [place for place, point in enumerate(points) if self._store.get(point) is None]
        studies: dict[int, Study] = {}

        def begun() -> Iterator[Study]:
            for number, place in enumerate(missing):
                studies[number] = study_at(self.base, settings[place])
                yield studies[number]

        def keep(number: int, results: tuple[Result, ...]) -> None:
            found = _measured(studies.pop(number), results, self._measures)
            self._store.put(points[missing[number]], Piece(_as_bytes(found), 0, None))

        if missing:
            self.engines |= all_simulated(begun(), len(missing), self._work, keep)
        return [_of_bytes(self._store.get(point) or b"") for point in points]


def _measured(study: Study, results: Sequence[Result], measures: Sequence[Measure]) -> Measured:
    """Return the measures of a study, each with its value and its 95% interval (None where unknown)."""
    made = document(study, results)
    figures = {
        part["name"]: {str(measure): figure(part, measure) for measure in measures} for part in made["deployments"]
    }
    unpriced = tuple(part["name"] for part in made["unpriced"])
    return Measured(figures, tuple(made["notes"]), unpriced, tuple(made["not_known"]), made["replications"])


def _as_bytes(found: Measured) -> bytes:
    return json.dumps(astuple(found)).encode("ascii")


def _of_bytes(data: bytes) -> Measured:
    figures, notes, unpriced, not_known, replications = json.loads(data)
    return Measured(figures, tuple(notes), tuple(unpriced), tuple(not_known), replications)


def precision_of(choices: Choices) -> dict[str, Any] | None:
    """Return how sure each point was to be, for a document; None where a number of replications was asked for."""
    wanted = choices.replications
    return {"figure": wanted.figure, "share": float(wanted.share)} if isinstance(wanted, Precision) else None


def figure(part: Mapping[str, Any], measure: Measure) -> Figure:
    """Return a measure of one deployment of a study's document."""
    interval = check.interval_of(part, measure)
    return {"value": check.value_of(part, measure), "ci95": None if interval is None else list(interval)}


def measures_of(texts: Sequence[str], replications: int | Precision) -> tuple[Measure, ...]:
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
