"""What the ledgers worked by hand in docs/hand-ledgers.md share: the round offer, and the look into ledger and bill."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from burncurve.billing import Bill
from burncurve.deployment import CacheKind, CacheRule, Offer
from burncurve.ledger import Ledger
from burncurve.workload import Workload

from .build import replace

PAGE = Path(__file__).parents[2] / "docs" / "hand-ledgers.md"
NAMES = {"agent": "agents", "kind": "kinds", "status": "statuses"}
TIMES = ("request_us", "grant_us", "first_token_us", "end_us")
PICO_PER_CENT = 10**10
NEVER = -1  # the time of what did not happen


def round_offer(name: str) -> Offer:
    """1 s to start, 0.1 and 0.01 ms per uncached and cached prompt token, 10 ms per output token."""
    return Offer(
        name,
        window_tokens=200_000,
        cache=CacheRule(CacheKind.EXPLICIT, minimum_tokens=1_000),
        first_token_ns=1_000_000_000,
        prefill_ns_per_token=100_000,
        cached_prefill_ns_per_token=10_000,
        decode_ns_per_token=10_000_000,
    )


def dated(work: Workload) -> Workload:
    """Return the workload on a day for which the list has prices."""
    return replace(work, start_utc_us=round(datetime(2026, 11, 2, 9, tzinfo=UTC).timestamp()) * 1_000_000)


def seconds(*times: str) -> list[int]:
    """Return times written in seconds in microseconds; a dash is what never happened."""
    return [NEVER if time == "-" else int(Decimal(time) * 1_000_000) for time in times]


def column(ledger: Ledger, name: str) -> list[Any]:
    values = ledger[name].tolist()
    return [ledger.names[NAMES[name]][value] for value in values] if name in NAMES else values


def differences(ledger: Ledger, expected: Mapping[str, Sequence[Any]]) -> dict[str, tuple[list[Any], list[Any]]]:
    """Return the columns that are not as expected, as (simulated, by hand); `prompt` and `reread` are columns here."""
    derived = {"prompt": ledger.prompt, "reread": ledger.prompt - ledger["fresh"]}
    pairs = {
        name: (derived[name].tolist() if name in derived else column(ledger, name), list(by_hand))
        for name, by_hand in expected.items()
    }
    return {name: (simulated, by_hand) for name, (simulated, by_hand) in pairs.items() if simulated != by_hand}


def numbers(amounts: Iterable[str]) -> list[Decimal]:
    return [Decimal(amount) for amount in amounts]


def cents_by(found: Bill, key: str) -> dict[str, Decimal]:
    """Return the exact cents of a bill by a property of its lines, those that are not 0."""
    sums: dict[str, Decimal] = {}
    for line in found.lines:
        name = str(getattr(line, key))
        sums[name] = sums.get(name, Decimal(0)) + Decimal(line.amount_pico) / PICO_PER_CENT
    return {name: amount for name, amount in sums.items() if amount}


def not_on_the_page(figures: Iterable[Decimal | int]) -> list[str]:
    """Return those figures that docs/hand-ledgers.md does not show."""
    shown = set(re.findall(r"\d+(?:\.\d+)?", PAGE.read_text(encoding="utf-8").replace(",", "")))
    return [text for text in (f"{Decimal(figure).normalize():f}" for figure in figures) if text not in shown]
