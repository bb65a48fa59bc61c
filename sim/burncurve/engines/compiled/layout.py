"""The records that kernels work on: what is given (packed once) and what changes while a replication is played.

Fields are int64 unless they are keys (uint64) or small: numbers of records, of which there are never 2**31, counts and
kinds. A link to another record is its number; -1 is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from burncurve.ledger import SCHEMA

NONE = -1
Parts = Mapping[str, Any]
BUCKETS = 5  # requests, input, output, all tokens per minute; tokens per day
MINUTELY = 4  # of them, the first
MINUTE_US = 60_000_000
MODEST = 1 << 30  # of a limit
ORIGINS = 7
ALIGNED = 64  # bytes that the processor's cache holds together
AHEAD = 8  # turns of a task whose draws are made together


def _record(
    names: str, keys: str = "", small: str = "", lists: Parts | None = None, parts: Parts | None = None
) -> np.dtype[np.void]:
    """Return the type of a record; `lists` hold so many integers, `parts` are records within it."""
    fields: list[Any] = [(name, "u8") for name in keys.split()] + [(name, "i8") for name in names.split()]
    fields += [(name, "i4") for name in small.split()] + [("unused", "i4")] * (len(small.split()) % 2)
    fields += [(name, "i8", (length,)) for name, length in (lists or {}).items()]
    return np.dtype(fields + list((parts or {}).items()))


# Given

TABLE = _record("wide first cell_bits half first_step steps")
FACTOR = _record("per", "salt", parts={"table": TABLE})
QUANTITY = _record("plain simple ahead varies value per low high first_factor factors", "salt", parts={"table": TABLE})


def _quantities(names: str) -> dict[str, np.dtype[np.void]]:
    return dict.fromkeys(names.split(), QUANTITY)


# What is drawn stands in the records of those who draw it: a number that leads to a record is one more to wait for.
TOOLS = _record("first_choice choices first_step parallel single", "salt", parts={"calls": QUANTITY})
AGENT = _record(
    "role window reserve step_cap children_cap timeout kept"
    " uses_tools first_side sides first_spawn spawns loops loop_guard"
    " compacts compact_at compact_keep reuse_prefix flush misses"
    " slides slide_at slide_to clears clear_at clear_keep clear_least judge first_node",
    parts={"tools": TOOLS}
    | _quantities(
        "output reasoning miss_user miss_tool miss_base base turns first_turns history message result base_change"
        " loop_probability loop_extra summary restore"
    ),
)
TOOL = _record("cap searches", parts=_quantities("result time"))
SIDE = _record("role each", "salt", parts=_quantities("prompt output"))
SPAWN = _record(
    "child join first_turn turns active depth fork slot", "salt", parts=_quantities("probability count brief")
)
TRIGGER = _record(
    "agent first_time times renewal first_knot knots line overlap idle first_reset resets attempts",
    "salt session_salt",
    parts={"gap": QUANTITY},
)
USERS = _record("agent first_window windows attempts", "salt", parts=_quantities("sessions requests think"))
PERSON = _record("users person")
OFFER = _record(
    "tokenizer output_ppm turns_ppm longest kept window cache_kind cache_minimum cache_block caches_output"
    " first_ns prefill_ns cached_ns decode_ns broken broken_bills success region tier",
    parts={"short": TABLE, "long": TABLE, "factor": TABLE},
)
ACCOUNT = _record(
    "slots limited modest free_reads debits_longest refuses says_retry_after quiet month",
    # of the buckets of a minute: what they hold when full, and what a token counts for, 0 without a limit
    lists={"limits": BUCKETS, "full": MINUTELY, "units": MINUTELY},
)
ROUTE = _record("first_leg legs retention")
LEG = _record("offer account node")
TRACED_TASK = _record("base wait warm", small="agent first_turn end awaited_by following next_born")
TRACED_TURN = _record("wait kept user tools agents summary output reasoning stays", small="kind first_born awaited")
TERMS = _record(
    "horizon places retries retry_first retry_cap rules nodes failover counts cheaper budgets seats"
    " roles first_stage stages"
)
METERS = 7
CURRENCY = _record("dollars units")
RATES = _record("first_start starts first_place")
TARIFF = _record("first_band bands currency compares excess_only")
BAND = _record("above", lists={"rates": METERS})
BUDGET = _record("scope limit in_tokens reached cheaper first_turn turns")  # the last ones: accounts' monthly limits
PLAN = _record(
    "first_offer offers first_quota quotas first_term terms beyond per_user first_window first_purchase purchases"
)
QUOTA = _record(
    "length limit per_request per_call counts_tokens begins ends counts_from first_start starts first_place",
    lists={"per_token": METERS},
)


class Given(NamedTuple):
    """A workload and a deployment in arrays; kernels call it `s`. `numbers` holds all lists of plain integers."""

    values: NDArray[np.int64]
    narrow: NDArray[np.int32]
    thresholds: NDArray[np.int64]
    factors: NDArray[np.void]
    numbers: NDArray[np.int64]
    agents: NDArray[np.void]
    choices: NDArray[np.void]
    sides: NDArray[np.void]
    spawns: NDArray[np.void]
    triggers: NDArray[np.void]
    users: NDArray[np.void]
    people: NDArray[np.void]
    offers: NDArray[np.void]
    accounts: NDArray[np.void]
    routes: NDArray[np.void]
    legs: NDArray[np.void]
    terms: NDArray[np.void]
    currencies: NDArray[np.void]
    rates: NDArray[np.void]
    tariffs: NDArray[np.void]
    bands: NDArray[np.void]
    budgets: NDArray[np.void]
    plans: NDArray[np.void]
    quotas: NDArray[np.void]
    blank: NDArray[np.void]
    traced_tasks: NDArray[np.void]  # a trace's tasks, linked: the next of a conversation, the next child of a turn
    traced_turns: NDArray[np.void]
    conversations: NDArray[np.int64]  # the first task of each


# Changing

CLOCK = _record(
    "now round current full error"  # error: 0 or one of ERRORS; full: 0 or 1 + the number of a pool
    " moments hole lanes free_lane width first_match next_at next_lane next_order next_value"
    " soon_head soon_tail free_slot tasks sessions pieces nodes entries starts rows first_row latest_end"
    " next_task next_session free places_first places_last look_due"
    " requests finished succeeded failed skipped success_known replication ties last_asked last_task"
    " outcome purses gone uses free_use",
    "run_key parameters_key",
)
MOMENT = _record("at order value")
IN_A_MATCH = 8
MATCH = _record("", lists=dict.fromkeys(("at", "lanes"), IN_A_MATCH))
TASK = _record(
    # how its calls are made and served: what every call reads and writes stands together
    "started roomy asked prompt output reasoning warm read debit after summary restore result retry_after stays",
    "key session_key parameters_key request_key wanted_key call_key",
    # as the ledger has them, in the order of its first columns
    "replication session_number number parent_number depth agent request attempt turn call_attempt kind call_offer"
    " account region tier plan"
    " turns role session offer leg kept keeps retention label call_number is_side cached grows tries call_role call_leg"
    " named_leg caches wide uses_cache node newest row ordinal status tools searches after_call after_full after_served"
    " drawn_from sized_for timed_for ahead"  # see `ahead`
    " wanted_kind wanted_number wanted_tries compactions next"
    " parent failed abandoned source origin born youngest elder away announces_out waits_out"
    " born_first born_last next_born results_first results_last next_result sibling rule resume after_wait"
    " side_each side_at take_in_for side_route side_before traced traced_turn purse root held_back out_of_money",
)
# A row of the ledger: its columns of 64 bits, then all others, those of the table's first 16 in their order.
TIMES = tuple(column.name for column in SCHEMA if column.dtype == "int64")
SMALLER = tuple(column.name for column in SCHEMA if column.dtype != "int64")
ROW = _record(" ".join(TIMES), small=" ".join(SMALLER))
AT_ONCE = 8  # rows that are written into the columns together
# The first and the last of the columns that a task knows: they stand next to each other, in a row as in a task.
KNOWN = "replication", "plan"
SHEET = _record("", lists=dict.fromkeys(("output", "reasoning", "factor", "tools", "time", "result"), AHEAD))
RULE = _record("first last active")  # of one task: children not yet started, and how many are at work
SESSION = _record(
    "number base_agent base_version requests last_active tokens seen found head purse stage agents_end",
    "key",
    lists={"origins": ORIGINS + 1},  # the last is not used: eight fill a register
)
PIECE = _record("origin tokens before")
NODE = _record("parent shared first entries room renewed")  # `renewed`: the entry of the parent last renewed
ENTRY = _record("tokens readable expiry")
QUEUE = _record("at_work first last look_at look_round", lists={"levels": BUCKETS, "units": 2})  # minute, day
LINE = _record("session openings busy first last")
SOURCE = _record("next operational waiting")
PRESENCE = _record("doing window at count first room requests asked session", "day key")
PURSE = _record("seat")
POT = _record("window beyond")  # `beyond`: by how much more than the limit is booked
WINDOW = _record("used first last")  # of its uses: the one that comes back first, and the one that comes back last
USE = _record("back amount next")
COLUMN = "to_"  # columns of the ledger stand among the arrays of the world under this prefix


class World(NamedTuple):
    """All that changes while a replication is played; kernels call it `w`. The first are pools that can grow."""

    moments: NDArray[np.void]
    matches: NDArray[np.void]  # that moments play: see `moments`
    soon: NDArray[np.int64]
    tasks: NDArray[np.void]
    sessions: NDArray[np.void]
    pieces: NDArray[np.void]
    nodes: NDArray[np.void]
    entries: NDArray[np.void]
    starts: NDArray[np.int64]
    rules: NDArray[np.void]
    sheets: NDArray[np.void]  # by task: what has been drawn for its next turns
    positions: NDArray[np.int64]
    session_nodes: NDArray[np.int64]
    rows: NDArray[np.void]  # of the replication, in order of asking
    order: NDArray[np.int64]
    spare: NDArray[np.int64]
    ties: NDArray[np.int64]
    clock: NDArray[np.void]
    base_nodes: NDArray[np.int64]
    base_seen: NDArray[np.int64]
    base_versions: NDArray[np.int64]
    accounts: NDArray[np.void]
    lines: NDArray[np.void]
    sources: NDArray[np.void]
    people: NDArray[np.void]
    back: NDArray[np.int64]  # by turn of a trace: awaited children that are back
    purses: NDArray[np.void]
    pots: NDArray[np.void]
    amounts: NDArray[np.int64]
    charged: NDArray[np.int64]
    windows: NDArray[np.void]
    uses: NDArray[np.void]
    meters: NDArray[np.int64]


class Shape(NamedTuple):
    """What an array of a table looks like."""

    dtype: np.dtype[Any]
    dimensions: int = 1


def _shapes(names: tuple[str, ...], records: dict[str, np.dtype[Any]], wide: tuple[str, ...]) -> dict[str, Shape]:
    integers = np.dtype(np.int64)
    return {name: Shape(records.get(name, integers), 2 if name in wide else 1) for name in names}


GIVEN = _shapes(Given._fields, {
    "factors": FACTOR, "agents": AGENT, "choices": TOOL,
    "sides": SIDE, "spawns": SPAWN, "triggers": TRIGGER, "users": USERS, "people": PERSON, "offers": OFFER,
    "accounts": ACCOUNT, "routes": ROUTE, "legs": LEG, "terms": TERMS, "blank": TASK,
    "narrow": np.dtype(np.int32),
    "traced_tasks": TRACED_TASK, "traced_turns": TRACED_TURN,
    "currencies": CURRENCY, "rates": RATES, "tariffs": TARIFF, "bands": BAND, "budgets": BUDGET, "plans": PLAN,
    "quotas": QUOTA,
}, ())  # fmt: skip
WORLD = _shapes(World._fields, {
    "moments": MOMENT, "matches": MATCH, "tasks": TASK, "sessions": SESSION, "pieces": PIECE,
    "nodes": NODE, "entries": ENTRY, "rules": RULE, "sheets": SHEET,
    "rows": ROW, "clock": CLOCK, "accounts": QUEUE, "lines": LINE, "sources": SOURCE, "people": PRESENCE,
    "purses": PURSE, "pots": POT, "windows": WINDOW, "uses": USE,
}, ("positions", "session_nodes", "base_nodes", "base_seen"))  # fmt: skip
WORLD |= {name: Shape(np.dtype(kind), dimensions) for name, (kind, dimensions) in {
    "numbers": ("i8", 1), "keys": ("u8", 2), "outcomes": ("i8", 2), "progress": ("i8", 1),
}.items()}  # fmt: skip
WORLD |= {COLUMN + column.name: Shape(np.dtype(column.dtype)) for column in SCHEMA}

(MOMENTS, SOON, TASKS, SESSIONS, PIECES, NODES, ENTRIES, STARTS, ROWS, TIES, OUTPUT, PURSES, USES) = range(1, 14)
(ROUNDS, CALLS, STUCK, WIDE, SPENT) = range(1, 6)
(DONE, GROW, BROKEN) = range(3)  # what comes of playing replications
COUNTS = 9  # of an Outcome, before those of its budgets and plans
OF_BUDGET, OF_PLAN = 6, 4
LARGEST_AMOUNT = 1 << 62  # that is added up; a larger limit is never reached
WORDS = 3  # words of a table for each of its arrays: address, length, width


def addresses(arrays: Mapping[str, NDArray[Any]], shapes: dict[str, Shape]) -> NDArray[np.int64]:
    """Return the table of arrays by name, which must outlive it."""
    rows = []
    for name, shape in shapes.items():
        array = arrays[name]
        if array.dtype != shape.dtype or array.ndim != shape.dimensions or not array.flags.c_contiguous:
            raise TypeError(f"{name} is not as its table says")
        rows.append((array.ctypes.data, *array.shape, *(1,) * (2 - array.ndim)))
    return np.array(rows, np.int64)
