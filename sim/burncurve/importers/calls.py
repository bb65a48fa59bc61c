"""Calls as they are collected: columns that grow, names kept once, responses that several lines or files repeat."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TypedDict, TypeVar, cast

import numpy as np

from burncurve.importers.observed import SCHEMA, Observed, ordered
from burncurve.importers.tally import Tally
from burncurve.importers.values import UNKNOWN_US
from burncurve.ledger import KIND_NAMES, STATUS_NAMES, Kind, Status

MAIN, SUB_AGENT, UNKNOWN = "main", "sub-agent", "unknown"
FIRST_OF_REQUEST = -1
"""As `user_turn`: the first call of its request by time is; for logs that do not keep to the order of time."""
MOST_NAMES = {"int8": 100, "int16": 30_000, "int32": 1 << 30}
OTHERS = "(others)"
MOST_TOOL_CALLS = 30_000
Shared = TypeVar("Shared")


@dataclass(slots=True)
class Call:
    """One call as a reader found it; names as text, times UTC microseconds since 1970, tokens disjoint."""

    session: str
    model: str
    parent: str = ""
    agent: str = MAIN
    sub_agent: int = 0
    project: str = ""
    provider: str = ""
    client: str = ""
    service_tier: str = "standard"
    kind: int = int(Kind.TURN)
    status: int = int(Status.OK)
    request: int = 0
    user_turn: int = 0
    tools: str = ""
    tool_calls: int = 0
    start_us: int = UNKNOWN_US
    first_token_us: int = UNKNOWN_US
    end_us: int = UNKNOWN_US
    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0
    web_searches: int = 0
    stated_pico: int = -1


class Meters(TypedDict, total=False):
    """The meters of a call, by their names in Call."""

    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    reasoning: int
    web_searches: int


_FIELDS = tuple(field.name for field in fields(Call))
_NAMES = {column.name: (column.names, MOST_NAMES[column.dtype]) for column in SCHEMA if column.names}

_CODES = {column.name: "q" if column.dtype == "int64" else "i" for column in SCHEMA}


class Names:
    """Names in the order in which they came, each once."""

    def __init__(self, most: int) -> None:
        self._number: dict[str, int] = {}
        self._most = most

    def number(self, name: str) -> int:
        found = self._number.get(name)
        if found is None:
            if len(self._number) >= self._most:
                name = OTHERS
            found = self._number.setdefault(name, len(self._number))
        return found

    def all(self) -> tuple[str, ...]:
        return tuple(self._number)


class Calls:
    """All calls found so far, by row; what repeats a call already there finds it under its key."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.row_of: dict[tuple[str, ...], int] = {}
        self._columns = {name: array(_CODES[name]) for name in _FIELDS}
        self._names = {names: Names(most) for names, most in _NAMES.values() if names not in ("kinds", "statuses")}
        self._dropped: set[int] = set()
        self._shared: dict[str, object] = {}

    def shared(self, format_name: str, kind: Callable[[], Shared]) -> Shared:
        """Return what the readers of one format keep beyond a file, made by `kind` the first time."""
        found = self._shared.setdefault(format_name, kind())
        return cast(Shared, found)

    def __len__(self) -> int:
        return len(self._columns["session"])

    def add(self, call: Call) -> int:
        """Put a call down and return its row."""
        if UNKNOWN_US < call.end_us < call.start_us:
            self.tally.remark("the clock ran backwards: when the call was asked for is not known")
            call.start_us = UNKNOWN_US
        if not call.start_us <= call.first_token_us <= max(call.end_us, call.start_us):
            call.first_token_us = UNKNOWN_US
        for name, column in self._columns.items():
            column.append(self._value(name, getattr(call, name)))
        return len(self) - 1

    def change(self, row: int, values: Mapping[str, object]) -> None:
        """Write other values into a row."""
        for name, value in values.items():
            self._columns[name][row] = self._value(name, value)

    def get(self, row: int, name: str) -> int:
        """Return the number in one place."""
        return self._columns[name][row]

    def drop(self, row: int, reason: str, place: str) -> None:
        """Take a row out again; the record it came from counts as skipped."""
        if row not in self._dropped:
            self._dropped.add(row)
            self.tally.took_back(reason, place)

    def name_agents(self, agents: dict[str, str]) -> None:
        """Give the calls of some sessions, by the session's name, the name of their agent."""
        sessions = self._names["sessions"].all()
        named = {number: agents[name] for number, name in enumerate(sessions) if name in agents}
        if named:
            column, numbers = self._columns["agent"], self._names["agents"]
            for row, session in enumerate(self._columns["session"]):
                if session in named:
                    column[row] = numbers.number(named[session])

    def observed(self) -> Observed:
        """Return what was collected, in order."""
        kept = np.ones(len(self), dtype=bool)
        kept[list(self._dropped)] = False
        columns = {name: np.frombuffer(values, dtype=f"i{values.itemsize}") for name, values in self._columns.items()}
        if self._dropped:
            columns = {name: values[kept] for name, values in columns.items()}
        names: dict[str, Sequence[str]] = {name: known.all() for name, known in self._names.items()}
        return ordered(columns, {**names, "kinds": KIND_NAMES, "statuses": STATUS_NAMES})

    def _value(self, name: str, value: object) -> int:
        if isinstance(value, int):
            return value
        if name == "parent" and not value:
            return -1
        return self._names[_NAMES[name][0]].number(str(value))


def joined_tools(tools: Sequence[str]) -> str:
    """Return the names of the tools called, in order of calling, each once."""
    return ",".join(dict.fromkeys(tool.replace(",", " ") for tool in tools if tool))[:400]
