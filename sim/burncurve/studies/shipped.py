"""Scenarios that come with burncurve: found by name, in the installed package or in a clone."""

from __future__ import annotations

from pathlib import Path

from burncurve.errors import InputError, Problem, nearest

SUFFIXES = (".yaml", ".yml")
PACKAGE = Path(__file__).resolve().parents[1]


def folder() -> Path:
    """Return the folder of the shipped scenarios: package data where installed, `scenarios/` in a clone."""
    installed = PACKAGE / "shipped"
    return installed if installed.is_dir() else PACKAGE.parents[1] / "scenarios"


def names() -> tuple[str, ...]:
    """Return the names of the shipped scenarios, sorted."""
    return tuple(sorted(path.stem for path in folder().glob("*.yaml")))


def locate(argument: str) -> Path:
    """Return the file that `argument` names: a path, or the bare name of a shipped scenario.

    Raises InputError where there is none.
    """
    path = Path(argument)
    if _is_there(path) and not path.is_dir():
        return path  # whatever it is: reading it says what is wrong with it
    if argument in names():
        return folder() / f"{argument}.yaml"
    if _is_there(path):
        return path
    raise InputError(Problem(argument, "no such file, and no shipped scenario of this name", _remedy(path)))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long, or with a zero byte
        return False


def _remedy(path: Path) -> str:
    candidates = [path.with_suffix(suffix) for suffix in SUFFIXES] if path.name else []
    beside = [str(candidate) for candidate in candidates if _is_there(candidate)]
    close = beside or nearest(path.stem, names(), most=3)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    return f"Shipped scenarios: {', '.join(names()) or 'none'}."
