"""Two studies side by side: what changed in their inputs, in tokens, in money, and for which causes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from burncurve.errors import InputError, Problem
from burncurve.studies import pairs, runs, statistics, stored
from burncurve.studies.folder import sealed
from burncurve.studies.pairs import paired, record
from burncurve.studies.replications import Bills, bills_of
from burncurve.studies.spend import dollars
from burncurve.version import __version__

SCHEMA = "burncurve.diff/1"
FIGURES: Mapping[str, str] = {
    "bill_usd": "dollars",
    "p95_usd": "dollars",
    "per_finished_task_usd": "dollars",
    "requests": "count",
    "calls": "count",
    "prompt_tokens": "tokens",
    "output_tokens": "tokens",
    "reread_factor": "factor",
    "peak_context_tokens": "tokens",
    "makespan_s": "seconds",
    "failed": "count",
}
"""What is compared of each deployment, and the unit."""
METERS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")
OF_STUDY = ("version", "seed", "replications", "start_utc", "book")
MOST_INPUTS = 200
SMALL = 0.05  # of the largest change, below which a cause is not named in one line with it

STUDY: Mapping[str, Any] = {
    "version": str,
    "start_utc": str,
    "book": {"name": str, "as_of": str, "digest": str},
    "deployments": [
        {
            "tokens": dict.fromkeys(METERS, float),
            "makespan_s": stored.FIGURE,
            "meters_usd": stored.Maybe(stored.Each(float)),
        }
    ],
}
"""What is read of the document of a run beside what everything reads of it."""
INPUTS = "scenario.json"
OF_LOGS = "import.json"
OBSERVED = "observed"
MOST_BYTES = 1 << 24

Document = Mapping[str, Any]


def run_of(folder: Path, called: str) -> Side:
    """Return a verified run as one of two sides; raises InputError where its files are not as a run writes them."""
    whole = runs.document_of(folder)
    stored.read(folder / runs.SUMMARY, stored.STUDY_SCHEMA, STUDY)
    if OF_LOGS in sealed(folder):  # what was observed has no scenario
        return Side(called, whole, {}, bills_of(folder), observed=True)
    if INPUTS not in sealed(folder):
        raise InputError(Problem(str(folder), f"its manifest seals no {INPUTS}", stored.REMEDY))
    try:
        with open(folder / INPUTS, "rb") as file:
            inputs = json.loads(file.read(MOST_BYTES))
    except (ValueError, RecursionError):
        raise InputError(Problem(str(folder / INPUTS), "is no JSON document", stored.REMEDY)) from None
    if not isinstance(inputs, dict):
        raise InputError(Problem(str(folder / INPUTS), "is no mapping of fields", stored.REMEDY))
    return Side(called, whole, inputs, bills_of(folder))


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: its document, its resolved scenario as plain data, and its bills by deployment, if kept.

    `observed`: it was read from logs and has no scenario.
    """

    called: str
    document: Document
    inputs: Mapping[str, Any]
    bills: Bills = field(default_factory=dict)
    observed: bool = False


def document(before_side: Side, after_side: Side) -> dict[str, Any]:
    """Return the differences from one study to another; raises InputError where they share no deployment."""
    one, other = before_side.document, after_side.document
    before, after = ({part["name"]: part for part in each["deployments"]} for each in (one, other))
    both = shared([*before], [*after], (before_side.called, after_side.called))
    changed = [*plans_changed(one, other), *inputs_changed(before_side.inputs, after_side.inputs)]
    observed = before_side.observed or after_side.observed
    same_luck = not observed and all(one[name] == other[name] for name in ("seed", "replications"))
    return {
        "schema": SCHEMA,
        "version": __version__,
        "from": _side(before_side),
        "to": _side(after_side),
        "same_luck": same_luck,
        "observed": observed,
        "inputs": changed[:MOST_INPUTS],
        "inputs_changed": len(changed),
        "deployments": [
            {
                **_changes(name, before[name], after[name]),
                "certainty": certainty(before_side.bills.get(name, ()), after_side.bills.get(name, ()), same_luck),
            }
            for name in both
        ],
        "only_from": [name for name in before if name not in after],
        "only_to": [name for name in after if name not in before],
        "unpriced": list(dict.fromkeys(part["name"] for each in (one, other) for part in each["unpriced"])),
        "notes": list(dict.fromkeys([*one["notes"], *other["notes"]])),
    }


def shared(before: Sequence[str], after: Sequence[str], called: tuple[str, str]) -> list[str]:
    """Return the deployments that both have; raises InputError where there is none."""
    both = [name for name in before if name in after]
    if not both:
        what = f"they share no deployment: {', '.join(before)} against {', '.join(after)}"
        remedy = "Simulate both with the same names, or the same --models."
        if OBSERVED in {*before, *after}:
            remedy = "Logs are held against logs; `burncurve replay` and `backtest` hold a simulation against them."
        raise InputError(Problem(" and ".join(called), what, remedy))
    return both


