"""One family of errors: each says where, what value broke which rule, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


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
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> BurncurveError:
        """Return one error of this class that carries all the problems."""
        return cls(*problems)


class InputError(BurncurveError):
    """The scenario, an option or a file is wrong."""

    exit_code: ClassVar[int] = 2


class MissingFact(BurncurveError):
    """A price or a fact that the run needs is not known."""

    exit_code: ClassVar[int] = 3


class InternalError(BurncurveError):
    """The program contradicted its own rules: a bug, never the user's fault."""
