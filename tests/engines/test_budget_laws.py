"""Budgets on drawn workloads: what they never let happen, and what they leave alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from burncurve.deployment import AtBudget, Band, Budget, Currency, Deployment, Leg, Rates, Scope, Tariff
from burncurve.ledger import METERS, SCHEMA, Ledger, Status

from .build import S, played, replace, row, same
from .strategies import Case, cases, number, pick

OUT_OF_REACH = 1 << 61
DAYS_US = (7 * S, 20 * S, 300 * S, 1 << 53)
Draw = Any


def priced(draw: Draw, served: Deployment) -> Deployment:
    """Give each offer rates by meter, all the time the same."""
    rates = tuple(
        Rates((0,), (0,), (Tariff((Band(0, tuple(number(draw, 0, 9) for _ in METERS)),)),)) for _ in served.offers
    )
    return replace(served, rates=rates, currencies=(Currency(),))


def budget(draw: Draw, *reached: AtBudget, limit: int = 0) -> Budget:
    what = pick(draw, *reached)
    scope = Scope.DAY if what == AtBudget.PAUSE else pick(draw, *Scope)
    return Budget(
        "b",
        scope,
        limit or pick(draw, 1, 100, 700, 3_000, 20_000),
        in_tokens=pick(draw, False, True),
        reached=what,
        cheaper=Leg(0, 0) if what == AtBudget.CHEAPER else None,
        days_us=DAYS_US if scope == Scope.DAY else (),
    )


@st.composite
def budgeted(draw: Draw, *reached: AtBudget, limit: int = 0) -> tuple[Case, Budget]:
    """Draw a case, each root task tried once, so that the rows alone tell which calls share a pot; and a budget."""
    case = draw(cases())
    triggers = tuple(replace(each, attempts=1) for each in case.workload.triggers)
    users = tuple(replace(each, attempts=1) for each in case.workload.users)
    work = replace(case.workload, triggers=triggers, users=users)
    return Case(work, priced(draw, case.deployment)), budget(draw, *reached, limit=limit)


def with_budgets(case: Case, *some: Budget) -> Deployment:
    return replace(case.deployment, budgets=some)


def unlike_outcomes(ledger: Ledger, other: Ledger) -> Ledger:
    return replace(ledger, outcomes=tuple(replace(each, budgets=()) for each in ledger.outcomes), names=other.names)


@settings(deadline=None, max_examples=60)
@given(budgeted(*AtBudget, limit=OUT_OF_REACH))
def test_a_budget_out_of_reach_changes_nothing(drawn: tuple[Case, Budget]) -> None:
    case, wide = drawn
    plain, held = played(case.workload, case.deployment), played(case.workload, with_budgets(case, wide))
    same(plain, unlike_outcomes(held, plain))
    (came,) = held.outcomes[0].budgets
    assert (came.reached_us, came.over, came.stopped, came.paused, came.cheaper, came.warned) == (-1, 0, 0, 0, 0, 0)


@settings(deadline=None, max_examples=60)
@given(budgeted(AtBudget.WARN))
def test_a_warning_changes_nothing(drawn: tuple[Case, Budget]) -> None:
    case, warns = drawn
    plain, held = played(case.workload, case.deployment), played(case.workload, with_budgets(case, warns))
    same(plain, unlike_outcomes(held, plain))


@settings(deadline=None, max_examples=200)
@given(budgeted(AtBudget.STOP, AtBudget.PAUSE))
def test_no_call_is_granted_once_its_budget_has_been_reached(drawn: tuple[Case, Budget]) -> None:
    """What has ended before a grant is less than the limit; so a pot is exceeded by calls in flight alone."""
    case, tight = drawn
    served = with_budgets(case, tight)
    ledger = played(case.workload, served)
    over = [-tight.limit]
    for calls in pots(ledger, served):
        for at_us, _, _ in calls:
            assert sum(cost for _, end_us, cost in calls if end_us < at_us) < tight.limit
        over.append(sum(cost for _, _, cost in calls) - tight.limit)
    (came,) = ledger.outcomes[0].budgets
    assert (came.over, came.reached_us >= 0) == (max(0, *over), max(over) >= 0)
    assert came.stopped <= (ledger["status"] == Status.STOPPED).sum()
    assert (came.cheaper, came.warned) == (0, 0)


def pots(ledger: Ledger, served: Deployment) -> list[list[tuple[int, int, int]]]:
    """Return (grant, end, cost) of the calls that share a pot; a day's are those that ended in it."""
    (tight,) = served.budgets
    rows = [row(ledger, i) for i in range(len(ledger))]
    parents = {each["task"]: each["parent"] for each in rows}
    sessions = {each["task"]: each["session"] for each in rows}
    shared: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for each in rows:
        root = each["task"]
        while parents[root] >= 0:
            root = parents[root]
        key = {Scope.TASK: root, Scope.SESSION: sessions[root], Scope.RUN: 0}
        key[Scope.DAY] = sum(turn_us <= each["end_us"] for turn_us in tight.days_us)
        if each["grant_us"] >= 0:
            shared[key[tight.scope]].append((each["grant_us"], each["end_us"], cost_of(each, served)))
    return list(shared.values())


def cost_of(each: Mapping[str, int], served: Deployment) -> int:
    if served.budgets[0].in_tokens:
        return sum(each[meter] for meter in METERS if meter != "web_searches")
    (band,) = served.rates[each["offer"]].tariffs[0].bands
    return sum(each[meter] * rate for meter, rate in zip(METERS, band.rates, strict=True))


@settings(deadline=None, max_examples=100)
@given(budgeted(*AtBudget))
def test_a_budget_touches_nothing_before_it_is_reached(drawn: tuple[Case, Budget]) -> None:
    """Rows asked for before the first call ended with which a budget was reached are those of a run without it."""
    case, tight = drawn
    plain, held = played(case.workload, case.deployment), played(case.workload, with_budgets(case, tight))
    (came,) = held.outcomes[0].budgets
    until_us = came.reached_us if came.reached_us >= 0 else 1 << 62
    names = [name for name in SCHEMA.names if name not in ("session", "task", "parent")]
    before = [
        sorted(
            tuple(each[name] for name in names)
            for each in (row(ledger, i) for i in range(len(ledger)))
            if each["request_us"] < until_us and each["grant_us"] < until_us and each["status"] != Status.STOPPED
        )
        for ledger in (plain, held)
    ]
    assert before[0] == before[1]
