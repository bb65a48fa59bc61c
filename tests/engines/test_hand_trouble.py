"""A full limit and a full context: the second ledger of docs/hand-ledgers.md, row by row and cent by cent."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from burncurve.billing import amounts_usd, bill
from burncurve.deployment import Account, Deployment, Retry
from burncurve.ledger import Ledger
from burncurve.prices import load
from burncurve.prices.book import Book
from burncurve.workload import Compaction, Workload, fixed

from . import hand
from .build import S, agent, at, deployment, played, replace, tools, workload

# Everything below is typed in from the page, the attempts in its order:
# C1, C2, R, C3, C3 again, F, K, K again, C4, C4 again.
ROWS: dict[str, list[Any]] = {
    "task": [0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
    "session": [0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
    "agent": ["clerk", "clerk", "reporter", *["clerk"] * 7],
    "kind": ["turn", "turn", "turn", "turn", "turn", "flush", "compaction", "compaction", "turn", "turn"],
    "attempt": [0, 0, 0, 0, 1, 0, 0, 1, 0, 1],
    "task_attempt": [0] * 10,
    "status": ["ok", "ok", "ok", "refused", "ok", "ok", "refused", "ok", "refused", "ok"],
    "from_base": [8_000, 8_000, 20_000, 0, 8_000, 8_000, 0, 8_000, 0, 8_000],
    "from_user": [1_000, 1_000, 2_000, 0, 1_000, 1_000, 0, 1_000, 0, 0],
    "from_output": [0, 400, 0, 0, 800, 1_200, 0, 1_600, 0, 400],
    "from_reasoning": [0] * 10,
    "from_tools": [0, 12_000, 0, 0, 24_000, 36_000, 0, 36_000, 0, 7_600],
    "from_agents": [0] * 10,
    "from_summary": [0] * 9 + [1_500],
    "fresh": [9_000, 12_400, 22_000, 0, 12_400, 12_400, 0, 400, 0, 4_500],
    "fresh_agents": [0] * 10,
    "input": [0, 0, 0, 0, 0, 0, 0, 46_600, 0, 0],
    "cache_read": [0, 9_000, 0, 0, 21_400, 33_800, 0, 0, 0, 8_000],
    "cache_write_5m": [9_000, 12_400, 22_000, 0, 12_400, 12_400, 0, 0, 0, 9_500],
    "cache_write_1h": [0] * 10,
    "output": [400, 400, 100, 0, 400, 400, 0, 1_500, 0, 400],
    "reasoning": [0] * 10,
    "context_after": [9_400, 21_800, 22_100, 33_800, 34_200, 46_600, 46_600, 17_500, 17_500, 17_900],
    "prompt": [9_000, 21_400, 22_000, 0, 33_800, 46_200, 0, 46_600, 0, 17_500],
    "reread": [0, 9_000, 0, 0, 21_400, 33_800, 0, 46_200, 0, 13_000],
}
TIMES: dict[str, list[Any]] = {
    "request_us": hand.seconds(
        "0", "29.9", "50", "60.23", "64.23", "94.684", "101.262", "149.262", "169.922", "201.922"
    ),
    "grant_us": hand.seconds("0", "29.9", "50", "-", "64.23", "94.684", "-", "149.262", "-", "201.922"),
    "first_token_us": hand.seconds("1.9", "32.23", "53.2", "-", "66.684", "97.262", "-", "154.922", "-", "203.952"),
    "end_us": hand.seconds(
        "5.9", "36.23", "54.2", "60.23", "70.684", "101.262", "101.262", "169.922", "169.922", "207.952"
    ),
}
CENTS = Decimal("67.578")
CENTS_BY_CALL = ["5.3", "7.36", "11.2", "0", "7.856", "8.352", "0", "21.64", "0", "5.87"]
CENTS_BY = {
    "cause": {
        "compaction": Decimal("29.992"),
        "output": Decimal("3.4"),
        "base_reread": Decimal("0.96"),
        "history_reread": Decimal("0.576"),
        "miss": Decimal("2.5"),
        "cache_write": Decimal("30.15"),
    },
    "meter": {
        "input": Decimal("18.64"),
        "cache_write_5m": Decimal("38.85"),
        "cache_read": Decimal("2.888"),
        "output": Decimal("7.2"),
    },
}
BOOK = """
name: round
checked: 2026-11-01
offers:
  maker/round:
    - valid_from: 2026-01-01
      per_mtok: {input: 4, cache_read: 0.4, cache_write_5m: 5, output: 20}
      source: docs/hand-ledgers.md
