"""Constraints rule by rule against the catalogue and a book, and what they cost."""

from __future__ import annotations

import pytest

from burncurve.errors import InputError
from burncurve.studies import shipped
from burncurve.studies.constraints import RULES, by_deployment
from burncurve.studies.study import Choices, Study, open_study

SCENARIO = "openclaw-stock-monitor"


def study(*settings: str, **choices) -> Study:
    return open_study(shipped.locate(SCENARIO), Choices(settings=settings, **choices))


def barred(*settings: str, **choices) -> dict[str, list[str]]:
    found = by_deployment(study(*settings, **choices).breaches)
    return {name: [f"{one.rule}: {one.why}" for one in each] for name, each in found.items()}


def test_without_constraints_nobody_is_excluded() -> None:
    assert barred() == {}
    assert study().scenario.constraints is None


def test_only_and_ignore_are_about_providers() -> None:
    assert set(barred("constraints.only=[anthropic, minimax]")) == {"kimi", "glm", "deepseek", "qwen"}
    assert barred("constraints.ignore=minimax") == {
        "minimax": ["ignore: the provider minimax is ignored"],
        "mixed": ["ignore: the provider minimax is ignored"],
    }


def test_the_makers_country_and_the_region_are_two_fields() -> None:
    """Alibaba's international API computes outside mainland China; its maker sits in it."""
    country = barred("constraints.maker_countries=[US]")
    assert set(country) == {"minimax", "mixed", "kimi", "glm", "deepseek", "qwen"}
    assert country["qwen"] == ["maker_countries: maker_country is CN, not US"]
    region = barred("constraints.regions=[outside-mainland-china]")
    assert "qwen" not in region
    assert region["opus"] == ["regions: region is not known"]


def test_a_region_that_a_deployment_states_counts() -> None:
    assert "opus" not in barred("constraints.regions=[eu]", "deployments.opus.region=EU")


def test_what_nobody_states_does_not_keep_a_rule() -> None:
    found = study("constraints.data_collection=deny").breaches
    assert {breach.deployment for breach in found} == {"minimax", "mixed", "kimi", "glm", "deepseek", "qwen"}
    assert {(breach.why, breach.known) for breach in found} == {("trains_on_prompts is not known", False)}
    assert set(barred("constraints.zdr=true")) == {"minimax", "mixed", "kimi", "glm", "deepseek", "qwen"}
    assert barred("constraints.quantizations=[unknown, fp8]") == {}


def test_the_highest_price_is_held_against_the_book_of_the_day() -> None:
    """By list on 2026-02-23 Opus 4.6 costs 5 and 25, MiniMax M2.5 0.3 and 1.2 dollars per million tokens."""
    assert barred("constraints.max_price.prompt=4.99")["opus"] == [
        "max_price: prompt costs $5 per million tokens, above $4.99"
    ]
    assert "opus" not in barred("constraints.max_price.prompt=5", "constraints.max_price.completion=25")
    assert "minimax" in barred("constraints.max_price.completion=1.19")


def test_a_failover_must_keep_the_rules_too() -> None:
    """With Opus alone the deployment is of the United States; with GLM behind it, it no longer is."""
    failover = "deployments.opus.failover={lead: zai/glm-5}"
    of_us = "deployments.mixed.roles.worker=anthropic/claude-haiku-4.5"
    found = by_deployment(study("constraints.maker_countries=[US, DE]", failover, of_us).breaches)
    assert [(one.rule, one.offer) for one in found["opus"]] == [("maker_countries", "zai/glm-5")]
    assert "mixed" not in found


def test_constraints_that_exclude_everything_say_which_rule_excludes_whom() -> None:
    with pytest.raises(InputError) as refused:
        study("constraints.maker_countries=[US]", "constraints.only=minimax")
    told = str(refused.value)
    assert "the constraints exclude every deployment" in told
    assert "opus: excluded by only (anthropic/claude-opus-4.6: the provider is anthropic, not one of minimax)" in told
    assert "minimax: excluded by maker_countries (minimax/minimax-m2.5: maker_country is CN, not US)" in told
    assert all(problem.where for problem in refused.value.problems)


def test_a_provider_that_does_not_exist_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InputError) as refused:
        study("constraints.ignore=[deepsek]")
    assert "constraints.ignore: no provider 'deepsek' is known" in str(refused.value)
    assert "did you mean deepseek?" in str(refused.value)


def test_every_rule_of_the_scenario_is_checked() -> None:
    from burncurve.scenario.deciding import Constraints

    assert set(RULES) | {"sort"} == set(Constraints.model_fields)
