"""Calls as readers find them, handed on as columns a part at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from hashlib import blake2b
from typing import TypedDict

import numpy as np

from burncurve.importers.observed import SCHEMA
from burncurve.importers.parts import NONE, Cut, Part
from burncurve.importers.tally import Tally
from burncurve.importers.values import UNKNOWN_US
from burncurve.ledger import Kind, Status

MAIN, SUB_AGENT, UNKNOWN = "main", "sub-agent", "unknown"
FIRST_OF_REQUEST = -1
"""As `user_turn`: the first call of its request by time is; for logs that do not keep to the order of time."""
MOST_TOOL_CALLS = 30_000


@dataclass(slots=True)
class Call:
    """One call as a reader found it; names as text, times UTC microseconds since 1970, tokens disjoint.

    `request` is the row of the first call of its request; NONE: the session is one request. Calls of
    equal `key` are one, wherever they lie; of those of equal `identity` sub-agents have copies. 0: none.
    """

    session: str
    model: str
    parent: str = ""
    agent: str = MAIN
    sub_agent: int = 0
    project: str = ""
    provider: str = ""
    client: str = ""
    service_tier: str = "standard"
    region: str = ""
    kind: int = int(Kind.TURN)
    status: int = int(Status.OK)
    request: int = NONE
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
    key: int = 0
    identity: int = 0
    record: int = 0


class Meters(TypedDict, total=False):
    """The meters of a call, by their names in Call."""

    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    reasoning: int
    web_searches: int


FIELDS = tuple(field.name for field in fields(Call))
NAMES = {column.name: column.names for column in SCHEMA if column.names not in ("", "kinds", "statuses")}


class Calls:
    """The calls found in a piece of the logs, by row; those before `first` have been handed on."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.first = 0
        self.keys: set[int] = set()
        self.agents: dict[str, str] = {}
        self._rows: list[Call] = []
        self._files: list[tuple[int, int]] = []
        self._cuts: list[Cut] = []
        self._formats: set[str] = set()

    def __len__(self) -> int:
        return self.first + len(self._rows)

    @property
    def waiting(self) -> int:
        """How many calls have not been handed on."""
        return len(self._rows)

    def begin_file(self, number: int, format_name: str) -> None:
        """Know that the calls from here on are of another file."""
        self.keys.clear()
        self._formats.add(format_name)
        self._files.append((len(self), number))

    def add(self, call: Call) -> int:
        """Put a call down and return its row."""
        call.record = call.record or self.tally.record
        self._rows.append(call)
        return len(self) - 1

    def row(self, number: int) -> Call:
        """Return a call that has not been handed on."""
        return self._rows[number - self.first]

    def cut(self, cut: Cut) -> None:
        """Keep what readers of one file tell those who go on."""
        self._cuts.append(cut)

    def handed_on(self, continued: bool) -> Part:
        """Return the calls since the last time as columns, and begin a new list."""
        names: dict[str, dict[str, int]] = {}
        columns = {}
        for name in FIELDS:
            values = [getattr(call, name) for call in self._rows]
            if name in NAMES:
                values = _numbered(values, names.setdefault(NAMES[name], {}), name == "parent")
            columns[name] = np.array(values, dtype=np.int64)
        told = {kind: tuple(known) for kind, known in names.items()}
        part = Part(
            self.first, columns, told, self.tally.handed_on(), continued,
            self._files, self._cuts, self.agents, frozenset(self._formats),
        )  # fmt: skip
        self.first, self._rows, self._files, self._cuts, self.agents = len(self), [], [], [], {}
        return part


def _numbered(names: Sequence[str], known: dict[str, int], nullable: bool) -> list[int]:
    return [NONE if nullable and not name else known.setdefault(name, len(known)) for name in names]


def hashed(*words: str) -> int:
    """Return a number for names, never 0: of a billion such numbers two are equal once in 37 times."""
    digest = blake2b("\0".join(words).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True) or 1


def joined_tools(tools: Sequence[str]) -> str:
    """Return the names of the tools called, in order of calling, each once."""
    return ",".join(dict.fromkeys(tool.replace(",", " ") for tool in tools if tool))[:400]
