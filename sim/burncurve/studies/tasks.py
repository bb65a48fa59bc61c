"""The pieces a study is divided into: some replications of one deployment, played, billed and reduced at one place.

A piece depends on its inputs alone, so it may be done anywhere, any number of times, in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from burncurve.deployment import Deployment
from burncurve.errors import BeyondCompiled
from burncurve.ledger import Ledger
from burncurve.prices import Book
from burncurve.studies import ledger_file
from burncurve.studies.encoding import encoded
from burncurve.studies.totals import reduced
from burncurve.workload import Workload

TWINS_FROM = 1 << 24  # twins of replication n are played as replication TWINS_FROM + n
FEWEST, MOST = 4, 100  # replications at once: of an engine that takes its time, and of a fast one
SMALL_LEDGER_ROWS = 200_000
ALWAYS, FEW, NEVER = "always", "few", "never"


@dataclass(frozen=True, slots=True)
class Task:
    """Replications `first` to `first + count - 1` of the `deployment`-th deployment.

    `twins`: with other luck, but with what is drawn per run as in these replications.
    """

    deployment: int
    first: int
    count: int
    twins: bool = False

    @property
    def name(self) -> str:
        """A name that tells it from others, as of a file."""
        return f"{self.deployment:03d}-{self.first:08d}-{self.count:06d}{'-twins' if self.twins else ''}"


@dataclass(frozen=True, slots=True)
class Job:
    """All that playing and billing need.

    `ledgers` says whether pieces come with theirs: ALWAYS, NEVER, or where all of them, of so many `replications`,
    may be FEW enough to be kept without being asked for. `falls_back`: where the engine cannot count what is spent,
    the reference plays.
    """

    workload: Workload
    deployments: tuple[Deployment, ...]
    book: Book
    as_of: date | None
    engine: str
    replications: int
    ledgers: str
    falls_back: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """What a task came to: encoded totals, the number of calls, its ledger as parquet where it may be kept.

    `engine` is the one that played, which is told and nothing depends on.
    """

    data: bytes
    rows: int
    ledger: bytes | None
    engine: str = ""


def play_task(job: Job, task: Task, say: Callable[[str], None] = lambda line: None) -> Piece:
    """Play, bill and reduce one task; `say` is told what takes long before it begins."""
    deployment = job.deployments[task.deployment]
    shift = TWINS_FROM if task.twins else 0
    workload = replace(job.workload, parameters_shift=shift) if shift else job.workload
    first = task.first + shift
    ledger, engine = played(replace(job, workload=workload), task.deployment, range(first, first + task.count), say)
    compiled = engine == "compiled"
    terms, plans = deployment.terms, deployment.plans
    data = encoded(reduced(ledger, job.book, deployment.name, job.as_of, terms, plans=plans, compiled=compiled))
    parquet = ledger_file.as_bytes(deployment.name, ledger) if _is_kept(job, task, len(ledger)) else None
    return Piece(data, len(ledger), parquet, engine)


def played(
    job: Job, deployment: int, replications: range, say: Callable[[str], None] = lambda line: None
) -> tuple[Ledger, str]:
    """Play replications of one of the deployments; return with them which engine did."""
    from burncurve import engines

    work = (job.workload, job.deployments[deployment], replications)
    try:
        return engines.played(*work, job.engine, say=say)
    except BeyondCompiled:
        if not job.falls_back:
            raise
        return engines.played(*work, "reference", say=say)


def _is_kept(job: Job, task: Task, rows: int) -> bool:
    """Say whether the ledger is wanted, by a generous guess of how many calls all of them hold together."""
    few = rows * job.replications * len(job.deployments) <= 2 * SMALL_LEDGER_ROWS * task.count
    return not task.twins and (job.ledgers == ALWAYS or (job.ledgers == FEW and few))


def divided(deployments: int, replications: range, size: int, twins: bool = False) -> Iterator[Task]:
    """Yield the tasks of a range of replications, all deployments of the same replications next to each other."""
    for first in range(replications.start, replications.stop, size):
        for number in range(deployments):
            yield Task(number, first, min(size, replications.stop - first), twins)


def size_for(replications: int, fast: bool) -> int:
    """Return how many replications to play at once: enough to be worth it, few enough to share and to resume."""
    return max(1, min(MOST if fast else FEWEST, -(-replications // 4)))
