"""Plans (mechanics M22) in ledgers worked out by hand: windows, quotas, terms, and what happens beyond."""

from __future__ import annotations

import pytest

from burncurve.deployment import AtBudget, Beyond, Budget, CountsFrom, Deployment, Plan, Quota, Scope, Term, Weights
from burncurve.ledger import Ledger, PlanOutcome, Status
from burncurve.workload import Users

from .build import S, agent, at, offer, played, quantity, replace, row, workload
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
    # and all of them asked at once, but a call counts from its beginning
    assert calls(ledger, "request_us", "plan") == [(t * S, 0) for t in (0, 10, 20, 100, 500, 500)]
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
    # in the common window, the fourth call begins beside the third, which counts already
    assert (came_of(one).covered, came_of(one).paid) == (3, 5)


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


# Quotas whose uses come back one by one

SLIDING = replace(THREE_CALLS, counts_from=CountsFrom.EACH_USE)


def test_a_call_comes_back_one_length_after_it_began_and_its_tokens_one_after_it_ended() -> None:
    ledger = played(workload(SHORT, at(every(10, 14))), planned(SLIDING))
    covered = [each[0] // S for each in calls(ledger, "request_us", "plan") if each[1] == 0]
    assert covered == [0, 10, 20, 100, 110, 120]
    # 102 tokens each, booked at 2, 12 and 22, back at 102, 112 and 122: at 100 all count, at 110 those of one are back
    tokens = replace(SLIDING, limit=306, per_call=0, per_token=(1,) * 6 + (0,))
    ledger = played(workload(SHORT, at(every(10, 14))), planned(tokens))
    covered = [each[0] // S for each in calls(ledger, "request_us", "plan") if each[1] == 0]
    assert covered == [0, 10, 20, 110, 120, 130]


def test_of_those_who_wait_only_as_many_go_on_as_there_is_room_for() -> None:
    # three calls per 100 s: 0, 0, 0; then all others wait, and three of them go on each time
    ledger = played(workload(SHORT, at([0] * 8)), planned(SLIDING, beyond=Beyond.WAIT))
    assert sorted(each[0] // S for each in calls(ledger, "request_us")) == [0, 0, 0, 100, 100, 100, 200, 200]
    # what the tokens take is known when a call has ended, so that all who wait go on at once, and beyond the limit
    tokens = replace(SLIDING, limit=306, per_call=0, per_token=(1,) * 6 + (0,))
    ledger = played(workload(SHORT, at([0, 0, 0, *[3 * S] * 5])), planned(tokens, beyond=Beyond.WAIT))
    assert sorted(each[0] // S for each in calls(ledger, "request_us")) == [0, 0, 0, 102, 102, 102, 102, 102]


@pytest.mark.parametrize("kind", list(CountsFrom))
def test_who_waits_for_a_quota_goes_on_when_the_terms_end(kind: CountsFrom) -> None:
    quota, terms = replace(THREE_CALLS, limit=ONE, counts_from=kind), (Term(-1, 60 * S), Term(80 * S, 1 << 62))
    ledger = played(workload(SHORT, at([0, 10 * S, 70 * S, 90 * S])), planned(quota, beyond=Beyond.WAIT, terms=terms))
    assert calls(ledger, "request_us", "plan") == [(0, 0), (60 * S, -1), (70 * S, -1), (100 * S, 0)]


def test_two_windows_that_meet_let_more_through_than_one_that_slides() -> None:
    times = [t * S for t in (0, 90, 93, 101, 104, 107)]
    opened, sliding = (played(workload(SHORT, at(times)), planned(each)) for each in (THREE_CALLS, SLIDING))
    # a window from 0 to 100 and one from 101 on: five calls within 17 s
    assert [each[0] for each in calls(opened, "plan")] == [0, 0, 0, 0, 0, 0]
    # what began at 0 is back at 100, and the call of 101 takes its place; those of 90 and 93 count until 190 and 193
    assert [each[0] for each in calls(sliding, "plan")] == [0, 0, 0, 0, -1, -1]


def test_beyond_a_quota_that_slides_calls_wait_for_the_first_use_that_makes_room() -> None:
    ledger = played(workload(SHORT, at([0, 10 * S, 20 * S, 30 * S, 103 * S])), planned(SLIDING, beyond=Beyond.WAIT))
    # the fourth goes on when what began at 0 is back; the fifth finds those of 10, 20 and 100 until 110
    assert calls(ledger, "request_us", "plan") == [(t * S, 0) for t in (0, 10, 20, 100, 110)]
    assert came_of(ledger) == PlanOutcome(covered=5, paid=0, stopped=0, paused=2)


def test_as_many_uses_are_waited_for_as_make_room() -> None:
    # three calls that run beside each other take 102 tokens each, booked at 2, 2.5 and 3 s
    tokens = Quota("t", 100 * S, 306, per_token=(1,) * 6 + (0,), counts_from=CountsFrom.EACH_USE)
    for limit, ready_us in ((306, 102 * S), (205, 102 * S), (204, 102_500_000), (103, 102_500_000), (102, 103 * S)):
        held = planned(replace(tokens, limit=limit), beyond=Beyond.WAIT)
        ledger = played(workload(SHORT, at([0, S // 2, S, 50 * S])), held)
        assert [each[0] for each in calls(ledger, "request_us")] == [0, S // 2, S, ready_us], limit


@pytest.mark.parametrize("kind", [CountsFrom.FIRST_USE, CountsFrom.EACH_USE])
def test_what_is_used_is_back_at_the_very_microsecond(kind: CountsFrom) -> None:
    # a call of no time: the window opens, and the use is booked, at 0
    quota = Quota("q", 100 * S, ONE, per_call=ONE, counts_from=kind)
    for late, plan in ((-1, -1), (0, 0), (1, 0)):
        ledger = played(workload(agent(), at([0, 100 * S + late])), replace(planned(quota), offers=(offer(),)))
        assert [each[0] for each in calls(ledger, "plan")] == [0, plan], late


def test_a_quota_that_slides_counts_only_while_it_is_in_force() -> None:
    # from 15 s until 75 s: what begins before does not count in it, and from 75 s on nothing is held by it
    short = replace(SLIDING, limit=2 * ONE, from_us=15 * S, until_us=75 * S)
    paid = played(workload(SHORT, at(every(12, 8))), planned(short))
    # what begins at 0 and 12 does not count, what begins at 24 and 36 does
    assert [each[0] for each in calls(paid, "plan")] == [0, 0, 0, 0, -1, -1, -1, 0]
    waits = played(workload(SHORT, at(every(12, 6))), planned(short, beyond=Beyond.WAIT))
    assert [each[0] // S for each in calls(waits, "request_us")] == [0, 12, 24, 36, 75, 75]


# Weeks that count from the purchase


def test_windows_follow_each_other_from_the_purchase_on() -> None:
    weeks = replace(THREE_CALLS, limit=ONE, counts_from=CountsFrom.PURCHASE)
    times = [50 * S, 97 * S, 99 * S, 103 * S, 105 * S, 200 * S, 210 * S]
    # periods end at 100 and 200
    expected = [0, -1, -1, 0, -1, 0, -1]
    assert [each[0] for each in calls(played(workload(SHORT, at(times)), planned(weeks)), "plan")] == expected
    # a call that is on its way as the period ends counts where it began, its tokens in the next one
    for quota, after in ((weeks, 0), (replace(weeks, limit=102, per_call=0, per_token=(1,) * 6 + (0,)), -1)):
        over = played(workload(SHORT, at([99 * S, 103 * S, 200 * S])), planned(quota))
        assert [each[0] for each in calls(over, "plan")] == [0, after, 0]


def test_a_new_purchase_begins_a_new_week() -> None:
    weeks = replace(THREE_CALLS, limit=ONE, counts_from=CountsFrom.PURCHASE)
    bought = replace(planned(weeks).plans[0], purchases_us=(30 * S, 170 * S), beyond=Beyond.WAIT)
    made = replace(planned(weeks), plans=(bought,))
    ledger = played(workload(SHORT, at([40 * S, 50 * S, 140 * S, 175 * S])), made)
    # 30 to 130, 130 to 170, 170 to 270, 270 to 370
    assert [each[0] // S for each in calls(ledger, "request_us")] == [40, 130, 170, 270]


# Weights by the hour


def test_the_weight_is_that_of_the_time_at_which_a_call_is_granted() -> None:
    # one unit before 20 s, three from then on; a call takes 2 s, so that the one of 19 s ends at 21 s
    heavier = Weights(((1_000_000, 0), (3_000_000, 0)), starts_us=(0, 20 * S), places=(0, 1))
    quota = replace(THREE_CALLS, limit=5 * ONE, weights=heavier)
    for second, third in ((19 * S, 0), (20 * S - 1, 0), (20 * S, 0), (20 * S + 1, 0)):
        ledger = played(workload(SHORT, at([0, second, 30 * S, 40 * S])), planned(quota))
        # 1 + 1 + 3 = 5 is reached by the third, 1 + 3 + 3 = 7 by the third too
        assert [each[0] for each in calls(ledger, "plan")] == [0, 0, third, -1]
        tight = played(workload(SHORT, at([0, second, 30 * S])), planned(replace(quota, limit=3 * ONE)))
        assert [each[0] for each in calls(tight, "plan")] == [0, 0, 0 if second < 20 * S else -1]


def test_a_full_quota_holds_nobody_in_hours_that_do_not_count() -> None:
    # from 60 s to 70 s calls take nothing
    free = Weights(((1_000_000, 0), (0, 0)), starts_us=(0, 60 * S, 70 * S), places=(0, 1, 0))
    for kind in CountsFrom:
        quota = replace(THREE_CALLS, limit=ONE, weights=free, counts_from=kind)
        paid = played(workload(SHORT, at([0, *(t * S for t in (59, 60, 69, 70))])), planned(quota))
        assert [each[0] for each in calls(paid, "plan")] == [0, -1, 0, 0, -1], kind
        waits = played(workload(SHORT, at([0, 10 * S, 71 * S])), planned(quota, beyond=Beyond.WAIT))
        assert [each[0] // S for each in calls(waits, "request_us")] == [0, 60, 100], kind
