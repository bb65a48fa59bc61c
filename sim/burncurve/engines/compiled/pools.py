"""The memory a replication is played in: kept from one to the next, enlarged where it proves too small."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from burncurve.engines.compiled import layout
from burncurve.engines.compiled.layout import ALIGNED, Given, World
from burncurve.engines.compiled.memory import WORLDS
from burncurve.errors import InputError, Problem

SIZES = {  # enough for most; memory that is not used costs nothing
    layout.MOMENTS: 1024, layout.SOON: 1024, layout.TASKS: 4096, layout.SESSIONS: 4096, layout.PIECES: 1 << 16,
    layout.NODES: 1 << 14, layout.ENTRIES: 1 << 16, layout.STARTS: 1024, layout.ROWS: 1 << 14, layout.TIES: 4096,
    layout.PURSES: 1024, layout.USES: 1024,
}  # fmt: skip
WHAT = {
    layout.MOMENTS: "moments waiting", layout.SOON: "tasks beginning at one time", layout.TASKS: "tasks",
    layout.SESSIONS: "sessions", layout.PIECES: "pieces of context", layout.NODES: "histories in caches",
    layout.ENTRIES: "cache entries", layout.STARTS: "sessions of people", layout.ROWS: "calls",
    layout.TIES: "calls out of order", layout.PURSES: "requests with a budget",
    layout.USES: "uses of plans that have not come back",
}  # fmt: skip
USED = {  # what the clock counts of them
    layout.MOMENTS: "moments", layout.TASKS: "tasks", layout.SESSIONS: "sessions", layout.PIECES: "pieces",
    layout.NODES: "nodes", layout.ENTRIES: "entries", layout.STARTS: "starts", layout.ROWS: "rows",
    layout.TIES: "ties", layout.PURSES: "purses", layout.USES: "uses",
}  # fmt: skip
TIMES = 4  # larger, because the replication that did not fit is played from its beginning
LARGEST = 1 << 27


def made(given: Given, sizes: dict[int, int]) -> World:
    """Return a world with pools of these sizes."""
    terms, rows = given.terms[0], sizes[layout.ROWS]
    tasks, sessions, nodes = sizes[layout.TASKS], sizes[layout.SESSIONS], int(terms["nodes"])
    agents, lines = len(given.agents), int(given.triggers["line"].max(initial=-1)) + 1
    return _lent(World(
        moments=np.empty(sizes[layout.MOMENTS], layout.MOMENT),
        matches=np.empty(2 * sizes[layout.MOMENTS], layout.MATCH), soon=np.empty(sizes[layout.SOON], np.int64),
        tasks=np.empty(tasks, layout.TASK), sessions=np.empty(sessions, layout.SESSION),
        pieces=np.empty(sizes[layout.PIECES], layout.PIECE), nodes=np.empty(sizes[layout.NODES], layout.NODE),
        entries=np.empty(sizes[layout.ENTRIES], layout.ENTRY), starts=np.empty(sizes[layout.STARTS], np.int64),
        rules=np.empty(tasks * int(terms["rules"]), layout.RULE), sheets=np.empty(tasks, layout.SHEET),
        positions=np.empty((tasks if terms["failover"] else 1, len(given.routes)), np.int64),
        session_nodes=np.empty((sessions, nodes), np.int64),
        rows=np.empty(rows, layout.ROW), order=np.empty(rows, np.int64), spare=np.empty(rows, np.int64),
        ties=np.empty(sizes[layout.TIES], np.int64), clock=np.empty(1, layout.CLOCK),
        base_nodes=np.empty((agents, nodes), np.int64), base_seen=np.empty((agents, nodes), np.int64),
        base_versions=np.empty(agents, np.int64), accounts=np.empty(len(given.accounts), layout.QUEUE),
        lines=np.empty(lines, layout.LINE), sources=np.empty(len(given.triggers), layout.SOURCE),
        people=np.empty(len(given.people), layout.PRESENCE),
        back=np.empty(len(given.traced_turns), np.int64), **_of_money(given, sizes),
    ))  # fmt: skip


def _lent(world: World) -> World:
    """Return arrays like these, which nobody has touched, in memory that has served before if possible."""
    sizes = [array.nbytes + -array.nbytes % ALIGNED for array in world]
    memory, start, arrays = WORLDS.lent(sum(sizes)), 0, []
    for array, size in zip(world, sizes, strict=True):
        arrays.append(memory[start : start + array.nbytes].view(array.dtype).reshape(array.shape))
        start += size
    lent = World(*arrays)
    lent.clock[:] = 0
    return lent


def _of_money(given: Given, sizes: dict[int, int]) -> dict[str, NDArray[Any]]:
    """Return what is kept about spending, next to nothing where nobody counts it."""
    terms = given.terms[0]
    purses = sizes[layout.PURSES] if terms["counts"] else 1
    pots = purses * len(given.budgets)
    windows = int(terms["seats"]) * len(given.quotas)
    return {
        "purses": np.empty(purses, layout.PURSE), "pots": np.empty(pots, layout.POT),
        "amounts": np.empty(pots * len(given.currencies), np.int64),
        "charged": np.empty(purses * len(given.plans), np.int64),
        "windows": np.empty(windows, layout.WINDOW),
        "uses": np.empty(sizes[layout.USES] if windows else 1, layout.USE), "meters": np.empty(layout.METERS, np.int64),
    }  # fmt: skip


def grown(sizes: dict[int, int], pool: int, clock: np.void) -> dict[int, int]:
    """Return the sizes with one pool enlarged, and all that would soon be full too.

    Raises InputError where no machine has that much memory.
    """
    if sizes[pool] >= LARGEST:
        what = f"more than {LARGEST:,} {WHAT[pool]} in one replication"
        raise InputError(Problem("scenario", what, "cap spawning, turns or the horizon"))
    soon = {other for other, name in USED.items() if int(clock[name]) * TIMES > sizes[other]}
    return sizes | {some: min(TIMES * sizes[some], LARGEST) for some in soon | {pool}}
