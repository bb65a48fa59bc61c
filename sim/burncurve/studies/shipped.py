"""Scenarios that come with burncurve: found by name, in the installed package or in a clone."""

from __future__ import annotations

from pathlib import Path

from burncurve.errors import InputError, Problem, nearest

SUFFIXES = (".yaml", ".yml")
TAKE_RUNS = "It is taken by explain, ledger, query and diff"
TAKE_IMPORTS = f"{TAKE_RUNS}, and by replay, fit and backtest; what fit writes is a scenario."
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

    Raises InputError where there is none, or it is the folder of a run.
    """
    path = Path(argument)
    if _is_there(path) and not path.is_dir():
        return path  # whatever it is: reading it says what is wrong with it
    if argument in names():
        return folder() / f"{argument}.yaml"
    if _is_there(path):
        _refuse_run(path)
        return path
    raise InputError(Problem(argument, "no such file, and no shipped scenario of this name", _remedy(path)))


def _refuse_run(path: Path) -> None:
    from burncurve.studies import observed_file, runs
    from burncurve.studies.folder import MANIFEST

    if (path / observed_file.OBSERVED).is_file():
        raise InputError(Problem(str(path), "is the folder of an import and not a scenario", TAKE_IMPORTS))
    if (path / MANIFEST).is_file() and not any((path / name).is_file() for name in runs.OTHERS):
        remedy = f"{TAKE_RUNS}; to simulate anew, name the scenario."
        raise InputError(Problem(str(path), "is the folder of a run and not a scenario", remedy))


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
