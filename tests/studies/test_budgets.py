"""How long budgets last, from the outcomes of replications."""

from __future__ import annotations

import pytest

from burncurve.deployment import Account, AtBudget, Budget, Deployment, Leg, Offer, Plan, Route, Scope, Term
from burncurve.ledger import SCHEMA, BudgetOutcome, Ledger, Outcome, PlanOutcome, columns_of
from burncurve.report.budgets import lasting
from burncurve.studies import budgets, distributions

HOUR = 3_600_000_000
NEVER = -1


def ledger(*times_us: int, over: int = 0, **counts: int) -> Ledger:
    came = {"stopped": 0, "paused": 0, "cheaper": 0, "warned": 0} | counts
    outcomes = tuple(
        Outcome(number, 1, 1, -1, 0, 0, 0, 1, 1, budgets=(BudgetOutcome(time, over, **came),))
        for number, time in enumerate(times_us)
    )
    return Ledger(columns_of([]), {}, outcomes, 8 * HOUR, 0)


def deployment(budget: Budget | None = None, *plans: Plan) -> Deployment:
    some = (budget,) if budget else ()
    return Deployment("opus", (Offer("a/b", 1),), (Account("a"),), (Route((Leg(0, 0),)),), budgets=some, plans=plans)


FIFTY = Budget("$50 per run", Scope.RUN, 50 * 10**12)


def told(*times_us: int, **came: int) -> dict[str, object]:
    (budget,) = budgets.of_budgets(deployment(FIFTY), budgets.columns_of(ledger(*times_us, **came)))
    return budget


def test_quantiles_lie_between_the_replications() -> None:
    """Of 1, 2, ..., 11 hours p10 is the second, p50 the sixth, p90 the tenth."""
    found = told(*(hours * HOUR for hours in range(11, 0, -1)), over=3 * 10**12, stopped=4)
    assert found["reached_after_s"] == {"p10": 2 * 3600, "p50": 6 * 3600, "p90": 10 * 3600}
    assert (found["reached_share"], found["most_beyond"], found["stopped_calls"], found["limit"]) == (1, 3.0, 4, 50.0)


def test_between_two_replications_a_quantile_is_interpolated() -> None:
    assert told(HOUR, 2 * HOUR)["reached_after_s"] == {"p10": 3960.0, "p50": 5400.0, "p90": 6840.0}


def test_who_never_reached_it_comes_last() -> None:
    found = told(HOUR, NEVER, 2 * HOUR, NEVER, 3 * HOUR)
    assert found["reached_share"] == 0.6
    after = found["reached_after_s"]
    assert after == {"p10": pytest.approx(1.4 * 3600), "p50": 3 * 3600, "p90": None}


def test_one_replication_has_a_middle_alone() -> None:
    assert told(HOUR)["reached_after_s"] == {"p10": None, "p50": 3600, "p90": None}
    assert told(NEVER)["reached_after_s"] == {"p10": None, "p50": None, "p90": None}


def sentence(budget: Budget, *times_us: int) -> str:
    columns = budgets.columns_of(ledger(*times_us))
    part = {"name": "opus", "budgets": budgets.of_budgets(deployment(budget), columns)}
    (line,) = lasting({"replications": len(times_us), "deployments": [part]}).below
    return line


