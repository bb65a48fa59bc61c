"""What ledgers come to without money: integers by replication, and the figures told of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from burncurve.ledger import Kind, Ledger, Outcome, Status
from burncurve.studies import served
from burncurve.words import US_PER_DAY, US_PER_HOUR, US_PER_S

TOKEN_METERS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")
OUTCOMES = ("requests", "finished", "succeeded", "unfinished", "failed", "skipped", "tasks", "makespan_us")
COUNTS = ("calls", "attempts", "errors", "refused", "overflows", "stopped", "compactions")
SUMS = (*TOKEN_METERS, "web_searches", "fresh")
COLUMNS = (*COUNTS, *SUMS, "prompt", "peak_context", *OUTCOMES, *served.NAMES)
UNSENT = (Status.STOPPED, Status.OVERFLOW)
DAYS_PER_MONTH = 365.25 / 12

Ints = NDArray[np.int64]
Columns = Mapping[str, Ints]
Figure = float | int | None
Figures = dict[str, "Figure | Figures"]


def columns_of(ledger: Ledger) -> dict[str, Ints]:
    """Return COLUMNS, each with one integer per outcome of the ledger, in the order of its outcomes."""
    ends = _ends(ledger)
    columns = {name: _sums(mask, ends) for name, mask in _masks(ledger).items()}
    columns |= {name: _sums(ledger[name], ends) for name in SUMS}
    columns["prompt"] = _sums(ledger.prompt, ends)
    # the largest context after a call: what the column of the ledger and the picture of the sessions show
    context = ledger["context_after"]
    peaks = [int(context[start:end].max(initial=0)) for start, end in pairwise(ends.tolist())]
    columns["peak_context"] = np.array(peaks, dtype=np.int64)
    return columns | outcomes_of(ledger) | served.columns_of(ledger)


def outcomes_of(ledger: Ledger) -> dict[str, Ints]:
    """Return OUTCOMES, each with one integer per outcome of the ledger."""
    return {name: np.array([getattr(each, name) for each in ledger.outcomes], dtype=np.int64) for name in OUTCOMES}


def _masks(ledger: Ledger) -> dict[str, NDArray[np.bool_]]:
    """Which rows count as what; further attempts are no further calls."""
    status = ledger["status"]
    sent = ~np.isin(status, UNSENT)
    return {
        "calls": sent & (ledger["attempt"] == 0),
        "attempts": sent,
        "errors": status == Status.ERROR,
        "refused": status == Status.REFUSED,
        "overflows": status == Status.OVERFLOW,
        "stopped": status == Status.STOPPED,
        "compactions": (ledger["kind"] == Kind.COMPACTION) & (status == Status.OK),
    }


def _ends(ledger: Ledger) -> Ints:
    """Return where the rows of each outcome end, beginning with 0; rows sort by replication."""
    numbers = np.array([outcome.replication for outcome in ledger.outcomes], dtype=np.int64)
    return np.concatenate(([0], np.searchsorted(ledger["replication"], numbers, side="right")))


def _sums(values: NDArray[np.bool_] | NDArray[np.signedinteger], ends: Ints) -> Ints:
    running = np.concatenate(([0], np.cumsum(values, dtype=np.int64)))
    return np.diff(running[ends])


def totals_of(columns: Columns) -> dict[str, int]:
    """Return the sums over the replications as Python integers; -1 for what one of them does not know."""
    sums = {name: int(values.sum()) for name, values in columns.items()}
    if (columns["succeeded"] < 0).any():
        sums["succeeded"] = -1
    return sums


def finished_share(columns: Columns) -> float | None:
    """Return the share of root tasks that ran to their end among all that arrived, skipped ones too; None without any.

    Whoever is slower skips more beats: less work for less money.
    """
    finished, requests, skipped = (int(columns[name].sum()) for name in ("finished", "requests", "skipped"))
    return finished / (requests + skipped) if requests + skipped else None


def told(
    sums: Mapping[str, int], n: int, horizon_us: int, days_per_month: float = DAYS_PER_MONTH, days_us: int = 0
) -> Figures:
    """Return the figures of one deployment that need no price: means over n replications.

    `days_us` is the time that counts as the days of the run (months.days_us), without it the horizon.
    """
    days_us = days_us or horizon_us
    tokens = sum(sums[meter] for meter in TOKEN_METERS)
    return {
        **{name: ratio(sums[name], n) for name in COUNTS if name != "compactions"},
        "tokens": {meter: ratio(sums[meter], n) for meter in TOKEN_METERS},
        "prompt_tokens": ratio(sums["prompt"], n),
        "fresh_tokens": ratio(sums["fresh"], n),
        "reread_factor": ratio(sums["prompt"], sums["fresh"]),
        "peak_context_tokens": ratio(sums["peak_context"], n),
        "compactions": ratio(sums["compactions"], n),
        **{name: ratio(sums[name], n) for name in ("requests", "finished", "unfinished", "failed", "skipped", "tasks")},
        "succeeded": ratio(sums["succeeded"], n) if sums["succeeded"] >= 0 else None,
        "makespan_s": ratio(sums["makespan_us"], n * US_PER_S),
        "answer_s": ratio(sums["answer_us"], sums["answers"] * US_PER_S),
        "failovers": ratio(sums["failovers"], n),
        "failover_tokens": ratio(sums["failover_tokens"], n),
        "per_request_tokens": ratio(tokens, sums["requests"]),
        "per_finished_task_tokens": ratio(tokens, sums["finished"]),
        "per_hour_tokens": ratio(tokens * US_PER_HOUR, n * horizon_us),
        "per_day_tokens": ratio(tokens * US_PER_DAY, n * days_us),
        "per_month_tokens": times(ratio(tokens * US_PER_DAY, n * days_us), days_per_month),
    }


def of_ledger(ledger: Ledger) -> Figures:
    """Return the figures of one ledger that need no price."""
    return told(totals_of(columns_of(ledger)), len(ledger.outcomes), ledger.horizon_us)


def ratio(numerator: int, denominator: int) -> Figure:
    """Return the quotient, a whole number where it is one, None where there is nothing to divide by."""
    if denominator == 0:
        return None
    whole, rest = divmod(numerator, denominator)
    return whole if rest == 0 else numerator / denominator


def times(figure: Figure, factor: float) -> Figure:
    """Return a figure times a factor; None stays None."""
    return None if figure is None else figure * factor


def counted(outcomes: Sequence[Outcome], name: str) -> int:
    """Return the sum of one count over the replications."""
    return sum(getattr(outcome, name) for outcome in outcomes)
