"""Sub-agents' sessions whose type the logs tell, not always beside their calls."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from burncurve.importers.names import NEVER, Hashed, Names, hash_of
from burncurve.importers.parts import NONE
from burncurve.importers.sorting import Columns
from burncurve.importers.spilled import Ints, Wide

MOST_TYPES = 30_000


class Agents:
    """Types by session: two numbers for each, however long the names; what is told later counts."""

    def __init__(self) -> None:
        self._sessions, self._types, self._names = array("q"), array("q"), Names(MOST_TYPES)

    def add(self, types: Mapping[str, str]) -> None:
        """Take the types of some sessions."""
        self._sessions.extend(map(hash_of, types))
        self._types.extend(map(self._names.number, types.values()))

    def named(self, parts: Iterable[Columns], sessions: Hashed, agents: Names) -> Iterable[Columns]:
        """Return rows with the names of their sessions' types as agents; types are numbered as sessions first came."""
        if not len(self._sessions):
            return parts
        told = np.frombuffer(self._sessions, dtype=np.int64)
        session, last = np.unique(told[::-1], return_index=True)
        types = np.frombuffer(self._types, dtype=np.int64)[::-1][last]
        turns = sessions.first_turns(session)
        names, number = self._names.all(), np.full(len(session), NONE)
        for place in np.argsort(turns, kind="stable").tolist():
            if turns[place] < NEVER:
                number[place] = agents.number(names[types[place]])
        return _renamed(parts, session, number)


def _renamed(parts: Iterable[Columns], session: Wide, number: Wide) -> Iterator[Columns]:
    for part in parts:
        place = np.minimum(np.searchsorted(session, part["session"]), len(session) - 1)
        known = (session[place] == part["session"]) & (number[place] != NONE)
        agent: Ints = np.where(known, number[place], part["agent"])
        yield {**part, "agent": agent}
