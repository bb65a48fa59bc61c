"""Names by number: some, each once, in memory; and those of sessions, of which there may be millions, on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import overload

import numpy as np

from burncurve.importers.calls import hashed
from burncurve.importers.sorting import Sorted
from burncurve.importers.spilled import Spilled, Wide, pieces

OTHERS = "(others)"
NEVER = (1 << 63) - 1  # a turn that does not come
ANY = "surrogatepass"  # names of files may hold what is no letter
ASKED = -1  # stands before the turns at which a name came


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


class Texts(Sequence[str]):
    """Texts on disk, in their order."""

    def __init__(self) -> None:
        self._letters, self._ends = Spilled({"letters": "u1"}), Spilled({"end": "int64"})
        self._count = self._length = 0
        self._ends.add([("end", np.zeros(1, dtype=np.int64))])

    def add(self, texts: Sequence[str]) -> None:
        """Put texts behind the others."""
        self.add_bytes([text.encode(errors=ANY) for text in texts])

    def add_bytes(self, texts: Sequence[bytes]) -> None:
        """Put texts, in UTF-8, behind the others."""
        self._letters.add([("letters", np.frombuffer(b"".join(texts), dtype=np.uint8))])
        ends = self._length + np.cumsum([0, *map(len, texts)])
        self._ends.add([("end", ends[1:])])
        self._count, self._length = self._count + len(texts), int(ends[-1])

    def letters(self, begin: int, end: int) -> bytes:
        """Return what lies between two places in all texts as they follow each other."""
        return self._letters.read("letters", slice(begin, end)).tobytes()

    @property
    def length(self) -> int:
        """How many bytes all of them have."""
        return self._length

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[str, ...]: ...
    def __getitem__(self, at: int | slice) -> str | tuple[str, ...]:
        rows = range(len(self))[at]
        if isinstance(rows, int):
            return self[rows : rows + 1][0]
        if rows.step != 1:
            return tuple(self[row] for row in rows)
        ends = self._ends.read("end", slice(rows.start, max(rows.start, rows.stop) + 1)).tolist()
        whole = self.letters(ends[0], ends[-1])
        return tuple(whole[begin - ends[0] : end - ends[0]].decode(errors=ANY) for begin, end in pairwise(ends))

    def __iter__(self) -> Iterator[str]:
        for part in pieces(len(self)):
            yield from self[part]


class Hashed:
    """Names of sessions, on disk, known by numbers that are their hashes until all are there."""

    def __init__(self) -> None:
        self._texts, self._turn = Texts(), 0
        columns = dict.fromkeys(("hash", "turn", "begin", "end"), "int64")
        self._places = Sorted(columns, keys=2, together=1)

    def numbers(self, names: Sequence[str]) -> Wide:
        """Return a number for each name, not below 0; two may be equal as those of calls.hashed may."""
        found = np.array([hash_of(name) for name in names], dtype=np.int64)
        letters = [name.encode(errors=ANY) for name in names]
        ends = self._texts.length + np.cumsum([0, *map(len, letters)])
        self._texts.add_bytes(letters)
        turn = self._turn + np.arange(len(names))
        self._places.add({"hash": found, "turn": turn, "begin": ends[:-1], "end": ends[1:]})
        self._turn += len(names)
        return found

    def first_turns(self, wanted: Wide) -> Wide:
        """Return when each of some numbers, which ascend, first came; of one that never did, NEVER."""
        found = np.full(len(wanted), NEVER)
        for part in self._places.ranges():
            place = np.minimum(np.searchsorted(wanted, part["hash"]), len(wanted) - 1)
            known = wanted[place] == part["hash"]
            np.minimum.at(found, place[known], part["turn"][known])
        return found

    def in_order(self, numbers: Spilled) -> Texts:
        """Return the names of different numbers, a column `session` on disk, in their order."""
        asked, total = self._places, len(numbers["session"])
        for rows in pieces(total):
            nothing = np.zeros(rows.stop - rows.start, dtype=np.int64)
            asked.add({
                "hash": numbers.read("session", rows), "turn": nothing + ASKED,
                "begin": np.arange(rows.start, rows.stop), "end": nothing,
            })  # fmt: skip
        by_place = Sorted(dict.fromkeys(("place", "begin", "end"), "int64"), keys=1, together=1)
        for part in asked.ranges():
            at = np.flatnonzero(part["turn"] == ASKED)  # behind each stands its name
            by_place.add({"place": part["begin"][at], "begin": part["begin"][at + 1], "end": part["end"][at + 1]})
        found = Texts()
        for part in by_place.ranges():
            spans = zip(part["begin"].tolist(), part["end"].tolist(), strict=True)
            found.add_bytes([self._texts.letters(begin, end) for begin, end in spans])
        return found


def hash_of(name: str) -> int:
    """Return the number by which a session is known until all are there."""
    return hashed(name) & NEVER
