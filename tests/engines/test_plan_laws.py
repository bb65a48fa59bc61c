"""Plans on drawn workloads: who pays changes nothing else, and no quota covers more than calls in flight allow."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from burncurve.deployment import Beyond, Plan, Quota, Term
from burncurve.ledger import SCHEMA, Ledger, Status

from .build import S, played, replace, row
from .strategies import Case, cases, number, pick

Draw = Any
ONE = 10**9
ALWAYS = (Term(-1, 1 << 62),)


@st.composite
def planned(draw: Draw, *beyond: Beyond) -> Case:
    """Draw a case and a plan for one of its offers, or for all of them, with a quota of calls."""
    case = draw(cases())
    offers = pick(draw, (0,), tuple(range(len(case.deployment.offers))))
    quota = Quota("q", pick(draw, 5 * S, 60 * S, 5_000 * S), ONE * number(draw, 1, 8), per_call=ONE)
    terms = pick(draw, ALWAYS, ALWAYS, (Term(-1, 6 * S), Term(9 * S, 1 << 62)))
    plan = Plan("plan", offers, (quota,), terms, pick(draw, *beyond))
    return Case(case.workload, replace(case.deployment, plans=(plan,)))


@settings(deadline=None, max_examples=80)
@given(planned(Beyond.PAY))
def test_who_pays_changes_nothing_else(case: Case) -> None:
    plain = played(case.workload, replace(case.deployment, plans=()))
    held = played(case.workload, case.deployment)
    for name in SCHEMA.names:
        assert name == "plan" or np.array_equal(plain[name], held[name])
    (came,) = held.outcomes[0].plans
    assert came.covered == (held["plan"] == 0).sum()
    assert (came.stopped, came.paused) == (0, 0)


@settings(deadline=None, max_examples=150)
@given(planned(*Beyond))
def test_a_quota_covers_no_call_once_it_is_used_up(case: Case) -> None:
    (plan,) = case.deployment.plans
    (quota,) = plan.quotas
    ledger = played(case.workload, case.deployment)
    opened_us = -1 - quota.length_us
    covered = in_order(ledger)
    for granted_us, _ in covered:
        if granted_us >= opened_us + quota.length_us:
            opened_us = granted_us
        # a call that ends as the window opens was counted in the one before, if its end came first
        ended = sum(opened_us < end_us < granted_us for _, end_us in covered)
        assert ended * ONE < quota.limit, (covered, opened_us, granted_us)
    assert all(any(term.from_us <= at_us < term.until_us for term in plan.terms) for at_us, _ in covered)


def in_order(ledger: Ledger) -> list[tuple[int, int]]:
    """Return grant and end of the calls that the plan covers, in order of their grants."""
    rows = (row(ledger, i) for i in range(len(ledger)))
    return sorted((each["grant_us"], each["end_us"]) for each in rows if each["plan"] == 0)


@settings(deadline=None, max_examples=100)
@given(planned(Beyond.BLOCK, Beyond.WAIT))
def test_nobody_pays_for_what_the_plan_admits(case: Case) -> None:
    (plan,) = case.deployment.plans
    ledger = played(case.workload, case.deployment)
    for each in (row(ledger, i) for i in range(len(ledger))):
        admitted = each["offer"] in plan.offers and any(
            term.from_us <= each["grant_us"] < term.until_us for term in plan.terms
        )
        assert (each["plan"] == 0) == (admitted and each["grant_us"] >= 0)
    (came,) = ledger.outcomes[0].plans
    assert came.paid == 0
    assert came.stopped <= (ledger["status"] == Status.STOPPED).sum()
