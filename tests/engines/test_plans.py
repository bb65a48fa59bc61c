"""Plans (mechanics M22) in ledgers worked out by hand: windows, quotas, terms, and what happens beyond."""

from __future__ import annotations

from burncurve.deployment import AtBudget, Beyond, Budget, CountsFrom, Deployment, Plan, Quota, Scope, Term, Weights
from burncurve.ledger import Ledger, PlanOutcome, Status
from burncurve.workload import Users

from .build import S, agent, at, played, quantity, replace, row, workload
from .test_budgets import served

ONE = 10**9  # of a plan's own unit, counted in billionths
ALWAYS = (Term(-1, 1 << 62),)


def planned(*quotas: Quota, beyond: Beyond = Beyond.PAY, terms: tuple[Term, ...] = ALWAYS, per_user: bool = False,
            offers: tuple[int, ...] = (0,)) -> Deployment:  # fmt: skip
    plan = Plan("plan", offers, quotas, terms, beyond, per_user)
    return replace(served(), plans=(plan,))


def calls(ledger: Ledger, *names: str) -> list[tuple[int, ...]]:
    return [tuple(row(ledger, i)[name] for name in names) for i in range(len(ledger))]


def came_of(ledger: Ledger) -> PlanOutcome:
    (plan,) = ledger.outcomes[0].plans
    return plan


def every(seconds: int, times: int) -> list[int]:
    return [number * seconds * S for number in range(times)]


THREE_CALLS = Quota("window", 100 * S, 3 * ONE, per_call=ONE)
SHORT = agent(base=100, output=2)  # a call of two seconds


