"""Values of hostile records made plain: counts, times, names; what is none is an exception or an empty value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from burncurve.importers.observed import MOST_TOKENS

MOST_LETTERS = 200
PICO = 10**12
MOST_USD = 1_000_000
UNKNOWN_US = -1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST_US = 946_684_800_000_000  # 2000-01-01: before it no log of this kind was written
_LAST_US = 4_102_444_800_000_000  # 2100-01-01
_NANOSECONDS = re.compile(r"(\.\d{6})\d+")
NOTHING: Mapping[str, Any] = {}


class Absurd(Exception):
    """A count that no call can have; the text names its field."""


def count(record: Mapping[str, Any], *fields: str) -> int:
    """Return the first of the fields that is there as a count, 0 where none is; raises Absurd."""
    for name in fields:
        value = record.get(name)
        if type(value) is int and 0 <= value <= MOST_TOKENS:  # as nearly all are
            return value
        if value is None or value == "":
            continue
        number = _whole(value)
        if number is None or not 0 <= number <= MOST_TOKENS:
            raise Absurd(name)
        return number
    return 0


def counted(record: Mapping[str, Any], *fields: str) -> bool:
    """Say whether any of the fields is there and not empty: where none is, nothing was counted, which is not zero."""
    return any(record.get(name) not in (None, "") for name in fields)


def _whole(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    try:
        number = float(value) if isinstance(value, float | str) and len(str(value)) <= MOST_LETTERS else None
    except ValueError:
        return None
    return int(number) if number is not None and number.is_integer() else None


def mapping(value: object) -> Mapping[str, Any]:
    """Return a mapping, an empty one for anything else."""
    return value if isinstance(value, dict) else NOTHING


def listed(value: object) -> list[Any]:
    """Return a list, an empty one for anything else."""
    return value if isinstance(value, list) else []


def name(value: object) -> str:
    """Return a short name; empty where the value is no text or number."""
    if isinstance(value, str):
        text = value if len(value) <= MOST_LETTERS else value[:MOST_LETTERS]
        return text if text.isascii() or _is_text(text) else ""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def moment_us(value: object) -> int:
    """Return a time as microseconds since 1970 UTC, UNKNOWN_US for what is none; without a zone it is UTC.

    Takes ISO 8601 text and numbers of seconds, milliseconds, microseconds or nanoseconds since 1970.
    """
    if isinstance(value, str) and value:
        us = _number_us(int(value)) if value.isascii() and value.isdigit() and len(value) < 20 else _text_us(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        us = _number_us(value)
    else:
        return UNKNOWN_US
    return us if _FIRST_US <= us < _LAST_US else UNKNOWN_US


def _text_us(text: str) -> int:
    if len(text) > MOST_LETTERS:
        return UNKNOWN_US
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(_NANOSECONDS.sub(r"\1", text).removesuffix(" UTC"))
        except ValueError:
            return UNKNOWN_US
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MICROSECOND


def _number_us(number: float) -> int:
    if not 0 < number < 1e20:
        return UNKNOWN_US
    for limit, factor in ((1e11, 1_000_000), (1e14, 1_000), (1e17, 1)):
        if number < limit:
            return round(number * factor)
    return int(number) // 1_000


def duration_us(value: object, per_unit: int) -> int:
    """Return a duration in units of `per_unit` microseconds, UNKNOWN_US for what is none."""
    try:
        number = float(value) if isinstance(value, str | int | float) and value != "" else -1.0
    except (ValueError, OverflowError):
        return UNKNOWN_US
    return round(number * per_unit) if 0 <= number * per_unit < _FIRST_US else UNKNOWN_US


def pico_usd(value: object) -> int:
    """Return an amount of dollars as pico-dollars, -1 for what is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float) or len(str(value)) > MOST_LETTERS:
        return -1
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return -1
    return round(amount * PICO) if amount.is_finite() and 0 <= amount <= MOST_USD else -1
