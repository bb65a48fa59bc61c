"""Which knobs move a figure: one at a time, by elementary effects, and by shares of its variance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from burncurve.errors import InputError, MissingFact, Problem
from burncurve.studies import indices, points
from burncurve.studies.area import Memory, Store
from burncurve.studies.identity import run_id
from burncurve.studies.knobs import SHARE, Knob
from burncurve.studies.points import ANY_DOCUMENT, Base, Kept, Player
from burncurve.studies.stored import Maybe
from burncurve.studies.work import AS_HELPS, Work
from burncurve.version import __version__
from burncurve.words import US_PER_S

if TYPE_CHECKING:
    from burncurve.scenario.thresholds import Measure

SCHEMA = "burncurve.sensitivity/1"
FILE = "sensitivity.json"
MOST_INDEXED = 8
RECORD = {
    "path": str,
    **dict.fromkeys(("at_low", "at_high", "swing"), float),
    "effect": dict.fromkeys(("mean", "size", "size_half", "deviation"), float),
    "sobol": Maybe(dict.fromkeys(("first", "first_half", "total", "total_half"), float)),
}

Position = Sequence[float]
Values = dict[str, float]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, over which knobs, and with how many points.

    `trajectories` of the elementary effects over all knobs; `samples`, a power of two, of the Sobol indices
    over the `indexed` knobs with the largest effects.
    """

    knobs: tuple[Knob, ...]
    measure: Measure
    trajectories: int = 10
    samples: int = 64
    most_indexed: int = MOST_INDEXED

    @property
    def indexed(self) -> int:
        """How many knobs get Sobol indices."""
        return min(self.most_indexed, len(self.knobs))

    @property
    def count(self) -> int:
        """How many points are played."""
        one_by_one = 2 * len(self.knobs) + 1
        return one_by_one + self.trajectories * (len(self.knobs) + 1) + self.samples * (self.indexed + 2)


def sensitivity_id(base: Base, plan: Plan) -> str:
    """Return the hash of all that the outputs depend on."""
    knobs = [(knob.path, knob.low, knob.high, knob.origin) for knob in plan.knobs]
    numbers = (plan.trajectories, plan.samples, plan.most_indexed)
    return run_id({"study": base.study.run_id, "sensitivity": knobs, "figure": str(plan.measure), "points": numbers})


def kept(base: Base, plan: Plan) -> Kept:
    """Return what the document of this analysis is when it is read back."""
    part = {"name": str, "value": float, "knobs": (RECORD,) * len(plan.knobs)}
    own_id = sensitivity_id(base, plan)
    same = {"id": own_id, "points": plan.count, **_asked(plan)}
    return Kept(own_id, SCHEMA, FILE, {**ANY_DOCUMENT, "deployments": [part]}, same)


def _asked(plan: Plan) -> dict[str, Any]:
    return {
        "figure": {"name": str(plan.measure), "unit": plan.measure.unit},
        "knobs": [{"path": k.path, "low": k.low, "high": k.high, "origin": k.origin} for k in plan.knobs],
    }


def turnable(base: Base, knobs: Sequence[Knob]) -> tuple[tuple[Knob, ...], tuple[str, ...]]:
    """Return the knobs whose both ends leave a right scenario, and a note for each other one.

    Raises InputError where the end of a knob that the user gave is wrong, and where no knob is left.
    """
    kept, notes = [], []
    problems: list[Problem] = []
    for knob in knobs:
        wrong = _wrong(base, knob)
        if wrong is None:
            kept.append(knob)
        elif knob.origin == "given":
            problems += wrong.problems
        else:
            notes.append(f"{knob.path} is left as it is: {wrong.problems[0].what}")
    if problems:
        raise InputError(*problems)
    if not kept:
        raise InputError(Problem("the scenario", "has no knob to turn", "Give one with --vary PATH=LOW:HIGH"))
    return tuple(kept), tuple(notes)


def _wrong(base: Base, knob: Knob) -> InputError | None:
    try:
        for position in (0.0, 1.0):
            points.study_at(base, [knob.setting(position)])
    except InputError as error:
        return error
    return None


class _Turner:
    """Plays the scenario with its knobs turned."""

    def __init__(self, player: Player, plan: Plan) -> None:
        self.notes: tuple[str, ...] = ()
        self.not_known: set[str] = set()
        self.replications = 0
        self._player, self._plan = player, plan

    def __call__(self, settings: Sequence[Sequence[str]]) -> list[Values]:
        """Return the measure of each deployment at each point; raises MissingFact where one has none."""
        found = self._player.measured(settings)
        self.notes = self.notes or found[0].notes
        self.not_known.update(text for one in found for text in one.not_known)
        self.replications = max(self.replications, *(one.replications for one in found))
        return [
            {name: self._value(name, parts, at) for name, parts in one.figures.items()}
            for one, at in zip(found, settings, strict=True)
        ]

    def _value(self, name: str, parts: Mapping[str, Mapping[str, Any]], settings: Sequence[str]) -> float:
        value: float | None = parts[str(self._plan.measure)]["value"]
        if value is None:
            at = ", ".join(settings) or "the scenario as it stands"
            remedy = "Leave it out with --deployment, or look at another --figure; `compare` says what is missing."
            raise MissingFact(Problem(name, f"its figure {self._plan.measure} is not known at {at}", remedy))
        return value

    def all_at(self, knobs: Sequence[Knob], positions: Sequence[Position]) -> list[Values]:
        """Return the measures at each position, [points, knobs]."""
        return self([[k.setting(p) for k, p in zip(knobs, at, strict=True)] for at in positions])