def test_the_sentence_says_how_long_it_lasts() -> None:
    hours = [HOUR * n // 10 for n in (34, 29, 41, 30, 33, 35, 36, 38, 31, 32, 37)]
    assert sentence(FIFTY, *hours) == "opus: $50 per run lasts 3.4 h (p10 to p90: 3 h to 3.8 h)"
    assert sentence(FIFTY, HOUR) == "opus: $50 per run lasts 1 h"
    assert sentence(FIFTY, NEVER, NEVER) == "opus: $50 per run is not reached"
    assert sentence(FIFTY, HOUR, NEVER, NEVER) == (
        "opus: $50 per run is reached in 33% of the runs, in others not before the end"
    )
    task = Budget("1,000 tokens per task", Scope.TASK, 1_000, in_tokens=True, reached=AtBudget.WARN)
    assert sentence(task, HOUR * 2) == "opus: 1,000 tokens per task is first reached after 2 h"


def test_budgets_last_until_the_first_is_reached_and_at_most_the_horizon() -> None:
    """Of 10 runs of 8 h: two budgets are reached in the first four, the earlier one counts."""
    of_task = Budget("$8 per task", Scope.TASK, 8 * 10**12)
    made = Deployment("opus", (Offer("a/b", 1),), (Account("a"),), (Route((Leg(0, 0),)),), budgets=(FIFTY, of_task))
    of_run = [5, 2, NEVER, 4, *[NEVER] * 6]
    of_tasks = [3, NEVER, 1, 4, *[NEVER] * 6]
    outcomes = tuple(
        Outcome(
            number, 1, 1, -1, 0, 0, 0, 1, 1, budgets=tuple(BudgetOutcome(_at(hour), 0, 0, 0, 0, 0) for hour in both)
        )
        for number, both in enumerate(zip(of_run, of_tasks, strict=True))
    )
    lasts = budgets.lasting(made, budgets.columns_of(Ledger(columns_of([]), {}, outcomes, 8 * HOUR, 0)), 8 * HOUR)
    assert lasts[budgets.LASTS].tolist() == [hours * HOUR for hours in (3, 2, 1, 4, 8, 8, 8, 8, 8, 8)]
    assert budgets.told(lasts) == {"budget_lasts_s": 58 / 10 * 3600, "budget_reached_share": 0.4}
    spread = distributions.of({"calls": lasts[budgets.REACHED], **lasts})
    assert spread is not None
    assert spread["budget_lasts_s"]["p10"] == pytest.approx(1.9 * 3600)  # 0.9 of the way from 1 h to 2 h
    assert "p10" not in spread["calls"]


def _at(hour: int) -> int:
    return hour if hour == NEVER else hour * HOUR


def test_without_budgets_nothing_is_said_of_them() -> None:
    assert budgets.told(budgets.lasting(deployment(), {}, HOUR)) == {
        "budget_lasts_s": None,
        "budget_reached_share": None,
    }


def test_what_a_plan_covers_is_told_by_replication() -> None:
    came = [PlanOutcome(10, 0, 2, 0), PlanOutcome(20, 6, 2, 1)]
    outcomes = tuple(Outcome(n, 1, 1, -1, 0, 0, 0, 1, 1, plans=(each,)) for n, each in enumerate(came))
    made = deployment(None, Plan("max", (0,), (), ()))
    columns = budgets.columns_of(Ledger(columns_of([]), {}, outcomes, HOUR, 0), made.plans)
    (plan,) = budgets.of_plans(made, columns)
    assert plan == {
        "name": "max", "covered_calls": 15, "paid_calls": 3, "stopped_calls": 2, "paused_calls": 0.5,
        "blocked_share": 0.1,
    }  # fmt: skip


def test_calls_outside_the_terms_are_paid_while_the_plan_is_held() -> None:
    """Terms of two hours of the four in which it is held: of the calls below, only the third is paid outside them."""
    calls = [  # (granted, offer, plan)
        (HOUR, 0, 0),  # covered
        (HOUR, 0, -1),  # beyond the quotas, which the engine counts
        (3 * HOUR, 0, -1),  # outside the terms
        (3 * HOUR, 1, -1),  # another offer
        (5 * HOUR, 0, -1),  # given up
        (-1, 0, -1),  # not made
    ]
    row = dict.fromkeys(SCHEMA.names, 0)
    rows = [
        tuple((row | {"replication": 7, "grant_us": granted, "offer": offer, "plan": plan}).values())
        for granted, offer, plan in calls
    ]
    outcomes = tuple(
        Outcome(7 + n, 1, 1, -1, 0, 0, 0, 1, 1, plans=(PlanOutcome(*came),))
        for n, came in enumerate(((1, 1, 1, 0), (0, 0, 0, 0)))
    )
    plan = Plan("max", (0,), (), (Term(0, 2 * HOUR),), held=(Term(0, 4 * HOUR),))
    columns = budgets.columns_of(Ledger(columns_of(rows), {}, outcomes, 8 * HOUR, 0), (plan,))
    assert columns["plans 0 outside"].tolist() == [1, 0]
    (found,) = budgets.of_plans(deployment(None, plan), columns)
    assert (found["covered_calls"], found["paid_calls"], found["blocked_share"]) == (0.5, 1, 0.25)
