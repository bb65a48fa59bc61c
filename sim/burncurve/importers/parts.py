"""What a reader hands on: the calls of a part of the logs as columns, and what the next part must know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from burncurve.importers.tally import Tally
from burncurve.importers.values import UNKNOWN_US

Wide = NDArray[np.int64]
NONE = -1


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a conversation stands at the end of a part of its file, and which rows wait for what came before it.

    `person`: whether a person spoke last, None where nobody has spoken yet. `request` is the row that began its
    request. The request of the row `opening` began before this part, unless a person spoke last there and was not
    `answered` by a line of an earlier call; the row `untimed` was asked for at the last time before this part. Rows
    are NONE where there is none.
    """

    session: str
    person: bool | None = True
    request: int = NONE
    last_us: int = UNKNOWN_US
    opening: int = NONE
    answered: bool = False
    untimed: int = NONE


@dataclass(frozen=True, slots=True)
class Spawn:
    """A sub-agent's session, whose type one of the tool calls told."""

    session: str
    tools: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """What readers of one file, by its number, tell those who go on: conversations, and types by tool call."""

    file: int
    edges: Sequence[Edge]
    spawns: Sequence[Spawn]
    types: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """Calls as columns, `first` the number of the first row in its piece of the logs; names by kind of name.

    `files` are pairs of the row at which a file began and its number. `continued`: the first records follow on
    others of the same file, by which their numbers grow.
    """

    first: int
    columns: Mapping[str, Wide]
    names: Mapping[str, Sequence[str]]
    tally: Tally
    continued: bool
    files: Sequence[tuple[int, int]]
    cuts: Sequence[Cut] = ()
    agents: Mapping[str, str] = field(default_factory=dict)
    formats: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.columns["session"])
