"""What a ledger says of how long answers took, and of what changing offers cost in cache."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from burncurve.ledger import Kind, Ledger, Status

Ints = NDArray[np.int64]


def columns_of(ledger: Ledger) -> dict[str, Ints]:
    """Return per outcome of the ledger `answers`, `answer_us`, `failovers` and `failover_tokens`.

    Answers are root tasks that had a call served; `answer_us` adds up the times from their first call's
    request to their last call's end. A failover is a call served by another offer than the call
    before it in its session; `failover_tokens` are the prompt tokens of that call which it did not
    read from a cache though the call before had sent them. Side calls count in neither.
    """
    return dict(zip(NAMES, (*_answers(ledger), *_failovers(ledger)), strict=True))


NAMES = ("answers", "answer_us", "failovers", "failover_tokens")


def _answers(ledger: Ledger) -> tuple[Ints, Ints]:
    rows = np.flatnonzero((ledger["depth"] == 0) & (ledger["end_us"] >= 0))
    number, count = _places(ledger, rows), len(ledger.outcomes)
    key = number * (int(ledger["task"][rows].max(initial=0)) + 1) + ledger["task"][rows]
    tasks, place = np.unique(key, return_inverse=True)
    of, first, last = (np.zeros(len(tasks), dtype=np.int64) for _ in range(3))
    of[place] = number
    first[place[::-1]] = ledger["request_us"][rows][::-1]  # of one task the first row is written last
    last[place] = ledger["end_us"][rows]
    spent_us = np.zeros(count, dtype=np.int64)
    np.add.at(spent_us, of, last - first)
    return np.bincount(of, minlength=count), spent_us


def _failovers(ledger: Ledger) -> tuple[Ints, Ints]:
    count = len(ledger.outcomes)
    found, tokens = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    if not ledger["attempt"].any():  # an offer is left only after its retries
        return found, tokens
    rows = np.flatnonzero((ledger["status"] == Status.OK) & (ledger["kind"] != Kind.SIDE))
    number = _places(ledger, rows)
    key = number * (int(ledger["session"][rows].max(initial=0)) + 1) + ledger["session"][rows]
    order = np.argsort(key, kind="stable")
    rows, key, number = rows[order], key[order], number[order]
    offer, prompt, read = ledger["offer"][rows], ledger.prompt[rows], ledger["cache_read"][rows]
    changed = np.flatnonzero((key[1:] == key[:-1]) & (offer[1:] != offer[:-1])) + 1
    again = np.maximum(0, np.minimum(prompt[changed - 1], prompt[changed]) - read[changed])
    np.add.at(found, number[changed], 1)
    np.add.at(tokens, number[changed], again)
    return found, tokens


def _places(ledger: Ledger, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return for each row the place of its replication among the outcomes."""
    return np.searchsorted([outcome.replication for outcome in ledger.outcomes], ledger["replication"][rows])
