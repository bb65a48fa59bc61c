"""Budgets and monthly limits (mechanics M17, M21) in ledgers worked out by hand."""

from __future__ import annotations

from burncurve.deployment import (
    Account,
    AtBudget,
    Band,
    Budget,
    CacheKind,
    CacheRule,
    Currency,
    Deployment,
    Leg,
    Rates,
    Retry,
    Scope,
    Tariff,
)
from burncurve.ledger import BudgetOutcome, Ledger, Status
from burncurve.workload import Join, Spawn, Trigger, Workload

from .build import DAY, S, agent, at, chance, deployment, offer, played, quantity, replace, row, same, workload

# pico-dollars by meter: input 10, cache read 1, writes 12 and 20, output and reasoning 100
PLAIN = Rates((0,), (0,), (Tariff((Band(0, (10, 1, 12, 20, 100, 100, 0)),)),))
CHEAP = Rates((0,), (0,), (Tariff((Band(0, (2, 1, 2, 2, 20, 20, 0)),)),))
SECOND = 10**9


def served(*budgets: Budget, account: Account | None = None, cache: CacheRule | None = None) -> Deployment:
    """Two offers that take a second for each token they write; the first serves, the second is a fifth of its price."""
    offers = [
        offer(name, decode_ns_per_token=SECOND, cache=cache or CacheRule()) for name in ("maker/dear", "maker/cheap")
    ]
    made = deployment(offers[:1], account)
    return replace(made, offers=tuple(offers), rates=(PLAIN, CHEAP), currencies=(Currency(),), budgets=budgets)


def five_turns() -> Workload:
    """Prompts of 100, 102, 104, 106, 108 tokens, 2 of output each, so 1,200, 1,220, 1,240, 1,260 and 1,280 in all."""
    return workload(agent(base=100, turns=5, output=2))


def calls(ledger: Ledger, *names: str) -> list[tuple[int, ...]]:
    rows = [row(ledger, i) for i in range(len(ledger))]
    return [tuple(each[name] for name in names) for each in rows]


def came_of(ledger: Ledger) -> BudgetOutcome:
    (outcome,) = ledger.outcomes
    (budget,) = outcome.budgets
    return budget


def test_a_task_ends_before_the_first_call_after_its_budget_is_reached() -> None:
    ledger = played(five_turns(), served(Budget("b", Scope.RUN, 3_000)))
    # 1,200 + 1,220 = 2,420 are below, with the third call 3,660 are not: 660 too much, reached when it ends at 6 s
    assert came_of(ledger) == BudgetOutcome(6 * S, 660, stopped=1, paused=0, cheaper=0, warned=0)
    assert calls(ledger, "turn", "status", "request_us", "end_us") == [
        (1, Status.OK, 0, 2 * S),
        (2, Status.OK, 2 * S, 4 * S),
        (3, Status.OK, 4 * S, 6 * S),
        (4, Status.STOPPED, 6 * S, -1),
    ]
    assert (ledger.outcomes[0].failed, ledger.outcomes[0].finished) == (1, 0)


def test_a_budget_is_reached_when_nothing_is_left_of_it() -> None:
    assert came_of(played(five_turns(), served(Budget("b", Scope.RUN, 2_420)))).stopped == 1
    assert len(played(five_turns(), served(Budget("b", Scope.RUN, 2_420)))) == 3  # two calls, one stopped
    assert len(played(five_turns(), served(Budget("b", Scope.RUN, 2_421)))) == 4


def test_tokens_are_prompt_and_output_of_all_kinds() -> None:
    ledger = played(five_turns(), served(Budget("b", Scope.RUN, 206, in_tokens=True)))
    # 102 + 104 = 206: reached with the second call
    assert came_of(ledger) == BudgetOutcome(4 * S, 0, stopped=1, paused=0, cheaper=0, warned=0)
    assert len(played(five_turns(), served(Budget("b", Scope.RUN, 207, in_tokens=True)))) == 4


def test_a_pause_lasts_until_the_next_day_and_the_pot_is_full_again() -> None:
    budget = Budget("b", Scope.DAY, 2_400, reached=AtBudget.PAUSE, days_us=(30 * S, 60 * S, 90 * S))
    ledger = played(five_turns(), served(budget))
    # first day 2,420, second 1,240 + 1,260 = 2,500, third 1,280
    assert calls(ledger, "turn", "status", "request_us", "end_us") == [
        (1, Status.OK, 0, 2 * S),
        (2, Status.OK, 2 * S, 4 * S),
        (3, Status.OK, 30 * S, 32 * S),
        (4, Status.OK, 32 * S, 34 * S),
        (5, Status.OK, 60 * S, 62 * S),
    ]
    assert came_of(ledger) == BudgetOutcome(4 * S, 100, stopped=0, paused=2, cheaper=0, warned=0)
    assert ledger.outcomes[0].finished == 1


