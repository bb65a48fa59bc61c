"""A trace played again, worked out by hand: values stand as they are, caches and times are the offer's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from burncurve.deployment import CacheRule, Deployment
from burncurve.ledger import Kind, Ledger
from burncurve.workload import ALL, NOBODY, Trace, TraceTasks, TraceTurns, Workload

from . import hand
from .build import S, agent, deployment, ok, played, workload

# One conversation on the round offer of docs/hand-ledgers.md: 1 s to start, 0.1 ms for each uncached and 0.01 ms for
# each cached prompt token, 10 ms for each output token; an explicit cache of 5 minutes.
# Request 1 (5 s in): base 10,000 + message 1,000, writes 500. A child (base 5,000 + brief 400) writes 300 meanwhile.
#   The second turn waits for it and 2 s more, and gets 600 from tools and 300 from the child; of the 200 it writes
#   100 stay.
# Request 2, 600 s later: the context was cut to its first 11,500; 50 are new.
# Request 3, 10 s later: only the first 4,000 are as they were, base included; 70 are new.
TASKS = TraceTasks(
    session=(0, 0, 0, NOBODY),
    agent=(0, 0, 0, 1),
    base_tokens=(10_000, 10_000, 10_000, 5_000),
    wait_us=(5 * S, 600 * S, 10 * S, 0),
    spawned_by=(NOBODY, NOBODY, NOBODY, 0),
    awaited_by=(NOBODY, NOBODY, NOBODY, 1),
    first_turn=(0, 2, 3, 4),
    warm_tokens=(0, 0, 0, 0),
)
TURNS = TraceTurns(
    wait_us=(0, 2 * S, 0, 0, 0),
    kept_tokens=(ALL, ALL, 11_500, 4_000, ALL),
    user_tokens=(1_000, 0, 50, 70, 0),
    tool_tokens=(0, 600, 0, 0, 0),
    agent_tokens=(0, 300, 0, 0, 400),
    summary_tokens=(0, 0, 0, 0, 0),
    output_tokens=(500, 200, 100, 10, 300),
    reasoning_tokens=(0, 0, 0, 0, 0),
    stays_tokens=(500, 100, 100, 10, 300),
    kind=(int(Kind.TURN),) * 5,
)
ROWS = {  # in order of asking: turn 1, the child, turn 2, request 2, request 3
    "task": [0, 1, 0, 2, 3],
    "parent": [-1, 0, -1, -1, -1],
    "depth": [0, 1, 0, 0, 0],
    "session": [0, 1, 0, 0, 0],
    "request": [1, 1, 1, 2, 3],
    "turn": [1, 1, 2, 1, 1],
    "agent": ["lead", "scout", "lead", "lead", "lead"],
    "kind": ["turn"] * 5,
    "prompt": [11_000, 5_400, 12_400, 11_550, 10_070],
    "from_base": [10_000, 5_000, 10_000, 10_000, 10_000],
    "from_user": [1_000, 0, 1_000, 1_050, 70],
    "from_output": [0, 0, 500, 500, 0],
    "from_tools": [0, 0, 600, 0, 0],
    "from_agents": [0, 400, 300, 0, 0],
    "cache_read": [0, 0, 11_000, 0, 4_000],
    "cache_write_5m": [11_000, 5_400, 1_400, 11_550, 6_070],
    "fresh": [11_000, 5_400, 1_400, 50, 70],
    "output": [500, 300, 200, 100, 10],
    "context_after": [11_500, 5_700, 12_500, 11_650, 10_080],
    "request_us": hand.seconds("5", "12.1", "18.64", "621.89", "635.045"),
    "first_token_us": hand.seconds("7.1", "13.64", "19.89", "624.045", "636.692"),
    "end_us": hand.seconds("12.1", "16.64", "21.89", "625.045", "636.792"),
}


def traced(tasks: TraceTasks = TASKS, turns: TraceTurns = TURNS) -> Workload:
    made = workload((agent("lead"), agent("scout")))
    return replace(hand.dated(made), triggers=(), trace=Trace(tasks, turns))


def served(**fields: Any) -> Deployment:
    return deployment(replace(hand.round_offer("anthropic/claude-opus-4.6"), **fields))


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return played(traced(), served())


def test_the_ledger_is_the_one_worked_by_hand(ledger: Ledger) -> None:
    assert hand.differences(ledger, ROWS) == {}


def test_the_outcome_is_the_one_worked_by_hand(ledger: Ledger) -> None:
    (outcome,) = ledger.outcomes
    assert (outcome.requests, outcome.finished, outcome.tasks) == (3, 3, 4)


def test_a_child_that_nobody_waits_for_delays_nobody_and_its_result_is_announced_by_no_call() -> None:
    found = ok(played(traced(replace(TASKS, awaited_by=(NOBODY,) * 4)), served()), agent=0)
    assert found["request_us"].tolist()[:2] == hand.seconds("5", "14.1")
    assert found["kind"].tolist() == [int(Kind.TURN)] * 4


def test_another_tokenizer_scales_every_piece_once() -> None:
    found = ok(played(traced(), served(tokenizer_ppm=1_500_000)), agent=0)
    assert found["from_base"].tolist() == [15_000] * 4
    assert found["from_user"].tolist() == [1_500, 1_500, 1_575, 105]
    assert found["output"].tolist() == [750, 300, 150, 15]
    assert found["context_after"].tolist() == [17_250, 18_750, 17_475, 15_120]


def test_a_context_beyond_the_window_ends_its_request_and_the_next_goes_on() -> None:
    (outcome,) = played(traced(), served(window_tokens=12_000)).outcomes
    assert (outcome.requests, outcome.finished, outcome.failed) == (3, 2, 1)


def test_reasoning_stays_as_far_as_the_trace_says() -> None:
    turns = replace(TURNS, reasoning_tokens=(400, 0, 0, 0, 0), stays_tokens=(800, 100, 100, 10, 300))
    found = ok(played(traced(turns=turns), served()), agent=0)
    assert found["reasoning"].tolist() == [400, 0, 0, 0]
    assert found["from_reasoning"].tolist() == [0, 300, 300, 0]


def test_what_a_session_finds_in_the_cache_is_read_by_its_first_call_and_by_no_other() -> None:
    """8,000 of the lead's first prompt; all of the child's, which is shorter than what is said to be there."""
    found = ok(played(traced(replace(TASKS, warm_tokens=(8_000, 0, 0, 6_000))), served()))
    assert found["cache_read"].tolist() == [8_000, 5_400, 11_000, 0, 4_000]
    assert found["cache_write_5m"].tolist() == [3_000, 0, 1_400, 11_550, 6_070]
    # a base of which something is read is no news: what it lacks was lost
    assert found["fresh"].tolist() == [1_000, 0, *ROWS["fresh"][2:]]
    # 1 s, 3,000 tokens at 0.1 ms and 8,000 at 0.01 ms
    assert found["first_token_us"].tolist()[0] == hand.seconds("6.38")[0]


def test_a_session_that_caches_nothing_finds_nothing() -> None:
    found = ok(played(traced(replace(TASKS, warm_tokens=(8_000, 0, 0, 6_000))), served(cache=CacheRule())))
    assert found["cache_read"].sum() == 0


def test_what_is_found_is_sized_by_the_offers_tokenizer() -> None:
    warm = replace(TASKS, warm_tokens=(8_000, 0, 0, 0))
    assert ok(played(traced(warm), served(tokenizer_ppm=1_500_000)))["cache_read"].tolist()[0] == 12_000
