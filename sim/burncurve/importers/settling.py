"""All parts being there: calls that several have become one, times that cannot be become unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from burncurve.importers import repeats
from burncurve.importers.calls import MOST_TOOL_CALLS, joined_tools
from burncurve.importers.changes import Changes, renamed
from burncurve.importers.formats import FORMATS
from burncurve.importers.names import Names
from burncurve.importers.observed import SCHEMA
from burncurve.importers.parts import NONE
from burncurve.importers.repeats import Kept
from burncurve.importers.sorting import Columns
from burncurve.importers.spilled import Flags, Ints, Spilled, Wide, pieces
from burncurve.importers.values import UNKNOWN_US
from burncurve.ledger import METERS

REASONS = ("repeated", "further", "replayed")
_BY_CLIENT = {each.client: each for each in FORMATS}


@dataclass(slots=True)
class Found:
    """How often something was found, and the first row."""

    count: int = 0
    row: int = NONE

    def add(self, rows: Wide) -> None:
        """Count rows."""
        if len(rows):
            first = int(rows.min())
            self.row = first if not self.count else min(self.row, first)
            self.count += len(rows)


class Settled:
    """Rows on disk, of which each call is to be there once; `files_of` tells the file of each row.

    `taken_back` counts the others by reason and client, `backwards` the calls that ended before they were asked for.
    """

    def __init__(self, columns: Spilled, rows: int, tools: Names, files_of: Callable[[Wide], Wide]) -> None:
        self._columns, self._rows, self._tools, self._files_of = columns, rows, tools, files_of
        self._kept, self._changes, self._owners = Kept(rows), Changes(), dict[int, int]()
        self.taken_back: dict[tuple[str, int], Found] = {}
        self.backwards = Found()
        self._go_on(*self._drop_equals())
        self._drop_replayed()

    def parts(self) -> Iterator[Columns]:
        """Yield the columns of SCHEMA of the rows that remain, and `row`, their number, some thousand at a time."""
        for rows in pieces(self._rows):
            kept = self._kept.of(rows)
            columns = {name: self._changed(name, rows) for name in SCHEMA.names}
            columns["request"] = renamed(columns["request"], self._owners)
            columns["row"] = np.arange(rows.start, rows.stop)
            self._make_unknown(columns, kept)
            yield {name: values[kept] for name, values in columns.items()}

    def _changed(self, name: str, rows: slice) -> Ints:
        return self._changes.value(name, rows, self._columns.read(name, rows))

    def _drop_equals(self) -> tuple[Wide, Wide]:
        """Drop rows whose key an earlier one has; return those that go on with a call of their own file, and which."""
        equals, within = repeats.by_key(), [np.zeros((2, 0), dtype=np.int64)]
        for rows in pieces(self._rows):
            part = {name: self._columns.read(name, rows) for name in ("key", "output", "client")}
            part["row"] = np.arange(rows.start, rows.stop)
            some = np.flatnonzero(part["key"])
            equals.add({name: values[some] for name, values in part.items()})
        for each in equals.ranges():
            at, first = repeats.again(each)
            if len(at):
                self._merge(*repeats.richest(at, first, each))
                within.append(self._drop(each["row"][at], each["row"][first], each["client"][at]))
        rows, of = np.concatenate(within, axis=1)
        order = np.argsort(rows)
        return rows[order], of[order]

    def _drop(self, rows: Wide, first: Wide, clients: Ints) -> Wide:
        """Drop rows equal to others, and return those, and the others, that are of one file: [2, rows]."""
        self._kept.drop(rows)
        within = self._files_of(rows) == self._files_of(first)
        self._take_back("repeated", rows[~within], clients[~within])
        self._take_back("further", rows[within], clients[within])
        return np.stack((rows[within], first[within]))

    def _drop_replayed(self) -> None:
        identities = repeats.by_identity()
        for rows in pieces(self._rows):
            part = {name: self._columns.read(name, rows) for name in ("identity", "sub_agent", "client")}
            part["row"] = np.arange(rows.start, rows.stop)
            some = np.flatnonzero((part["identity"] != 0) & self._kept.of(rows))
            identities.add({name: values[some] for name, values in part.items()})
        for each in identities.ranges():
            at = repeats.replayed(each)
            self._kept.drop(each["row"][at])
            self._take_back("replayed", each["row"][at], each["client"][at])

    def _take_back(self, why: str, rows: Wide, clients: Ints) -> None:
        for client in np.unique(clients).tolist():
            self.taken_back.setdefault((why, client), Found()).add(rows[clients == client])

    def reasons(self, clients: Names) -> Iterator[tuple[str, Found]]:
        """Yield why rows turned out to be no calls of their own, in the words of their formats, and how many."""
        for why, client in sorted(self.taken_back, key=lambda each: (REASONS.index(each[0]), each[1])):
            yield getattr(_BY_CLIENT[clients.text(client)], why), self.taken_back[why, client]

    def _merge(self, rows: Wide, best: Wide) -> None:
        """Give each call the meters of the one of equal key that has most output."""
        for meter in METERS if len(rows) else ():
            self._changes.put(meter, rows, self._columns[meter][best])

    def _go_on(self, rows: Wide, of: Wide) -> None:
        """Let rows go on with calls that earlier parts of their file began: their end, their tools, their request."""
        if not len(rows):
            return
        first, place = np.unique(of, return_inverse=True)
        end_us, tool_calls = (self._columns[name][first] for name in ("end_us", "tool_calls"))
        np.maximum.at(end_us, place.reshape(-1), self._columns["end_us"][rows])
        np.add.at(tool_calls, place.reshape(-1), self._columns["tool_calls"][rows])
        self._changes.put("end_us", first, end_us)
        self._changes.put("tool_calls", first, np.minimum(tool_calls, MOST_TOOL_CALLS))
        self._changes.put("tools", first, self._called(rows, first, place.reshape(-1)))
        self._owners = self._without(rows)

    def _called(self, rows: Wide, first: Wide, place: Wide) -> Wide:
        """Return the tools of calls after those of the rows that go on with them."""
        texts = list(self._tools.all())
        called, more = self._columns["tools"][first].tolist(), self._columns["tools"][rows].tolist()
        for at, tools in zip(place.tolist(), more, strict=True):
            if texts[tools]:
                together = joined_tools([*texts[called[at]].split(","), *texts[tools].split(",")])
                called[at] = self._tools.number(together)
                texts += self._tools.all()[len(texts) :] if called[at] == len(texts) else ()
        return np.array(called, dtype=np.int64)

    def _without(self, rows: Wide) -> dict[int, int]:
        """Return the requests before those that began at rows which are no calls: they go on, by those they were."""
        request = self._columns["request"]
        opened = rows[request[rows] == rows]
        if not len(opened):
            return {}
        concerned, session = self._same_sessions(opened)
        file = self._files_of(concerned)
        order = np.lexsort((concerned, session, file))
        same = (file[order][1:] == file[order][:-1]) & (session[order][1:] == session[order][:-1])
        ordered_rows = concerned[order]
        before = dict(zip(ordered_rows[1:][same].tolist(), ordered_rows[:-1][same].tolist(), strict=True))
        owner = {row: int(request[before.get(row, row)]) for row in opened.tolist()}
        for row in owner:  # in order: the request before may itself have been one of these
            owner[row] = owner.get(owner[row], owner[row])
        return owner

    def _same_sessions(self, rows: Wide) -> tuple[Wide, Wide]:
        """Return all rows of the sessions of some, and their sessions."""
        wanted = np.unique(self._columns["session"][rows])
        found = [np.zeros((2, 0), dtype=np.int64)]
        for part in pieces(self._rows):
            session = self._columns.read("session", part)
            at = np.flatnonzero(np.isin(session, wanted))
            found.append(np.stack((part.start + at, session[at])))
        concerned, session = np.concatenate(found, axis=1)
        return concerned, session

    def _make_unknown(self, columns: Columns, kept: Flags) -> None:
        """Make times unknown that cannot be: of asking behind the end, of a first token outside both."""
        start, token, end = (columns[name] for name in ("start_us", "first_token_us", "end_us"))
        wrong = kept & (end > UNKNOWN_US) & (end < start)
        self.backwards.add(columns["row"][wrong])
        start[wrong] = UNKNOWN_US
        token[(token != UNKNOWN_US) & ((token < start) | (token > np.maximum(end, start)))] = UNKNOWN_US
