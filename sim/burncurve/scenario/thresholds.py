"""Thresholds: what must hold, written as `p95(bill_usd) < 40`."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from burncurve.errors import did_you_mean
from burncurve.scenario import units
from burncurve.scenario.fields import Model

STATISTICS = ("mean", "p50", "p90", "p95", "p99")
FIGURES = (
    "bill_usd",
    "calls",
    "tokens.input",
    "tokens.cache_read",
    "tokens.cache_write_5m",
    "tokens.cache_write_1h",
    "tokens.output",
    "tokens.reasoning",
    "per_request_usd",
    "per_day_usd",
    "makespan_s",
    "reread_factor",
    "peak_context_tokens",
    "stopped",
    "unfinished",
)
"""The figures of a result that a threshold may name."""
SPREAD_FIGURES = ("bill_usd",)
"""The figures of which quantiles are known; of the others a threshold may name the mean."""

_FORM = re.compile(r"(?:(\w+)\(\s*([\w.]+)\s*\)|([\w.]+))\s*(<=|>=|<|>)\s*\$?(\S+)")
_RULE = "must read like p95(bill_usd) < 40: a statistic, a figure, one of < <= > >=, a number"

Operator = Literal["<", "<=", ">", ">="]


class ThresholdRule(Model):
    """One thing that must hold of every deployment."""

    text: str
    """As it was written."""
    statistic: Literal["mean", "p50", "p90", "p95", "p99"]
    """Over the replications."""
    figure: str
    """One of FIGURES."""
    operator: Operator
    """How the figure must stand to the bound."""
    bound: float
    """In the unit of the figure."""

    def holds(self, value: float) -> bool:
        """Return whether a value of the figure keeps the threshold."""
        kept = {
            "<": value < self.bound,
            "<=": value <= self.bound,
            ">": value > self.bound,
            ">=": value >= self.bound,
        }
        return kept[self.operator]


def _among(word: str, known: tuple[str, ...], kind: str) -> str:
    if word in known:
        return word
    raise ValueError(f"names the unknown {kind} {word!r}; {did_you_mean(word, known)}")


def parse(text: str) -> ThresholdRule:
    """Return the threshold that a text means; raises ValueError with rule and remedy."""
    found = _FORM.fullmatch(text.strip()) if len(text) <= 200 else None
    if found is None:
        raise ValueError(_RULE)
    statistic = _among(found[1] or "mean", STATISTICS, "statistic")
    figure = _among(found[2] or found[3], FIGURES, "figure")
    if statistic != "mean" and figure not in SPREAD_FIGURES:
        raise ValueError(f"asks for the {statistic} of {figure}, of which only the mean is known; write mean({figure})")
    return ThresholdRule.model_validate(
        {
            "text": text.strip(),
            "statistic": statistic,
            "figure": figure,
            "operator": found[4],
            "bound": units.quantity(found[5]),
        }
    )


def _read(value: object) -> object:
    if isinstance(value, ThresholdRule):
        return value
    if not isinstance(value, str):
        raise ValueError(_RULE)
    return parse(value)


Threshold = Annotated[
    ThresholdRule,
    BeforeValidator(_read),
    PlainSerializer(lambda rule: rule.text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["p95(bill_usd) < 40"]}),
]
