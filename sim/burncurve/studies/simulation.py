"""Playing studies: divided into tasks, handed to workers, added up in the order of the replications."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from burncurve.studies.area import Memory, Store
from burncurve.studies.course import Course
from burncurve.studies.study import Result, Study
from burncurve.studies.tasks import ALWAYS, FEW, NEVER, SMALL_LEDGER_ROWS, Job, Task, play_task
from burncurve.studies.under_way import UnderWay
from burncurve.studies.work import AS_HELPS, Work


@dataclass(frozen=True)
class Simulated:
    """What a study came to; the ledgers stay with the store, as parquet by task, where they may be kept."""

    results: tuple[Result, ...]
    tasks: tuple[tuple[Task, ...], ...]
    store: Store
    job: Job
    engines: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Calls in all ledgers."""
        return sum(result.totals.rows for result in self.results)

    @property
    def small(self) -> bool:
        """Whether the ledgers are kept without being asked for."""
        return self.rows <= SMALL_LEDGER_ROWS

    def ledgers(self, deployment: int) -> Iterator[tuple[Task, bytes]]:
        """Yield the ledgers of one deployment, in the order of the replications; what was not kept is played again."""
        for task in self.tasks[deployment]:
            data = self.store.ledger(task)
            if data is None:
                piece = play_task(replace(self.job, ledgers=ALWAYS), task)
                self.store.put(task, piece)
                data = piece.ledger or b""
            yield task, data


def simulated(study: Study, work: Work = AS_HELPS, store: Store | None = None) -> Simulated:
    """Play the study; raises InputError and MissingFact for what is wrong, InternalError for a task that always fails.

    Tasks that the store holds already are not played again.
    """
    store = Memory() if store is None else store
    found: list[UnderWay] = []
    ledgers = ALWAYS if study.choices.keep_ledger else FEW
    course = Course([(study, store)], 1, work, lambda _, part: found.append(part), ledgers)
    course.run()
    (part,) = found
    return Simulated(part.results, part.own_tasks(), store, part.job, tuple(sorted(course.engines)))


def all_simulated(
    studies: Iterable[Study], count: int, work: Work, finished: Callable[[int, tuple[Result, ...]], None]
) -> set[str]:
    """Play `count` studies, made when their turn comes; `finished` gets each one's number and results.

    Pieces of several studies are under way at the same time, and none is kept. Returns the engines that played and
    raises as `simulated` does.
    """
    parts = ((study, Memory()) for study in studies)
    course = Course(parts, count, work, lambda number, part: finished(number, part.results), NEVER)
    course.run()
    return course.engines
