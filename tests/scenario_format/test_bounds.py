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
    offers = ", ".join(["minimax/minimax-m2.5"] * 3)
    text = right.replace("cache: {lead: 1h}", f"failover: {{lead: [{offers}]}}, retry: {{retries: 16}}")
    (problem,) = problems_of(text)
    assert "4 offers with 16 retries each make 68 tries of one call, at most 64" in problem.what
    assert "at most 15" in problem.remedy


def test_64_tries_are_the_most(right: str, scenario_of: Callable[..., Scenario]) -> None:
    offers = ", ".join(["minimax/minimax-m2.5"] * 3)
    text = right.replace("cache: {lead: 1h}", f"failover: {{lead: [{offers}]}}, retry: {{retries: 15}}")
    assert scenario_of(text).deployments["d"].retry.retries == 15
