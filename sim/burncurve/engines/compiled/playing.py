"""Play replications with the kernel and gather their columns into a ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from burncurve.deployment import Deployment
from burncurve.draws import run_keys
from burncurve.engines.compiled import layout, pools
from burncurve.engines.compiled.layout import ALIGNED, AT_ONCE, BROKEN, COUNTS, DONE, OF_BUDGET, OF_PLAN, addresses
from burncurve.engines.compiled.machine import play_many
from burncurve.engines.compiled.memory import LEDGERS
from burncurve.engines.compiled.packs import packed_once
from burncurve.engines.names import names_of
from burncurve.engines.rules import LAST_ROUND
from burncurve.errors import BeyondCompiled, BurncurveError, InputError, InternalError, Problem
from burncurve.ledger import SCHEMA, BudgetOutcome, IntColumn, Ledger, Outcome, PlanOutcome
from burncurve.workload import Workload

FIRST_ROWS = 1 << 14
COLUMNS = tuple(np.dtype(column.dtype) for column in SCHEMA)
ROW_BYTES = sum(kind.itemsize for kind in COLUMNS)
SLACK = 4  # a ledger does not hold more than so many times the memory that it needs
SPARE = 1.1  # of the rows expected after the replications so far


@dataclass
class Block:
    """The rows so far, in columns that grow."""

    numbers: NDArray[np.int64]  # of the replications
    keys: NDArray[np.uint64]
    columns: tuple[IntColumn, ...]
    outcomes: NDArray[np.int64]
    progress: NDArray[np.int64]  # replications done, rows done

    def named(self) -> dict[str, NDArray[Any]]:
        """Return the arrays by the names that the world's table has for them."""
        columns = zip((layout.COLUMN + name for name in SCHEMA.names), self.columns, strict=True)
        own = {"numbers": self.numbers, "keys": self.keys, "outcomes": self.outcomes, "progress": self.progress}
        return dict(columns) | own

    def enlarge(self, more: int) -> None:
        """Make room for `more` rows, and as many as the replications so far let expect; at least double it."""
        done, total = int(self.progress[0]), len(self.outcomes)
        size = max(2 * len(self.columns[0]), int(self.progress[1]) + more)
        if done:
            size = max(size, int(self.progress[1] * SPARE * total / done))
        larger, rows = _columns(size), int(self.progress[1])
        for new, old in zip(larger, self.columns, strict=True):
            new[:rows] = old[:rows]
        self.columns = larger


def play(workload: Workload, deployment: Deployment, replications: range) -> Ledger:
    """Return the ledger of the replications; raises InputError for an agent with a behaviour of its own."""
    _refuse_behaviours(workload)
    given = packed_once(workload, deployment)
    columns = _columns(FIRST_ROWS)
    count = len(replications)
    numbers, keys = np.array(replications, np.int64), _keys(workload, replications)
    block = Block(numbers, keys, columns, np.zeros((count, _counts(deployment)), np.int64), np.zeros(2, np.int64))
    _fill(block, given)
    rows = int(block.progress[1])
    named = zip(SCHEMA.names, _kept(block.columns, rows), strict=True)
    return Ledger(
        dict(named), names_of(workload, deployment),
        tuple(_outcome(counts, deployment) for counts in block.outcomes.tolist()),
        workload.horizon_us, workload.start_utc_us, deployment.notes,
    )  # fmt: skip


def _counts(deployment: Deployment) -> int:
    return COUNTS + OF_BUDGET * len(deployment.budgets) + OF_PLAN * len(deployment.plans)


