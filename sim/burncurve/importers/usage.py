"""Maps of usage whose keys differ by who reported it: counters under any of their names, and what is under none.

The names are those under which Langfuse prices models (github.com/langfuse/langfuse, default-model-prices.json, and
its matrix of usage keys by provider), as reported by SDKs and OpenTelemetry: with underscores, dots or in camel case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from burncurve.importers.calls import Meters
from burncurve.importers.inclusive import LARGER_TOTAL, RETENTION, unknown_usage
from burncurve.importers.observed import MOST_TOKENS
from burncurve.importers.tally import Tally
from burncurve.importers.values import MOST_LETTERS, Absurd, count

AMBIGUOUS = "whether the input includes cached tokens is not said: taken as not included"
DIFFERENT = "one count under several names with different values: the largest taken"
FAMILIES: Mapping[str, Sequence[str]] = {
    "input": ("input", "input_tokens", "prompt_tokens", "prompt_token_count"),
    "output": ("output", "output_tokens", "completion_tokens", "candidates_token_count"),
    "read": (
        "cache_read_input_tokens", "input_cached_tokens", "input_cache_read", "input_cache_read_tokens",
        "input_cached_text_tokens", "cached_tokens", "cache_read_tokens", "cached_input_tokens",
        "cached_content_token_count", "input_tokens_cached",
    ),
    "written": (
        "cache_creation_input_tokens", "input_cache_creation", "input_cache_creation_tokens", "input_cache_write",
        "cache_write_input_tokens", "cache_write_tokens", "cache_creation_tokens", "input_tokens_cache_write",
    ),
    "written_5m": (
        "input_cache_creation_5m", "input_ephemeral_5m_input_tokens", "ephemeral_5m_input_tokens",
        "cache_creation_ephemeral_5m_input_tokens",
    ),
    "written_1h": (
        "input_cache_creation_1h", "input_ephemeral_1h_input_tokens", "ephemeral_1h_input_tokens",
        "cache_creation_ephemeral_1h_input_tokens",
    ),
    "reasoning": (
        "output_reasoning_tokens", "output_reasoning", "reasoning_tokens", "reasoning", "thoughts_token_count",
        "reasoning_output_tokens", "output_tokens_reasoning",
    ),
    "total": ("total", "total_tokens", "total_token_count"),
}  # fmt: skip
_FAMILY = {name: family for family, names in FAMILIES.items() for name in names}
_TEXT = ("input_text", "input_modality_1", "output_text", "output_modality_1")  # priced as all input and output
_SIDES = {"output": ("output", "completion", "candidates"), "input": ("input", "prompt")}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BEFORE = re.compile(r"^(gen_ai_usage_)?(details_)?")


@dataclass(frozen=True, slots=True)
class _Told:
    """What a map tells, by family; `more_input` and `more_output` are of kinds that have no meter of their own."""

    input: int
    output: int
    read: int
    written: int
    written_5m: int
    written_1h: int
    reasoning: int
    total: int
    more_input: int
    more_output: int

    @property
    def of_input(self) -> int:
        """All tokens that stand beside the input or are within it."""
        return self.read + self.written + self.written_5m + self.written_1h + self.more_input

    @property
    def of_output(self) -> int:
        """All tokens that stand beside the output or are within it."""
        return self.reasoning + self.more_output


@dataclass(frozen=True, slots=True)
class _Arranged:
    """Parts, and whether input and output include those of them that are theirs."""

    parts: _Told
    input_within: bool = False
    output_within: bool = False

    @property
    def input(self) -> int:
        return self.parts.input - (self.parts.of_input if self.input_within else 0)

    @property
    def output(self) -> int:
        return self.parts.output - (self.parts.of_output if self.output_within else 0)

    @property
    def total(self) -> int:
        return self.input + self.parts.of_input + self.output + self.parts.of_output


def counts_any(usage: Mapping[str, Any]) -> bool:
    """Say whether anything of input or output was counted: where nothing was, that is not zero."""
    there = (_plain(key) for key, value in usage.items() if value not in (None, ""))
    return any(_FAMILY.get(plain, "total") != "total" or _side(plain) for plain in there)


def meters(usage: Mapping[str, Any], tally: Tally) -> Meters:
    """Return disjoint meters of a map of usage, and remark what is odd in it; raises Absurd.

    Where a total is given it tells which counters include others, else kinds of usage do not overlap.
    """
    found = _arranged(_told(usage, tally), tally)
    parts = found.parts
    if parts.written:
        tally.remark(RETENTION)
    return {
        "input": found.input + parts.more_input,
        "cache_read": parts.read,
        "cache_write_5m": parts.written + parts.written_5m,
        "cache_write_1h": parts.written_1h,
        "output": found.output + parts.more_output,
        "reasoning": parts.reasoning,
    }


def _arranged(told: _Told, tally: Tally) -> _Arranged:
    """Return how the counters make up the total, else as they do where kinds of usage do not overlap."""
    likely = _Arranged(_written_once(told))
    choices = [
        _Arranged(parts, *within)
        for parts in dict.fromkeys((likely.parts, told))
        for within in product((False, True), repeat=2)
    ]
    fitting = (each for each in choices if each.total == told.total and min(each.input, each.output) >= 0)
    found = next(fitting, None)
    if found:
        return found
    if told.total > likely.total:
        tally.remark(LARGER_TOTAL)
    elif told.of_input or told.of_output:
        tally.remark(AMBIGUOUS)
    return likely


def _written_once(told: _Told) -> _Told:
    """Return the parts with what was written by retention taken out of the count of all that was written."""
    split = told.written_5m + told.written_1h
    return replace(told, written=told.written - split) if split <= told.written else told


def _told(usage: Mapping[str, Any], tally: Tally) -> _Told:
    """Return what the counters come to; those of no family count as what their names say. Raises Absurd."""
    found = dict.fromkeys((*FAMILIES, "more_input", "more_output"), 0)
    for key in usage:
        family = _FAMILY.get(_plain(key), "")
        if not family:
            _take_other(usage, key, found, tally)
        elif value := count(usage, key):
            if found[family] not in (0, value):
                tally.remark(DIFFERENT)
            found[family] = max(found[family], value)
    if found["more_input"] > MOST_TOKENS or found["more_output"] > MOST_TOKENS:
        raise Absurd("usage of other kinds")
    return _Told(**found)


def _take_other(usage: Mapping[str, Any], key: str, found: dict[str, int], tally: Tally) -> None:
    """Count what has no meter as the input or output that its name tells it is, and name it."""
    plain = _plain(key)
    side = _side(plain)
    try:
        value = count(usage, key)
    except Absurd:
        side, value = "", int(not isinstance(usage[key], str))  # a word counts nothing
    if side:
        found[f"more_{side}"] += value
    if value and plain not in _TEXT:
        tally.remark(unknown_usage(key, side))


def _side(plain: str) -> str:
    return next((side for side, words in _SIDES.items() if any(word in plain for word in words)), "")


def _plain(key: str) -> str:
    return _BEFORE.sub("", _CAMEL.sub("_", key[:MOST_LETTERS]).lower().replace(".", "_"))
