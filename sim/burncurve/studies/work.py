"""How the work of a study is done, which changes nothing in what comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from burncurve.studies.pool import Hands


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a study is: replications over all deployments, `before` of them done earlier, and calls played now.

    `twins` of them have the parameters of others, to tell luck from not knowing.
    """

    done: int
    of: int
    calls: int
    before: int
    twins: int = 0


Told = Callable[[Progress], None]


def silent(line: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Work:
    """Who plays, in pieces of which size, and who is told.

    `workers` 0: as many as help; `chunk` 0: as many replications at once as suit the engine; `hands`
    overrides both this thread and the others. `told` hears of progress, `say` of what takes long; a `say` that
    processes shall use must be a function they can import.
    """

    workers: int = 0
    chunk: int = 0
    hands: Hands | None = None
    told: Told | None = None
    say: Callable[[str], None] = silent


AS_HELPS = Work()
