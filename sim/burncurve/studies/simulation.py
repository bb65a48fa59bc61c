"""Playing a study: divided into tasks, handed to workers, added up in the order of the replications."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from burncurve.studies import workers
from burncurve.studies.area import Memory, Store
from burncurve.studies.encoding import decoded
from burncurve.studies.gathering import gathered
from burncurve.studies.pool import each_done
from burncurve.studies.precision import Precision
from burncurve.studies.spread import twins_wanted
from burncurve.studies.study import Result, Study
from burncurve.studies.tasks import SMALL_LEDGER_ROWS, Job, Piece, Task, divided, play_task, size_for
from burncurve.studies.workers import Hands

ALONE_S = 1.5  # so long one thread works before others are worth starting
WORTH_ASKING = 4  # replications of all deployments from which it is worth to choose an engine for all
WORTH_IT_S = 3.0  # what must still be to do, as far as one knows by then


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a study is: replications over all deployments, `before` of them done earlier, and calls played now."""

    done: int
    of: int
    calls: int
    before: int


Told = Callable[[Progress], None]


def _silent(line: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Work:
    """How the work is done, which changes nothing in what comes out.

    `workers` 0: as many as help; `chunk` 0: as many replications at once as suit the engine; `hands`
    overrides both this thread and the others. `told` hears of progress, `say` of what takes long; a `say` that
    processes shall use must be a function they can import.
    """

    workers: int = 0
    chunk: int = 0
    hands: Hands | None = None
    told: Told | None = None
    say: Callable[[str], None] = _silent


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
                piece = play_task(_keeping(self.job), task)
                self.store.put(task, piece)
                data = piece.ledger or b""
            yield task, data


def _keeping(job: Job) -> Job:
    return replace(job, keep_ledger=True)


def simulated(study: Study, work: Work = Work(), store: Store | None = None) -> Simulated:
    """Play the study; raises InputError and MissingFact for what is wrong, InternalError for a task that always fails.

    Tasks that the store holds already are not played again.
    """
    store = Memory() if store is None else store
    size = work.chunk or size_for(study.choices.looks[0], _fast(study.choices.engine))
    found: tuple[Result, ...] = ()
    tasks: list[Task] = []
    played_by: set[str] = set()
    job = _job(study, study.choices.least)
    for look in study.choices.looks:
        job = engine_chosen(_job(study, look), look)
        so_far = sum(task.count for task in tasks if task.deployment == 0 and not task.twins)
        tasks += _tasks(study, range(so_far, look), size)
        played_by |= _do(job, tasks, work, store)
        found = tuple(_result(study, number, tasks, store) for number in range(len(study.deployments)))
        if _enough(study.choices.replications, found):
            break
    own = tuple(tuple(t for t in tasks if t.deployment == n and not t.twins) for n in range(len(study.deployments)))
    return Simulated(found, own, store, job, tuple(sorted(played_by)))


def _job(study: Study, replications: int) -> Job:
    choices = study.choices
    return Job(
        study.workload, study.deployments, study.book, choices.as_of, choices.engine, replications, choices.keep_ledger
    )


def engine_chosen(job: Job, replications: int) -> Job:
    """Return the job with the engine that is faster for all of it, as the calls of its first replication tell."""
    from burncurve import engines
    from burncurve.engines import compiled

    times = replications * len(job.deployments)
    able = all(engines.may_compile(job.workload, deployment) for deployment in job.deployments)
    if job.engine != "auto" or not able or times < WORTH_ASKING:
        return job
    if compiled.is_loaded():
        return replace(job, engine="compiled")
    calls = times * len(engines.play(job.workload, job.deployments[0], range(1), "reference"))
    return replace(job, engine="compiled" if engines.is_compiling_worth(calls) else "reference")


def _fast(engine: str) -> bool:
    if engine == "reference":
        return False
    from burncurve.engines import has_compiler

    return has_compiler()


def _tasks(study: Study, new: range, size: int) -> Iterator[Task]:
    yield from divided(len(study.deployments), new, size)
    twins = range(new.start, max(new.start, twins_wanted(study.workload, new.stop)))
    yield from divided(len(study.deployments), twins, size, twins=True)


def _enough(wanted: int | Precision, found: Sequence[Result]) -> bool:
    bills = [result.bill.per_replication for result in found if not result.bill.unpriced]
    return isinstance(wanted, int) or wanted.reached(bills)


def _do(job: Job, tasks: Sequence[Task], work: Work, store: Store) -> set[str]:
    """Play what the store does not hold: alone while that is quickest, then with as many workers as help.

    Return the engines that played.
    """
    missing = [task for task in tasks if store.get(task) is None]
    of = sum(task.count for task in tasks)
    counter = _Counter(store, work, of, of - sum(task.count for task in missing))
    hands = work.hands
    if hands is None and work.workers <= 1:
        missing = _alone(job, missing, counter, None if work.workers else ALONE_S)
        hands = _more_hands(job, len(missing), 0)
    elif hands is None:
        hands = _more_hands(job, len(missing), work.workers)
    if missing:
        _with(hands, job, missing, counter)
    return counter.engines


def _more_hands(job: Job, tasks: int, number: int) -> Hands:
    count = min(number or workers.sensible(), max(1, tasks))
    if count == 1:
        return workers.inline()
    return workers.threads(count) if job.engine == "compiled" else workers.processes(count)


class _Counter:
    """Puts each piece away and tells how far the work is."""

    def __init__(self, store: Store, work: Work, of: int, done: int) -> None:
        self.store, self.work, self.of, self.done, self.calls = store, work, of, done, 0
        self.engines: set[str] = set()
        self.before = done

    def __call__(self, task: Task, piece: Piece) -> None:
        self.store.put(task, piece)
        self.done += task.count
        self.calls += piece.rows
        self.engines.add(piece.engine)
        if self.work.told:
            self.work.told(Progress(self.done, self.of, self.calls, self.before))


def _alone(job: Job, tasks: Sequence[Task], counter: _Counter, limit_s: float | None) -> list[Task]:
    """Play tasks in this thread; return those left when others would help, as far as one knows by then."""
    start = time.monotonic()
    for number, task in enumerate(tasks):
        spent = time.monotonic() - start
        left_s = spent / number * (len(tasks) - number) if number else 0.0
        if limit_s is not None and spent > limit_s and left_s > WORTH_IT_S and workers.sensible() > 1:
            return list(tasks[number:])
        _with(workers.inline(), job, [task], counter)
    return []


def _with(hands: Hands, job: Job, tasks: Sequence[Task], counter: _Counter) -> None:
    try:
        each_done(
            hands.make,
            partial(play_task, job, say=counter.work.say),
            tasks,
            counter,
            at_once=hands.at_once,
            named=partial(_named, job),
        )
    except KeyboardInterrupt:
        workers.stop_processes()
        raise


def _named(job: Job, task: Task) -> str:
    last = task.first + task.count - 1
    name = job.deployments[task.deployment].name
    return f"{job.workload.name}, deployment {name}, replications {task.first} to {last}"


def _result(study: Study, number: int, tasks: Sequence[Task], store: Store) -> Result:
    def totals(twins: bool) -> Iterator[bytes]:
        mine = [task for task in tasks if task.deployment == number and task.twins == twins]
        return (store.get(task) or b"" for task in sorted(mine, key=lambda task: task.first))

    deployment = study.deployments[number]
    of_twins = list(totals(twins=True))
    return Result(
        deployment,
        gathered(deployment.name, (decoded(data) for data in totals(twins=False))),
        gathered(deployment.name, (decoded(data) for data in of_twins)) if of_twins else None,
    )
