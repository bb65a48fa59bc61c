"""Numbers with units, as people write them in a scenario: `17.6k` tokens, `320ms`, `10%`."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

SCALES = {"": 1, "k": 1_000, "M": 1_000_000}
DURATIONS_US = {
    "us": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
    "w": 604_800_000_000,
}
PICO = 10**12
MOST_DOLLARS = 1_000_000
LARGEST = 1 << 62
"""Above this an integer engine could overflow."""

_WRITTEN = re.compile(r"([+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,3})?) ?([A-Za-z%]*)")
_TOKENS_RULE = "a number of 0 or more, plain or with k (1,000) or M (1,000,000); write for example 20 or 17.6k"
_DOLLARS_RULE = "an amount of dollars of 0 or more; write for example 50 or $0.25"
_DURATION_RULE = "a duration of 0 or more with a unit of us, ms, s, m, h, d or w; write for example 320ms or 8h"
_FRACTION_RULE = "a share from 0 to 1 or from 0% to 100%; write for example 10% or 0.1"
_FACTOR_RULE = "a factor of 0 or more; write for example 1.2 or 120%"


def _split(value: object, rule: str) -> tuple[Decimal, str]:
    """Return number and unit; text that is neither, negatives, NaN and infinities raise ValueError."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"must be {rule}")
    text = str(value).strip()
    found = _WRITTEN.fullmatch(text) if len(text) <= 90 else None
    if found is None:
        raise ValueError(f"must be {rule}")
    number = Decimal(found[1])
    if number < 0:
        raise ValueError(f"must not be negative: {rule}")
    if number > LARGEST:
        raise ValueError(f"is above 2^62, the largest number that fits: must be {rule}")
    return number, found[2]


def _bounded(number: Decimal, rule: str) -> Decimal:
    if number > LARGEST:
        raise ValueError(f"is above 2^62, the largest number that fits: must be {rule}")
    return number


def quantity(value: object) -> float:
    """Return a number with an optional k or M, fractions allowed; raises ValueError with rule and remedy."""
    number, unit = _split(value, _TOKENS_RULE)
    if unit not in SCALES:
        raise ValueError(f"has the unknown unit {unit!r}: must be {_TOKENS_RULE}")
    return float(_bounded(number * SCALES[unit], _TOKENS_RULE))


def tokens(value: object) -> int:
    """Return a whole number of tokens or things; raises ValueError with rule and remedy."""
    number, unit = _split(value, _TOKENS_RULE)
    if unit not in SCALES:
        raise ValueError(f"has the unknown unit {unit!r}: must be {_TOKENS_RULE}")
    scaled = _bounded(number * SCALES[unit], _TOKENS_RULE)
    if scaled != int(scaled):
        raise ValueError("must be a whole number; round it")
    return int(scaled)


def pico_dollars(value: object) -> int:
    """Return pico-dollars of an amount such as 50, "$0.25" or "1k", exactly; raises ValueError with rule and remedy."""
    number, unit = _split(value.strip().removeprefix("$") if isinstance(value, str) else value, _DOLLARS_RULE)
    if unit not in SCALES:
        raise ValueError(f"has the unknown unit {unit!r}: must be {_DOLLARS_RULE}")
    if number * SCALES[unit] > MOST_DOLLARS:
        raise ValueError(f"is above {MOST_DOLLARS:,} dollars: must be {_DOLLARS_RULE}")
    pico = number * SCALES[unit] * PICO
    if pico != int(pico):
        raise ValueError("has more than 12 decimal places; round it")
    return int(pico)


def written_dollars(pico: int) -> str:
    """Return pico-dollars as people write them: 250000000000 is `$0.25`."""
    return f"${Decimal(pico) / PICO:f}"


def duration_us(value: object) -> int:
    """Return microseconds, rounded half up; only 0 may stand without a unit. Raises ValueError."""
    number, unit = _split(value, _DURATION_RULE)
    if unit == "" and number == 0:
        return 0
    if unit not in DURATIONS_US:
        said = f"has the unknown unit {unit!r}" if unit else "has no unit"
        raise ValueError(f"{said}: must be {_DURATION_RULE}")
    scaled = _bounded(number * DURATIONS_US[unit], _DURATION_RULE)
    return int(scaled.to_integral_value(rounding=ROUND_HALF_UP))


def factor(value: object) -> float:
    """Return a factor of 0 or more, plain or in percent; raises ValueError with rule and remedy."""
    number, unit = _split(value, _FACTOR_RULE)
    if unit not in ("", "%"):
        raise ValueError(f"has the unknown unit {unit!r}: must be {_FACTOR_RULE}")
    return float(number / 100 if unit == "%" else number)


def fraction(value: object) -> float:
    """Return a share from 0 to 1, plain or in percent; raises ValueError with rule and remedy."""
    number, unit = _split(value, _FRACTION_RULE)
    if unit not in ("", "%"):
        raise ValueError(f"has the unknown unit {unit!r}: must be {_FRACTION_RULE}")
    share = number / 100 if unit == "%" else number
    if share > 1:
        raise ValueError(f"is above 1: must be {_FRACTION_RULE}")
    return float(share)


def written_duration(us: int) -> str:
    """Return a duration in the largest unit that leaves a whole number: 90000000 is `90s`."""
    for unit, size in sorted(DURATIONS_US.items(), key=lambda pair: -pair[1]):
        if us and us % size == 0:
            return f"{us // size}{unit}"
    return "0s"
