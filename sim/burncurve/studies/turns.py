"""Observed turns: what sessions are seen to do, call after call, whoever saw it: a log, a trace, a ledger of ours.

Fits, literal workloads and back-tests read nothing else. Calls beside the conversation (titles, checks) are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from burncurve.ledger import Kind, Status

if TYPE_CHECKING:
    from burncurve.importers.observed import Observed
    from burncurve.ledger import Ledger

UNKNOWN = -1
SHRUNK = 0.8  # a prompt below this share of the one before it is one after a compaction

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Turns:
    """Columns of int64, one row per answered call; rows of a session stand together, in order of asking.

    `session` counts 0, 1, 2, ...; `parent` is the row of the spawning call (-1: none); `agent` points into
    `agents`; `request` counts the requests of a session; `start_us` and `end_us` count from one origin; `read` are
    prompt tokens read from a cache and `kept` the prompt tokens that stand unchanged since the call before, both -1
    where nobody knows; `kind` as in the ledger: a compaction's row is the call that wrote the summary.
    """

    session: Ints
    parent: Ints
    agent: Ints
    request: Ints
    kind: Ints
    start_us: Ints
    end_us: Ints
    prompt: Ints
    read: Ints
    kept: Ints
    output: Ints
    reasoning: Ints
    agents: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.session)

    @cached_property
    def first(self) -> Ints:
        """The first row of each session, and one behind the last."""
        return np.flatnonzero(np.diff(self.session, prepend=-1, append=-2))

    @property
    def sessions(self) -> int:
        """How many sessions there are."""
        return len(self.first) - 1

    @cached_property
    def opens(self) -> Flags:
        """Whether a row is the first of its session."""
        flags = np.zeros(len(self), dtype=bool)
        flags[self.first[:-1]] = True
        return flags

    @cached_property
    def asks(self) -> Flags:
        """Whether a row is the first of a request."""
        changes: Flags = np.diff(self.request, prepend=0) != 0
        return self.opens | changes

    @cached_property
    def summarises(self) -> Flags:
        """Whether a row is the call of a compaction."""
        flags: Flags = self.kind == Kind.COMPACTION
        return flags

    @cached_property
    def before(self) -> Ints:
        """The row before in the same session, compactions passed over; -1 for the first."""
        places = np.where(self.summarises, -1, np.arange(len(self)))
        last = np.maximum.accumulate(np.concatenate(([-1], places[:-1])))
        return np.where(last >= self.first[self.session], last, UNKNOWN)

    def previous(self, column: Ints) -> Ints:
        """Return a column's value of the row before; 0 where there is none."""
        return np.where(self.before >= 0, column[self.before], 0)

    @cached_property
    def shrunk(self) -> Flags:
        """Whether the context was cut down before the call."""
        return (self.before >= 0) & (self.prompt < SHRUNK * self.previous(self.prompt))

    @cached_property
    def grown(self) -> Ints:
        """Tokens by which the prompt has grown since the call before; 0 where it has not, or was cut down."""
        grown = np.maximum(self.prompt - self.previous(self.prompt), 0)
        return np.where((self.before >= 0) & ~self.shrunk, grown, 0)

    @cached_property
    def gap_us(self) -> Ints:
        """Microseconds from the end of the call before to this one; 0 for the first of a session."""
        gap = np.maximum(self.start_us - self.previous(self.end_us), 0)
        return np.where(self.before >= 0, gap, 0)

    def of(self, rows: Flags) -> Turns:
        """Return whole sessions: those of which any row is chosen, renumbered; a parent that is gone is forgotten."""
        chosen = np.zeros(self.sessions, dtype=bool)
        chosen[self.session[rows]] = True
        kept = chosen[self.session]
        places = np.cumsum(kept) - 1
        known = (self.parent >= 0) & kept[self.parent]
        moved = {"session": (np.cumsum(chosen) - 1)[self.session], "parent": np.where(known, places[self.parent], -1)}
        columns = {name: values[kept] for name, values in {**self.columns, **moved}.items()}
        return Turns(**columns, agents=self.agents)

    @property
    def columns(self) -> Mapping[str, Ints]:
        """All columns by name."""
        return {name: values for name, values in vars(self).items() if name in COLUMNS}


COLUMNS = tuple(name for name in Turns.__dataclass_fields__ if name != "agents")


