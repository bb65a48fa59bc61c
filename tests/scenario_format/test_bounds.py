"""Bounds that hold across fields: what a compaction leaves, what a shared session means, how often a call is tried."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from burncurve.engines import rules
from burncurve.errors import Problem
from burncurve.scenario import checks
from burncurve.scenario.models import Scenario

ProblemsOf = Callable[..., list[Problem]]
COMPACT = "compact: {at: 160k, keep: 20k, summary: 3k}"


# base 20k + keep + summary + restore against at - reserve, worked by hand
@pytest.mark.parametrize(
    ("compact", "said"),
    [
        ("compact: {at: 43k, keep: 20k, summary: 3k}", "come to 43,000 in the mean, not below at, 43,000"),
        ("compact: {at: 63k, keep: 20k, summary: 3k}\n    reserve: 20k", "not below at less the reserve, 43,000"),
        ("compact: {at: 60k, keep: 20k, summary: 3k, restore: 17k}", "come to 60,000"),
        ("compact: {at: 50k, keep: 20k, summary: {lognormal: {median: 8k, sigma: 1}}}", "come to 53,190"),  # 8k e^.5
        ("compact: {at: 60k, keep: 20k, summary: {constant: 10k, times: [{constant: 2}]}}", "come to 60,000"),
    ],
)
def test_a_compaction_that_cannot_get_below_its_threshold_is_refused(
    right: str, problems_of: ProblemsOf, compact: str, said: str
) -> None:
    (problem,) = problems_of(right.replace(COMPACT, compact))
    assert problem.where.startswith("scenario.yaml:11:")
    assert said in problem.what
    assert "act before every call" in problem.what
    assert problem.remedy == "raise at, or leave less behind"


@pytest.mark.parametrize(
    "compact",
    [
        "compact: {at: 43001, keep: 20k, summary: 3k}",
        "compact: {at: 63001, keep: 20k, summary: 3k}\n    reserve: 20k",
        "compact: {at: 200k, keep: 20k, summary: 3k}\n    reserve: 20k",  # acts above 180k, the reserve taken once
    ],
)
def test_a_compaction_that_gets_below_is_fine(right: str, scenario_of: Callable[..., Scenario], compact: str) -> None:
    assert scenario_of(right.replace(COMPACT, compact)).agents["lead"].compact


def test_what_is_kept_alone_reaches_the_threshold(right: str, problems_of: ProblemsOf) -> None:
    (problem,) = problems_of(right.replace(COMPACT, "compact: {at: 60k, keep: 50k, summary: 3k}\n    reserve: 10k"))
    assert "agents.lead.compact.keep: 50,000 is not below at less the reserve, 50,000" in problem.what


TRIGGER = "  - {agent: lead, session: main, every: 30m, hours: 09:30-16:00, days: mon-fri, overlap: skip}\n"


@pytest.mark.parametrize(
    ("second", "field", "column"),
    [
        ("  - {agent: worker, session: main, once: true}\n", "agent", 13),
        ("  - {agent: lead, session: main, once: true, reset: idle 1h}\n", "reset", 53),
    ],
)
def test_triggers_of_one_session_agree(
    right: str, problems_of: ProblemsOf, second: str, field: str, column: int
) -> None:
    (problem,) = problems_of(right.replace(TRIGGER, TRIGGER + second))
    assert problem.where == f"scenario.yaml:20:{column}"
    assert f"triggers.1.{field}: the session 'main' has another {field} at " in problem.what
    assert "scenario.yaml:19:" in problem.what
    assert problem.remedy


def test_triggers_of_one_session_that_agree_are_fine(right: str, scenario_of: Callable[..., Scenario]) -> None:
    assert len(scenario_of(right.replace(TRIGGER, TRIGGER * 2)).triggers) == 2


def test_the_tries_of_a_call_stay_below_the_engines_stride(right: str, problems_of: ProblemsOf) -> None:
    assert checks.MOST_TRIES == rules.MAX_TRIES
    offers = "minimax/minimax-m2.5, zai/glm-5, minimax/minimax-m2.5"
    text = right.replace("cache: {lead: 1h}", f"failover: {{lead: [{offers}]}}, retry: {{retries: 16}}")
    (problem,) = problems_of(text)
    assert "4 offers with 16 retries each make 68 tries of one call, at most 64" in problem.what
    assert "at most 15" in problem.remedy


def test_64_tries_are_the_most(right: str, scenario_of: Callable[..., Scenario]) -> None:
    offers = "minimax/minimax-m2.5, zai/glm-5, minimax/minimax-m2.5"
    text = right.replace("cache: {lead: 1h}", f"failover: {{lead: [{offers}]}}, retry: {{retries: 15}}")
    assert scenario_of(text).deployments["d"].retry.retries == 15


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ("failover: {lead: anthropic/claude-opus-4.6}", "failover.lead.0"),
        ("failover: {lead: [zai/glm-5, zai/glm-5]}", "failover.lead.1"),
        ("then: [{at: 1h, roles: {lead: zai/glm-5}, failover: {lead: [zai/glm-5]}}]", "then.0.failover.lead.0"),
    ],
)
def test_a_failover_to_the_offer_that_failed_is_refused(
    more: str, place: str, right: str, problems_of: ProblemsOf
) -> None:
    (problem,) = problems_of(right.replace("cache: {lead: 1h}", more))
    assert f"deployments.d.{place}: " in problem.what
    assert "is the offer that failed just before" in problem.what
    assert "name another offer" in problem.remedy


def test_a_failover_and_back_is_fine(right: str, scenario_of: Callable[..., Scenario]) -> None:
    there_and_back = "failover: {lead: [zai/glm-5, anthropic/claude-opus-4.6]}"
    assert scenario_of(right.replace("cache: {lead: 1h}", there_and_back)).deployments["d"].failover


@pytest.mark.parametrize("field", ["only", "quantizations", "regions", "maker_countries"])
def test_a_list_of_what_may_serve_is_not_empty(field: str, right: str, problems_of: ProblemsOf) -> None:
    (problem,) = problems_of(f"{right}constraints: {{{field}: []}}\n")
    assert problem.what == f"constraints.{field}: an empty list would exclude every deployment"
    assert "leave the field out" in problem.remedy


def test_a_field_one_level_too_deep_is_shown_its_place(right: str, problems_of: ProblemsOf) -> None:
    (problem,) = problems_of(right.replace("cache: {lead: 1h}", "account: {at_limit: refuse}"))
    assert problem.what == "deployments.d.account.at_limit: unknown field 'at_limit'"
    assert problem.remedy == "it belongs one level further out: write it beside `account`"