"""
REFUSED = [3, 6, 8]


def clerk_and_reporter() -> Workload:
    compaction = Compaction(
        at_tokens=47_000, keep_tokens=5_000, summary=fixed(1_500), restore=fixed(3_000), reuse_prefix=False, flush=True
    )
    clerk = agent(
        "clerk", base=8_000, message=1_000, turns=4, output=400, tools=tools(12_000, 24 * S),
        window_tokens=200_000, reserve_tokens=1_000, compaction=compaction,
    )  # fmt: skip
    reporter = agent("reporter", base=20_000, message=2_000, turns=1, output=100)
    return hand.dated(workload((clerk, reporter), (at([0], 0, "clerk"), at([50 * S], 1, "reporter"))))


def served(**terms: Any) -> Deployment:
    limits = Account("main", input_tokens_per_minute=30_000, counts_cache_reads=False, refuses=True)
    return deployment(
        hand.round_offer("maker/round"), replace(limits, **terms), retry=Retry(first_us=64 * S, cap_us=64 * S)
    )


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return played(clerk_and_reporter(), served())


@pytest.fixture
def book(tmp_path: Path) -> Book:
    path = tmp_path / "round.yaml"
    path.write_text(BOOK, encoding="utf-8")
    return load(str(path))


def test_the_ledger_is_the_one_worked_by_hand(ledger: Ledger) -> None:
    assert hand.differences(ledger, {**ROWS, **TIMES}) == {}


def test_the_bill_is_the_one_worked_by_hand(ledger: Ledger, book: Book) -> None:
    found = bill(ledger, book, deployment="made")
    assert found.total_pico == CENTS * hand.PICO_PER_CENT
    assert sum(hand.numbers(CENTS_BY_CALL)) == CENTS
    assert {key: hand.cents_by(found, key) for key in CENTS_BY} == CENTS_BY
    by_call = [float(cents) / 100 for cents in hand.numbers(CENTS_BY_CALL)]
    assert amounts_usd(ledger, book).tolist() == pytest.approx(by_call, rel=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_a_client_that_is_told_nothing_makes_the_same_calls_later(seed: int, book: Book) -> None:
    told_nothing = played(replace(clerk_and_reporter(), seed=seed), served(says_retry_after=False))
    assert hand.differences(told_nothing, ROWS) == {}
    assert hand.cents_by(bill(told_nothing, book, deployment="made"), "cause") == CENTS_BY["cause"]
    asked = told_nothing["request_us"]
    waits = [int(asked[row + 1] - asked[row]) for row in REFUSED]
    assert all(48 * S <= wait <= 64 * S for wait in waits)
    assert len(set(waits)) == len(waits)  # each is drawn
    assert asked.tolist() == _later(waits)


def _later(waits: list[int]) -> list[int]:
    """The times of asking when each wait after a refusal is another: everything of the clerk behind it moves."""
    shift = np.zeros(len(ROWS["task"]), dtype=np.int64)
    for row, wait in zip(REFUSED, waits, strict=True):
        shift[row + 1 :] += wait - (TIMES["request_us"][row + 1] - TIMES["request_us"][row])
    return (np.array(TIMES["request_us"]) + shift).tolist()


def test_the_page_shows_the_figures_tested_here() -> None:
    tokens = [value for values in ROWS.values() for value in values if isinstance(value, int) and value >= 0]
    times = [Decimal(us) / 1_000_000 for times in TIMES.values() for us in times if us != hand.NEVER]
    cents = [CENTS, *hand.numbers(CENTS_BY_CALL), *(one for by in CENTS_BY.values() for one in by.values())]
    assert hand.not_on_the_page([*tokens, *times, *cents]) == []
