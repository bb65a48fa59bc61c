"""What is varied: `PATH=values`, written as a list, as evenly spaced steps, or as steps of a constant factor."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from burncurve.errors import InputError, Problem, shown
from burncurve.scenario.units import DURATIONS_US, LARGEST, SCALES

MOST_VALUES = 100_000
MANY_POINTS = 10_000
FORMS = "a,b,c or LOW:HIGH:N (N even steps) or LOW..HIGH*FACTOR; for example agents.lead.base=10k,20k,40k"

_NUMBER = r"(\d{1,20}(?:\.\d{0,20})?|\.\d{1,20}) ?([A-Za-z%]*)"
_NUMBER_FORM = re.compile(_NUMBER, re.ASCII)
_EVEN = re.compile(rf"({_NUMBER})\s*:\s*({_NUMBER})\s*:\s*([-+]?\d{{1,4000}}(?:\.\d{{0,20}})?)", re.ASCII)
_GROWING = re.compile(rf"({_NUMBER})\s*\.\.\s*({_NUMBER})\s*\*\s*(\d{{1,9}}(?:\.\d{{1,9}})?)", re.ASCII)
_OPENING, _CLOSING = "[{(", "]})"
_FAMILIES = (
    {unit: Decimal(scale) for unit, scale in SCALES.items()},
    {unit: Decimal(us) for unit, us in DURATIONS_US.items()},
    {"%": Decimal(1)},
)


@dataclass(frozen=True, slots=True)
class Axis:
    """One path of the scenario and the texts that are put there, one after the other."""

    path: str
    values: tuple[str, ...]

    @property
    def settings(self) -> tuple[str, ...]:
        """The values as `PATH=VALUE`."""
        return tuple(f"{self.path}={value}" for value in self.values)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit as written; `size` is the number in the base unit of its family (1, us, per cent)."""

    number: Decimal
    unit: str
    family: int

    @property
    def size(self) -> Decimal:
        """The number in the base unit."""
        return self.number * _FAMILIES[self.family][self.unit]

    @property
    def place(self) -> float:
        """Where it stands on an axis of a picture; a share as a fraction."""
        return float(self.size) / (100 if self.unit == "%" else 1)


def amount(text: str) -> Amount | None:
    """Return the amount that a text is; None where it is something else."""
    found = _NUMBER_FORM.fullmatch(text.strip())
    if found is None:
        return None
    known = [place for place, family in enumerate(_FAMILIES) if found[2] in family]
    return Amount(Decimal(found[1]), found[2], known[0]) if known else None


def parse(text: str) -> Axis:
    """Return the axis of one `PATH=values`; raises InputError with rule and remedy."""
    path, equals, values = (part.strip() for part in text.partition("="))
    if not (path and equals and values):
        raise _wrong(text, "is not of the form PATH=values", f"Write {FORMS}")
    even, growing = _EVEN.fullmatch(values), _GROWING.fullmatch(values)
    if even:
        found = _evenly(text, ends_of(text, even[1], even[4]), even[7])
    elif growing:
        found = _by_factor(text, ends_of(text, growing[1], growing[4]), Decimal(growing[7]))
    else:
        found = _split(text, values)
    if len(set(found)) < len(found):
        raise _wrong(text, "names a value twice", "Leave one of the two out.")
    return Axis(path, found)


def axes_of(texts: Sequence[str]) -> tuple[Axis, ...]:
    """Return the axis of each text; raises InputError with every problem, also for a path given twice."""
    found: list[Axis] = []
    problems: list[Problem] = []
    for text in texts:
        try:
            axis = parse(text)
        except InputError as error:
            problems += error.problems
            continue
        if axis.path in {other.path for other in found}:
            problems += _wrong(text, "varies a path for the second time", "Put all its values behind one.").problems
        found.append(axis)
    if problems:
        raise InputError(*problems)
    return tuple(found)


def count(axes: Sequence[Axis]) -> int:
    """Return how many points the grid of the axes has."""
    return math.prod(len(axis.values) for axis in axes)


