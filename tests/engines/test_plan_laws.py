"""Plans on drawn workloads: who pays changes nothing else, and no quota covers more than calls in flight allow."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from burncurve.deployment import Beyond, CountsFrom, Plan, Quota, Term, Weights
from burncurve.engines.reference.seats import Seats
from burncurve.engines.rules import weighted
from burncurve.ledger import SCHEMA, Ledger, Status
from burncurve.words import PPM

from .build import S, played, replace, row
from .strategies import Case, cases, number, pick

Draw = Any
ONE = 10**9
ALWAYS = (Term(-1, 1 << 62),)


@st.composite
def planned(draw: Draw, *beyond: Beyond, kind: CountsFrom = CountsFrom.FIRST_USE) -> Case:
    """Draw a case and a plan for one of its offers, or for all of them, with a quota of calls."""
    case = draw(cases())
    offers = pick(draw, (0,), tuple(range(len(case.deployment.offers))))
    length_us, limit = pick(draw, 5 * S, 60 * S, 5_000 * S), ONE * number(draw, 1, 8)
    quota = Quota("q", length_us, limit, per_call=ONE, counts_from=kind)
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
    opened_us, counts, covered = -1 - quota.length_us, 0, in_order(ledger)
    for granted_us, _ in covered:
        if granted_us >= opened_us + quota.length_us:
            opened_us, counts = granted_us, 0
        assert counts * ONE < quota.limit, (covered, opened_us, granted_us)
        counts += 1
    assert all(any(term.from_us <= at_us < term.until_us for term in plan.terms) for at_us, _ in covered)


@settings(deadline=None, max_examples=100)
@given(planned(*Beyond, kind=CountsFrom.EACH_USE))
def test_a_quota_that_slides_covers_a_call_when_enough_has_come_back_and_only_then(case: Case) -> None:
    (plan,) = case.deployment.plans
    (quota,) = plan.quotas
    ledger = played(case.workload, case.deployment)
    grants = [granted_us for granted_us, _ in in_order(ledger)]
    for place, granted_us in enumerate(grants):
        counts = sum(granted_us - quota.length_us < before_us for before_us in grants[:place])
        assert counts * ONE < quota.limit, (grants, granted_us)
    for each in (row(ledger, i) for i in range(len(ledger))):
        admitted = each["offer"] in plan.offers and any(a <= each["grant_us"] < b for a, b in plan.terms)
        if admitted and each["plan"] < 0 and each["grant_us"] >= 0:
            counts = sum(each["grant_us"] - quota.length_us < at_us <= each["grant_us"] for at_us in grants)
            assert counts * ONE >= quota.limit, (grants, each["grant_us"])


@settings(deadline=None, max_examples=100)
@given(planned(Beyond.WAIT, kind=CountsFrom.EACH_USE))
def test_nobody_waits_beyond_the_terms(case: Case) -> None:
    """A call that waits for a quota and is paid in the end is granted as the terms end, or later for other reasons."""
    (plan,) = case.deployment.plans
    ledger = played(
        case.workload,
        replace(
            case.deployment,
            accounts=tuple(
                replace(each, **dict.fromkeys(("requests_per_minute", "concurrent_calls"), 0))
                for each in case.deployment.accounts
            ),
        ),
    )
    for each in (row(ledger, i) for i in range(len(ledger))):
        ended = [term.until_us for term in plan.terms if term.from_us <= each["request_us"] < term.until_us]
        if ended and each["offer"] in plan.offers and each["plan"] < 0 <= each["grant_us"]:
            assert each["grant_us"] >= ended[0]


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


class EveryUse:
    """The slow twin of a plan's seat: every use that was ever booked, added up anew for each question."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.opened: list[list[int]] = [[] for _ in plan.quotas]
        self.booked: list[list[tuple[int, int]]] = [[] for _ in plan.quotas]

    def _period(self, number: int, now_us: int) -> tuple[int, int]:
        """Return the window of a quota that holds a moment; an empty one where none is open."""
        quota, bought = self.plan.quotas[number], self.plan.purchases_us
        if quota.counts_from == CountsFrom.EACH_USE:
            return now_us - quota.length_us + 1, now_us + 1
        if quota.counts_from == CountsFrom.FIRST_USE:
            opens = [each for each in self.opened[number] if each <= now_us < each + quota.length_us]
            return (opens[0], opens[0] + quota.length_us) if opens else (now_us, now_us)
        begin = bought[0]
        while begin + quota.length_us <= now_us or any(begin < each <= now_us for each in bought):
            begin = min((each for each in bought if begin < each <= begin + quota.length_us),
                        default=begin + quota.length_us)  # fmt: skip
        return begin, min((each for each in bought if each > begin), default=1 << 62)

    def _is_full(self, number: int, at_us: int) -> bool:
        begin, end = self._period(number, at_us)
        end = min(end, at_us + 1)
        counts = [use for booked_us, use in self.booked[number] if begin <= booked_us < end]
        is_open = self.plan.quotas[number].counts_from == CountsFrom.FIRST_USE and end > begin
        return bool(counts or is_open) and sum(counts) >= self.plan.quotas[number].limit

    def _weight(self, number: int, at_us: int) -> int:
        weights = self.plan.quotas[number].weights
        if weights is None:
            return PPM
        return next(
            weights.by_offer[place][0]
            for start, place in reversed(list(zip(weights.starts_us, weights.places, strict=True)))
            if start <= at_us
        )

    def _holds(self, number: int, at_us: int) -> bool:
        quota = self.plan.quotas[number]
        in_force = quota.from_us <= at_us < quota.until_us
        return in_force and self._weight(number, at_us) > 0 and self._is_full(number, at_us)

    def ready_us(self, now_us: int) -> int:
        """Return the latest of the times at which each quota that holds a call now lets it go."""
        return max((self._free_us(number, now_us) for number in range(len(self.plan.quotas))), default=now_us)

    def _free_us(self, number: int, now_us: int) -> int:
        while self._holds(number, now_us):
            now_us += 1
        return now_us

    def cover(self, now_us: int) -> None:
        for i, quota in enumerate(self.plan.quotas):
            begin, end = self._period(i, now_us)
            if quota.from_us <= now_us < quota.until_us:
                if quota.counts_from == CountsFrom.FIRST_USE and begin == end:
                    self.opened[i].append(now_us)
                self._count(i, weighted(quota.per_call, self._weight(i, now_us)), now_us)

    def book(self, tokens: int, granted_us: int, now_us: int) -> None:
        for i, quota in enumerate(self.plan.quotas):
            each = quota.per_token[0] if quota.per_token else 0
            self._count(i, weighted(tokens * each, self._weight(i, granted_us)), now_us)

    def _count(self, number: int, use: int, now_us: int) -> None:
        quota, (begin, end) = self.plan.quotas[number], self._period(number, now_us)
        is_open = begin < end and quota.counts_from == CountsFrom.FIRST_USE
        in_force = quota.counts_from != CountsFrom.FIRST_USE and quota.from_us <= now_us < quota.until_us
        if is_open or (in_force and use):
            self.booked[number].append((now_us, use))


