"""The knobs of a scenario: what may be turned, how far, and the setting that turns it there.

A knob's position goes from 0 (its lowest) to 1 (its highest). Parameters known as a range go through
that range; everything else that a scenario draws or counts is scaled by a share up and down, which is
an assumption and called so.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from pydantic import BaseModel

from burncurve.errors import InputError, Problem, shown
from burncurve.scenario.distributions import Count, Duration, Probability, Quantity
from burncurve.scenario.law import Law
from burncurve.scenario.models import Scenario
from burncurve.scenario.settings import MOST_LETTERS
from burncurve.scenario.units import SCALES, written_duration
from burncurve.studies.axes import Amount, ends_of

SHARE = 0.25
"""How far a quantity is scaled up and down where nobody said how well it is known."""
PLAIN = {"every": "duration", "per_hour": "number", "count": "whole"}
"""Fields that hold a plain number and decide how much work there is: of triggers, arrivals and users."""
FORM = "PATH=LOW:HIGH, for example agents.lead.base=10k:40k"

Origin = Literal["range", "assumed", "given"]


@dataclass(frozen=True)
class Knob:
    """One path, its lowest and highest position in words, where the two come from, and the value at a position."""

    path: str
    low: str
    high: str
    origin: Origin
    value: Callable[[float], str]

    def setting(self, position: float) -> str:
        """Return the `PATH=VALUE` of a position from 0 to 1."""
        return f"{self.path}={self.value(position)}"


def given(texts: Sequence[str]) -> tuple[Knob, ...]:
    """Return the knob of each `PATH=LOW:HIGH`; raises InputError with every problem."""
    found: list[Knob] = []
    problems: list[Problem] = []
    for text in texts:
        path, _, ends = (part.strip() for part in text.partition("="))
        if path in {knob.path for knob in found}:
            problems.append(Problem(f"--vary {path}", "is given twice", "Give it one LOW:HIGH."))
            continue
        try:
            found.append(_given(path, ends, text))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(*problems)
    return tuple(found)


def _given(path: str, ends: str, text: str) -> Knob:
    low_text, colon, high_text = (part.strip() for part in ends.partition(":"))
    if not (colon and low_text and high_text):
        where = f"--vary {shown(text, 80)[1:-1]}"
        raise InputError(Problem(where, "is not of the form PATH=LOW:HIGH", f"Write {FORM}"))
    low, high = ends_of(text, low_text, high_text)
    # An end with a decimal point says that there is something between whole numbers.
    whole = low.unit in SCALES and "." not in ends and low.size % 1 == 0 and high.size % 1 == 0
    return Knob(path, low_text, high_text, "given", partial(_counted if whole else _between, low, high))


def _between(low: Amount, high: Amount, position: float) -> str:
    number = float(low.number) + float(high.number - low.number) * position
    return f"{_plain(number)}{low.unit}"


def _counted(low: Amount, high: Amount, position: float) -> str:
    """Return one of the whole numbers from low to high, each for an equal part of the positions."""
    return str(_whole(int(low.size), int(high.size), position))


def _whole(low: int, high: int, position: float) -> int:
    return low + min(high - low, int((high - low + 1) * position))


def found(scenario: Scenario) -> tuple[Knob, ...]:
    """Return the knobs that a scenario has of its own, in the order of its fields."""
    return tuple(_walk(scenario, ()))


def _walk(part: object, path: tuple[str, ...]) -> Iterator[Knob]:
    if isinstance(part, Quantity):
        knob = _of_quantity(".".join(path), part)
        if knob is not None:
            yield knob
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from _field(part, name, (*path, name))
    elif isinstance(part, dict):
        for name, inner in part.items():
            yield from _walk(inner, (*path, str(name)))
    elif isinstance(part, tuple):
        for place, inner in enumerate(part):
            yield from _walk(inner, (*path, str(place)))


def _field(part: BaseModel, name: str, path: tuple[str, ...]) -> Iterator[Knob]:
    value = getattr(part, name)
    if name in PLAIN and isinstance(value, int | float) and not isinstance(value, bool):
        knob = _scaled_number(".".join(path), float(value), PLAIN[name])
        if knob is not None:
            yield knob
    elif path[0] in ("agents", "tools", "triggers", "users"):
        yield from _walk(value, path)


def _scaled_number(path: str, value: float, kind: str) -> Knob | None:
    """Return the knob of a plain number; None where scaling so small a count changes nothing."""
    write = {
        "duration": lambda x: written_duration(_rounded(x)),
        "whole": lambda x: str(_rounded(x)),
        "number": _plain,
    }[kind]

    lowest, highest = _rounded(value * _factor(0)), _rounded(value * _factor(1))

    def at(position: float) -> str:
        return write(_whole(lowest, highest, position) if kind == "whole" else value * _factor(position))

    return None if at(0) == at(1) else Knob(path, at(0), at(1), "assumed", at)


def _factor(position: float) -> float:
    return 1 - SHARE + 2 * SHARE * position


def _rounded(number: float) -> int:
    return math.floor(number + 0.5)


def _plain(number: float) -> str:
    return f"{number:.12f}".rstrip("0").rstrip(".") or "0"


def _of_quantity(path: str, quantity: Quantity[Any]) -> Knob | None:
    """Return the knob of a quantity: its range, its number, or a factor on what it draws; None where none does."""
    if quantity.range is not None:
        law = quantity.range
        return _replaced(path, quantity, law.low, law.high, "range", lambda position: _quantile(law, position))
    if quantity.fixed is not None:
        return _scaled(path, quantity, quantity.fixed)
    return _multiplied(path, quantity)


def _scaled(path: str, quantity: Quantity[Any], fixed: float) -> Knob | None:
    if not isinstance(quantity, Probability):
        low, high = fixed * _factor(0), fixed * _factor(1)
    elif fixed < 1:
        low, high = fixed * _factor(0), min(1.0, fixed * _factor(1))
    else:
        return None  # what always happens is how the work is built, and no estimate
    if isinstance(quantity, Count):  # each whole number for an equal part of the positions
        lowest, highest = _rounded(low), _rounded(high)
        return _replaced(path, quantity, low, high, "assumed", lambda position: _whole(lowest, highest, position))
    return _replaced(path, quantity, low, high, "assumed", lambda position: low + (high - low) * position)


def _quantile(law: Law, position: float) -> float:
    return law.quantile(1 - position, upper=True) if position > 0.5 else law.quantile(position)


def _replaced(
    path: str, quantity: Quantity[Any], low: float, high: float, origin: Origin, number_at: Callable[[float], float]
) -> Knob | None:
    """Return the knob that puts a number where the quantity has a range or a number; the rest stays as written."""
    rest = quantity.model_dump(mode="json", exclude_unset=True)
    kept = {name: rest[name] for name in ("clip", "times") if name in rest} if isinstance(rest, dict) else {}

    def at(position: float) -> str:
        number = _written(quantity, number_at(position))
        return json.dumps({"constant": number, **kept}) if kept else str(number)

    if _written(quantity, low) == _written(quantity, high):
        return None
    return Knob(path, _label(quantity, low), _label(quantity, high), origin, at)


def _written(quantity: Quantity[Any], number: float) -> int | float | str:
    """Return a number as a scenario takes it for this kind of quantity."""
    if isinstance(quantity, Count):
        return _rounded(number)
    return written_duration(_rounded(number)) if isinstance(quantity, Duration) else float(_plain(number))


def _label(quantity: Quantity[Any], number: float) -> str:
    if isinstance(quantity, Probability):
        return f"{100 * number:g}%"
    written = _written(quantity, number)
    return written if isinstance(written, str) else f"{written:g}"


def _multiplied(path: str, quantity: Quantity[Any]) -> Knob | None:
    """Return the knob that scales every draw of a distribution; None where its text would grow too long."""
    written = quantity.model_dump(mode="json", exclude_unset=True)

    def at(position: float) -> str:
        return json.dumps({**written, "times": [*written.get("times", []), _factor(position)]})

    if "times" not in type(quantity).model_fields or len(path) + len(at(1 / 3)) >= MOST_LETTERS:
        return None
    return Knob(path, f"-{SHARE:.0%}", f"+{SHARE:.0%}", "assumed", at)