def points(axes: Sequence[Axis]) -> Iterator[tuple[str, ...]]:
    """Yield the values of each point of the grid, the last axis changing fastest."""
    yield from product(*(axis.values for axis in axes))


def settings_at(axes: Sequence[Axis], values: Sequence[str]) -> tuple[str, ...]:
    """Return a point as `PATH=VALUE` settings."""
    return tuple(f"{axis.path}={value}" for axis, value in zip(axes, values, strict=True))


def _wrong(text: str, what: str, remedy: str) -> InputError:
    return InputError(Problem(f"--vary {shown(text, 80)[1:-1]}", what, remedy))


def ends_of(text: str, low_text: str, high_text: str) -> tuple[Amount, Amount]:
    """Return both ends in one unit, the smaller of the two; raises InputError unless they are ends of one kind."""
    low, high = amount(low_text), amount(high_text)
    if low is None or high is None:
        raise _wrong(text, "has an end with an unknown unit", f"Units are {', '.join(_units())}.")
    if low.number == 0 and low.unit == "":
        low = Amount(low.number, high.unit, high.family)  # 0 is 0 in every unit
    if low.family != high.family:
        raise _wrong(text, f"goes from {low_text} to {high_text}, which are not of one kind", "Give both one unit.")
    if low.size >= high.size or high.size > LARGEST:
        raise _wrong(text, f"goes from {low_text} to {high_text}", "Write the lower end first.")
    family = _FAMILIES[low.family]
    unit = min(low.unit, high.unit, key=lambda name: family[name])
    return Amount(low.size / family[unit], unit, low.family), Amount(high.size / family[unit], unit, low.family)


def _units() -> list[str]:
    return [unit for family in _FAMILIES for unit in family if unit]


def _evenly(text: str, ends: tuple[Amount, Amount], count: str) -> tuple[str, ...]:
    """Return so many values, both ends among them."""
    if not (count.isdigit() and 2 <= int(count) <= MOST_VALUES):
        raise _wrong(text, f"asks for {shown(count, 20)[1:-1]} values", f"Ask for 2 to {MOST_VALUES:,}.")
    steps = int(count)
    low, high = ends
    width = high.number - low.number
    return tuple(_written(low.number + width * step / (steps - 1), low.unit) for step in range(steps))


def _by_factor(text: str, ends: tuple[Amount, Amount], factor: Decimal) -> tuple[str, ...]:
    """Return the low end, each time times the factor, up to the high end."""
    low, high = ends
    if factor <= 1 or low.number == 0:
        raise _wrong(text, "would never reach its upper end", "Start above 0 and multiply by more than 1.")
    steps = math.log(high.number / low.number) / math.log(factor)
    if steps > MOST_VALUES:
        raise _wrong(text, f"holds {steps:,.0f} values, at most {MOST_VALUES:,} can", "Take a larger factor.")
    numbers = [low.number]
    while (number := numbers[-1] * factor) <= high.number:
        numbers.append(number)
    return tuple(_written(number, low.unit) for number in numbers)


def _written(number: Decimal, unit: str) -> str:
    """Return a number with its unit, at most 12 digits behind the point."""
    text = f"{number:.12f}".rstrip("0").rstrip(".")
    return f"{text}{unit}"


def _split(text: str, values: str) -> tuple[str, ...]:
    """Split a list at its commas, except inside brackets and quotes."""
    parts, depth, quote = [""], 0, ""
    for letter in values:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        depth += (not quote and letter in _OPENING) - (not quote and letter in _CLOSING)
        if letter == "," and depth == 0 and not quote:
            parts.append("")
        else:
            parts[-1] += letter
    found = tuple(part.strip() for part in parts)
    if not all(found):
        raise _wrong(text, "holds an empty value", f"Write {FORMS}")
    if len(found) > MOST_VALUES:
        raise _wrong(text, f"holds {len(found):,} values, at most {MOST_VALUES:,} can", "Take fewer.")
    return found
