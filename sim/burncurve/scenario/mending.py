"""A wrong scenario with harmless stand-ins for its wrong fields, so that the rest can be checked at once too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any

from pydantic import ValidationError

from burncurve.errors import Problem
from burncurve.scenario import tree
from burncurve.scenario.models import Scenario

MOST_ROUNDS = 12
FILLERS: dict[str, Any] = {
    "name": "-",
    "start": "2000-01-01",
    "horizon": "1s",
    "agent": "-",
    "agents": {"-": {}},
}
ENTRIES: dict[str, Any] = {"thresholds": "mean(bill_usd) < 1", "triggers": {"agent": "-", "once": True}}
GUESSES = (1, "1s", "-")
"""One of these is right for most required fields; which one, only the next round tells."""

DOUBTS = (
    (r"(?:triggers|users)(?:/.*)?", r"the scenario"),
    (r"(triggers/\d+)/.*", r"{0}(\.(overlap|reset))?"),
    (r"triggers/\d+/(?:agent|reset|session)(?:/.*)?", r"triggers\.\d+\.(agent|reset)"),
    (r"agents/[^/]*/(?:spawn|children_cap|step_cap|turns|first_turns|loop)(?:/.*)?", r"agents\..*\.spawn\.\d+"),
    (
        r"agents/([^/]*)/(?:base|window|reserve|compact|slide|clear)(?:/.*)?",
        r"agents\.{0}\.(reserve|compact|slide|clear)([. ].*)?",
    ),
    (r"start|deployments(?:/.*)?", r"agents\..*\.compact under .*"),
    (r"start", r"deployments\..*\.(account|cache)\..*"),
    (r"agents|agents/[^/]*/(?:role|side_calls)(?:/.*)?", r"deployments\..*\.roles lack main"),
    (r"deployments/([^/]*)/roles/([^/]*)", r"deployments\.{0}\.roles lack {1}"),
    (r"agents/[^/]*/(?:side_calls/(?:\d+/)?)?role(?:/.*)?", r"deployments\..*\.(roles|cache|failover)\..*"),
    (r"(deployments/[^/]*)/retry(?:/.*)?", r"{0}\.failover\..*"),
    (r"(deployments/[^/]*/budgets)(?:/.*)?", r"{0}\..*"),
    (r"deployments(?:/[^/]*)?", r"thresholds.*"),
)
"""Where a stand-in is, and what is said of other parts that only it may have made wrong."""


def _way(data: Any, loc: tree.Path) -> list[tuple[Any, str | int, tree.Path]]:
    """Return (holder, step, path) for each step that data follows; a location may name more than data holds."""
    way: list[tuple[Any, str | int, tree.Path]] = []
    for end in range(1, len(loc) + 1):
        step = loc[end - 1]
        inside = step in data if isinstance(data, dict) else isinstance(data, list) and step in range(len(data))
        if inside:
            way.append((data, step, loc[:end]))
            data = data[step]
    return way


def _remove(data: Any, loc: tree.Path) -> tree.Path:
    """Remove the deepest named part that a location reaches, and return its path.

    An entry of a list makes way for another or goes with its list, so that no entry changes its number.
    """
    path: tree.Path
    for holder, step, path in reversed(_way(data, loc)):
        if isinstance(holder, dict):
            del holder[step]
            return path
        if len(path) == 2 and path[0] in ENTRIES and holder[step] != ENTRIES[str(path[0])]:
            holder[step] = deepcopy(ENTRIES[str(path[0])])
            return path
    return loc


class _Mender:
    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.touched: set[tree.Path] = set()
        self.tries: dict[tree.Path, int] = {}

    def round(self, error: ValidationError) -> None:
        """Do something about each error; whether it helped, only the next round tells."""
        done: set[tree.Path] = set()
        for item in error.errors(include_url=False, include_context=False, include_input=False):
            loc = item["loc"]
            # what has gone already must not take with it what it stood in
            if not any(loc[:end] in done for end in range(1, len(loc) + 1)):
                done.add(self._mend(loc, item["type"] == "missing"))
        self.touched |= done

    def _mend(self, loc: tree.Path, missing: bool) -> tree.Path:
        if missing and self._fill(loc):
            return loc
        return _remove(self.data, loc[:-1] if missing else loc)

    def _fill(self, loc: tree.Path) -> bool:
        """Put something that may be right where a required field is missing; False where nothing is."""
        way, field = _way(self.data, loc[:-1]), str(loc[-1])
        inner = way[-1][0][way[-1][1]] if way else self.data
        choices = (FILLERS[field], *GUESSES) if field in FILLERS else GUESSES
        tried = self.tries.get(loc, 0)
        if not isinstance(inner, dict) or tried >= len(choices):
            return False
        self.tries[loc] = tried + 1
        inner[field] = deepcopy(choices[tried])
        return True


def mended(data: dict[str, Any], error: ValidationError) -> tuple[Scenario | None, set[tree.Path]]:
    """Return a scenario with stand-ins, None where that does not come about, and the paths of the stand-ins.

    The data are changed.
    """
    mender = _Mender(data)
    for _ in range(MOST_ROUNDS):
        mender.round(error)
        try:
            return Scenario.model_validate(data), mender.touched
        except ValidationError as again:
            error = again
    return None, mender.touched


def _dotted(path: tree.Path) -> str:
    return ".".join(map(str, path))


def _doubted(path: tree.Path) -> list[str]:
    """Return patterns of the parts whose checks read what stands at a path."""
    matches = [(re.fullmatch(where, "/".join(map(str, path)), re.DOTALL), said) for where, said in DOUBTS]
    return [
        said.format(*(re.escape(group.replace("/", ".")) for group in match.groups()))
        for match, said in matches
        if match
    ]


def _starts(name: str) -> Iterator[str]:
    """Yield a dotted name and all it stands in."""
    while name:
        yield name
        name = name.rpartition(".")[0]


def sure(problems: Iterable[Problem], touched: Iterable[tree.Path]) -> list[Problem]:
    """Return the problems that no stand-in can have made."""
    paths = set(touched)
    within = {_dotted(path) for path in paths}
    around = {_dotted(path[:end]) for path in paths for end in range(1, len(path))}
    patterns = [re.compile(pattern, re.DOTALL) for pattern in {said for path in paths for said in _doubted(path)}]

    def stands(name: str) -> bool:
        concerned = name in around or not within.isdisjoint(_starts(name))
        return not concerned and not any(pattern.fullmatch(name) for pattern in patterns)

    return [problem for problem in problems if stands(problem.what.partition(": ")[0])]