def test_who_still_pauses_at_the_end_is_cut_off() -> None:
    budget = Budget("b", Scope.DAY, 2_400, reached=AtBudget.PAUSE, days_us=(DAY,))
    ledger = played(replace(five_turns(), horizon_us=100 * S), served(budget))
    assert calls(ledger, "turn", "status", "request_us", "end_us")[-1] == (3, Status.STOPPED, 4 * S, -1)
    assert (ledger.outcomes[0].unfinished, came_of(ledger).paused, came_of(ledger).stopped) == (1, 1, 0)


def test_a_cheaper_offer_takes_over_with_a_cache_of_its_own() -> None:
    budget = Budget("b", Scope.RUN, 2_000, reached=AtBudget.CHEAPER, cheaper=Leg(1, 0))
    ledger = played(five_turns(), served(budget, cache=CacheRule(CacheKind.AUTOMATIC)))
    # dear: 100 x 10 + 200 = 1,200, then 100 read + 2 x 10 + 200 = 320, 102 + 20 + 200 = 322, 324, all 2,166 at 8 s;
    # cheap: nothing is warm there, so 108 x 2 + 40 = 256, and 422 in all are beyond
    assert calls(ledger, "turn", "offer", "input", "cache_read") == [
        (1, 0, 100, 0),
        (2, 0, 2, 100),
        (3, 0, 2, 102),
        (4, 0, 2, 104),
        (5, 1, 108, 0),
    ]
    assert came_of(ledger) == BudgetOutcome(8 * S, 422, stopped=0, paused=0, cheaper=1, warned=0)


def test_a_cheaper_offer_that_breaks_has_nobody_to_turn_to() -> None:
    budget = Budget("b", Scope.RUN, 2_000, reached=AtBudget.CHEAPER, cheaper=Leg(1, 0))
    made = served(budget)
    breaks = replace(made, offers=(made.offers[0], replace(made.offers[1], broken=1 << 30)), retry=Retry(retries=1))
    ledger = played(five_turns(), breaks)
    assert calls(ledger, "turn", "offer", "attempt", "status")[2:] == [(3, 1, 0, Status.ERROR), (3, 1, 1, Status.ERROR)]
    assert ledger.outcomes[0].failed == 1


def test_a_warning_changes_nothing_but_is_counted() -> None:
    plain, warned = (
        played(five_turns(), served(*budgets))
        for budgets in ((), (Budget("b", Scope.TASK, 2_000, reached=AtBudget.WARN),))
    )
    # 6,200 in all, reached with the second call
    assert came_of(warned) == BudgetOutcome(4 * S, 4_200, stopped=0, paused=0, cheaper=0, warned=3)
    same(plain, replace(warned, outcomes=plain.outcomes))


def test_the_strictest_of_several_budgets_counts() -> None:
    days = (30 * S, 60 * S)
    pause = Budget("pause", Scope.DAY, 1_000, reached=AtBudget.PAUSE, days_us=days)
    stop = Budget("stop", Scope.RUN, 2_000)
    ledger = played(five_turns(), served(pause, stop))
    # a day holds one call; the second makes 2,420, which stops the third although a pause would do
    assert calls(ledger, "turn", "request_us", "status") == [
        (1, 0, Status.OK),
        (2, 30 * S, Status.OK),
        (3, 32 * S, Status.STOPPED),
    ]
    assert [each.stopped for each in ledger.outcomes[0].budgets] == [0, 1]


def test_a_call_that_waits_and_then_is_not_made_stands_once_in_the_ledger() -> None:
    """The day's budget is reached at 2 s; while the next call waits, another task's call of 1,500 ends the run's."""
    day = Budget("day", Scope.DAY, 1_100, reached=AtBudget.PAUSE, days_us=(10 * S, 1 << 53))
    run = Budget("run", Scope.RUN, 2_000)
    two, one = agent("two", base=100, turns=2, output=2), agent("one", base=100, output=5)
    ledger = played(workload((two, one), (at([0]), at([0], agent=1, name="other"))), served(day, run))
    assert calls(ledger, "task", "turn", "status", "request_us", "end_us") == [
        (0, 1, Status.OK, 0, 2 * S),
        (1, 1, Status.OK, 0, 5 * S),
        (0, 2, Status.STOPPED, 10 * S, -1),
    ]
    of_day, of_run = ledger.outcomes[0].budgets
    assert (of_day.paused, of_day.stopped, of_run.paused, of_run.stopped) == (1, 0, 0, 1)


# Whose calls share a budget


