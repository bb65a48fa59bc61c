"""What the kernel reads and what it writes: tables of arrays of integers, and two kinds of records."""

from __future__ import annotations

import numpy as np

from burncurve.billing.causes import METERS, PARTS
from burncurve.engines.compiled.layout import Shape
from burncurve.ledger import SCHEMA

COUNTED = (
    "calls", "attempts", "errors", "refused", "overflows", "stopped", "compactions", "fresh", "peak_context", "answers",
    "answer_us", "failovers", "failover_tokens",
)  # fmt: skip
(CALLS, ATTEMPTS, ERRORS, REFUSED, OVERFLOWS, STOPPED, COMPACTIONS, FRESH, PEAK, ANSWERS, ANSWER_US, FAILOVERS,
 FAILOVER_TOKENS) = range(len(COUNTED))  # fmt: skip
(INPUT, WRITE_5M, WRITE_1H, READ, OUTPUT, REASONING, SEARCHES) = range(len(METERS))
(READ_BASE, READ_HISTORY, MISS, BRIEF, NEW, PART_OUTPUT, PART_REASONING, PART_SEARCHES) = range(len(PARTS))
DEPTHS = 128  # that a column of the ledger can hold

SURVEYS, REDUCES = range(2)  # what the kernel is asked to do
DONE, BEYOND = range(2)  # BEYOND: NumPy is to do it, or to say what is wrong

READ_COLUMNS = (
    "session", "task", "parent", "depth", "agent", "task_attempt", "attempt", "kind", "offer", "account", "region",
    "service_tier", "status", "request_us", "grant_us", "end_us", "input", "cache_read", "cache_write_5m",
    "cache_write_1h", "output", "reasoning", "web_searches", "context_after", "from_base", "fresh", "fresh_agents",
)  # fmt: skip


def _record(names: str) -> np.dtype[np.void]:
    return np.dtype([(name, "i8") for name in names.split()])


TERMS = _record("tiers regions start_utc_us agents places bin_us hour_us fails_over stretches bands segments excess")
TASK = _record(
    "calls tokens depth parent below below_tokens first_us last_us try_number try_calls try_prompt try_first try_last"
)
SESSION = _record("replication offer prompt")
STATE = _record(
    "asked wrong latest_us latest_end_us granted_us last_task last_session attempts"
    " bin bin_from bin_to hour hour_from hour_to tasks most_calls most_below served"
)

_INTEGERS = np.dtype(np.int64)
_TYPES = {column.name: np.dtype(column.dtype) for column in SCHEMA}
GIVEN = {name: Shape(_TYPES[name]) for name in READ_COLUMNS} | {
    "ends": Shape(_INTEGERS),  # of the rows of each replication, from 0 on
    "terms": Shape(TERMS),
    "sold": Shape(_INTEGERS),  # number of what is sold, by offer, tier and region
    "edges_us": Shape(_INTEGERS),
    "by_prompt": Shape(_INTEGERS),  # bounds of bands
    "by_uncached": Shape(_INTEGERS),
    "by_context": Shape(_INTEGERS),
    "places": Shape(_INTEGERS),  # by sold, stretch, the bands, segment 0
    "cut": Shape(_INTEGERS),
    "rates": Shape(_INTEGERS, 2),  # pico-dollars by place and meter
    "purposes": Shape(_INTEGERS),  # by status and kind
}
SUMS = {
    "state": Shape(STATE),
    "there": Shape(_INTEGERS),  # which offers at which tiers in which regions have calls
    "counted": Shape(_INTEGERS, 2),  # [replication, COUNTED]
    "cells": Shape(_INTEGERS, 2),  # tokens by account, agent, place, meter of what is uncached, purpose; and PARTS
    "uses": Shape(_INTEGERS, 2),  # tokens by replication, place; and METERS
    "tokens": Shape(_INTEGERS, 2),  # [bin, meter], meters of curves
    "pico": Shape(_INTEGERS, 2),  # [replication, bin]
    "hours": Shape(_INTEGERS),
    "answered": Shape(_INTEGERS),  # calls, by offer
    "by_calls": Shape(_INTEGERS, 2),
    "by_depth": Shape(_INTEGERS, 2),
    "by_children": Shape(_INTEGERS, 2),
    "tasks": Shape(TASK),
    "sessions": Shape(SESSION),
}
