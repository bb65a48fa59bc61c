"""A Ledger: what happened, one row per attempt of a call, integers only, no money (mechanics M23, M24)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from burncurve.columns import Column, Schema
from burncurve.errors import InputError, Problem


class Kind(IntEnum):
    """What a call was for."""

    TURN = 0
    ANNOUNCE = 1
    COMPACTION = 2
    FLUSH = 3
    SIDE = 4
    JUDGE = 5


class Status(IntEnum):
    """How an attempt ended."""

    OK = 0
    ERROR = 1  # broke while being served
    REFUSED = 2  # 429: nothing served, nothing billed
    STOPPED = 3  # still waiting when the run ended, or not made for want of money
    OVERFLOW = 4  # would not fit the window even after compaction


KIND_NAMES = tuple(kind.name.lower() for kind in Kind)
STATUS_NAMES = tuple(status.name.lower() for status in Status)

SCHEMA = Schema(
    1,
    (
        Column("replication", "int32", "", "number of the replication"),
        Column("session", "int32", "", "conversation, in order of opening"),
        Column("task", "int32", "", "work on one request, in order of creation"),
        Column("parent", "int32", "", "task that spawned this one", nullable=True),
        Column("depth", "int8", "", "0 for a root task"),
        Column("agent", "int16", "", "kind of worker", names="agents"),
        Column("request", "int32", "", "number of the request in its session"),
        Column("task_attempt", "int8", "", "0 for the first try of the whole task"),
        Column("turn", "int16", "", "turn of the task, from 1; 0 for calls before the first"),
        Column("attempt", "int8", "", "0 for the first try of this call"),
        Column("kind", "int8", "", "what the call was for", names="kinds"),
        Column("offer", "int16", "", "provider/model as sold", names="offers"),
        Column("account", "int16", "", "who is limited and billed", names="accounts"),
        Column("region", "int16", "", "where it is served, as far as known", names="regions"),
        Column("service_tier", "int8", "", "standard, batch, flex, priority, fast", names="service_tiers"),
        Column("plan", "int8", "", "plan that covered the call", nullable=True, names="plans"),
        Column("status", "int8", "", "how the attempt ended", names="statuses"),
        Column("request_us", "int64", "us", "asked for, since the start"),
        Column("grant_us", "int64", "us", "admitted by the account", nullable=True),
        Column("first_token_us", "int64", "us", "first output token", nullable=True),
        Column("end_us", "int64", "us", "last output token, or when it broke or was refused", nullable=True),
        Column("input", "int32", "tokens", "prompt tokens neither read from nor written to a cache"),
        Column("cache_read", "int32", "tokens", "prompt tokens read from the cache"),
        Column("cache_write_5m", "int32", "tokens", "prompt tokens written for five minutes"),
        Column("cache_write_1h", "int32", "tokens", "prompt tokens written for an hour"),
        Column("output", "int32", "tokens", "output without reasoning"),
        Column("reasoning", "int32", "tokens", "reasoning, billed as output"),
        Column("web_searches", "int16", "searches", "web searches charged per piece"),
        Column("context_after", "int32", "tokens", "context of the session after the call"),
        Column("from_base", "int32", "tokens", "prompt tokens from the agent's base"),
        Column("from_user", "int32", "tokens", "prompt tokens from people's and triggers' messages"),
        Column("from_output", "int32", "tokens", "prompt tokens that the model wrote earlier"),
        Column("from_reasoning", "int32", "tokens", "prompt tokens of earlier reasoning"),
        Column("from_tools", "int32", "tokens", "prompt tokens from tool results"),
        Column("from_agents", "int32", "tokens", "prompt tokens from briefs and children's results"),
        Column("from_summary", "int32", "tokens", "prompt tokens from summaries of compactions"),
        Column("fresh", "int32", "tokens", "prompt tokens never sent before in this session"),
        Column("fresh_agents", "int32", "tokens", "fresh prompt tokens from briefs and children's results"),
    ),
)
ORIGINS = ("from_base", "from_user", "from_output", "from_reasoning", "from_tools", "from_agents", "from_summary")
PROMPT_METERS = ("input", "cache_read", "cache_write_5m", "cache_write_1h")
METERS = (*PROMPT_METERS, "output", "reasoning", "web_searches")

IntColumn = NDArray[np.signedinteger]


@dataclass(frozen=True, slots=True)
class BudgetOutcome:
    """What came of a budget in one replication: microseconds, its own unit, and numbers of calls."""

    reached_us: int  # end of the call with which it was first reached; -1 where it never was
    over: int  # the most that was spent beyond it: calls in flight, and what goes on after `warn` or `cheaper`
    stopped: int  # calls not made
    paused: int  # calls that waited for the next day
    cheaper: int  # calls that the cheaper offer served instead
    warned: int  # calls made all the same


@dataclass(frozen=True, slots=True)
class PlanOutcome:
    """What came of a plan in one replication: numbers of calls that it admits."""

    covered: int
    paid: int  # at API prices, its quotas being used up
    stopped: int  # not made
    paused: int  # that waited for a window


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one replication came to beside its calls; counts and microseconds."""

    replication: int
    requests: int  # root tasks that arrived and were not skipped
    finished: int  # root tasks that ran to their end
    succeeded: int  # of them, by the offer's success probability; -1 where it is unknown
    unfinished: int  # root tasks cut off by the horizon
    failed: int  # root tasks that ended by error, overflow, timeout or for want of money
    skipped: int  # arrivals skipped or coalesced because the session was busy
    tasks: int  # all tasks, children included
    makespan_us: int  # end of the last call
    budgets: tuple[BudgetOutcome, ...] = field(default=(), kw_only=True)  # those of the deployment, in order
    plans: tuple[PlanOutcome, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True)
