"""One study being played, look by look: which of its tasks are missing, and what it comes to when none is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from burncurve.studies.area import Store
from burncurve.studies.encoding import decoded
from burncurve.studies.gathering import gathered
from burncurve.studies.precision import Precision
from burncurve.studies.spread import twins_wanted
from burncurve.studies.study import Result, Study
from burncurve.studies.tasks import Job, Piece, Task, divided

Engine = Callable[[Job, int], Job]


def job_of(study: Study, replications: int, ledgers: str) -> Job:
    """Return what playing so many replications of the study needs, with the engine that was chosen for it."""
    choices = study.choices
    free = choices.engine == "auto"
    return Job(
        study.workload, study.deployments, study.book, choices.as_of, choices.engine, replications, ledgers, free
    )


class UnderWay:
    """A study whose tasks are handed out look by look, until the replications are enough."""

    def __init__(self, study: Study, store: Store, size: int, ledgers: str) -> None:
        self.study, self.store = study, store
        self.tasks: list[Task] = []
        self.results: tuple[Result, ...] = ()
        self.job = job_of(study, study.choices.least, ledgers)
        self._size, self._ledgers = size, ledgers
        self._looks = iter(study.choices.looks)
        self._missing: set[Task] = set()

    @property
    def replications(self) -> int:
        """How many replications are to be played as far as is known, over all deployments, twins included."""
        return sum(task.count for task in self.tasks)

    @property
    def twins(self) -> int:
        """How many of them are twins."""
        return sum(task.count for task in self.tasks if task.twins)

    @property
    def missing(self) -> int:
        """How many of them are not played yet."""
        return sum(task.count for task in self._missing)

    def more(self, engine: Engine) -> list[Task]:
        """Return the tasks of the next look that the store lacks; none where all is done, then `results` are there.

        `engine` gives the job of a look the engine that shall play it.
        """
        while not self._missing:
            if self.tasks:
                self.results = tuple(self._result(number) for number in range(len(self.study.deployments)))
            look = None if self.results and self._enough() else next(self._looks, None)
            if look is None:
                return []
            self._begin(look, engine)
        return [task for task in self.tasks if task in self._missing]

    def put(self, task: Task, piece: Piece) -> bool:
        """Put away what a task came to; return whether it was the last one missing."""
        self.store.put(task, piece)
        self._missing.discard(task)
        return not self._missing

    def own_tasks(self) -> tuple[tuple[Task, ...], ...]:
        """Return the tasks of each deployment, twins left out, in the order of the replications."""
        numbers = range(len(self.study.deployments))
        return tuple(tuple(t for t in self.tasks if t.deployment == n and not t.twins) for n in numbers)

    def _begin(self, look: int, engine: Engine) -> None:
        self.job = engine(job_of(self.study, look, self._ledgers), look)
        so_far = sum(task.count for task in self.tasks if task.deployment == 0 and not task.twins)
        new = list(_tasks(self.study, range(so_far, look), self._size))
        self.tasks += new
        self._missing = {task for task in new if self.store.get(task) is None}

    def _enough(self) -> bool:
        wanted = self.study.choices.replications
        bills = [result.bill.per_replication for result in self.results if not result.bill.unpriced]
        return not isinstance(wanted, Precision) or wanted.reached(bills)

    def _result(self, number: int) -> Result:
        name = self.study.deployments[number].name
        twins = list(self._totals(number, twins=True))
        return Result(
            self.study.deployments[number],
            gathered(name, map(decoded, self._totals(number, twins=False))),
            gathered(name, map(decoded, twins)) if twins else None,
        )

    def _totals(self, number: int, twins: bool) -> Iterator[bytes]:
        mine = [task for task in self.tasks if task.deployment == number and task.twins == twins]
        return (self.store.get(task) or b"" for task in sorted(mine, key=lambda task: task.first))


def _tasks(study: Study, new: range, size: int) -> Iterator[Task]:
    yield from divided(len(study.deployments), new, size)
    twins = range(new.start, max(new.start, twins_wanted(study.workload, new.stop)))
    yield from divided(len(study.deployments), twins, size, twins=True)
