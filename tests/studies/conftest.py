"""Ledgers written by hand, small enough to add up in one's head."""

from collections.abc import Callable

import pytest

from burncurve.ledger import KIND_NAMES, SCHEMA, STATUS_NAMES, Ledger, Outcome, columns_of

HOUR_US = 3_600_000_000
NAMES = {
    "agents": ("lead", "worker"),
    "kinds": KIND_NAMES,
    "statuses": STATUS_NAMES,
    "offers": ("maker/large", "maker/small"),
    "accounts": ("maker",),
    "regions": ("",),
    "service_tiers": ("standard",),
    "plans": (),
}
SERVED = {"parent": -1, "plan": -1, "turn": 1, "grant_us": 0, "first_token_us": 0, "end_us": 0}


def row(**values: int) -> tuple[int, ...]:
    """One attempt: what is not given is 0, or null where a served call has none."""
    return tuple({**SERVED, **values}.get(name, 0) for name in SCHEMA.names)


def ledger_of(*rows: tuple[int, ...], outcomes: tuple[Outcome, ...] | None = None) -> Ledger:
    outcomes = outcomes or (Outcome(0, 2, 2, -1, 0, 0, 0, 3, HOUR_US),)
    return Ledger(columns_of(rows), NAMES, outcomes, horizon_us=8 * HOUR_US, start_utc_us=0)


@pytest.fixture
def two_calls() -> Ledger:
    """A cold call of 1,000 tokens and a warm one that reads them again and adds 500."""
    return ledger_of(
        row(input=1000, output=100, fresh=1000, from_base=1000, context_after=1100, end_us=HOUR_US // 2),
        row(
            task=1, turn=2, input=500, cache_read=1000, output=50, reasoning=10, fresh=500, from_base=1000,
            from_tools=500, context_after=1560, request_us=HOUR_US, grant_us=HOUR_US, first_token_us=HOUR_US,
            end_us=HOUR_US * 3 // 2, parent=0, agent=1, offer=1,
        ),
    )  # fmt: skip


@pytest.fixture
def make_ledger() -> Callable[..., Ledger]:
    return ledger_of


@pytest.fixture
def make_row() -> Callable[..., tuple[int, ...]]:
    return row
