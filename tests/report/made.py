"""Ledgers made by hand: a few rows whose sums can be done in the head."""

from __future__ import annotations

from burncurve.ledger import SCHEMA, Ledger, Outcome, columns_of

HOUR_US = 3_600_000_000


def row(**cells: int) -> tuple[int, ...]:
    """One attempt; cells that are not given are 0, a turn of session 0."""
    return tuple(cells.get(name, 0) for name in SCHEMA.names)


def ledger(*rows: tuple[int, ...], horizon_us: int = HOUR_US, replications: tuple[int, ...] = (0,)) -> Ledger:
    outcomes = tuple(Outcome(number, 4, 3, -1, 1, 0, 0, 4, horizon_us) for number in replications)
    return Ledger(columns_of(rows), {"agents": ("lead", "worker")}, outcomes, horizon_us, 0)


def two_calls(replication: int = 0, more: int = 0) -> Ledger:
    """A call that ends after a quarter of an hour and one after three quarters."""
    first = row(replication=replication, end_us=HOUR_US // 4, input=1_000 + more, output=50, context_after=1_050)
    second = row(
        replication=replication, end_us=3 * HOUR_US // 4, cache_read=1_000, cache_write_5m=200, output=70, reasoning=30,
        context_after=1_300,
    )  # fmt: skip
    return ledger(first, second, replications=(replication,))
