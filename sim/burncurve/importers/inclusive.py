"""Counters in which a whole includes its parts, or may, made disjoint."""

from __future__ import annotations

import re

from burncurve.importers.calls import Meters
from burncurve.importers.tally import Tally

LARGER_PARTS = "cached tokens exceed the prompt: taken as not included in it"
LARGER_REASONING = "reasoning exceeds the output: cut to it"
RETENTION = "how long the cache was written for is not said: taken as five minutes"
LARGER_TOTAL = "the total is larger than its parts: what is in none of them is not counted"
_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,60}")


def unknown_usage(key: str, counted_as: str) -> str:
    """Return what is to be said of tokens under a key that is not known, by its name where it has a plain one."""
    named = key if _NAME.fullmatch(key) else "(no plain name)"
    return f"usage of a kind that is not known, {'as ' if counted_as else ''}{counted_as or 'not counted'}: {named}"


def disjoint(
    tally: Tally, prompt: int, read: int, written: int, output: int, reasoning: int, total: int = 0, told: bool = False
) -> Meters:
    """Return disjoint meters of counters whose prompt includes reads and writes and whose output includes reasoning.

    Where the parts exceed the prompt it cannot include them, whatever the format says. `total` is what the log says
    that all come to, 0: nothing. `told`: how long the cache was written for is known.
    """
    if read + written > prompt:
        tally.remark(LARGER_PARTS)
        prompt += read + written
    if reasoning > output:
        tally.remark(LARGER_REASONING)
        reasoning = output
    if total > prompt + output:
        tally.remark(LARGER_TOTAL)
    if written and not told:
        tally.remark(RETENTION)
    return {
        "input": prompt - read - written,
        "cache_read": read,
        "cache_write_5m": written,
        "output": output - reasoning,
        "reasoning": reasoning,
    }
