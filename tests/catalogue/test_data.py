"""The shipped facts: each has a source and a day, or says that it is not known."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from burncurve import catalogue, prices
from burncurve.catalogue import Status

FOLDER = Path(catalogue.__file__).parent / "data"
SHIPPED = catalogue.load()
CHECKED = prices.load("list").checked
# What may be assumed where it is not known; success, limits, regions and the like may not.
ASSUMABLE = {
    "reasoning_kept",
    "cache_minimum_tokens",
    "cache_block_tokens",
    "cache_short_ttl_s",
    "cache_holds_output",
    "tokenizer_factor",
    "verbosity_factor",
    "turns_factor",
    "first_token_s",
    "prefill_tokens_per_s",
    "cached_prefill_tokens_per_s",
    "decode_tokens_per_s",
    "time_spread_sigma",
    "batch_turnaround_s",
    "batch_spread_sigma",
    "broken_probability",
    "broken_bills",
    "limits_per",
    "counts_cache_reads",
    "debits_max_output",
    "says_retry_after",
    "max_output_tokens",
}


@pytest.mark.parametrize("offer", SHIPPED.offers.values(), ids=lambda offer: offer.name)
def test_every_fact_has_a_source_and_a_day_or_says_that_it_is_not_known(offer: catalogue.OfferFacts) -> None:
    for history in offer.histories.values():
        for fact in history:
            assert fact.source
            assert (fact.value is None) == (fact.status is Status.UNKNOWN)
            assert fact.source.startswith("assumption: ") == (fact.status is Status.ASSUMED)
            if fact.status is Status.KNOWN:
                assert fact.date is not None
                assert date(2024, 1, 1) <= fact.date <= CHECKED
            elif fact.status is Status.ASSUMED:
                assert fact.name in ASSUMABLE


def test_nothing_is_said_about_success() -> None:
    assert {offer.fact("success_probability").status for offer in SHIPPED.offers.values()} == {Status.UNKNOWN}


def test_every_offer_can_be_simulated_and_is_priced() -> None:
    for offer in SHIPPED.offers.values():
        assert offer.fact("window_tokens").status is Status.KNOWN
        assert offer.fact("cache_kind").status is Status.KNOWN
    assert set(SHIPPED.offers) == {price.offer for price in prices.load("list").prices}


def test_caches_that_charge_for_writes_have_a_price_for_them() -> None:
    book = prices.load("list")
    for offer in SHIPPED.offers.values():
        for fact in offer.histories["cache_kind"]:
            if fact.value == "explicit":
                latest = [price for price in book.prices if price.offer == offer.name][-1]
                assert {"cache_read", "cache_write_5m"} <= set(latest.bands[0].rates)
                if offer.fact("cache_long_ttl_s").status is Status.KNOWN:
                    assert "cache_write_1h" in latest.bands[0].rates


def test_the_set_that_is_compared_by_default() -> None:
    assert {offer.name for offer in SHIPPED.representative} == {
        "anthropic/claude-opus-4.6",
        "openai/gpt-5.2",
        "google/gemini-3-pro",
        "minimax/minimax-m2.5",
        "moonshotai/kimi-k2.5",
        "zai/glm-5",
        "deepseek/deepseek-v3.2",
        "alibaba/qwen-3.5-plus",
    }


def test_no_source_is_named_in_vain() -> None:
    for path in FOLDER.glob("*.yaml"):
        text = path.read_text()
        named = text.partition("sources:\n")[2].partition("common:\n")[0]
        for line in named.splitlines():
            name = line.strip().partition(":")[0]
            uses = text.count(f"source: {name},") + text.count(f'source: "{name}:') + text.count(f"source: {name}\n")
            assert uses + text.count(f'source: "{name},') > 0, f"{path.name}: {name}"


def test_a_fact_is_the_one_in_force_on_its_day() -> None:
    opus = SHIPPED.offers["anthropic/claude-opus-4.6"]
    assert opus.fact("window_tokens", date(2025, 1, 1)).value == 200_000  # before the first entry: the first
    assert opus.fact("window_tokens", date(2026, 3, 12)).value == 200_000
    assert opus.fact("window_tokens", date(2026, 3, 13)).value == 1_000_000
    assert opus.fact("window_tokens").value == 1_000_000


def test_what_changed_between_two_days() -> None:
    changed = catalogue.changes(SHIPPED, date(2026, 2, 23), date(2026, 3, 14))
    told = {(change.offer, change.before.name, change.before.value, change.after.value) for change in changed}
    assert told == {
        ("anthropic/claude-opus-4.6", "window_tokens", 200_000, 1_000_000),
        ("anthropic/claude-sonnet-4.6", "window_tokens", 200_000, 1_000_000),
    }
    assert catalogue.changes(SHIPPED, date(2026, 3, 14), date(2026, 3, 14)) == ()


def test_nothing_changes_of_an_offer_before_its_release() -> None:
    changed = catalogue.changes(SHIPPED, date(2026, 6, 1), date(2026, 11, 20))
    named = {change.offer for change in changed}
    assert "anthropic/claude-opus-4.6" in named
    assert not {"anthropic/claude-opus-5.5", "anthropic/claude-haiku-5.5"} & named


def test_values_read_as_people_write_them() -> None:
    facts = {fact.name: fact.text for fact in catalogue.facts(SHIPPED.offers["moonshotai/kimi-k2.5"])}
    assert facts["window_tokens"] == "262,144"
    assert facts["cache_short_ttl_s"] == "300 to 600"
    assert facts["cache_holds_output"] == "no"
    assert facts["success_probability"] == "unknown"
    assert facts["released"] == "2026-01-27"
    assert facts["limits"].startswith("0: 1 concurrent calls, 3 requests per minute, 500,000 tokens per minute")
