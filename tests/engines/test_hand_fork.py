"""A fork and a dead cache: the first ledger of docs/hand-ledgers.md, row by row and cent by cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from burncurve.billing import amounts_usd, bill
from burncurve.deployment import Deployment
from burncurve.ledger import Ledger
from burncurve.prices import load
from burncurve.workload import SURE, Join, Spawn, Workload, fixed

from . import hand
from .build import S, agent, at, deployment, played, tools, workload

# Everything below is typed in from the page, the calls in its order L1, S1, S2, A, L2, then those with a dash.
ROWS: dict[str, list[Any]] = {
    "task": [0, 1, 1, 0, 0, 2, 3, 3, 2, 2],
    "parent": [-1, 0, 0, -1, -1, -1, 2, 2, -1, -1],
    "depth": [0, 1, 1, 0, 0, 0, 1, 1, 0, 0],
    "session": [0, 1, 1, 0, 0, 0, 2, 2, 0, 0],
    "agent": ["lead", "scout", "scout", "lead", "lead"] * 2,
    "kind": ["turn", "turn", "turn", "announce", "turn"] * 2,
    "turn": [1, 1, 2, 1, 2] * 2,
    "attempt": [0] * 10,
    "task_attempt": [0] * 10,
    "status": ["ok"] * 10,
    "from_base": [10_000] * 10,
    "from_user": [1_000] * 5 + [2_000] * 5,
    "from_output": [0, 500, 800, 500, 1_000, 1_500, 2_000, 2_300, 2_000, 2_500],
    "from_reasoning": [0] * 10,
    "from_tools": [0, 0, 600, 2_000, 2_000, 2_000, 2_000, 2_600, 4_000, 4_000],
    "from_agents": [0, 400, 400, 800, 800, 800, 1_200, 1_200, 1_600, 1_600],
    "from_summary": [0] * 10,
    "fresh": [11_000, 400, 900, 2_800, 500, 1_500, 400, 900, 2_800, 500],
    "fresh_agents": [0, 400, 0, 800, 0, 0, 400, 0, 800, 0],
    "input": [0] * 10,
    "cache_read": [0, 11_000, 11_900, 11_500, 14_300, 0, 16_300, 17_200, 16_800, 19_600],
    "cache_write_5m": [11_000, 900, 900, 2_800, 500, 16_300, 900, 900, 2_800, 500],
    "cache_write_1h": [0] * 10,
    "output": [500, 300, 300, 500, 500] * 2,
    "reasoning": [0] * 10,
    "context_after": [11_500, 12_200, 13_100, 14_800, 15_300, 16_800, 17_500, 18_400, 20_100, 20_600],
    "prompt": [11_000, 11_900, 12_800, 14_300, 14_800, 16_300, 17_200, 18_100, 19_600, 20_100],
    "reread": [0, 11_500, 11_900, 11_500, 14_300, 14_800, 16_800, 17_200, 16_800, 19_600],
}
ASKED_US = hand.seconds("0", "7.1", "13.3", "17.509", "23.904", "600", "607.63", "613.883", "618.145", "624.593")
TIMES: dict[str, list[Any]] = {
    "request_us": ASKED_US,
    "grant_us": ASKED_US,
    "first_token_us": hand.seconds(
        "2.1", "8.3", "14.509", "18.904", "25.097", "602.63", "608.883", "615.145", "619.593", "625.839"
    ),
    "end_us": hand.seconds(
        "7.1", "11.3", "17.509", "23.904", "30.097", "607.63", "611.883", "618.145", "624.593", "630.839"
    ),
}
CENTS = Decimal("39.8675")
CENTS_BY_CALL = [
    "8.125", "1.8625", "1.9075", "3.575", "2.2775", "11.4375", "2.1275", "2.1725", "3.84", "2.5425"
]  # fmt: skip
CENTS_BY = {
    "cause": {
        "coordination": Decimal("7.915"),
        "output": Decimal("8"),
        "base_reread": Decimal("3"),
        "history_reread": Decimal("1.515"),
        "miss": Decimal("9.875"),
        "cache_write": Decimal("9.5625"),
    },
    "meter": {"cache_write_5m": Decimal("23.4375"), "cache_read": Decimal("5.93"), "output": Decimal("10.5")},
}


def lead_and_scout() -> Workload:
    fork = Spawn(1, 7, SURE, fixed(1), fixed(400), Join.WAIT, on_turns=(1,), fork=True)
    lead = agent("lead", base=10_000, message=1_000, turns=2, output=500, tools=tools(2_000, 10 * S), spawns=(fork,))
    # The base of its own is one that a fork never has at its head.
    scout = agent("scout", base=3_333, turns=2, output=300, result=800, tools=tools(600, 2 * S))
    return hand.dated(workload((lead, scout), at([0, 600 * S], session="main")))


def served() -> Deployment:
    return deployment(hand.round_offer("anthropic/claude-opus-4.6"))


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return played(lead_and_scout(), served())


def test_the_ledger_is_the_one_worked_by_hand(ledger: Ledger) -> None:
    assert hand.differences(ledger, {**ROWS, **TIMES}) == {}


def test_the_outcome_is_the_one_worked_by_hand(ledger: Ledger) -> None:
    (outcome,) = ledger.outcomes
    assert (outcome.requests, outcome.finished, outcome.tasks) == (2, 2, 4)
    assert outcome.makespan_us == 630_839_000


def test_the_bill_is_the_one_worked_by_hand(ledger: Ledger) -> None:
    book = load("list")
    found = bill(ledger, book, deployment="made")
    assert found.total_pico == CENTS * hand.PICO_PER_CENT
    assert sum(hand.numbers(CENTS_BY_CALL)) == CENTS
    assert {key: hand.cents_by(found, key) for key in CENTS_BY} == CENTS_BY
    by_call = [float(cents) / 100 for cents in hand.numbers(CENTS_BY_CALL)]
    assert amounts_usd(ledger, book).tolist() == pytest.approx(by_call, rel=1e-12)


def test_the_page_shows_the_figures_tested_here() -> None:
    tokens = [value for values in ROWS.values() for value in values if isinstance(value, int) and value >= 0]
    times = [Decimal(us) / 1_000_000 for times in TIMES.values() for us in times if us != hand.NEVER]
    cents = [CENTS, *hand.numbers(CENTS_BY_CALL), *(one for by in CENTS_BY.values() for one in by.values())]
    assert hand.not_on_the_page([*tokens, *times, *cents]) == []
