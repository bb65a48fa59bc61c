"""The very functions of `burncurve.engines.rules`, compiled: their code, with each other's compiled form in sight."""

from __future__ import annotations

from types import FunctionType
from typing import Any

import numpy as np

from burncurve.engines import rules
from burncurve.engines.compiled.jit import inlined, usual
from burncurve.words import PPM


@inlined
def least(a: Any, b: Any) -> Any:
    """Return the smaller of two integers; Numba's own `min` is a program that compiles for seconds."""
    return a if a < b else b


@inlined
def most(a: Any, b: Any) -> Any:
    """Return the larger of two integers."""
    return a if a > b else b


@inlined
def half_up(numerator: Any, denominator: Any) -> Any:
    """Return the quotient as the rule says; both are non-negative, and of those quotients take half the steps."""
    return np.int64(np.uint64(numerator + (denominator >> 1)) // np.uint64(denominator))


@inlined
def _part(value: Any, ppm: Any) -> Any:
    """Return value x ppm / 1e6 as the rule says, of what is non-negative."""
    return np.int64(np.uint64(value * ppm + PPM // 2) // np.uint64(PPM))


@inlined
def scaled(value: Any, ppm: Any) -> Any:
    """Return value x ppm / 1e6, of what is non-negative; most factors are 1, and products wait for each other."""
    return value if usual(ppm == PPM) else _part(value, ppm)


@inlined
def read_tokens(warm: Any, block: Any, minimum: Any) -> Any:
    """Return how much of a warm prefix is read, as the rule says; where single tokens count, nothing is divided."""
    return _read_tokens(warm, block, minimum) if block > 1 else (warm if warm >= minimum else 0)


def _compiled() -> dict[str, Any]:
    scope: dict[str, Any] = {name: value for name, value in vars(rules).items() if isinstance(value, int)}
    scope |= {"min": least, "max": most, "half_up": half_up, "scaled": _part}
    for name, value in vars(rules).items():
        if isinstance(value, FunctionType) and name not in scope:
            scope[name] = inlined(FunctionType(value.__code__, scope, name))
    return scope


_RULES = _compiled()

_read_tokens = _RULES["read_tokens"]
ordinal_of = _RULES["ordinal"]
refilled = _RULES["refilled"]
wait_units = _RULES["wait_units"]
first_token_us = _RULES["first_token_us"]
decode_us = _RULES["decode_us"]
backoff_us = _RULES["backoff_us"]
share_of = _RULES["share_of"]
threshold = _RULES["threshold"]
turns_of = _RULES["turns_of"]
in_dollars = _RULES["in_dollars"]
overlap = _RULES["overlap"]
weighted = _RULES["weighted"]
period_end = _RULES["period_end"]
