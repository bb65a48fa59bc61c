"""What a ledger comes to without money: calls, tokens, contexts and outcomes, as means per replication."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from burncurve.ledger import Kind, Ledger, Outcome, Status
from burncurve.words import US_PER_S

TOKEN_METERS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")
UNSENT = (Status.STOPPED, Status.OVERFLOW)
Figure = float | int | None


def of_ledger(ledger: Ledger) -> dict[str, Any]:
    """Return the figures of one deployment that need no price."""
    n = len(ledger.outcomes)
    tokens = token_sums(ledger)
    prompt, fresh = int(ledger.prompt.sum()), total(ledger, "fresh")
    status = ledger["status"]
    return {
        "calls": ratio(calls(ledger), n),
        "attempts": ratio(int((~np.isin(status, UNSENT)).sum()), n),
        "errors": ratio(int((status == Status.ERROR).sum()), n),
        "refused": ratio(int((status == Status.REFUSED).sum()), n),
        "overflows": ratio(int((status == Status.OVERFLOW).sum()), n),
        "stopped": ratio(int((status == Status.STOPPED).sum()), n),
        "tokens": {meter: ratio(amount, n) for meter, amount in tokens.items()},
        "prompt_tokens": ratio(prompt, n),
        "fresh_tokens": ratio(fresh, n),
        "reread_factor": ratio(prompt, fresh),
        "peak_context_tokens": ratio(sum(_peaks(ledger)), n),
        "compactions": ratio(int(((ledger["kind"] == Kind.COMPACTION) & (status == Status.OK)).sum()), n),
        **_outcomes(ledger.outcomes),
        **_token_rates(ledger, sum(tokens.values())),
    }


def ratio(numerator: int, denominator: int) -> Figure:
    """Return the quotient, a whole number where it is one, None where there is nothing to divide by."""
    if denominator == 0:
        return None
    whole, rest = divmod(numerator, denominator)
    return whole if rest == 0 else numerator / denominator


def calls(ledger: Ledger) -> int:
    """Return the calls that were sent at least once; further attempts are no further calls."""
    return int(((ledger["attempt"] == 0) & ~np.isin(ledger["status"], UNSENT)).sum())


def total(ledger: Ledger, column: str) -> int:
    """Return the sum of a column."""
    return int(ledger[column].sum(dtype=np.int64))


def token_sums(ledger: Ledger) -> dict[str, int]:
    """Return the tokens of each meter over all replications."""
    return {meter: total(ledger, meter) for meter in TOKEN_METERS}


def counted(outcomes: Sequence[Outcome], name: str) -> int:
    """Return the sum of one count over the replications."""
    return sum(getattr(outcome, name) for outcome in outcomes)


def _peaks(ledger: Ledger) -> list[int]:
    """The largest context of each replication: what a call sent, or what it left behind."""
    context = np.maximum(ledger["context_after"].astype(np.int64), ledger.prompt)
    return [int(context[ledger["replication"] == outcome.replication].max(initial=0)) for outcome in ledger.outcomes]


def _outcomes(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    n = len(outcomes)
    named = ("requests", "finished", "unfinished", "failed", "skipped", "tasks")
    figures = {name: ratio(counted(outcomes, name), n) for name in named}
    known = all(outcome.succeeded >= 0 for outcome in outcomes)
    figures["succeeded"] = ratio(counted(outcomes, "succeeded"), n) if known else None
    figures["makespan_s"] = ratio(counted(outcomes, "makespan_us"), n * US_PER_S)
    return figures


def _token_rates(ledger: Ledger, tokens: int) -> dict[str, Figure]:
    n, outcomes = len(ledger.outcomes), ledger.outcomes
    return {
        "per_request_tokens": ratio(tokens, counted(outcomes, "requests")),
        "per_finished_task_tokens": ratio(tokens, counted(outcomes, "finished")),
        "per_hour_tokens": ratio(tokens * 3600 * US_PER_S, n * ledger.horizon_us),
        "per_day_tokens": ratio(tokens * 86400 * US_PER_S, n * day_span_us(ledger.horizon_us)),
    }


def day_span_us(horizon_us: int) -> int:
    """Return the time that counts as the run's days: the horizon, and never less than one day.

    A scenario of eight hours is the day it plays (a market's session, a working day), not a third of one.
    """
    return max(horizon_us, 86400 * US_PER_S)
