"""Hand-made ledgers: rows as keyword arguments, everything not named is 0."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from burncurve.ledger import KIND_NAMES, SCHEMA, STATUS_NAMES, Ledger, columns_of

START = datetime(2026, 2, 23, 14, 30, tzinfo=UTC)
NAMES = {
    "agents": ("lead", "worker"),
    "accounts": ("main", "second"),
    "kinds": KIND_NAMES,
    "statuses": STATUS_NAMES,
    "regions": ("",),
    "service_tiers": ("standard", "batch"),
    "plans": (),
}

Make = Callable[..., Ledger]


@pytest.fixture
def make() -> Make:
    """Return the function that makes a ledger of rows, given as mappings of column to value."""

    def _make(
        rows: list[dict[str, Any]], offers: tuple[str, ...] = ("maker/model",), start: datetime = START
    ) -> Ledger:
        numbers = [tuple(int(row.get(name, 0)) for name in SCHEMA.names) for row in rows]
        start_us = round(start.timestamp()) * 1_000_000
        return Ledger(columns_of(numbers), {**NAMES, "offers": offers}, (), 0, start_us)

    return _make