def _outcome(counts: Sequence[int], deployment: Deployment) -> Outcome:
    """Return the outcome of a replication from its counts, those of budgets and plans behind its own."""
    if len(counts) == COUNTS:
        return Outcome(*counts)
    plans = COUNTS + OF_BUDGET * len(deployment.budgets)
    of_budgets = (counts[i : i + OF_BUDGET] for i in range(COUNTS, plans, OF_BUDGET))
    of_plans = (counts[i : i + OF_PLAN] for i in range(plans, len(counts), OF_PLAN))
    return Outcome(
        *counts[:COUNTS],
        budgets=tuple(BudgetOutcome(*some) for some in of_budgets),
        plans=tuple(PlanOutcome(*some) for some in of_plans),
    )


def _keys(workload: Workload, replications: range) -> NDArray[np.uint64]:
    """Return, per replication, the key of its luck and that of what is drawn per run."""
    seed, shift = workload.seed, workload.parameters_shift
    luck = run_keys(seed, replications)
    parameters = run_keys(seed, (number - shift for number in replications)) if shift else luck
    return np.array((luck, parameters), np.uint64).T.copy()


def _fill(block: Block, given: layout.Given) -> None:
    sizes = pools.SIZES
    world = pools.made(given, sizes)
    kernel = play_many()
    fixed = addresses(given._asdict(), layout.GIVEN)
    while True:
        changing = addresses(world._asdict() | block.named(), layout.WORLD)
        code = kernel(fixed.ctypes.data, changing.ctypes.data)
        if code == DONE:
            return
        if code == BROKEN:
            raise _broken_rule(world)
        pool = int(world.clock[0]["full"])
        if pool == layout.OUTPUT:
            block.enlarge(int(world.clock[0]["rows"]) + AT_ONCE)
        else:
            sizes = pools.grown(sizes, pool, world.clock[0])
            world = pools.made(given, sizes)


def _columns(size: int) -> tuple[IntColumn, ...]:
    """Return empty columns of at least so many rows, in one piece of memory that has been used before if possible."""
    memory = LEDGERS.lent(size * ROW_BYTES + ALIGNED * len(SCHEMA.names))
    size, start, columns = (len(memory) - ALIGNED * len(SCHEMA.names)) // ROW_BYTES, 0, []
    for kind in COLUMNS:
        columns.append(np.ndarray(size, kind, memory, start))
        start += size * kind.itemsize
        start += -start % ALIGNED
    return tuple(columns)


def _kept(columns: tuple[IntColumn, ...], rows: int) -> tuple[IntColumn, ...]:
    """Return the rows in use, and in memory of their own where that is much less."""
    wasteful = len(columns[0]) > SLACK * rows
    return tuple(column[:rows].copy() if wasteful else column[:rows] for column in columns)


def _refuse_behaviours(workload: Workload) -> None:
    remedy = "use --engine reference, or auto"
    problems = [
        Problem(f"agents.{agent.name}.behaviour", f"the compiled engine cannot play {agent.behaviour!r}", remedy)
        for agent in workload.agents
        if agent.behaviour
    ]
    if problems:
        raise InputError(*problems)


def _broken_rule(world: layout.World) -> BurncurveError:
    """Return the error that the reference engine raises at the same place."""
    clock = world.clock[0]
    if clock["error"] == layout.STUCK:
        return InternalError(Problem("engine", "the calendar is empty while tasks wait", "please report this scenario"))
    if clock["error"] == layout.WIDE:
        what = "a count does not fit its column of the ledger"
        return InputError(Problem("ledger", what, "make contexts or the number of calls smaller"))
    if clock["error"] == layout.SPENT:
        what = "what is spent under one budget, limit or plan exceeds what the compiled engine counts ($4.6 million)"
        return BeyondCompiled(Problem("scenario", what, "use --engine reference, or auto"))
    if clock["error"] == layout.CALLS:
        what = "more than 5 million calls in one replication"
        return InputError(Problem("scenario", what, "cap spawning, turns or the horizon"))
    what = f"more than {LAST_ROUND:,} rounds of work at one time ({int(clock['now']):,} us)"
    return InputError(Problem("scenario", what, "give tools, calls or pauses a duration, or cap the loop"))
