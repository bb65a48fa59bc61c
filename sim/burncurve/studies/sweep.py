"""A sweep: one scenario at every point of a grid, on the same luck, so that differences come from the values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from time import perf_counter
from typing import TYPE_CHECKING, Any

from burncurve.errors import InputError, Problem
from burncurve.studies import axes as grid
from burncurve.studies import points
from burncurve.studies.area import Memory, Store
from burncurve.studies.axes import Axis
from burncurve.studies.identity import run_id
from burncurve.studies.points import ANY_DOCUMENT, FIGURE, Base, Kept, Measured, Player
from burncurve.studies.precision import Precision
from burncurve.studies.stored import Each
from burncurve.studies.work import AS_HELPS, Work
from burncurve.version import __version__
from burncurve.words import US_PER_S

if TYPE_CHECKING:
    from burncurve.scenario.thresholds import Measure

SCHEMA = "burncurve.sweep/1"
FIGURES = ("bill_usd", "prompt_tokens", "reread_factor", "makespan_s")
FILE = "sweep.json"
TIMED = 3  # points that say how long the others will take

Values = tuple[str, ...]


def default_figures(replications: int | Precision) -> tuple[str, ...]:
    """Return what is measured unless the user says otherwise; one replication has no quantiles."""
    return FIGURES if replications == 1 else (FIGURES[0], f"p95({FIGURES[0]})", *FIGURES[1:])


def sweep_id(base: Base, axes: Sequence[Axis], measures: Sequence[Measure]) -> str:
    """Return the hash of all that the outputs of a sweep depend on."""
    return run_id({"study": base.study.run_id, "sweep": axes, "figures": [str(measure) for measure in measures]})


def kept(base: Base, axes: Sequence[Axis], measures: Sequence[Measure]) -> Kept:
    """Return what the document of this sweep is when it is read back."""
    figures = {str(measure): FIGURE for measure in measures}
    point = {"values": {axis.path: str for axis in axes}, "deployments": Each(figures)}
    shape = {**ANY_DOCUMENT, "points": (point,) * grid.count(axes), "unpriced": [str]}
    own_id = sweep_id(base, axes, measures)
    return Kept(own_id, SCHEMA, FILE, shape, {"id": own_id, **_asked(axes, measures)})


def _asked(axes: Sequence[Axis], measures: Sequence[Measure]) -> dict[str, Any]:
    return {
        "vary": [{"path": axis.path, "values": list(axis.values)} for axis in axes],
        "figures": [{"name": str(measure), "unit": measure.unit} for measure in measures],
    }


def validate(base: Base, axes: Sequence[Axis]) -> None:
    """Check each value of each axis while the others stand at their first; raises InputError with every problem.

    What is wrong with a value is said before anything is played, not at its turn.
    """
    problems: dict[tuple[str, str], Problem] = {}  # what is wrong with a path is wrong at each of its values
    first = [axis.values[0] for axis in axes]
    for place, axis in enumerate(axes):
        for value in axis.values:
            try:
                points.study_at(base, grid.settings_at(axes, [*first[:place], value, *first[place + 1 :]]))
            except InputError as error:
                for problem in error.problems:
                    problems.setdefault((problem.what, problem.remedy), problem)
    if problems:
        raise InputError(*problems.values())


def seconds_a_point(base: Base, axes: Sequence[Axis], measures: Sequence[Measure], work: Work = AS_HELPS) -> float:
    """Return how long a point takes: of a few played here, by the engine that plays so many, once it is warm."""
    from burncurve.engines import may_compile

    choices = base.choices
    if choices.engine == "auto" and may_compile(base.study.workload):
        base = replace(base, study=replace(base.study, choices=replace(choices, engine="compiled")))
    first, *others = (grid.settings_at(axes, values) for values in islice(grid.points(axes), 1 + TIMED))
    player = Player(base, measures, work, Memory())
    player.measured([first])
    begun = perf_counter()
    player.measured(others)
    return (perf_counter() - begun) / len(others)


def swept(
    base: Base, axes: Sequence[Axis], measures: Sequence[Measure], work: Work = AS_HELPS, store: Store | None = None
) -> dict[str, Any]:
    """Play every point and return the document of the sweep; points that the store holds are not played again."""
    study, at = base.study, list(grid.points(axes))
    player = Player(base, measures, work, store or Memory())
    found = list(zip(at, player.measured([grid.settings_at(axes, values) for values in at]), strict=True))
    return {
        "schema": SCHEMA,
        "version": __version__,
        "id": sweep_id(base, axes, measures),
        "scenario": {"name": study.scenario.name, "horizon_s": study.workload.horizon_us / US_PER_S},
        "seed": study.choices.seed,
        "replications": max(one.replications for _, one in found),
        "precision": points.precision_of(study.choices),
        "book": study.book_facts,
        "currency": "USD",
        **_asked(axes, measures),
        "points": [
            {"values": _named(axes, values), "replications": one.replications, "deployments": one.figures}
            for values, one in found
        ],
        "unpriced": sorted({name for _, one in found for name in one.unpriced}),
        "not_known": sorted({text for _, one in found for text in one.not_known}),
        "notes": _notes(found),
    }


def _named(axes: Sequence[Axis], values: Values) -> dict[str, str]:
    return {axis.path: value for axis, value in zip(axes, values, strict=True)}


def _notes(found: Sequence[tuple[Values, Measured]]) -> list[str]:
    """Return each note once, with the points that it is about where it is not about all of them."""
    about: dict[str, list[str]] = {}
    for values, one in found:
        for note in one.notes:
            about.setdefault(note, []).append(", ".join(values))
    return [note if len(places) == len(found) else f"at {_first_of(places)}: {note}" for note, places in about.items()]


def _first_of(places: Sequence[str]) -> str:
    return places[0] if len(places) == 1 else f"{places[0]} and {len(places) - 1:,} more points"
