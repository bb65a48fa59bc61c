"""Counters in which a whole includes its parts, or may, made disjoint."""

from __future__ import annotations

from burncurve.importers.calls import Meters
from burncurve.importers.tally import Tally

LARGER_PARTS = "cached tokens exceed the prompt: taken as not included in it"
LARGER_REASONING = "reasoning exceeds the output: cut to it"
RETENTION = "how long the cache was written for is not said: taken as five minutes"


def disjoint(tally: Tally, prompt: int, read: int, written: int, output: int, reasoning: int) -> Meters:
    """Return disjoint meters of counters whose prompt includes reads and writes and whose output includes reasoning.

    Where the parts exceed the prompt it cannot include them, whatever the format says.
    """
    if read + written > prompt:
        tally.remark(LARGER_PARTS)
        prompt += read + written
    if reasoning > output:
        tally.remark(LARGER_REASONING)
        reasoning = output
    if written:
        tally.remark(RETENTION)
    return {
        "input": prompt - read - written,
        "cache_read": read,
        "cache_write_5m": written,
        "output": output - reasoning,
        "reasoning": reasoning,
    }
