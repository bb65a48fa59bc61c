"""The memory a replication is played in: kept from one to the next, enlarged where it proves too small."""

from __future__ import annotations

from math import prod

import numpy as np

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
Shapes = dict[str, int | tuple[int, ...]]  # how long each array is, or long and wide


def made(given: Given, sizes: dict[int, int]) -> World:
    """Return a world with untouched pools of these sizes, in memory that has served before if possible."""
    records = layout.WORLD
    shapes = {name: shape if isinstance(shape, tuple) else (shape,) for name, shape in _shapes(given, sizes).items()}
    lengths = {name: records[name].dtype.itemsize * prod(shape) for name, shape in shapes.items()}
    memory, start, arrays = WORLDS.lent(sum(length + -length % ALIGNED for length in lengths.values())), 0, {}
    for name, length in lengths.items():
        arrays[name] = np.ndarray(shapes[name], records[name].dtype, memory, start)
        start += length + -length % ALIGNED
    arrays["clock"][:] = 0
    return World(**arrays)


def _shapes(given: Given, sizes: dict[int, int]) -> Shapes:
    """Return how long each array is, or long and wide."""
    terms, rows = given.terms[0], sizes[layout.ROWS]
    tasks, sessions, nodes = sizes[layout.TASKS], sizes[layout.SESSIONS], int(terms["nodes"])
    agents, lines = len(given.agents), int(given.triggers["line"].max(initial=-1)) + 1
    money = _of_money(given, sizes)
    return money | {
        "moments": sizes[layout.MOMENTS], "matches": _matches(sizes[layout.MOMENTS]), "soon": sizes[layout.SOON],
        "tasks": tasks, "sheets": tasks, "rules": tasks * int(terms["rules"]), "sessions": sessions,
        "pieces": sizes[layout.PIECES], "nodes": sizes[layout.NODES], "entries": sizes[layout.ENTRIES],
        "starts": sizes[layout.STARTS], "positions": (tasks if terms["failover"] else 1, len(given.routes)),
        "session_nodes": (sessions, nodes), "rows": rows, "order": rows, "spare": rows, "ties": sizes[layout.TIES],
        "clock": 1, "base_nodes": (agents, nodes), "base_seen": (agents, nodes), "base_versions": agents,
        "accounts": len(given.accounts), "lines": lines, "sources": len(given.triggers),
        "people": len(given.people), "back": len(given.traced_turns),
    }  # fmt: skip


def _matches(lanes: int) -> int:
    """Return how many matches a tournament has in which so many can play."""
    matches = 1
    while matches * (layout.IN_A_MATCH - 1) + 1 < lanes:
        matches = layout.IN_A_MATCH * matches + 1
    return matches


def _of_money(given: Given, sizes: dict[int, int]) -> Shapes:
    """Return how much is kept about spending, next to nothing where nobody counts it."""
    terms = given.terms[0]
    purses = sizes[layout.PURSES] if terms["counts"] else 1
    windows = int(terms["seats"]) * len(given.quotas)
    return {
        "purses": purses, "pots": purses * len(given.budgets), "charged": purses * len(given.plans),
        "amounts": purses * len(given.budgets) * len(given.currencies),
        "windows": windows, "uses": sizes[layout.USES] if windows else 1, "meters": layout.METERS,
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
