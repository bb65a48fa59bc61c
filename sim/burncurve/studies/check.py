"""Thresholds held against the figures of a study's document."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from burncurve.deploy import names_of
from burncurve.errors import InputError, Problem, did_you_mean
from burncurve.version import __version__

if TYPE_CHECKING:
    from burncurve.scenario.models import Scenario
    from burncurve.scenario.thresholds import Measure, ThresholdRule

SCHEMA = "burncurve.check/1"
EXAMPLE = 'thresholds: ["p95(bill_usd) < 40", "p99(makespan) < 2h"]'

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One threshold held against one deployment; `value` and `kept` are None where the figure is not known.

    `interval` is the 95% interval of the value, as far as it is known; an open end is None.
    """

    rule: ThresholdRule
    deployment: str
    value: float | None
    interval: tuple[float | None, float | None] | None

    @property
    def kept(self) -> bool | None:
        """Whether the figure keeps the threshold."""
        return None if self.value is None else self.rule.holds(self.value)

    @property
    def sure(self) -> bool | None:
        """Whether the whole interval is on the same side of the bound; None where there is no interval."""
        if self.interval is None or self.kept is None:
            return None
        low, high = self.interval
        ends = (-math.inf if low is None else low, math.inf if high is None else high)  # an open end may be anywhere
        return all(self.rule.holds(end) is self.kept for end in ends)


def holdable(scenario: Scenario, deployments: Sequence[str], replications: int | None) -> tuple[ThresholdRule, ...]:
    """Return the thresholds of a scenario, checked before anything is played; None replications are several.

    Raises InputError where there is none, where one names a deployment that is not simulated, and where
    one asks for a quantile of a single replication.
    """
    if not scenario.thresholds:
        remedy = f"Write what must hold into the file, for example {EXAMPLE}"
        raise InputError(Problem(scenario.where(), "the scenario has no thresholds to hold figures against", remedy))
    problems = []
    known = {known for name in deployments for known in names_of(name)}
    for place, rule in enumerate(scenario.thresholds):
        where = scenario.where("thresholds", place)
        if rule.deployment is not None and rule.deployment not in known:
            remedy = did_you_mean(rule.deployment, known)
            problems.append(Problem(where, f"{rule}: {rule.deployment} is not among those simulated", remedy))
        if rule.statistic != "mean" and replications == 1:
            what = f"{rule}: one replication has no {rule.statistic}"
            problems.append(Problem(where, what, "Play more of them: --replications 100"))
    if problems:
        raise InputError(*problems)
    return scenario.thresholds


def verdicts(document: Document, rules: Sequence[ThresholdRule]) -> tuple[Verdict, ...]:
    """Return how each threshold stands for each deployment that it is about, rule by rule."""
    return tuple(_verdict(rule, part) for rule in rules for part in _about(document, rule))


def _about(document: Document, rule: ThresholdRule) -> Iterator[Document]:
    for part in document["deployments"]:
        if rule.deployment in (None, *names_of(part["name"])):
            yield part


def _verdict(rule: ThresholdRule, part: Document) -> Verdict:
    return Verdict(rule, part["name"], value_of(part, rule), interval_of(part, rule))


def value_of(part: Document, measure: Measure) -> float | None:
    """Return a measure of one deployment of a document; None where it is not known."""
    figure = _figure(part, measure.figure)
    if isinstance(figure, Mapping):
        value: float | None = figure[measure.statistic]
        return value
    return figure if measure.statistic == "mean" else None


def interval_of(part: Document, measure: Measure) -> tuple[float | None, float | None] | None:
    """Return the 95% interval of a measure; None where the document has none."""
    figure = _figure(part, measure.figure)
    if not isinstance(figure, Mapping):
        return None
    known = figure["ci95"] if measure.statistic == "mean" else (figure.get("ci95_of") or {}).get(measure.statistic)
    return None if known is None else (known[0], known[1])


def _figure(part: Document, name: str) -> Any:
    """Return a distribution where the document has one of the figure, else its mean."""
    spread = part.get("distributions") or {}
    if name in spread:
        return spread[name]
    found: Any = part
    for step in name.split("."):
        found = found.get(step)
    return found


def document(study: Mapping[str, Any], found: Sequence[Verdict]) -> dict[str, Any]:
    """Return the document of a check: the verdicts first, then the study they were read from."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "passed": all(verdict.kept for verdict in found),
        "broken": sum(verdict.kept is False for verdict in found),
        "unknown": sum(verdict.kept is None for verdict in found),
        "thresholds": [_record(verdict) for verdict in found],
        "study": dict(study),
    }


def _record(verdict: Verdict) -> dict[str, Any]:
    rule = verdict.rule
    return {
        "threshold": str(rule),
        "deployment": verdict.deployment,
        "statistic": rule.statistic,
        "figure": rule.figure,
        "unit": rule.unit,
        "value": verdict.value,
        "ci95": None if verdict.interval is None else list(verdict.interval),
        "operator": rule.operator,
        "bound": rule.bound,
        "kept": verdict.kept,
        "sure": verdict.sure,
    }