@st.composite
def quotas(draw: Draw) -> Quota:
    """Draw a quota of a few microseconds, so that everything happens at one time with something else."""
    starts = pick(draw, (0,), (0, 7), (0, 5, 9, 20, 21))
    weights = Weights(
        ((PPM,), (pick(draw, 0, 0, 333_333, 3 * PPM),)), starts, tuple(number(draw, 0, 1) for _ in starts)
    )
    in_force = pick(draw, (0, 1 << 62), (0, 1 << 62), (4, 1 << 62), (0, 18), (6, 15))
    return Quota(
        "q", number(draw, 1, 12), number(draw, 0, 9), per_call=number(draw, 0, 4),
        per_token=pick(draw, (), (number(draw, 1, 3), *(0,) * 6)),
        weights=pick(draw, None, weights, weights), from_us=in_force[0], until_us=in_force[1],
        counts_from=pick(draw, *CountsFrom),
    )  # fmt: skip


STEPS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6), st.integers(0, 2)), min_size=8, max_size=40)


@settings(deadline=None, max_examples=600)
@given(st.lists(quotas(), min_size=1, max_size=3), st.sampled_from([(0,), (0, 11), (3, 4, 17)]), STEPS)
def test_seats_count_as_if_every_use_were_added_up(
    some: list[Quota], bought: tuple[int, ...], steps: list[tuple[int, int, int]]
) -> None:
    """Each step asks, and where there is room covers a call that lasts so long, of so many tokens."""
    plan = Plan("plan", (0,), tuple(some), ALWAYS, purchases_us=bought)
    fast, slow = Seats(plan), EveryUse(plan)
    now_us, at_work = bought[0], list[tuple[int, int, int]]()
    for passed, lasts, tokens in steps:
        now_us += passed
        for end_us, granted_us, used in sorted(each for each in at_work if each[0] <= now_us):
            fast.book(0, fast.uses(0, (used, *(0,) * 6), granted_us), end_us)
            slow.book(used, granted_us, end_us)
        at_work = [each for each in at_work if each[0] > now_us]
        ready_us = fast.ready_us(0, 0, now_us, charged=False)
        assert ready_us == slow.ready_us(now_us)
        if ready_us == now_us:
            fast.cover(0, 0, True, now_us)
            slow.cover(now_us)
            at_work.append((now_us + lasts, now_us, tokens))
        for window, quota in zip(fast._of(0), plan.quotas, strict=True):
            assert len(window.uses) <= quota.length_us  # no more than one use for each microsecond of a length
            assert window.used == sum(use for _, use in window.uses)