def test_a_window_opens_with_a_call_and_the_next_one_with_the_first_call_after_it() -> None:
    ledger = played(workload(SHORT, at(every(10, 14))), planned(THREE_CALLS))
    # open from 0 to 100: calls at 0, 10 and 20 are covered, the seven from 30 to 90 are not; from 100 to 200 again
    covered = [each[0] // S for each in calls(ledger, "request_us", "plan") if each[1] == 0]
    assert covered == [0, 10, 20, 100, 110, 120]
    assert came_of(ledger) == PlanOutcome(covered=6, paid=8, stopped=0, paused=0)
    assert ledger.names["plans"] == ("plan",)


def test_a_window_that_nobody_opens_stays_closed() -> None:
    ledger = played(workload(SHORT, at([0, 150 * S, 160 * S, 240 * S, 245 * S])), planned(THREE_CALLS))
    # 0 to 100, then 150 to 250: at 245 three have been covered already
    assert [each[0] for each in calls(ledger, "plan")] == [0, 0, 0, 0, -1]


def test_beyond_a_quota_calls_are_blocked() -> None:
    ledger = played(workload(SHORT, at(every(10, 5))), planned(THREE_CALLS, beyond=Beyond.BLOCK))
    assert calls(ledger, "plan", "status") == [(0, Status.OK)] * 3 + [(-1, Status.STOPPED)] * 2
    assert came_of(ledger) == PlanOutcome(covered=3, paid=0, stopped=2, paused=0)
    assert ledger.outcomes[0].failed == 2


def test_beyond_a_quota_calls_wait_for_the_window_to_close() -> None:
    ledger = played(workload(SHORT, at(every(10, 5))), planned(THREE_CALLS, beyond=Beyond.WAIT))
    assert calls(ledger, "request_us", "plan") == [(t * S, 0) for t in (0, 10, 20, 100, 100)]
    assert came_of(ledger) == PlanOutcome(covered=5, paid=0, stopped=0, paused=2)


def test_of_several_quotas_the_last_to_close_is_waited_for() -> None:
    week = Quota("week", 500 * S, 4 * ONE, per_call=ONE)
    ledger = played(workload(SHORT, at(every(10, 6))), planned(THREE_CALLS, week, beyond=Beyond.WAIT))
    # three by 20 s, the fourth at 100 s, and then the longer window is used up until 500 s: three waited for 100 s,
    # all of them asked at once, and what is in flight counts when it ends
    assert calls(ledger, "request_us", "plan") == [(t * S, 0) for t in (0, 10, 20, 100, 100, 100)]
    later = played(workload(SHORT, at([*every(10, 4), 110 * S])), planned(THREE_CALLS, week, beyond=Beyond.WAIT))
    assert calls(later, "request_us", "plan") == [(t * S, 0) for t in (0, 10, 20, 100, 500)]


def test_a_request_is_charged_once_whatever_it_takes() -> None:
    prompts = Quota("prompts", 100 * S, 2 * ONE, per_request=ONE)
    ledger = played(workload(agent(base=100, turns=3, output=1), at(every(10, 3))), planned(prompts))
    assert [each[0] for each in calls(ledger, "plan")] == [0] * 6 + [-1] * 3


def test_tokens_take_units_by_meter_and_offers_by_weight() -> None:
    # 100 of input and 2 of output take 100 x 5 + 2 x 10 = 520, twice that by weight: two calls make 2,080
    tokens = Quota("t", 100 * S, 2_080, per_token=(5, 0, 0, 0, 10, 0, 0), weights=Weights(((2_000_000, 0),)))
    for limit, covered in ((2_080, 2), (2_081, 3)):
        ledger = played(workload(SHORT, at(every(10, 4))), planned(replace(tokens, limit=limit)))
        assert came_of(ledger).covered == covered


def test_terms_end_and_begin_within_the_run() -> None:
    terms = (Term(-1, 15 * S), Term(40 * S, 45 * S))
    ledger = played(workload(SHORT, at(every(10, 6))), planned(replace(THREE_CALLS, limit=ONE * 99), terms=terms))
    assert [each[0] for each in calls(ledger, "plan")] == [0, 0, -1, -1, 0, -1]
    # outside its terms a plan admits nobody: that is neither covered nor beyond a quota
    assert came_of(ledger) == PlanOutcome(covered=3, paid=0, stopped=0, paused=0)


def test_a_quota_holds_from_its_day_on() -> None:
    later = replace(THREE_CALLS, limit=ONE, from_us=20 * S)
    ledger = played(workload(SHORT, at(every(10, 4))), planned(later))
    assert [each[0] for each in calls(ledger, "plan")] == [0, 0, 0, -1]


def test_an_offer_that_the_plan_does_not_cover_is_paid() -> None:
    ledger = played(workload(SHORT, at(every(10, 2))), planned(THREE_CALLS, offers=(1,)))
    assert [each[0] for each in calls(ledger, "plan")] == [-1, -1]


def test_each_person_has_a_seat() -> None:
    people = Users("people", 3, 0, count=2, windows_us=((0, 0),), sessions=quantity(1), requests=quantity(4),
                   think_us=quantity(8 * S))  # fmt: skip
    work = workload(SHORT, users=[people])
    seats, one = (played(work, planned(THREE_CALLS, per_user=own)) for own in (True, False))
    assert (came_of(seats).covered, came_of(seats).paid) == (6, 2)
    # in the common window, the fourth call begins beside the third: both are covered
    assert (came_of(one).covered, came_of(one).paid) == (4, 4)


def test_what_a_plan_covers_costs_nothing_but_counts_as_tokens() -> None:
    dollars = Budget("dollars", Scope.RUN, 2_000, reached=AtBudget.WARN)
    tokens = Budget("tokens", Scope.RUN, 400, in_tokens=True, reached=AtBudget.WARN)
    made = replace(planned(THREE_CALLS), budgets=(dollars, tokens))
    ledger = played(workload(SHORT, at(every(10, 5))), made)
    # three are covered, then two at 1,200 each: 400 beyond; five times 102 tokens: 110 beyond, reached by the fourth
    of_dollars, of_tokens = ledger.outcomes[0].budgets
    assert (of_dollars.reached_us, of_dollars.over) == (42 * S, 400)
    assert (of_tokens.reached_us, of_tokens.over, of_tokens.warned) == (32 * S, 110, 1)


def test_a_plan_goes_on_when_the_dollars_are_spent() -> None:
    stop = Budget("dollars", Scope.RUN, 1_000)
    made = replace(planned(replace(THREE_CALLS, limit=ONE)), budgets=(stop,))
    ledger = played(workload(SHORT, at([0, 10 * S, 20 * S, 100 * S])), made)
    # covered; paid, and the budget is reached; not made; covered again in the next window
    assert calls(ledger, "plan", "status") == [(0, Status.OK), (-1, Status.OK), (-1, Status.STOPPED), (0, Status.OK)]


def test_a_seat_needs_no_prices() -> None:
    made = replace(planned(THREE_CALLS), rates=(), currencies=())
    assert came_of(played(workload(SHORT, at(every(10, 4))), made)) == PlanOutcome(3, 1, 0, 0)