def certainty(before: Sequence[int], after: Sequence[int], same_luck: bool) -> dict[str, Any] | None:
    """Return how sure the change of a bill is, from pico-dollars by replication; None with fewer than two of them.

    On the same luck replications are paired, so that what both have in common cancels; else they are two
    samples (Welch's interval, with the degrees of freedom of the smaller one, which errs to the wide side).
    """
    if min(len(before), len(after)) < 2:
        return None
    if same_luck and len(before) == len(after):
        ones = (1,) * len(before)
        found = record(paired(pairs.Side("after", tuple(after), ones), pairs.Side("before", tuple(before), ones)))
        told = ("cheaper", "equal", "dearer", "of", "resolved", "replications_needed")
        return {"paired": True, "change_usd_ci95": found["difference_usd_ci95"], **{name: found[name] for name in told}}
    squared = statistics.variance(before) / len(before) + statistics.variance(after) / len(after)
    half = Fraction(statistics.t_975(min(len(before), len(after)) - 1)) * statistics.root(squared)
    change_pico = statistics.mean(after) - statistics.mean(before)
    ends = [dollars(change_pico - half), dollars(change_pico + half)]
    return {"paired": False, "change_usd_ci95": ends, "resolved": abs(change_pico) > half}


def _side(side: Side) -> dict[str, Any]:
    study = side.document
    facts = {fact: study[fact] for fact in OF_STUDY}
    return {"called": side.called, "id": study["id"], "scenario": study["scenario"]["name"], **facts}


def inputs_changed(one: object, other: object, path: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    """Yield each path at which two values as plain data differ, with both; null where one has nothing there."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in dict.fromkeys([*one, *other]):
            yield from inputs_changed(one.get(key), other.get(key), (*path, str(key)))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, (mine, yours) in enumerate(zip(one, other, strict=True)):
            yield from inputs_changed(mine, yours, (*path, str(place)))
    elif one != other:
        yield {"path": ".".join(path), "from": one, "to": other}


def plans_changed(one: Document, other: Document) -> Iterator[dict[str, Any]]:
    """Yield what is known otherwise of the plans that both have seats of: fees, quotas, clients."""
    before, after = (
        {plan["name"]: plan["facts"] for part in each["deployments"] for plan in part["plans"]} for each in (one, other)
    )
    for name in before:
        if name in after:
            for fact in dict.fromkeys((*before[name], *after[name])):
                mine, yours = (facts[name].get(fact, {}) for facts in (before, after))
                yield from inputs_changed(mine, yours, ("plans", name, fact))


def _changes(name: str, before: Document, after: Document) -> dict[str, Any]:
    figures = {figure: change(_figure(before, figure), _figure(after, figure)) for figure in FIGURES}
    return {
        "name": name,
        "figures": figures,
        "tokens": {meter: change(before["tokens"][meter], after["tokens"][meter]) for meter in METERS},
        "causes_usd": _causes(before["causes_usd"], after["causes_usd"]),
        "by_price_usd": by_price(before, after),
    }


def by_price(before: Document, after: Document) -> float | None:
    """Return how much of a change is that a token of each meter costs otherwise: the rest is other tokens.

    The tokens are those after the change; a meter that only one side has counts as other tokens. None where a
    bill is not known.
    """
    earlier, later = before["meters_usd"], after["meters_usd"]
    if earlier is None or later is None:
        return None
    found = 0.0
    for meter in METERS:
        was, now = before["tokens"][meter], after["tokens"][meter]
        if was and now:
            found += later.get(meter, 0.0) - earlier.get(meter, 0.0) / was * now
    return found


def _figure(part: Document, name: str) -> float | None:
    bill = part["bill_usd"] or {}
    special: Mapping[str, float | None] = {
        "bill_usd": bill.get("mean"),
        "p95_usd": bill.get("p95"),
        "output_tokens": part["tokens"]["output"] + part["tokens"]["reasoning"],
    }
    found: float | None = special[name] if name in special else part[name]
    return found


def change(before: float | None, after: float | None) -> dict[str, float | None]:
    """Return both figures, their difference and their ratio; None for what is not known."""
    known = before is not None and after is not None
    return {
        "from": before,
        "to": after,
        "change": after - before if before is not None and after is not None else None,
        "ratio": after / before if known and before and after is not None else None,
    }


def _causes(before: Mapping[str, float] | None, after: Mapping[str, float] | None) -> dict[str, Any] | None:
    """Return the change of each cause, the largest first; None where a bill is not known."""
    if before is None or after is None:
        return None
    found = {cause: change(before.get(cause, 0.0), after.get(cause, 0.0)) for cause in {**before, **after}}
    return dict(sorted(found.items(), key=lambda item: (-abs(item[1]["change"] or 0.0), item[0])))


def largest(causes: Mapping[str, Mapping[str, float]] | None, most: int = 3) -> Sequence[tuple[str, float]]:
    """Return the causes that changed most, with their change in dollars; none that is small beside the largest."""
    changes = [(cause, found["change"]) for cause, found in (causes or {}).items()]
    least = SMALL * max((abs(amount) for _, amount in changes), default=0.0)
    return [(cause, amount) for cause, amount in changes[:most] if amount and abs(amount) >= least]
