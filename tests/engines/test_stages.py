"""Stages of a deployment by hand: who serves from when on, with which caches and sizes, and who waits no longer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from burncurve.deployment import (
    Account,
    AtBudget,
    Beyond,
    Budget,
    CacheKind,
    CacheRule,
    Deployment,
    Leg,
    Offer,
    Plan,
    Quota,
    Retry,
    Route,
    Scope,
    Stage,
    Term,
)
from burncurve.draws import CERTAIN
from burncurve.ledger import Ledger, Status
from burncurve.workload import Overlap, Trigger

from .build import DAY, S, agent, at, offer, ok, played, tools, workload

CACHED = CacheRule(CacheKind.AUTOMATIC)
HALF = 500_000
FOREVER = 1 << 62
PART = 10**9  # of a plan's unit


def served(*offers: Offer, stages: dict[int, int], account: Account | None = None, **fields: object) -> Deployment:
    """Return a deployment of one role: the first offer, and from each time on the offer of that number."""
    later = tuple(Stage(from_us, (Route((Leg(number, 0),)),)) for from_us, number in stages.items())
    made = Deployment("made", offers, (account or Account("a"),), (Route((Leg(0, 0),)),), later=later)
    return replace(made, **fields)  # type: ignore[arg-type]


def by_main(*times_s: int) -> Trigger:
    return at([each * S for each in times_s], session="main", overlap=Overlap.QUEUE)


def offers_of(ledger: Ledger) -> list[int]:
    return [int(number) for number in ledger["offer"]]


@pytest.mark.parametrize(("early_us", "number"), [(1, 0), (0, 1), (-1, 1)])
def test_the_first_call_at_the_moment_or_after_it_is_the_next_ones(early_us: int, number: int) -> None:
    work = workload(agent(), at([10 * S]))
    assert offers_of(played(work, served(offer("a/x"), offer("b/y"), stages={10 * S + early_us: 1}))) == [number]


def test_caches_are_cold_and_the_context_is_sized_anew() -> None:
    # base 101, message 21, output 7: after the first call 129, then half of it, piece by piece, each half up:
    # 51 + 11 + 4, and half of the next message: 11
    work = workload(agent(base=101, message=21, output=7), by_main(0, 10, 20))
    a, b = offer("a/x", cache=CACHED), offer("b/y", cache=CACHED, tokenizer_ppm=HALF)
    rows = ok(played(work, served(a, b, stages={5 * S: 1})))
    assert list(rows["input"]) == [122, 51 + 11 + 4 + 11, 4 + 11]
    assert list(rows["cache_read"]) == [0, 0, 77]
    assert list(rows["from_base"]) == [101, 51, 51]
    assert list(rows["output"]) == [7, 4, 4]
    # only the base is new to the other offer, and the message to the conversation; its output was never sent
    assert list(rows["fresh"]) == [122, 51 + 4 + 11, 4 + 11]


def test_back_at_the_first_offer_what_it_cached_is_not_read_for_its_sizes_have_gone() -> None:
    work = workload(agent(base=100, output=1), by_main(0, 10, 20))
    a, b = offer("a/x", cache=CACHED), offer("b/y", cache=CACHED, tokenizer_ppm=HALF)
    rows = ok(played(work, served(a, b, stages={5 * S: 1, 15 * S: 0})))
    assert list(rows["offer"]) == [0, 1, 0]
    # 50 + 1 (half of 1, half up) + 1; of the base both are multiples; its entry is still warm and belongs to all
    assert list(rows["from_base"]) == [100, 50, 100]
    assert list(rows["cache_read"]) == [0, 0, 100]


def test_a_call_that_waits_in_line_is_made_by_who_serves_when_its_turn_comes() -> None:
    slow = offer("a/x", first_token_ns=8 * 10**9)
    work = workload(agent(), [at([0], name="one"), at([1 * S], name="two")])
    ledger = played(work, served(slow, offer("b/y"), stages={4 * S: 1}, account=Account("a", concurrent_calls=1)))
    assert offers_of(ledger) == [0, 1]
    assert list(ledger["request_us"]) == [0, 8 * S]  # asked for anew


def test_a_bucket_that_fills_next_day_is_not_waited_for_beyond_the_beginning_of_a_stage() -> None:
    served_by = served(offer("a/x"), offer("b/y"), stages={60 * S: 1})
    limited = replace(served_by, accounts=(Account("a", tokens_per_day=100), Account("b")))
    moved = replace(limited, later=(Stage(60 * S, (Route((Leg(1, 1),)),)),))
    ledger = played(workload(agent(message=99), by_main(0, 1)), moved)
    assert list(ledger["grant_us"]) == [0, 60 * S]
    assert list(ledger["account"]) == [0, 1]


@pytest.mark.parametrize("beyond", [Beyond.WAIT, Beyond.PAY])
def test_nobody_waits_for_a_plan_longer_than_it_serves(beyond: Beyond) -> None:
    quota = Quota("week", 7 * DAY, PART, per_call=PART)
    plan = Plan("p", (0,), (quota,), (Term(0, 60 * S),), beyond)
    ledger = played(
        workload(agent(), by_main(0, 1)), served(offer("a/x"), offer("b/y"), stages={60 * S: 1}, plans=(plan,))
    )
    waits = beyond == Beyond.WAIT
    assert list(ledger["grant_us"]) == [0, 60 * S if waits else S]
    assert offers_of(ledger) == [0, 1 if waits else 0]
    assert list(ledger["plan"]) == [0, -1]
    assert ledger.outcomes[0].plans[0].paused == waits


def test_a_stage_that_serves_a_role_as_before_ends_no_wait() -> None:
    budget = Budget("b", Scope.DAY, 1, in_tokens=True, reached=AtBudget.PAUSE, days_us=(DAY, 2 * DAY))
    ledger = played(
        workload(agent(), by_main(0, 1)), served(offer("a/x"), stages={60 * S: 0, 70 * S: 0}, budgets=(budget,))
    )
    assert list(ledger["grant_us"]) == [0, DAY]
    assert ledger.outcomes[0].budgets[0].paused == 1


def test_the_place_in_a_failover_list_begins_anew() -> None:
    broken, good = offer("a/x", broken=CERTAIN), offer("b/y")
    routes = (Route((Leg(0, 0), Leg(1, 0))),)
    served_by = Deployment(
        "made", (broken, good), (Account("a"),), routes, Retry(retries=0), later=(Stage(5 * S, routes),)
    )
    work = workload(agent(turns=3, tools=tools(1, 4 * S)))
    ledger = played(work, served_by)
    rows = zip(ledger["request_us"] // S, ledger["offer"], ledger["status"], strict=True)
    error, fine = Status.ERROR, Status.OK
    assert [tuple(map(int, row)) for row in rows] == [
        (0, 0, error), (0, 1, fine), (4, 1, fine), (8, 0, error), (8, 1, fine),
    ]  # fmt: skip


def test_a_call_whose_last_try_breaks_in_the_next_stage_is_that_stages() -> None:
    slow = offer("a/x", broken=CERTAIN, first_token_ns=30 * 10**9)
    ledger = played(workload(agent()), served(slow, offer("b/y"), stages={1: 1}, retry=Retry(retries=0)))
    assert offers_of(ledger) == [0, 1]
    assert list(ledger["attempt"]) == [0, 1]
    assert ledger.outcomes[0].finished == 1


def test_what_a_stage_writes_is_held_to_its_own_longest_output() -> None:
    work = workload(agent(output=50), by_main(0, 10))
    rows = ok(played(work, served(offer("a/x"), offer("b/y", max_output_tokens=20), stages={5 * S: 1})))
    assert list(rows["output"]) == [50, 20]