def rows_of(ledger: Ledger) -> Ints:
    """Return which rows of a ledger are turns, by replication, session and time."""
    rows = np.flatnonzero((ledger["status"] == Status.OK) & (ledger["kind"] != Kind.SIDE))
    return rows[np.lexsort((ledger["request_us"][rows], ledger["session"][rows], ledger["replication"][rows]))]


def of_ledger(ledger: Ledger) -> Turns:
    """Return what a log would show of a ledger: answered calls, side calls left out, announcements as turns."""
    rows = rows_of(ledger)
    wide = {name: ledger[name][rows].astype(np.int64) for name in ledger.columns}
    session = _numbered(wide["replication"], wide["session"])
    kind = np.where(wide["kind"] == Kind.COMPACTION, Kind.COMPACTION, Kind.TURN)
    return Turns(
        session=session,
        parent=_parents(wide, session),
        agent=wide["agent"],
        request=wide["request"] - wide["request"][np.searchsorted(session, session)],
        kind=kind.astype(np.int64),
        start_us=wide["request_us"],
        end_us=wide["end_us"],
        prompt=ledger.prompt[rows],
        read=wide["cache_read"],
        kept=np.full(len(rows), UNKNOWN),
        output=wide["output"],
        reasoning=wide["reasoning"],
        agents=tuple(ledger.names["agents"]),
    )


def _numbered(*keys: Ints) -> Ints:
    """Return 0, 1, 2, ... for runs of equal keys."""
    changes = np.any([np.diff(key, prepend=key[:1]) != 0 for key in keys], axis=0)
    return np.cumsum(changes).astype(np.int64)


def _parents(wide: Mapping[str, Ints], session: Ints) -> Ints:
    """Return, for every row of a child's session, the row of the parent's last call that ended before it began."""
    tasks: dict[tuple[int, int], list[int]] = {}
    for row, key in enumerate(zip(wide["replication"].tolist(), wide["task"].tolist(), strict=True)):
        tasks.setdefault(key, []).append(row)
    parents = np.full(len(session), UNKNOWN)
    firsts = np.flatnonzero(np.diff(session, prepend=-1))
    for row in firsts[wide["parent"][firsts] >= 0].tolist():
        calls = tasks.get((int(wide["replication"][row]), int(wide["parent"][row])), [])
        ended = [call for call in calls if wide["end_us"][call] <= wide["request_us"][row]]
        parents[row] = ended[-1] if ended else UNKNOWN
    spans = np.diff(np.append(firsts, len(session)))
    return np.repeat(parents[firsts], spans).astype(np.int64)


def of_observed(seen: Observed) -> Turns:
    """Return the turns of observed calls; a model of its own is an agent of its own, in the words of the log."""
    rows = np.flatnonzero((seen["status"] == Status.OK) & (seen["kind"] != Kind.SIDE) & (seen.prompt > 0))
    wide = {name: seen[name][rows].astype(np.int64) for name in seen.columns}
    session = _numbered(wide["session"])
    names, agent = np.unique(np.array(seen.named("agent"))[rows], return_inverse=True)
    start = seen.asked_us(UNKNOWN)[rows]
    asks = (wide["user_turn"] == 1) | (np.diff(session, prepend=-1) != 0)
    counted = np.cumsum(asks)
    request = counted - counted[np.searchsorted(session, session)]
    return Turns(
        session=session,
        parent=_spawned_by(wide["parent"], wide["session"], start, session),
        agent=agent.astype(np.int64),
        request=request.astype(np.int64),
        kind=wide["kind"],
        start_us=start,
        end_us=np.maximum(wide["end_us"], start),
        prompt=seen.prompt[rows],
        read=wide["cache_read"],
        kept=np.full(len(rows), UNKNOWN),
        output=wide["output"],
        reasoning=wide["reasoning"],
        agents=tuple(str(name) for name in names),
    )


def _spawned_by(parent: Ints, number: Ints, start_us: Ints, session: Ints) -> Ints:
    """Return, for every row of a child's session, the row of the parent's last call asked before it began."""
    firsts = np.flatnonzero(np.diff(session, prepend=-1))
    place = {int(number[row]): index for index, row in enumerate(firsts.tolist())}
    ends = np.append(firsts, len(session))
    found = np.full(len(firsts), UNKNOWN)
    for index, row in enumerate(firsts.tolist()):
        above = place.get(int(parent[row]))
        if above is None or above == index:
            continue
        low, high = ends[above], ends[above + 1]
        found[index] = max(low, low + np.searchsorted(start_us[low:high], start_us[row], side="right") - 1)
    return np.repeat(found, np.diff(ends)).astype(np.int64)
