"""Budgets, monthly limits, plans and later stages for drawn deployments, tight enough to matter and full of ties.

`spending()` adds them to a case of `strategies.cases()`; windows turn at whole seconds, as everything else happens.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from burncurve.deployment import (
    AtBudget,
    Band,
    Beyond,
    Budget,
    Compared,
    CountsFrom,
    Currency,
    Deployment,
    Leg,
    Plan,
    Quota,
    Rates,
    Scope,
    Stage,
    Tariff,
    Term,
    Weights,
)
from burncurve.ledger import METERS
from burncurve.words import PPM

from .build import S
from .drawn_traces import traced_cases
from .strategies import Case, Draw, cases, number, pick, routes

ONE = 10**9  # of a plan's unit
FOREVER = 1 << 62
NO_MONTH = 1 << 53
CURRENCIES = (Currency(), Currency("CNY", 10, 71), Currency("EUR", 1_143, 1_000))
LIMITS = (1, 1, 1, 30, 300, 1_500, 8_000, FOREVER)


def _turns(draw: Draw) -> tuple[int, ...]:
    return pick(draw, (7 * S, 20 * S, 300 * S, NO_MONTH), (S, 2 * S, 3 * S, 5 * S, 8 * S), (0, 2 * S), (900 * S,), ())


def _band(draw: Draw, above: int) -> Band:
    return Band(above, tuple(number(draw, 0, 9) for _ in METERS))


def _tariff(draw: Draw, currencies: int) -> Tariff:
    bounds = pick(draw, (0,), (0,), (0, 90), (0, 50, 250))
    return Tariff(
        tuple(_band(draw, above) for above in bounds),
        currency=number(draw, 0, currencies - 1),
        compares=pick(draw, *Compared),
        excess_only=pick(draw, False, True),
    )


def _rates(draw: Draw, currencies: int) -> Rates:
    starts = pick(draw, (0,), (0,), (0, 4 * S), (0, 2 * S, 9 * S))
    tariffs = tuple(_tariff(draw, currencies) for _ in range(number(draw, 1, 2)))
    return Rates(starts, tuple(number(draw, 0, len(tariffs) - 1) for _ in starts), tariffs)


def _budget(draw: Draw, name: str) -> Budget:
    scope = pick(draw, *Scope)
    return Budget(
        name,
        scope,
        pick(draw, *LIMITS),
        in_tokens=pick(draw, False, True),
        reached=pick(draw, *AtBudget),
        days_us=_turns(draw) if scope == Scope.DAY else (),
    )


def _with_cheaper(draw: Draw, budget: Budget, served: Deployment) -> Budget:
    if budget.reached != AtBudget.CHEAPER:
        return budget
    leg = Leg(number(draw, 0, len(served.offers) - 1), number(draw, 0, len(served.accounts) - 1))
    return replace(budget, cheaper=leg)


def _weights(draw: Draw, offers: int) -> Weights:
    starts = pick(draw, (0,), (0, 3 * S), (0, 2 * S, 5 * S, 9 * S), (0, S, 2 * S, 3 * S, 4 * S, 5 * S, 6 * S, 7 * S))
    some = tuple(tuple(pick(draw, PPM, 0, 333_333, 2 * PPM) for _ in range(offers)) for _ in range(number(draw, 1, 3)))
    return Weights(some, starts, tuple(number(draw, 0, len(some) - 1) for _ in starts))


def _quota(draw: Draw, name: str, offers: int) -> Quota:
    counted = pick(draw, "call", "request", "tokens", "all")
    limits = (0, 1, 1, 2, 3, 8) if counted in ("call", "request") else (1, 3, 8, 300, 300, 5_000)
    in_force = pick(draw, (0, FOREVER), (0, FOREVER), (0, 6 * S), (3 * S, 11 * S), (2 * S, FOREVER))
    return Quota(
        name,
        pick(draw, S, 3 * S, 5 * S, 5 * S + 1, 60 * S, 5_000 * S),
        ONE * pick(draw, *limits) + pick(draw, 0, 1),
        per_request=ONE if counted in ("request", "all") else 0,
        per_call=ONE if counted in ("call", "all") else 0,
        per_token=tuple(pick(draw, 0, ONE // 3, ONE) for _ in METERS) if counted in ("tokens", "all") else (),
        weights=_weights(draw, offers) if pick(draw, False, True) else None,
        from_us=in_force[0],
        until_us=in_force[1],
        counts_from=pick(draw, *CountsFrom, CountsFrom.EACH_USE, CountsFrom.EACH_USE, CountsFrom.PURCHASE),
    )


def _plan(draw: Draw, name: str, offers: int) -> Plan:
    always = (Term(-1, FOREVER),)
    quotas = tuple(_quota(draw, f"quota {i}", offers) for i in range(pick(draw, 1, 1, 1, 2, 0)))
    return Plan(
        name,
        pick(draw, tuple(range(offers)), (0,), tuple(range(offers)), (offers - 1,)),
        quotas,
        pick(draw, always, always, (Term(-1, 6 * S), Term(9 * S, FOREVER)), (Term(2 * S, 10 * S),), ()),
        pick(draw, *Beyond, Beyond.WAIT, Beyond.WAIT, Beyond.PAY),
        per_user=pick(draw, False, True),
        purchases_us=pick(draw, (0,), (0, 4 * S), (2 * S, 3 * S, 11 * S)),
    )


def _limited(draw: Draw, served: Deployment) -> Deployment:
    """Give accounts a limit by month."""
    accounts = tuple(
        replace(each, spend_per_month=pick(draw, *LIMITS), months_us=_turns(draw))
        if pick(draw, True, True, False)
        else each
        for each in served.accounts
    )
    return replace(served, accounts=accounts)


def _priced(draw: Draw, served: Deployment) -> Deployment:
    currencies = pick(draw, CURRENCIES[:1], CURRENCIES[:1], CURRENCIES, CURRENCIES[1:])
    rates = tuple(_rates(draw, len(currencies)) for _ in served.offers)
    return replace(served, rates=rates, currencies=currencies)


def _staged(draw: Draw, served: Deployment) -> Deployment:
    """Let others take over, once or twice."""
    begins = pick(draw, (3 * S,), (S,), (7 * S,), (2 * S, 5 * S), (3 * S, 60 * S), (4 * S, 4 * S + 1))
    some = (len(served.offers), len(served.accounts))
    stages = tuple(Stage(each, tuple(routes(draw, *some) for _ in served.routes)) for each in begins)
    return replace(served, later=stages)


@st.composite
def spending(draw: Draw) -> Case:
    """Draw a case whose deployment has budgets, plans, monthly limits or stages, in any number and order."""
    budgets = [_budget(draw, f"budget {i}") for i in range(pick(draw, 1, 2, 3, 4, 4, 0))]
    case = draw(pick(draw, cases(), cases(), cases(), traced_cases()))
    served, offers = case.deployment, len(case.deployment.offers)
    served = replace(served, budgets=tuple(_with_cheaper(draw, each, served) for each in budgets))
    if pick(draw, False, True):
        served = _limited(draw, served)
    if pick(draw, False, True):
        served = _staged(draw, served)
    if pick(draw, False, True, True, True):
        plans = tuple(_plan(draw, f"plan {i}", offers) for i in range(pick(draw, 1, 1, 2)))
        served = replace(served, plans=plans)
    return Case(case.workload, _priced(draw, served) if served.counts_money else served)
