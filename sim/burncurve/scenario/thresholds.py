"""Thresholds: what must hold, written as `p95(bill_usd) < 40` or `opus: p99(makespan) < 2h`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from burncurve.errors import did_you_mean, shown
from burncurve.scenario import units
from burncurve.scenario.fields import Model
from burncurve.words import US_PER_S

STATISTICS = ("mean", "p10", "p50", "p90", "p95", "p99")
METERS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")

_DOLLARS = (
    "bill_usd", "per_request_usd", "per_finished_task_usd", "per_hour_usd", "per_day_usd", "per_month_usd",
)  # fmt: skip
_TOKENS = (
    *(f"tokens.{meter}" for meter in METERS), "prompt_tokens", "fresh_tokens", "peak_context_tokens",
    "per_request_tokens", "per_finished_task_tokens", "per_hour_tokens", "per_day_tokens", "per_month_tokens",
)  # fmt: skip
_COUNTS = (
    "calls", "attempts", "errors", "refused", "overflows", "stopped", "compactions", "requests", "finished",
    "succeeded", "unfinished", "failed", "skipped", "tasks",
)  # fmt: skip

Unit = Literal["dollars", "tokens", "count", "seconds", "factor", "share"]

FIGURES: Mapping[str, Unit] = {
    **dict.fromkeys(_DOLLARS, "dollars"),
    **dict.fromkeys(_TOKENS, "tokens"),
    **dict.fromkeys(_COUNTS, "count"),
    "makespan_s": "seconds",
    "budget_lasts_s": "seconds",
    "budget_reached_share": "share",
    "reread_factor": "factor",
}
"""The figures of a result that a threshold may name, and the unit of each."""
ALSO_CALLED: Mapping[str, str] = {
    "bill": "bill_usd",
    "makespan": "makespan_s",
    "budget_lasts": "budget_lasts_s",
    "budget_reached": "budget_reached_share",
}
MEANS_ONLY = frozenset(
    figure
    for figure in FIGURES
    if figure.startswith("per_") or figure in ("reread_factor", "succeeded", "budget_reached_share")
)
"""Quotients of sums over all replications; no single replication has one that its quantile could be of."""
WITH_P10 = frozenset({"budget_lasts_s"})
"""Where the lower end is what counts; of all others the upper one does."""

_MEASURE = r"(?:(\w+)\(\s*([\w.]+)\s*\)|([\w.]+))"
_DEPLOYMENT = r"(?:([A-Za-z0-9_][\w./-]*)\s*:\s*)?"
_RULE_FORM = re.compile(rf"{_DEPLOYMENT}({_MEASURE}\s*(<=|>=|<|>)\s*(\S(?:.*\S)?))", re.ASCII)
_MEASURE_FORM = re.compile(_MEASURE, re.ASCII)
_RULE = (
    "must read as a statistic of a figure, one of < <= > >=, and a bound"
    "; write for example p95(bill_usd) < 40, or opus: p99(makespan) < 2h for one deployment alone"
)
MOST_LETTERS = 300

Operator = Literal["<", "<=", ">", ">="]


class Measure(Model):
    """A statistic of a figure, such as p95(bill_usd)."""

    statistic: Literal["mean", "p10", "p50", "p90", "p95", "p99"]
    """Over the replications."""
    figure: str
    """One of FIGURES."""

    def __str__(self) -> str:
        return self.figure if self.statistic == "mean" else f"{self.statistic}({self.figure})"

    @property
    def unit(self) -> Unit:
        """The unit of the figure."""
        return FIGURES[self.figure]


class ThresholdRule(Measure):
    """One thing that must hold of every deployment, or of the one it names."""

    text: str
    """As it was written, without the deployment."""
    deployment: str | None = None
    """The deployment that it is about; None means each."""
    operator: Operator
    """How the figure must stand to the bound."""
    bound: float
    """In the unit of the figure."""

    def __str__(self) -> str:
        return self.text if self.deployment is None else f"{self.deployment}: {self.text}"

    def holds(self, value: float) -> bool:
        """Return whether a value of the figure keeps the threshold."""
        kept = {
            "<": value < self.bound,
            "<=": value <= self.bound,
            ">": value > self.bound,
            ">=": value >= self.bound,
        }
        return kept[self.operator]


def _dollars(text: str) -> float:
    return units.quantity(text.removeprefix("$").strip())


def _duration_s(text: str) -> float:
    return units.duration_us(text) / US_PER_S


def _seconds(text: str) -> float:
    """Return seconds of a duration; a plain number counts seconds, as the name of the figure says."""
    return units.quantity(text) if text[-1:].isdigit() else _duration_s(text)


READERS: Mapping[Unit, Callable[[str], float]] = {
    "dollars": _dollars,
    "tokens": units.quantity,
    "count": units.quantity,
    "seconds": _seconds,
    "factor": units.factor,
    "share": units.fraction,
}


def _figure(name: str) -> str:
    if name in FIGURES:
        return name
    raise ValueError(f"names the unknown figure {shown(name)}; {did_you_mean(name, (*FIGURES, *ALSO_CALLED))}")


def measure(statistic: str | None, name: str) -> Measure:
    """Return what a statistic (None: the mean) and a figure's name mean; raises ValueError with rule and remedy."""
    chosen = statistic or "mean"
    if chosen not in STATISTICS:  # all are told: to whom 96 was near, 99 may not be
        raise ValueError(f"names the unknown statistic {shown(chosen)}; known are {', '.join(STATISTICS)}")
    figure = ALSO_CALLED.get(name) or _figure(name)
    if chosen != "mean" and figure in MEANS_ONLY:
        raise ValueError(f"asks for the {chosen} of {figure}, of which only the mean is known; write mean({figure})")
    if chosen == "p10" and figure not in WITH_P10:
        raise ValueError(
            f"asks for the p10 of {figure}, which is told of {', '.join(WITH_P10)} alone; write p50({figure})"
        )
    return Measure.model_validate({"statistic": chosen, "figure": figure})


