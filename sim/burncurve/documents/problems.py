"""The problems of a file in the order of its lines, and not more of them than a person reads."""

from __future__ import annotations

from collections.abc import Collection

from burncurve.errors import Problem

MOST_PROBLEMS = 50


def first_of(problems: Collection[Problem]) -> list[Problem]:
    """Return the problems by line and column, at most MOST_PROBLEMS and then how many more there are."""
    ordered = sorted(problems, key=_position)
    rest = len(ordered) - MOST_PROBLEMS
    if rest <= 0:
        return ordered
    return [*ordered[:MOST_PROBLEMS], Problem("", f"and {rest} more problems", "mend these first")]


def _position(problem: Problem) -> tuple[int, int, int]:
    """Return what orders problems by place: line and column, then those that stand in no line."""
    parts = problem.where.rsplit(":", 2)[1:]
    return (0, int(parts[0]), int(parts[1])) if len(parts) == 2 and all(map(str.isdecimal, parts)) else (1, 0, 0)
