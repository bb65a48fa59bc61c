"""One family of errors: each says where, what value broke which rule, and what to do about it.

`shown` and `did_you_mean` word values and remedies alike wherever a message is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from burncurve.stops import CTRL_C_CODE, SIGTERM_CODE

# Comparing words takes time; a hostile file must not.
MOST_LETTERS = 64
MOST_COMPARED = 700
MOST_LISTED = 16

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: `where` is a place a person can go to (file:line:column, option, row)."""

    where: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}\n    {self.remedy}" if self.remedy else text


class BurncurveError(Exception):
    """Base of all errors that a person is meant to read; `exit_code` is the command's exit code."""

    exit_code: ClassVar[int] = 1

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)  # an error is made anew from these where it crosses an engine or a process
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> BurncurveError:
        """Return one error of this class that carries all the problems."""
        return cls(*problems)


class InputError(BurncurveError):
    """The scenario, an option or a file is wrong."""

    exit_code: ClassVar[int] = 2


class BeyondCompiled(InputError):
    """The compiled engine cannot count what the reference engine, whose integers have no end, can."""


class Stopped(BurncurveError):
    """Ctrl-C, where there is something to say of what is left behind."""

    exit_code: ClassVar[int] = CTRL_C_CODE


class StoppedBySystem(Stopped):
    """SIGTERM, where there is something to say of what is left behind."""

    exit_code: ClassVar[int] = SIGTERM_CODE


class MissingFact(BurncurveError):
    """A price or a fact that the run needs is not known."""

    exit_code: ClassVar[int] = 3


class InternalError(BurncurveError):
    """The program contradicted its own rules: a bug, never the user's fault."""


def attempt(problems: list[Problem], call: Callable[[], Result]) -> Result | None:
    """Return what a call returns; where it refuses its input, add its problems to the others and return None."""
    try:
        return call()
    except InputError as error:
        problems += error.problems
        return None


def nearest(word: str, known: Iterable[str], most: int = 1, likeness: float = 0.6) -> list[str]:
    """Return the known words that are most like a misspelt one, best first; `likeness` is from 0 to 1."""
    from difflib import get_close_matches

    return get_close_matches(word, sorted(known)[:MOST_COMPARED], most, likeness) if len(word) <= MOST_LETTERS else []


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a remedy that names the nearest known word, or what is known."""
    words = sorted(known)
    near = nearest(word, words)
    if near:
        return f"did you mean {near[0]}?"
    listed = ", ".join(words[:MOST_LISTED]) + (", ..." if len(words) > MOST_LISTED else "")
    return f"known are {listed}" if words else "none is declared"


def shown(value: object, most: int = 60) -> str:
    """Return a value as text for a message, cut to `most` characters."""
    text = _shown_mapping(value) if isinstance(value, Mapping) else repr(value)
    return text if len(text) <= most else f"{text[: most - 3]}..."


def _shown_mapping(value: Mapping[Any, Any]) -> str:
    return "a mapping of " + ", ".join(str(key) for key in list(value)[:5])
