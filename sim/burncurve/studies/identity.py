"""What a run is: the hash of everything that its outputs depend on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from hashlib import sha256
from typing import Any

from burncurve.errors import InternalError, Problem

ID_DIGITS = 16


def run_id(parts: Mapping[str, object]) -> str:
    """Return the id of a run: the same for equal parts, whatever the order of their keys."""
    text = json.dumps(plain(parts), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return sha256(text.encode()).hexdigest()[:ID_DIGITS]


def plain(value: object) -> Any:
    """Return a frozen value as what JSON knows; raises InternalError for a type whose text could vary."""
    if value is None or isinstance(value, str | bool | int | float):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, Enum | date):
        return value.value if isinstance(value, Enum) else value.isoformat()
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence | frozenset | set):
        items = [item if type(item) is int else plain(item) for item in value]  # tables hold thousands of them
        return sorted(items, key=repr) if isinstance(value, frozenset | set) else items
    raise InternalError(Problem("run id", f"cannot be made of a {type(value).__name__}"))


def _key(key: object) -> str:
    if isinstance(key, tuple):
        return "/".join(_key(part) for part in key)
    return str(plain(key))
