"""The course of playing studies: their tasks as one flow, played alone while that is quickest, then by more hands."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from burncurve.engines import BEYOND
from burncurve.studies import workers
from burncurve.studies.area import Store
from burncurve.studies.pool import Hands, Todo, each_done
from burncurve.studies.study import Study
from burncurve.studies.tasks import Job, Piece, Task, play_task, size_for
from burncurve.studies.under_way import UnderWay
from burncurve.studies.work import Progress, Work

ALONE_S = 1.5  # so long one thread works before others are worth starting
WORTH_IT_S = 3.0  # what must still be to do, as far as one knows by then
WORTH_ASKING = 4  # replications of all deployments from which it is worth to choose an engine for all

Part = tuple[Study, Store]
Finished = Callable[[int, UnderWay], None]


@dataclass(frozen=True, slots=True)
class Item:
    """A task of one of the studies, with all that playing it needs."""

    study: int
    task: Task
    job: Job = field(compare=False)


class Course:
    """Studies being played: hands out their tasks, puts away what these come to, and tells how far all is."""

    def __init__(self, parts: Iterable[Part], count: int, work: Work, finished: Finished, ledgers: str) -> None:
        self._parts, self._count, self._work = parts, count, work
        self._finished, self._ledgers = finished, ledgers
        self._under_way: dict[int, UnderWay] = {}
        self._engine_at: dict[int, str] = {}
        self._begun = self._begun_replications = self._begun_twins = self._done = self._before = self._calls = 0
        self._start_s = time.monotonic()
        self.engines: set[str] = set()
        self.todo = Todo(self._items())

    def run(self) -> None:
        """Play everything; raises InputError and MissingFact for what is wrong, InternalError for what always fails."""
        if self._work.hands:
            self._with(self._work.hands)
            return
        if self._work.workers <= 1 and not self._begins_with_threads():
            limited = self._work.workers == 0 and workers.sensible() > 1
            self._with(workers.inline(), self._would_others_help if limited else None)
        item = self.todo.take()
        if item is not None:
            self.todo.add([item])
            self._with(self._more_hands(item.job))

    def _with(self, hands: Hands, until: Callable[[], bool] | None = None) -> None:
        each_done(
            hands,
            partial(play_item, say=self._work.say),
            self.todo,
            self._put,
            named=self._named,
            until=until or (lambda: False),
        )

    def _items(self) -> Iterator[Item]:
        for number, (study, store) in enumerate(self._parts):
            size = self._work.chunk or size_for(study.choices.looks[0], _fast(study.choices.engine))
            self._under_way[number] = UnderWay(study, store, size, self._ledgers)
            self._begun += 1
            yield from self._more(number)

    def _more(self, number: int) -> list[Item]:
        """Return what is to be played next of a study; where that is nothing it is finished."""
        part = self._under_way[number]
        known, known_twins = part.replications, part.twins
        tasks = part.more(self._with_engine)
        new = part.replications - known
        self._begun_replications += new
        self._begun_twins += part.twins - known_twins
        self._done += new - part.missing
        self._before += new - part.missing
        if not tasks:
            del self._under_way[number]
            self._finished(number, part)
        return [Item(number, task, part.job) for task in tasks]

    def _put(self, item: Item, piece: Piece) -> None:
        part = self._under_way[item.study]
        last = part.put(item.task, piece)
        self._done += item.task.count
        self._calls += piece.rows
        if (item.job.engine, piece.engine) == ("compiled", "reference") and piece.engine not in self.engines:
            self._work.say(BEYOND)
        self.engines.add(piece.engine)
        if last:
            self.todo.add(self._more(item.study))
        if self._work.told:
            twins = self._begun_twins * self._count // self._begun
            self._work.told(Progress(self._done, self._replications, self._calls, self._before, twins))

    @property
    def _replications(self) -> int:
        """How many replications there are in all; studies not begun count as much as the others do."""
        return self._begun_replications * self._count // self._begun

    def _with_engine(self, job: Job, replications: int) -> Job:
        """Return the job of a look with the engine that is faster for all studies of it."""
        if replications not in self._engine_at:
            self._engine_at[replications] = engine_chosen(job, replications * self._count).engine
        return replace(job, engine=self._engine_at[replications])

    def _begins_with_threads(self) -> bool:
        """Threads need no trial where the kernel is kept: each loads and plays while the others do."""
        from burncurve.engines import compiled

        item = self.todo.take() if self._work.workers == 0 and workers.sensible() > 1 else None
        if item is None:
            return False
        self.todo.add([item])
        return item.job.engine == "compiled" and compiled.is_kept()

    def _would_others_help(self) -> bool:
        """Threads help at once where a piece has shown that the kernel is there; processes take a while to start."""
        if self.engines and all(part.job.engine == "compiled" for part in self._under_way.values()):
            return True
        fresh, spent_s = self._done - self._before, time.monotonic() - self._start_s
        left_s = spent_s / fresh * (self._replications - self._done) if fresh else 0.0
        return spent_s > ALONE_S and left_s > WORTH_IT_S

    def _more_hands(self, job: Job) -> Hands:
        size = max((task.count for part in self._under_way.values() for task in part.tasks), default=1)
        tasks = -(-(self._replications - self._done) // size)
        count = min(self._work.workers or workers.sensible(), max(1, tasks))
        if count == 1:
            return workers.inline()
        return workers.threads(count) if job.engine == "compiled" else workers.processes(count)

    def _named(self, item: Item) -> str:
        job, last = item.job, item.task.first + item.task.count - 1
        place = f", point {item.study + 1} of {self._count:,}" if self._count > 1 else ""
        name = job.deployments[item.task.deployment].name
        return f"{job.workload.name}{place}, deployment {name}, replications {item.task.first} to {last}"


def play_item(item: Item, say: Callable[[str], None]) -> Piece:
    """Play one item, here or elsewhere."""
    return play_task(item.job, item.task, say=say)


def engine_chosen(job: Job, replications: int) -> Job:
    """Return the job with the engine that is faster for all of it, as its trace or its first replication tells."""
    from burncurve import engines
    from burncurve.engines import compiled

    times, told = replications * len(job.deployments), engines.told_calls(job.workload)
    if job.engine != "auto" or not engines.may_compile(job.workload) or (times < WORTH_ASKING and not told):
        return job
    if compiled.is_loaded():
        return replace(job, engine="compiled")
    calls = times * (told or len(engines.play(job.workload, job.deployments[0], range(1), "reference")))
    return replace(job, engine="compiled" if engines.is_compiling_worth(calls) else "reference")


def _fast(engine: str) -> bool:
    if engine == "reference":
        return False
    from burncurve.engines import has_compiler

    return has_compiler()
