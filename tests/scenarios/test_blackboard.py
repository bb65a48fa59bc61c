"""The blackboard scenario against the ledger and the bills worked out by hand in docs/blackboard.md."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from burncurve.billing import Bill, BillLine, amounts_usd, bill
from burncurve.catalogue import load as load_catalogue
from burncurve.deploy import deployments
from burncurve.deployment import Account, CacheKind, CacheRule, Deployment, Leg, Offer, Route
from burncurve.engines import play
from burncurve.ledger import Ledger
from burncurve.prepare import prepare
from burncurve.prices import load as load_book
from burncurve.scenario import read

SCENARIO = Path(__file__).resolve().parents[2] / "scenarios" / "blackboard.yaml"
PAGE = SCENARIO.parents[1] / "docs" / "blackboard.md"

# Everything below is typed in from docs/blackboard.md, the calls in its order A, B, C, D.
CALLS: dict[str, list[Any]] = {
    "task": [0, 1, 0, 0],
    "parent": [-1, 0, -1, -1],
    "depth": [0, 1, 0, 0],
    "session": [0, 1, 0, 0],
    "agent": ["teacher", "pupil", "teacher", "teacher"],
    "kind": ["turn", "turn", "announce", "turn"],
    "status": ["ok", "ok", "ok", "ok"],
    "turn": [1, 1, 1, 2],
    "attempt": [0, 0, 0, 0],
    "from_base": [10_000, 5_000, 10_000, 10_000],
    "from_user": [1_000, 0, 1_000, 1_000],
    "from_output": [0, 0, 1_000, 2_000],
    "from_reasoning": [0, 0, 0, 0],
    "from_tools": [0, 0, 0, 0],
    "from_agents": [0, 1_000, 1_000, 1_000],
    "from_summary": [0, 0, 0, 0],
    "fresh": [11_000, 6_000, 2_000, 1_000],
    "fresh_agents": [0, 1_000, 1_000, 0],
    "output": [1_000, 1_000, 1_000, 1_000],
    "reasoning": [0, 0, 0, 0],
    "web_searches": [0, 0, 0, 0],
    "context_after": [12_000, 7_000, 14_000, 15_000],
    "cache_write_1h": [0, 0, 0, 0],
}
PROMPT = [11_000, 6_000, 13_000, 14_000]
METERS = {
    "opus": {
        "input": [0, 0, 0, 0],
        "cache_read": [0, 0, 11_000, 13_000],
        "cache_write_5m": [11_000, 6_000, 2_000, 1_000],
    },
    "minimax": {
        "input": [11_000, 6_000, 2_000, 1_000],
        "cache_read": [0, 0, 11_000, 13_000],
        "cache_write_5m": [0, 0, 0, 0],
    },
}
TIMES_US = {
    "request_us": [0, 13_200_000, 25_400_000, 37_020_000],
    "grant_us": [0, 13_200_000, 25_400_000, 37_020_000],
    "first_token_us": [3_200_000, 15_400_000, 27_020_000, 38_480_000],
    "end_us": [13_200_000, 25_400_000, 37_020_000, 48_480_000],
}

PICO_PER_CENT = 10**10
CENTS = {"opus": Decimal("23.7"), "minimax": Decimal("1.152")}
CENTS_BY_CALL = {
    "opus": [Decimal("9.375"), Decimal("6.25"), Decimal("4.3"), Decimal("3.775")],
    "minimax": [Decimal("0.45"), Decimal("0.3"), Decimal("0.213"), Decimal("0.189")],
}
CENTS_BY_CAUSE = {
    "opus": {
        "coordination": Decimal("4.925"),
        "output": Decimal("7.5"),
        "base_reread": Decimal("0.5"),
        "history_reread": Decimal("0.15"),
        "cache_write": Decimal("10.625"),
    },
    "minimax": {
        "coordination": Decimal("0.243"),
        "output": Decimal("0.36"),
        "base_reread": Decimal("0.03"),
        "history_reread": Decimal("0.009"),
        "new_input": Decimal("0.51"),
    },
}
CENTS_BY_METER = {
    "opus": {"cache_write_5m": Decimal("12.5"), "cache_read": Decimal("1.2"), "output": Decimal("10")},
    "minimax": {"input": Decimal("0.6"), "cache_read": Decimal("0.072"), "output": Decimal("0.48")},
}


def shipped(name: str, seed: int) -> Ledger:
    scenario = read(SCENARIO)
    served = {one.name: one for one in deployments(scenario, load_catalogue())}
    return play(prepare(scenario, seed), served[name], replications=range(1), engine="reference")


def round_speeds() -> Deployment:
    """1 s to start, 5,000 and 50,000 prompt tokens a second uncached and cached, 100 output tokens a second."""
    offer = Offer(
        "maker/round",
        window_tokens=200_000,
        cache=CacheRule(CacheKind.EXPLICIT, minimum_tokens=4_096),
        first_token_ns=1_000_000_000,
        prefill_ns_per_token=200_000,
        cached_prefill_ns_per_token=20_000,
        decode_ns_per_token=10_000_000,
    )
    route = Route((Leg(0, 0),))
    return Deployment("round", (offer,), (Account("maker"),), (route, route))


def column(ledger: Ledger, name: str) -> list[object]:
    values = ledger[name].tolist()
    lists = {"agent": "agents", "kind": "kinds", "status": "statuses"}
    return [ledger.names[lists[name]][value] for value in values] if name in lists else values


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", ["opus", "minimax"])
def test_the_ledger_is_the_one_on_the_blackboard(name: str, seed: int) -> None:
    ledger = shipped(name, seed)
    expected = {**CALLS, **METERS[name]}
    assert {key: column(ledger, key) for key in expected} == expected
    assert ledger.prompt.tolist() == PROMPT


def test_the_clock_is_the_one_on_the_blackboard() -> None:
    ledger = play(prepare(read(SCENARIO), 0), round_speeds(), replications=range(1), engine="reference")
    assert {key: ledger[key].tolist() for key in TIMES_US} == TIMES_US
    assert ledger.outcomes[0].makespan_us == 48_480_000


def billed(name: str) -> tuple[Bill, Ledger]:
    ledger = shipped(name, seed=0)
    return bill(ledger, load_book("list"), deployment=name), ledger


def cents_by(lines: Iterable[BillLine], key: str) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for line in lines:
        name = str(getattr(line, key))
        sums[name] = sums.get(name, Decimal(0)) + Decimal(line.amount_pico) / PICO_PER_CENT
    return {name: amount for name, amount in sums.items() if amount}


@pytest.mark.parametrize("name", ["opus", "minimax"])
def test_the_bill_is_the_one_on_the_blackboard(name: str) -> None:
    found, ledger = billed(name)
    assert found.total_pico == CENTS[name] * PICO_PER_CENT
    assert cents_by(found.lines, "cause") == CENTS_BY_CAUSE[name]
    assert cents_by(found.lines, "meter") == CENTS_BY_METER[name]
    by_call = [float(cents) / 100 for cents in CENTS_BY_CALL[name]]
    assert amounts_usd(ledger, load_book("list")).tolist() == pytest.approx(by_call, rel=1e-12)


def test_the_page_shows_the_figures_tested_here() -> None:
    cents = [amount for by in (CENTS_BY_CALL, CENTS_BY_CAUSE) for amounts in by.values() for amount in of(amounts)]
    seconds = [Decimal(us) / 1_000_000 for times in TIMES_US.values() for us in times]
    shown = set(re.findall(r"\d+(?:\.\d+)?", PAGE.read_text().replace(",", "")))
    figures = [*cents, *CENTS.values(), *seconds, *map(Decimal, PROMPT), *map(Decimal, CALLS["context_after"])]
    assert [figure for figure in figures if f"{figure.normalize():f}" not in shown] == []


def of(amounts: list[Decimal] | dict[str, Decimal]) -> list[Decimal]:
    return list(amounts.values()) if isinstance(amounts, dict) else amounts
