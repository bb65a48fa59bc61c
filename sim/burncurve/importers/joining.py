"""Parts of the logs joined in their order: columns on disk, conversations that go on from part to part."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from burncurve.importers.agents import Agents
from burncurve.importers.calls import FIELDS, NAMES
from burncurve.importers.names import Hashed, Names
from burncurve.importers.observed import SCHEMA, Observed
from burncurve.importers.ordering import ordered
from burncurve.importers.parts import NONE, Cut, Edge, Part, Wide
from burncurve.importers.settling import Settled
from burncurve.importers.spilled import Spilled
from burncurve.importers.tally import Tally
from burncurve.importers.values import UNKNOWN_US
from burncurve.ledger import KIND_NAMES, STATUS_NAMES

MOST_NAMES = {"int8": 100, "int16": 30_000, "int32": 1 << 30}
MOST_REMEMBERED = 20_000
BACKWARDS = "the clock ran backwards: when the call was asked for is not known"
_MOST = {column.names: MOST_NAMES[column.dtype] for column in SCHEMA if column.names}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Stands:
    """Where a conversation stands so far: as Edge, its request by number of all rows."""

    person: bool = True
    request: int = NONE
    last_us: int = UNKNOWN_US


_BEGIN = _Stands()


class Joined:
    """All parts so far. What grows with the calls and sessions lies on disk; in memory are all other names, each once.

    Of the conversations of one file, and of the tool calls that spawned, the last MOST_REMEMBERED are known to the next
    part: one that rested for longer begins anew.
    """

    def __init__(self, files: Sequence[str], tally: Tally) -> None:
        self._paths, self._tally = files, tally
        self._columns, self._rows = Spilled(dict.fromkeys(FIELDS, "int64")), 0
        self._names = {kind: Names(_MOST[kind]) for kind in dict.fromkeys(NAMES.values()) if kind != "sessions"}
        self._sessions, self._agents = Hashed(), Agents()
        self._file_rows, self._file_numbers = array("q"), array("q")  # at which row each begins
        self._records = self._records_before = 0
        self._cut_file, self._stands, self._types = NONE, dict[str, _Stands](), dict[str, str]()
        self._reasons: tuple[str, ...] = ()
        self.formats: set[str] = set()

    def take(self, part: Part) -> None:
        """Take the next part; those of one piece follow each other, beginning with its row 0."""
        self._count(part)
        shift = self._rows - part.first
        for row, number in part.files:
            self._file_rows.append(row + shift)
            self._file_numbers.append(number)
        self._agents.add(part.agents)
        columns = {**part.columns, "record": part.columns["record"] + self._records_before}
        turned = {kind: np.array([*self._numbers(kind, names), NONE]) for kind, names in part.names.items()}
        columns |= {name: turned[kind][columns[name]] for name, kind in NAMES.items()}
        moved = np.arange(part.first, part.first + len(part)) + shift
        for cut in part.cuts:
            self._join(cut, columns, part.first, moved)
        columns["request"] = _requests(columns["request"], part.first, moved, shift)
        self.formats |= part.formats
        self._columns.add(columns.items())
        self._rows += len(part)

    def _count(self, part: Part) -> None:
        if part.first == 0:
            self._records_before = self._records if part.continued else 0
            self._reasons = self._reasons if part.continued else ()
        self._records = self._records_before + part.tally.record
        self._tally.add(part.tally, self._records_before, self._reasons)
        self._reasons = (*self._reasons, *part.tally.files_skipped)

    def _numbers(self, kind: str, names: Sequence[str]) -> Iterable[int]:
        return self._sessions.numbers(names) if kind == "sessions" else map(self._names[kind].number, names)

    def _join(self, cut: Cut, columns: Mapping[str, Wide], first: int, moved: Wide) -> None:
        """Tell the rows that waited what stood before them in their file, and know where it stands now."""
        if cut.file != self._cut_file:
            self._cut_file, self._stands, self._types = cut.file, {}, {}
        for spawn in cut.spawns:
            known = next(filter(None, map(self._types.get, spawn.tools)), "")
            if known:
                self._agents.add({spawn.session: known})
        for tool, known in cut.types.items():
            _put(self._types, tool, known)
        for edge in cut.edges:
            before = self._stands.get(edge.session, _BEGIN)
            if edge.opening != NONE:
                at, person = edge.opening - first, before.person and not edge.answered
                columns["user_turn"][at] = int(person)
                moved[at] = moved[at] if person or before.request == NONE else before.request
            if edge.untimed != NONE:
                columns["start_us"][edge.untimed - first] = before.last_us
            _put(self._stands, edge.session, _after(edge, before, first, moved))

    def observed(self) -> Observed:
        """Return what was collected, in order, each call once."""
        settled = Settled(self._columns, self._rows, self._names["tools"], self._files_of)
        rank = self._rank
        for reason, found in settled.reasons(self._names["clients"]):
            self._tally.took_back(reason, found.count, *self._place(found.row), rank)
        parts = self._agents.named(settled.parts(), self._sessions, self._names["agents"])
        names: dict[str, Sequence[str]] = {kind: known.all() for kind, known in self._names.items()}
        observed = ordered(parts, {**names, "kinds": KIND_NAMES, "statuses": STATUS_NAMES}, self._sessions)
        if settled.backwards.count:
            self._tally.remark_later(BACKWARDS, settled.backwards.count, *self._place(settled.backwards.row), rank)
        return observed

    def _files_of(self, rows: Wide) -> Wide:
        """Return the number of the file of each row."""
        places = np.searchsorted(np.frombuffer(self._file_rows, dtype=np.int64), rows, side="right") - 1
        return np.frombuffer(self._file_numbers, dtype=np.int64)[places]

    def _rank(self, path: str) -> int:
        """Return the number of a file."""
        return next(number for number, each in enumerate(self._paths) if each == path)

    def _place(self, row: int) -> tuple[str, int]:
        """Return the file and the number of the record in which a row began."""
        record = self._columns.read("record", slice(row, row + 1))
        return self._paths[int(self._files_of(np.array([row]))[0])], int(record[0])


def _put(known: dict[str, T], name: str, value: T) -> None:
    """Put a value; of those that nobody put for the longest time some go, where there are very many."""
    known.pop(name, None)
    known[name] = value
    if len(known) > MOST_REMEMBERED:
        del known[next(iter(known))]


def _after(edge: Edge, before: _Stands, first: int, moved: Wide) -> _Stands:
    return _Stands(
        before.person if edge.person is None else edge.person,
        before.request if edge.request == NONE else int(moved[edge.request - first]),
        before.last_us if edge.last_us == UNKNOWN_US else edge.last_us,
    )


def _requests(request: Wide, first: int, moved: Wide, shift: int) -> Wide:
    """Return requests by the number of their first row among all; those begun before the part only shift."""
    if not len(request):
        return request
    here = np.where(request >= first, moved[np.maximum(request - first, 0)], request + shift)
    return np.where(request == NONE, NONE, here)