def test_a_task_shares_its_budget_with_all_that_it_spawns() -> None:
    """A root spawns three children, one at work at a time; each call takes 1,100 and a second."""
    rule = Spawn(child=1, salt=7, probability=chance(1), count=quantity(3), brief=quantity(0), join=Join.WAIT, active=1)
    work = workload([agent("root", base=100, spawns=(rule,)), agent("child", base=100)], at([0, 100 * S]))
    ledger = played(work, served(Budget("b", Scope.TASK, 3_300)))
    # reached with the second child at 3 s; the third is not asked, and the root cannot take in what there is
    one_tree = [
        (0, 0, Status.OK),
        (S, 1, Status.OK),
        (2 * S, 1, Status.OK),
        (3 * S, 0, Status.STOPPED),
        (3 * S, 1, Status.STOPPED),
    ]
    later = [(100 * S + at_us, who, status) for at_us, who, status in one_tree]  # with a budget of its own
    assert calls(ledger, "request_us", "agent", "status") == one_tree + later
    assert came_of(ledger) == BudgetOutcome(3 * S, 0, stopped=4, paused=0, cheaper=0, warned=0)


def test_a_session_shares_its_budget_over_its_requests_and_their_children() -> None:
    rule = Spawn(child=1, salt=7, probability=chance(1), count=quantity(1), brief=quantity(0), join=Join.BACKGROUND)
    work = workload(
        [agent("root", base=100, output=0, spawns=(rule,)), agent("child", base=100, output=0)],
        [
            at([0, 10 * S, 20 * S], session="main", name="shared"),
            at([5 * S, 15 * S], name="alone"),
        ],
    )
    ledger = played(work, served(Budget("b", Scope.SESSION, 4_000)))
    # 1,000 for each call, 3 for each tree: the root's, the child's, and what the root makes of its result
    assert calls(ledger, "request_us", "agent", "status") == [
        *[(t * S, who, Status.OK) for t in (0, 5) for who in (0, 0, 1)],
        (10 * S, 0, Status.OK),  # the fourth of the session
        (10 * S, 0, Status.STOPPED),
        (10 * S, 1, Status.STOPPED),
        *[(15 * S, who, Status.OK) for who in (0, 0, 1)],
        (20 * S, 0, Status.STOPPED),
    ]


def test_tries_of_a_task_share_its_budget_and_end_with_it() -> None:
    never = replace(offer("maker/dear"), success=0)
    made = replace(served(Budget("b", Scope.TASK, 2_000)), offers=(never, never))
    work = workload(agent(base=100, output=0), Trigger("t", 5, 0, times_us=(0,), attempts=9))
    ledger = played(work, made)
    # 1,000 for each try: the third is not made, and no fourth is tried
    assert calls(ledger, "task_attempt", "status") == [(0, Status.OK), (1, Status.OK), (2, Status.STOPPED)]


def test_a_call_is_looked_at_again_when_its_turn_comes() -> None:
    """Two ask at once of an account that serves one at a time: the first uses up what there is, the other waits."""
    work = workload(agent(base=100, output=2), at([0, 0]))
    ledger = played(work, served(Budget("b", Scope.RUN, 1_000), account=Account("account", concurrent_calls=1)))
    assert calls(ledger, "request_us", "status", "end_us") == [(0, Status.OK, 2 * S), (2 * S, Status.STOPPED, -1)]


def test_calls_in_flight_are_finished() -> None:
    work = workload(agent(base=100, turns=2, output=2), at([0, 0, 0]))
    ledger = played(work, served(Budget("b", Scope.RUN, 1_000)))
    # three begin before any has ended; 3,600 are booked
    told = calls(ledger, "turn", "request_us", "status")
    assert told == [(1, 0, Status.OK)] * 3 + [(2, 2 * S, Status.STOPPED)] * 3
    assert came_of(ledger) == BudgetOutcome(2 * S, 2_600, stopped=3, paused=0, cheaper=0, warned=0)


def test_what_is_in_flight_at_the_horizon_counts() -> None:
    ledger = played(replace(five_turns(), horizon_us=S), served(Budget("b", Scope.RUN, 1_000)))
    assert came_of(ledger) == BudgetOutcome(2 * S, 200, stopped=0, paused=0, cheaper=0, warned=0)


# Monthly limits


def test_an_account_at_its_monthly_limit_waits_for_the_month() -> None:
    account = Account("account", spend_per_month=2_400, months_us=(40 * S, 80 * S))
    ledger = played(five_turns(), served(account=account))
    assert calls(ledger, "turn", "request_us", "grant_us", "status") == [
        (1, 0, 0, Status.OK),
        (2, 2 * S, 2 * S, Status.OK),
        (3, 4 * S, 40 * S, Status.OK),
        (4, 42 * S, 42 * S, Status.OK),
        (5, 44 * S, 80 * S, Status.OK),
    ]


def test_an_account_that_refuses_names_no_time_for_the_next_month() -> None:
    account = Account("account", spend_per_month=2_400, months_us=(40 * S, 80 * S), refuses=True)
    ledger = played(five_turns(), replace(served(account=account), retry=Retry(retries=2)))
    told = calls(ledger, "turn", "attempt", "status")
    assert told == [
        (1, 0, Status.OK),
        (2, 0, Status.OK),
        *[(3, attempt, Status.REFUSED) for attempt in range(3)],
    ]
    assert ledger["request_us"][-1] < 8 * S  # the client's own delays: 0.5 s and 1 s at most