class Ledger:
    """Columns of SCHEMA, the names they point into, and the outcome of each replication.

    Rows sort by (replication, request_us, task) and within a task by order of asking.
    """

    columns: Mapping[str, IntColumn]
    names: Mapping[str, Sequence[str]]
    outcomes: tuple[Outcome, ...]
    horizon_us: int
    start_utc_us: int
    notes: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.columns["task"])

    def __getitem__(self, name: str) -> IntColumn:
        return self.columns[name]

    @property
    def prompt(self) -> NDArray[np.int64]:
        """Prompt tokens of each row: input + reads + writes."""
        return sum((self.columns[meter].astype(np.int64) for meter in PROMPT_METERS), np.zeros(len(self), np.int64))


def columns_of(rows: Sequence[tuple[int, ...]] | NDArray[np.int64]) -> dict[str, IntColumn]:
    """Return the columns of rows given in SCHEMA's order; raises InputError where a value does not fit."""
    block = np.array(rows, dtype=np.int64).reshape(len(rows), len(SCHEMA.columns))
    return {column.name: _fitted(block[:, i], column) for i, column in enumerate(SCHEMA)}


def _fitted(values: NDArray[np.int64], column: Column) -> IntColumn:
    narrow = values.astype(column.dtype)
    if not np.array_equal(narrow, values):
        what = f"a value of {int(np.abs(values).max()):,} does not fit {column.dtype}"
        remedy = "make contexts or the number of calls smaller"
        raise InputError(Problem(f"ledger column {column.name}", what, remedy))
    return narrow


def merged(ledgers: Iterable[Ledger]) -> Ledger:
    """Return one ledger of several of the same workload and deployment, in order of replication."""
    parts = sorted(ledgers, key=lambda part: part.outcomes[0].replication)
    columns = {name: np.concatenate([part[name] for part in parts]) for name in SCHEMA.names}
    outcomes = tuple(outcome for part in parts for outcome in part.outcomes)
    return Ledger(columns, parts[0].names, outcomes, parts[0].horizon_us, parts[0].start_utc_us, parts[0].notes)