def analysed(
    base: Base, plan: Plan, work: Work = AS_HELPS, store: Store | None = None, notes: Sequence[str] = ()
) -> dict[str, Any]:
    """Play every point of the plan and return the document; raises MissingFact where a figure is not known."""
    play, study = _Turner(Player(base, [plan.measure], work, store or Memory()), plan), base.study
    (origin,) = play([[]])
    turned = play([[knob.setting(end)] for knob in plan.knobs for end in (0.0, 1.0)])
    ends = list(zip(turned[::2], turned[1::2], strict=True))
    effects = _effects(play, plan, study.choices.seed)
    chosen = _largest(effects, plan.indexed)
    found = _indices(play, plan, chosen, study.choices.seed)
    return {
        "schema": SCHEMA,
        "version": __version__,
        "id": sensitivity_id(base, plan),
        "scenario": {"name": study.scenario.name, "horizon_s": study.workload.horizon_us / US_PER_S},
        "seed": study.choices.seed,
        "replications": play.replications,
        "precision": points.precision_of(study.choices),
        "book": study.book_facts,
        "currency": "USD",
        **_asked(plan),
        "points": plan.count,
        "trajectories": plan.trajectories,
        "samples": plan.samples,
        "deployments": [
            {
                "name": name,
                "value": origin[name],
                "knobs": [
                    _record(knob, ends[place], effects[place][name], found.get(place, {}).get(name), name)
                    for place, knob in enumerate(plan.knobs)
                ],
            }
            for name in origin
        ],
        "not_known": sorted(play.not_known),
        "notes": [*_assumed(plan), *notes, *play.notes],
    }


def _record(
    knob: Knob, ends: Sequence[Values], effect: indices.Effect, index: indices.Index | None, name: str
) -> dict[str, Any]:
    low, high = ends[0][name], ends[1][name]
    return {
        "path": knob.path,
        "at_low": low,
        "at_high": high,
        "swing": abs(high - low),
        "effect": asdict(effect),
        "sobol": None if index is None else asdict(index),
    }


def _assumed(plan: Plan) -> Iterator[str]:
    count = sum(knob.origin == "assumed" for knob in plan.knobs)
    if count:
        yield f"assumption: {count} of {len(plan.knobs)} knobs go {SHARE:.0%} up and down; --vary says how far"
    if plan.samples < indices.TRUSTED_SAMPLES:
        least = indices.TRUSTED_SAMPLES
        few = f"{plan.samples} samples give Sobol indices intervals that are too narrow"
        yield f"{few}; from {least} on they hold what they say"
    if plan.indexed < len(plan.knobs):
        yield f"Sobol indices of the {plan.indexed} knobs with the largest effects; the others stay as written"


def _effects(play: _Turner, plan: Plan, seed: int) -> list[dict[str, indices.Effect]]:
    """Return the effect of each knob on each deployment."""
    positions = indices.effect_points(len(plan.knobs), plan.trajectories, seed)
    measured = play.all_at(plan.knobs, positions.tolist())
    of_name = {name: indices.effects(positions, [one[name] for one in measured], seed) for name in measured[0]}
    return [{name: effects[place] for name, effects in of_name.items()} for place in range(len(plan.knobs))]


def _largest(effects: Sequence[Mapping[str, indices.Effect]], most: int) -> list[int]:
    """Return the places of the knobs with the largest effects; each deployment's count against its own largest."""
    top = {name: max(one[name].size for one in effects) or 1.0 for name in effects[0]}
    weight = [max(effect.size / top[name] for name, effect in one.items()) for one in effects]
    return sorted(sorted(range(len(effects)), key=lambda place: (-weight[place], place))[:most])


def _indices(play: _Turner, plan: Plan, chosen: Sequence[int], seed: int) -> dict[int, dict[str, indices.Index]]:
    """Return the Sobol indices by place of the knob and deployment; empty for a deployment that never varies."""
    knobs = [plan.knobs[place] for place in chosen]
    measured = play.all_at(knobs, indices.index_points(len(knobs), plan.samples, seed).tolist())
    found: dict[int, dict[str, indices.Index]] = {place: {} for place in chosen}
    for name in measured[0]:
        of_name = indices.indices(len(knobs), [one[name] for one in measured], seed)
        for place, index in zip(chosen, of_name or (), strict=of_name is not None):
            found[place][name] = index
    return found
