"""Logs read by as many processes as help; nothing that comes out depends on how many there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from burncurve.importers import reading
from burncurve.importers.joining import Joined
from burncurve.importers.reading import Reading
from burncurve.importers.spans import Piece
from burncurve.studies import workers
from burncurve.studies.pool import Todo, each_done

LEAST_BYTES = 64 << 20  # below it a second process is not worth its start
LEAST_FILES = 5_000
Numbered = tuple[int, Piece]


@dataclass(slots=True)
class _InOrder:
    """Takes the parts of pieces in the order of the pieces, whichever is read first."""

    whole: Joined
    next: int = 0
    waiting: dict[int, list[str]] = field(default_factory=dict)

    def done(self, item: Numbered, names: list[str]) -> None:
        self.waiting[item[0]] = names
        while self.next in self.waiting:
            for part in reading.kept_parts(self.waiting.pop(self.next)):
                self.whole.take(part)
            self.next += 1


def read(paths: Iterable[Path], number: int = 0) -> Reading:
    """Return the calls in all files below the paths, read by so many processes, 0: as many as help.

    Raises InputError where a path is not there, InternalError where processes end again and again.
    """
    plan = reading.planned(tuple(paths))
    large = plan.bytes >= LEAST_BYTES or len(plan.sizes) >= LEAST_FILES
    number = number or (workers.sensible() if large else 1)
    if number == 1:
        return reading.read_here(plan)
    hands, taking = workers.processes(number), _InOrder(reading.begun(plan))
    with TemporaryDirectory(prefix="burncurve-") as folder:
        todo = Todo(enumerate(plan.pieces()))
        each_done(hands, partial(_keep, folder), todo, taking.done, named=_name)
        return reading.ended(plan, taking.whole)


def _keep(folder: str, item: Numbered) -> list[str]:
    return reading.keep_parts(item[1], folder, item[0])


def _name(item: Numbered) -> str:
    return item[1][0].path
