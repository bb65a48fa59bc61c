"""Parts of the logs joined in their order: columns on disk, conversations that go on, calls that several parts have."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from burncurve.importers import repeats
from burncurve.importers.calls import FIELDS, MOST_TOOL_CALLS, NAMES, joined_tools
from burncurve.importers.formats import FORMATS
from burncurve.importers.observed import SCHEMA, Observed, ordered
from burncurve.importers.parts import NONE, Cut, Edge, Part, Wide
from burncurve.importers.spilled import Flags, Spilled, pieces
from burncurve.importers.tally import Tally
from burncurve.importers.values import UNKNOWN_US
from burncurve.ledger import KIND_NAMES, METERS, STATUS_NAMES

MOST_NAMES = {"int8": 100, "int16": 30_000, "int32": 1 << 30}
OTHERS = "(others)"
BACKWARDS = "the clock ran backwards: when the call was asked for is not known"
_MOST = {column.names: MOST_NAMES[column.dtype] for column in SCHEMA if column.names}
_BY_CLIENT = {each.client: each for each in FORMATS}


class Names:
    """Names in the order in which they came, each once."""

    def __init__(self, most: int) -> None:
        self._number: dict[str, int] = {}
        self._most = most

    def number(self, name: str) -> int:
        """Return the number of a name; beyond as many as there may be, that of the others."""
        found = self._number.get(name)
        if found is None:
            if len(self._number) >= self._most:
                name = OTHERS
            found = self._number.setdefault(name, len(self._number))
        return found

    def text(self, number: int) -> str:
        """Return a name by its number."""
        return self.all()[number]

    def __len__(self) -> int:
        return len(self._number)

    def all(self) -> tuple[str, ...]:
        """Return all names by number."""
        return tuple(self._number)


@dataclass(frozen=True, slots=True)
class _Stands:
    """Where a conversation stands so far: as Edge, its request by number of all rows."""

    person: bool = True
    request: int = NONE
    last_us: int = UNKNOWN_US


_BEGIN = _Stands()


class Joined:
    """All parts so far. What grows with the logs lies on disk; in memory are the names, each once."""

    def __init__(self, files: Sequence[str], tally: Tally) -> None:
        self._paths, self._tally = files, tally
        self._columns, self._rows = Spilled(dict.fromkeys(FIELDS, "int64")), 0
        self._names = {kind: Names(_MOST[kind]) for kind in dict.fromkeys(NAMES.values())}
        self._agents: dict[str, str] = {}
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
        self._agents.update(part.agents)
        columns = {**part.columns, "record": part.columns["record"] + self._records_before}
        for name, kind in NAMES.items():
            columns[name] = self._renumbered(columns[name], part.names[kind], self._names[kind])
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

    @staticmethod
    def _renumbered(numbers: Wide, names: Sequence[str], known: Names) -> Wide:
        turned = np.array([*map(known.number, names), NONE], dtype=np.int64)
        return turned[numbers]

    def _join(self, cut: Cut, columns: Mapping[str, Wide], first: int, moved: Wide) -> None:
        """Tell the rows that waited what stood before them in their file, and know where it stands now."""
        if cut.file != self._cut_file:
            self._cut_file, self._stands, self._types = cut.file, {}, {}
        for spawn in cut.spawns:
            known = next(filter(None, map(self._types.get, spawn.tools)), "")
            if known:
                self._agents[spawn.session] = known
        self._types.update(cut.types)
        for edge in cut.edges:
            before = self._stands.get(edge.session, _BEGIN)
            if edge.opening != NONE:
                at, person = edge.opening - first, before.person and not edge.answered
                columns["user_turn"][at] = int(person)
                moved[at] = moved[at] if person or before.request == NONE else before.request
            if edge.untimed != NONE:
                columns["start_us"][edge.untimed - first] = before.last_us
            self._stands[edge.session] = _after(edge, before, first, moved)

    def observed(self) -> Observed:
        """Return what was collected, in order, each call once."""
        kept = self._settled()
        self._times(kept)
        if self._agents:
            self._name_agents()
        names: dict[str, Sequence[str]] = {kind: known.all() for kind, known in self._names.items()}
        return ordered(self._columns, {**names, "kinds": KIND_NAMES, "statuses": STATUS_NAMES}, kept)

    def _files_of(self, rows: Wide) -> Wide:
        """Return the number of the file of each row."""
        places = np.searchsorted(np.frombuffer(self._file_rows, dtype=np.int64), rows, side="right") - 1
        return np.frombuffer(self._file_numbers, dtype=np.int64)[places]

    def _settled(self) -> Flags:
        """Merge calls of equal key, and return which rows remain; what the others came from counts as skipped."""
        again, first = repeats.again(self._columns["key"])
        within = self._files_of(again) == self._files_of(first)
        self._merge(again, first)
        if within.any():
            self._go_on(again[within], first[within])
        self._take_back(again[~within], "repeated")
        self._take_back(again[within], "further")
        kept = np.ones(self._rows, dtype=bool)
        kept[again] = False
        gone = repeats.replayed(self._columns["identity"], self._columns["sub_agent"], kept)
        self._take_back(gone, "replayed")
        kept[gone] = False
        return kept

    def _merge(self, again: Wide, first: Wide) -> None:
        """Give each call the meters of the one of equal key that has most output."""
        rows, best = repeats.richest(again, first, self._columns["output"])
        for meter in METERS if len(rows) else ():
            values = self._columns[meter]
            values[rows] = values[best]
            self._put(meter, values)

    def _put(self, name: str, values: Wide) -> None:
        """Put what was changed of a column in its place."""
        self._columns.replace(name, (values[part] for part in pieces(len(values))))

    def _go_on(self, rows: Wide, of: Wide) -> None:
        """Let rows go on with calls that earlier parts of their file began: their end, their tools, their request."""
        end_us, tool_calls, tools = (self._columns[name] for name in ("end_us", "tool_calls", "tools"))
        np.maximum.at(end_us, of, end_us[rows])
        np.add.at(tool_calls, of, tool_calls[rows])
        texts = list((known := self._names["tools"]).all())
        for row, first in zip(rows.tolist(), of.tolist(), strict=True):
            if texts[tools[row]]:
                joined = joined_tools([*texts[tools[first]].split(","), *texts[tools[row]].split(",")])
                tools[first] = known.number(joined)
                texts += known.all()[len(texts) :] if tools[first] == len(texts) else ()
        tool_calls[of] = np.minimum(tool_calls[of], MOST_TOOL_CALLS)
        for name, values in (("end_us", end_us), ("tool_calls", tool_calls), ("tools", tools)):
            self._put(name, values)
        self._put("request", self._without(rows, self._columns["request"]))

    def _without(self, rows: Wide, request: Wide) -> Wide:
        """Return the requests without those that began at rows which are no calls: the one before goes on."""
        opened = rows[request[rows] == rows]
        concerned = self._same_sessions(opened)
        session, file = self._columns["session"][concerned], self._files_of(concerned)
        order = np.lexsort((concerned, session, file))
        same = (file[order][1:] == file[order][:-1]) & (session[order][1:] == session[order][:-1])
        ordered_rows = concerned[order]
        before = dict(zip(ordered_rows[1:][same].tolist(), ordered_rows[:-1][same].tolist(), strict=True))
        owner = {row: int(request[before.get(row, row)]) for row in opened.tolist()}
        for row in owner:  # in order: the request before may itself have been one of these
            owner[row] = owner.get(owner[row], owner[row])
        told = request[concerned].tolist()
        request[concerned] = [owner.get(number, number) for number in told]
        return request

    def _same_sessions(self, rows: Wide) -> Wide:
        """Return all rows of the sessions of some."""
        session = self._columns["session"]
        wanted = np.zeros(len(self._names["sessions"]), dtype=bool)
        wanted[session[rows]] = True
        found = [part.start + np.flatnonzero(wanted[session[part]]) for part in pieces(len(session))]
        return np.concatenate([np.zeros(0, dtype=np.int64), *found])

    def _times(self, kept: Flags) -> None:
        """Make times unknown that cannot be: of asking behind the end, of a first token outside both."""
        start_us, first_us, end_us = (self._columns[name] for name in ("start_us", "first_token_us", "end_us"))
        count, first = 0, NONE
        for part in pieces(self._rows):
            start, token, end = start_us[part], first_us[part], end_us[part]
            wrong = kept[part] & (end > UNKNOWN_US) & (end < start)
            if wrong.any():
                first = first if count else part.start + int(wrong.argmax())
                count += int(wrong.sum())
                start[wrong] = UNKNOWN_US
            outside = (token != UNKNOWN_US) & ((token < start) | (token > np.maximum(end, start)))
            if outside.any():
                token[outside] = UNKNOWN_US
        if count:
            self._tally.remark_later(BACKWARDS, count, *self._place(first), self._paths.index)
        self._put("start_us", start_us)
        self._put("first_token_us", first_us)

    def _place(self, row: int) -> tuple[str, int]:
        """Return the file and the number of the record in which a row began."""
        return self._paths[int(self._files_of(np.array([row]))[0])], int(self._columns["record"][row])

    def _take_back(self, rows: Wide, why: str) -> None:
        """Count records that were used as skipped, each by its format's reason."""
        clients = self._columns["client"][rows]
        for client in np.unique(clients).tolist():
            of_one = rows[clients == client]
            reason = getattr(_BY_CLIENT[self._names["clients"].text(client)], why)
            self._tally.took_back(reason, len(of_one), *self._place(of_one[0]), self._paths.index)

    def _name_agents(self) -> None:
        """Give the calls of sub-agents the names of the types that their sessions turned out to have."""
        sessions = self._names["sessions"].all()
        known = np.array([self._named(session) for session in sessions], dtype=np.int64)
        session, agent = self._columns["session"], self._columns["agent"]
        named = ((known[session[part]], agent[part]) for part in pieces(len(session)))
        self._columns.replace("agent", (np.where(mine == NONE, before, mine) for mine, before in named))

    def _named(self, session: str) -> int:
        return self._names["agents"].number(self._agents[session]) if session in self._agents else NONE


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
