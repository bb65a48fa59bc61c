"""Constraints rule by rule against the catalogue and a book, and what they cost."""

from __future__ import annotations

from pathlib import Path

import pytest

from burncurve.errors import InputError
from burncurve.studies import shipped
from burncurve.studies.constraints import RULES, by_deployment
from burncurve.studies.document import document
from burncurve.studies.simulation import simulated
from burncurve.studies.study import Choices, Study, open_study

SCENARIO = "openclaw-stock-monitor"


ONE_CALL = """\
name: one call
start: 2026-02-23T09:00
time_zone: UTC
horizon: 1h
agents: {a: {role: lead, base: 1k, message: 0, turns: 1, output: 100}}
triggers: [{agent: a, once: true}]
constraints: {}
"""
TWO_OFFERS = "offers:\n" + "".join(
    f"  {name}/m:\n"
    + "".join(
        f"    {fact}: {{value: {value}, source: me, date: 2026-01-01}}\n"
        for fact, value in {
            "window_tokens": 100_000, "cache_kind": "none", "first_token_s": first_s, "decode_tokens_per_s": speed,
            "prefill_tokens_per_s": 1_000, "time_spread_sigma": 1e-9, "tokenizer_factor": 1, "verbosity_factor": 1,
        }.items()
    )
    for name, first_s, speed in (("slow", 1, 50), ("quick", 0.5, 200))
)  # fmt: skip
TWO_PRICES = "checked: 2026-03-01\noffers:\n" + "".join(
    f"  {name}/m: [{{valid_from: 2026-01-01, per_mtok: {{input: {usd}, output: 1}}, source: me}}]\n"
    for name, usd in (("slow", 1), ("quick", 1.01))
)


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
    assert "opus" in barred("constraints.regions=[eu]", "deployments.minimax.region=eu")
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


def test_the_highest_price_is_that_of_the_tier() -> None:
    """A batch of Opus 4.6 costs half: 2.5 and 12.5 dollars per million tokens."""
    half = ("constraints.max_price.prompt=2.5", "constraints.max_price.completion=12.5")
    assert "opus" in barred(*half)
    assert "opus" not in barred(*half, "deployments.opus.service_tier=batch")
    less = barred("constraints.max_price.prompt=2.49", "deployments.opus.service_tier=batch")
    assert less["opus"] == ["max_price: prompt costs $2.5 per million tokens, above $2.49"]


def test_all_sellers_of_a_model_can_be_asked_for_and_held_against_the_rules() -> None:
    sold = study("constraints.ignore=[anthropic]", models=("*/claude-opus-4.6",))
    names = [each.name for each in sold.deployments]
    assert {"anthropic/claude-opus-4.6", "google-vertex/claude-opus-4.6", "openrouter/claude-opus-4.6"} <= set(names)
    assert {name.partition("/")[2] for name in names} == {"claude-opus-4.6"}
    assert set(by_deployment(sold.breaches)) == {"anthropic/claude-opus-4.6"}


@pytest.mark.parametrize(("sort", "first"), [("price", "slow"), ("latency", "quick"), ("throughput", "quick")])
def test_the_choice_goes_by_what_is_sorted_by(tmp_path: Path, sort: str, first: str) -> None:
    """Two offers of equal prices but for a cent, the dearer one twice as fast: 100 tokens take 4 s and 2 s."""
    (tmp_path / "offers.yaml").write_text(TWO_OFFERS)
    (tmp_path / "book.yaml").write_text(TWO_PRICES)
    (tmp_path / "one-call.yaml").write_text(ONE_CALL)
    choices = Choices(
        settings=(f"constraints.sort={sort}",), models=("slow/m", "quick/m"), replications=2,
        book=str(tmp_path / "book.yaml"), catalogue=tmp_path / "offers.yaml", engine="reference",
    )  # fmt: skip
    found = open_study(tmp_path / "one-call.yaml", choices)
    wall = document(found, simulated(found).results)["comparison"]["constraints"]
    assert wall["choice"] == f"{first}/m"
    assert {each["name"]: (each["answer_s"], each["tokens_per_s"]) for each in wall["order"]} == {
        "slow/m": (4, 25),
        "quick/m": (2, 50),
    }


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


def test_a_country_has_two_letters() -> None:
    with pytest.raises(InputError, match="'usa' must be a country in two capital letters"):
        study("constraints.maker_countries=[usa]")


def test_every_rule_of_the_scenario_is_checked() -> None:
    from burncurve.scenario.deciding import Constraints

    assert set(RULES) | {"sort"} == set(Constraints.model_fields)