def parse_measure(text: str) -> Measure:
    """Return the measure that a text such as `p95(bill_usd)` means; raises ValueError with rule and remedy."""
    found = _MEASURE_FORM.fullmatch(text.strip()) if len(text) <= MOST_LETTERS else None
    if found is None:
        raise ValueError("must read like bill_usd or p95(bill_usd): a figure, or a statistic of it")
    return measure(found[1], found[2] or found[3])


def parse(text: str) -> ThresholdRule:
    """Return the threshold that a text means; raises ValueError with rule and remedy."""
    found = _RULE_FORM.fullmatch(text.strip()) if len(text) <= MOST_LETTERS else None
    if found is None:
        raise ValueError(_RULE)
    deployment, rule, statistic, inside, alone, operator, bound = found.groups()
    named = measure(statistic, inside or alone)
    read = {
        "text": rule,
        "deployment": deployment,
        "operator": operator,
        "bound": _bound(named, inside or alone, bound),
    }
    return ThresholdRule.model_validate({**named.model_dump(), **read})


def _bound(named: Measure, written: str, text: str) -> float:
    """Return the bound in the figure's unit; where the figure is not written with its unit, the bound must be."""
    reader = _duration_s if named.unit == "seconds" and written != named.figure else READERS[named.unit]
    try:
        return reader(text)
    except ValueError as error:
        raise ValueError(f"compares {named.figure}, in {named.unit}, with {shown(text)}, which {error}") from None


def _read(value: object) -> object:
    if isinstance(value, ThresholdRule):
        return value
    if isinstance(value, Mapping) and len(value) == 1:
        # In YAML `opus: p95(bill_usd) < 40` is a mapping of one entry.
        (name, rule), *_ = value.items()
        value = f"{name}: {rule}" if isinstance(name, str) and isinstance(rule, str) else None
    if not isinstance(value, str):
        raise ValueError(_RULE)
    return parse(value)


Threshold = Annotated[
    ThresholdRule,
    BeforeValidator(_read),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "examples": ["p95(bill_usd) < 40"]},
                {"type": "object", "maxProperties": 1, "additionalProperties": {"type": "string"}},
            ]
        }
    ),
]
