"""Play replications and gather their rows into a ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from burncurve.deployment import UNKNOWN, Deployment
from burncurve.engines.names import names_of
from burncurve.engines.reference import traces
from burncurve.engines.reference.arrivals import start_all
from burncurve.engines.reference.call import NONE
from burncurve.engines.reference.world import World
from burncurve.errors import InternalError, Problem
from burncurve.ledger import SCHEMA, IntColumn, Ledger, Outcome, columns_of
from burncurve.ledger import Status as CallStatus
from burncurve.workload import Workload

if TYPE_CHECKING:
    from burncurve.engines.reference.task import Steps, Task

Behaviours = Mapping[str, "Callable[[Task], Steps]"]


def play(workload: Workload, deployment: Deployment, replications: range, behaviours: Behaviours) -> Ledger:
    """Return the ledger of the replications, played one after the other."""
    blocks = []
    outcomes = []
    for replication in replications:
        world = _played(World(workload, deployment, replication, behaviours))
        blocks.append(np.array(world.rows, dtype=np.int64).reshape(-1, len(SCHEMA.columns)))
        outcomes.append(outcome_of(world))
    return Ledger(
        sorted_columns(np.concatenate(blocks)), names_of(workload, deployment), tuple(outcomes),
        workload.horizon_us, workload.start_utc_us, deployment.notes,
    )  # fmt: skip


def _played(world: World) -> World:
    start_all(world)
    traces.start_all(world)
    world.clock.run(until=world.workload.horizon_us)
    left = world.requests - world.finished - world.failed
    if left and world.clock.peek() == float("inf"):
        raise InternalError(Problem("engine", "the calendar is empty while tasks wait", "please report this scenario"))
    for account in world.accounts:
        for call in account.queue:
            call.write(CallStatus.STOPPED, (NONE, NONE, NONE))
    if world.treasury is not None:
        for call in world.treasury.waiting:
            call.write(CallStatus.STOPPED, (NONE, NONE, NONE))
        world.treasury.close()
    return world


def outcome_of(world: World) -> Outcome:
    """Return the counts of one replication."""
    ends = world.rows[SCHEMA.names.index("end_us") :: len(SCHEMA.columns)]
    budgets, plans = world.treasury.outcomes() if world.treasury is not None else ((), ())
    return Outcome(
        replication=world.replication, requests=world.requests, finished=world.finished,
        succeeded=world.succeeded if world.success_known else UNKNOWN,
        unfinished=world.requests - world.finished - world.failed, failed=world.failed, skipped=world.skipped,
        tasks=world.tasks, makespan_us=max(ends, default=0), budgets=budgets, plans=plans,
    )  # fmt: skip


def sorted_columns(rows: NDArray[np.int64]) -> dict[str, IntColumn]:
    """Return the columns, sorted by (replication, request time, task), within a task in order of asking."""
    columns = columns_of(rows)
    order = np.lexsort((columns["task"], columns["request_us"], columns["replication"]))
    return {name: values[order] for name, values in columns.items()}
