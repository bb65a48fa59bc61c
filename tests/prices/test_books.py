"""The shipped books say what their sources say."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from burncurve.errors import MissingFact
from burncurve.prices import load, price_at, quotes, shipped
from burncurve.prices.extract import SOURCES, rates_of
from burncurve.prices.timeline import at, series, timeline

OFFERS = {
    "anthropic/claude-opus-4.6",
    "anthropic/claude-sonnet-4.6",
    "anthropic/claude-haiku-4.5",
    "anthropic/claude-opus-5.5",
    "anthropic/claude-sonnet-5.5",
    "anthropic/claude-haiku-5.5",
    "anthropic/claude-3.5-sonnet",
    "anthropic/claude-3.5-haiku",
    "anthropic/claude-3.7-sonnet",
    "anthropic/claude-opus-4",
    "anthropic/claude-sonnet-4",
    "anthropic/claude-opus-4.1",
    "anthropic/claude-sonnet-4.5",
    "anthropic/claude-opus-4.5",
    "anthropic/claude-opus-4.7",
    "anthropic/claude-opus-4.8",
    "anthropic/claude-opus-5",
    "anthropic/claude-sonnet-5",
    "anthropic/claude-fable-5",
    "anthropic/claude-fable-5.1",
    "anthropic/claude-fable-5.2",
    "anthropic/claude-mythos-5.2",
    "openai/gpt-5.2",
    "openai/gpt-4o",
    "openai/gpt-6.1-sol",
    "openai/gpt-6.1-terra",
    "openai/gpt-6-astra",
    "openai/gpt-6-luna",
    "openai/gpt-4o-mini",
    "openai/gpt-4.1",
    "openai/gpt-4.1-mini",
    "openai/gpt-4.1-nano",
    "openai/o3",
    "openai/o4-mini",
    "openai/codex-mini",
    "openai/gpt-5",
    "openai/gpt-5-mini",
    "openai/gpt-5-nano",
    "openai/gpt-5-codex",
    "openai/gpt-5.1",
    "openai/gpt-5.1-codex",
    "openai/gpt-5.1-codex-max",
    "openai/gpt-5.1-codex-mini",
    "openai/gpt-5.2-codex",
    "openai/gpt-5.3-codex",
    "openai/gpt-5.3-chat",
    "openai/gpt-5.4",
    "openai/gpt-5.4-mini",
    "openai/gpt-5.4-nano",
    "openai/gpt-5.5",
    "openai/gpt-5.6-sol",
    "openai/gpt-5.6-terra",
    "openai/gpt-5.6-luna",
    "openai/gpt-6-sol",
    "google/gemini-3-pro",
    "google/gemini-3-flash",
    "google/gemini-3.1-pro",
    "google/gemini-3.8-flash",
    "google/gemini-2.5-pro",
    "google/gemini-2.5-flash",
    "google/gemini-2.5-flash-lite",
    "google/gemini-3.1-flash-lite",
    "google/gemini-3.5-flash",
    "google/gemini-3.5-flash-lite",
    "google/gemini-3.6-flash",
    "google/gemini-4-argon",
    "minimax/minimax-m2.5",
    "minimax/minimax-m3",
    "minimax/minimax-m3.1-flash",
    "minimax/minimax-m2",
    "minimax/minimax-m2.1",
    "minimax/minimax-m2.1-highspeed",
    "minimax/minimax-m2.5-highspeed",
    "minimax/minimax-m2.7",
    "minimax/minimax-m2.7-highspeed",
    "moonshotai/kimi-k2.5",
    "moonshotai/kimi-k3",
    "moonshotai/kimi-k3.1-pro",
    "moonshotai/kimi-k2-0711",
    "moonshotai/kimi-k2-0905",
    "moonshotai/kimi-k2-thinking",
    "moonshotai/kimi-k2-thinking-turbo",
    "moonshotai/kimi-k2.6",
    "moonshotai/kimi-k2.7-code",
    "moonshotai/kimi-k2.7-code-highspeed",
    "zai/glm-5",
    "zai/glm-5.3",
    "zai/glm-5.3-flash",
    "zai/glm-4.5",
    "zai/glm-4.5-air",
    "zai/glm-4.6",
    "zai/glm-4.7",
    "zai/glm-5.1",
    "zai/glm-5.2",
    "deepseek/deepseek-v3.2",
    "deepseek/deepseek-v4-pro",
    "deepseek/deepseek-v4-flash",
    "deepseek/deepseek-chat",
    "deepseek/deepseek-reasoner",
    "deepseek/deepseek-flash",
    "alibaba/qwen-3.5-plus",
}


def test_both_books_are_shipped() -> None:
    assert {"articles-2026-02", "list"} <= set(shipped())


def test_no_offer_is_ever_lost_from_the_list() -> None:
    """Past prices stay, for logs and scenarios of those days; what is new is more."""
    assert set(load("list").offers) >= OFFERS


@pytest.mark.parametrize("name", ["articles-2026-02", "list"])
def test_every_price_has_a_source(name: str) -> None:
    assert all(len(price.source) > 10 for price in load(name).prices)


def test_a_price_of_the_list_is_not_known_after_the_book_was_checked() -> None:
    book = load("list")
    assert all(price.known_since <= book.checked for price in book.prices)


def test_the_articles_quote_this_and_nothing_else() -> None:
    """Opus 4.6 5/25, M2.5 0.3/1.1, GLM-5 0.3/2.55, Qwen 3.5 0.8 CNY for input."""
    quoted = {
        quote.offer: (quote.currency, {meter: rate for meter, rate in quote.rates if rate is not None})
        for quote in quotes(load("articles-2026-02"), date(2026, 2, 23))
    }
    assert quoted == {
        "anthropic/claude-opus-4.6": ("USD", {"input": Decimal(5), "output": Decimal(25)}),
        "minimax/minimax-m2.5": ("USD", {"input": Decimal("0.3"), "output": Decimal("1.1")}),
        "zai/glm-5": ("USD", {"input": Decimal("0.3"), "output": Decimal("2.55")}),
        "alibaba/qwen-3.5-plus": ("CNY", {"input": Decimal("0.8")}),
    }


def test_the_exchange_rate_of_the_articles_is_stated_with_its_day() -> None:
    exchange = load("articles-2026-02").exchanges["CNY"]
    assert exchange.usd_per_unit == Decimal("0.573") / 4  # 4 CNY listed as $0.573
    assert exchange.on == date(2026, 2, 17)


def test_the_ratios_that_the_articles_print_follow_from_their_prices() -> None:
    """16.7 (input, Opus to M2.5), 22.7 and 9.8 (output, Opus to M2.5 and to GLM-5)."""
    rates = {quote.offer: dict(quote.rates) for quote in quotes(load("articles-2026-02"), date(2026, 2, 23))}
    opus, minimax, glm = (rates[name] for name in ("anthropic/claude-opus-4.6", "minimax/minimax-m2.5", "zai/glm-5"))
    assert round(opus["input"] / minimax["input"], 1) == Decimal("16.7")
    assert round(opus["output"] / minimax["output"], 1) == Decimal("22.7")
    assert round(opus["output"] / glm["output"], 1) == Decimal("9.8")


# (offer, UTC moment, prompt bound, input, cache read, output): figures of the sources named in the book.
CORRECTIONS = [
    ("deepseek/deepseek-v3.2", "2026-02-20T12:00", "", "0.28", "0.028", "0.42"),
    ("deepseek/deepseek-v4-pro", "2026-04-25T12:00", "", "1.74", "0.145", "3.48"),
    ("deepseek/deepseek-v4-pro", "2026-07-01T02:00", "", "0.435", "0.003625", "0.87"),
    ("deepseek/deepseek-v4-pro", "2026-08-16T15:59", "", "0.435", "0.003625", "0.87"),
    ("deepseek/deepseek-v4-pro", "2026-08-16T16:00", "", "0.66", "0.022", "1.98"),
    ("deepseek/deepseek-v4-pro", "2026-08-22T02:00", "peak", "1.32", "0.044", "3.96"),
    ("deepseek/deepseek-v4-flash", "2026-04-25T12:00", "", "0.14", "0.028", "0.28"),
    ("deepseek/deepseek-v4-flash", "2026-08-20T02:00", "peak", "0.44", "0.014", "1.32"),
    ("deepseek/deepseek-v4-flash", "2026-11-18T02:00", "peak", "0.3", "0.006", "1.2"),
    ("moonshotai/kimi-k3", "2026-08-01T12:00", "", "3", "0.3", "15"),
    ("zai/glm-5", "2026-02-23T12:00", "", "1", "0.2", "3.2"),
    ("minimax/minimax-m2.5", "2026-02-23T12:00", "", "0.3", "0.03", "1.2"),
    ("alibaba/qwen-3.5-plus", "2026-11-21T12:00", "", "0.4", "0.04", "2.4"),
    ("openrouter/minimax-m2.5", "2026-02-13T12:00", "", "0.3", "0.03", "1.2"),
    ("openrouter/minimax-m2.5", "2026-02-23T12:00", "", "0.3", "0.15", "1.1"),
    ("openrouter/minimax-m2.5", "2026-03-02T12:00", "", "0.295", "0.03", "1.2"),
    ("openrouter/kimi-k2.5", "2026-02-10T12:00", "", "0.45", "0.07", "2.25"),
    ("openrouter/glm-5", "2026-02-12T12:00", "", "1", "0.2", "3.2"),
    ("moonshotai/kimi-k3.1-pro", "2026-11-21T12:00", "", "2", "0.2", "10"),
    ("minimax/minimax-m3.1-flash", "2026-11-21T12:00", "", "0.15", "0.015", "0.6"),
    ("zai/glm-5.3-flash", "2026-09-09T16:00", "", "0.15", "0.03", "0.5"),
    ("openai/gpt-6-astra", "2026-11-21T12:00", "", "10", "1", "50"),
    ("openai/gpt-6.1-terra", "2026-11-21T12:00", "", "1", "0.05", "5"),
    ("anthropic/claude-opus-4.8", "2026-06-01T12:00", "", "5", "0.5", "25"),
    ("anthropic/claude-fable-5.1", "2026-09-01T12:00", "", "10", "0.25", "50"),
    ("anthropic/claude-sonnet-5", "2026-09-02T12:00", "", "2", "0.2", "10"),
    ("openai/gpt-5.6-sol", "2026-08-20T23:59", "", "5", "0.5", "30"),
    ("openai/gpt-5.6-sol", "2026-08-21T00:00", "", "4", "0.4", "20"),
    ("openai/gpt-5.6-luna", "2026-07-29T23:59", "", "1", "0.1", "6"),
    ("openai/gpt-5.6-luna", "2026-07-30T00:00", "", "0.2", "0.02", "1.2"),
    ("deepseek/deepseek-chat", "2025-09-30T12:00", "", "0.57", "0.07", "1.68"),
    ("deepseek/deepseek-chat", "2026-02-20T12:00", "", "0.28", "0.028", "0.42"),
    ("deepseek/deepseek-chat", "2026-06-07T00:00", "", "0.14", "0.0028", "0.28"),
    ("deepseek/deepseek-reasoner", "2026-02-20T12:00", "", "0.28", "0.028", "0.42"),
    ("deepseek/deepseek-flash", "2026-11-18T02:00", "peak", "0.3", "0.006", "1.2"),
]


@pytest.mark.parametrize(("offer", "when", "window", "entered", "read", "output"), CORRECTIONS)
def test_the_list_holds_the_price_of_the_day(
    offer: str, when: str, window: str, entered: str, read: str, output: str
) -> None:
    price = price_at(load("list"), offer, datetime.fromisoformat(when).replace(tzinfo=UTC))
    rates = dict(price.tariffs())[window][0].rates
    assert (rates["input"], rates["cache_read"], rates["output"]) == (Decimal(entered), Decimal(read), Decimal(output))


def test_long_prompts_of_sonnet_4_have_a_price_from_the_beta_on() -> None:
    """genai-prices has none; the pages of the maker gave 6 and 22.50 dollars above 200,000 tokens."""
    before, after = (
        price_at(load("list"), "anthropic/claude-sonnet-4", datetime(2025, 8, day, tzinfo=UTC)) for day in (11, 12)
    )
    assert [band.above_tokens for band in before.bands] == [0]
    assert [band.above_tokens for band in after.bands] == [0, 200_000]
    assert (after.bands[1].rates["input"], after.bands[1].rates["output"]) == (Decimal(6), Decimal("22.5"))


def test_writes_of_kimi_k3_have_no_price_before_they_were_published() -> None:
    price = price_at(load("list"), "moonshotai/kimi-k3", datetime(2026, 10, 14, tzinfo=UTC))
    assert "cache_write_5m" not in price.bands[0].rates


def test_cache_prices_of_qwen_are_not_known_before_they_were_seen() -> None:
    price = price_at(load("list"), "alibaba/qwen-3.5-plus", datetime(2026, 11, 20, tzinfo=UTC))
    assert [set(band.rates) for band in price.bands] == [{"input", "output"}] * 2


AZURE = {  # meters of Azure Retail Prices, dollars per million tokens: input, cached input, output
    ("azure/gpt-5.2", "standard", "eu", 0): "1.925 0.1925 15.4",
    ("azure/gpt-5.2", "batch", "us", 0): "0.9625 0.09625 7.7",
    ("azure/gpt-5.2", "priority", "", 0): "3.5 0.35 28",
    ("azure/gpt-5.2", "priority", "eu", 0): "3.85 0.385 30.8",
    ("azure/gpt-5.4", "standard", "us", 272_000): "5.5 0.55 24.75",
    ("azure/gpt-5.4", "batch", "eu", 0): "1.375 0.143 8.25",
    ("azure/gpt-5.4", "batch", "eu", 272_000): "2.75 0.275 12.375",
    ("azure/gpt-5.4", "priority", "", 0): "5 0.5 30",
    ("azure/gpt-5.4", "priority", "eu", 0): "5.5 0.55 33",
}


@pytest.mark.parametrize(("asked", "rates"), AZURE.items())
def test_azure_costs_what_its_meters_say(asked: tuple[str, str, str, int], rates: str) -> None:
    """Data zones, batch and priority have meters of their own there; here they are multiples of the global ones."""
    offer, tier, region, above = asked
    found = quotes(load("list"), date(2026, 5, 1), [offer], service_tier=tier, region=region)
    (quote,) = [quote for quote in found if quote.above_tokens == above]
    told = dict(quote.rates)
    assert [told[meter] for meter in ("input", "cache_read", "output")] == [Decimal(rate) for rate in rates.split()]


def test_long_contexts_have_no_priority_price_at_azure() -> None:
    (_, long) = quotes(load("list"), date(2026, 5, 1), ["azure/gpt-5.4"], service_tier="priority")
    assert (long.above_tokens, set(dict(long.rates).values())) == (272_000, {None})


def test_the_same_model_is_sold_by_several() -> None:
    """On 2026-02-23 GLM-5 is $1 at its maker and $0.30 at NanoGPT, which is what one of the articles quotes."""
    rates = {quote.offer: dict(quote.rates) for quote in quotes(load("list"), date(2026, 2, 23))}
    assert rates["zai/glm-5"]["input"] == Decimal(1)
    assert (rates["nano-gpt/glm-5"]["input"], rates["nano-gpt/glm-5"]["output"]) == (Decimal("0.3"), Decimal("2.55"))


# (offer, tier, region, UTC day, input, cache read, output): worked out by hand from the list.
MULTIPLES = [
    ("anthropic/claude-opus-4.6", "batch", "", "2026-02-23", "2.5", "0.25", "12.5"),
    ("anthropic/claude-opus-4.6", "standard", "us", "2026-02-23", "5.5", "0.55", "27.5"),
    ("anthropic/claude-opus-4.6", "batch", "us", "2026-02-23", "2.75", "0.275", "13.75"),
    ("anthropic/claude-opus-4.6", "standard", "eu", "2026-02-23", "5", "0.5", "25"),
    ("openai/gpt-5.2", "flex", "", "2026-11-02", "0.875", "0.0875", "7"),
    ("openai/gpt-5.2", "priority", "", "2026-11-02", "3.5", "0.35", "28"),
    ("openai/gpt-4o", "priority", "", "2026-11-02", "4.25", "2.125", "17"),
    ("openai/gpt-4o", "batch", "", "2026-11-02", "1.25", "1.25", "5"),
    ("openai/gpt-4o-mini", "priority", "", "2026-11-02", "0.25", "0.125", "1"),
    ("openai/gpt-5-mini", "priority", "", "2026-11-02", "0.45", "0.045", "3.6"),
    ("openai/gpt-5.4", "batch", "", "2026-11-02", "1.25", "0.13", "7.5"),
    ("openai/gpt-5.5", "priority", "", "2026-11-02", "12.5", "1.25", "75"),
    ("google/gemini-3-flash", "batch", "", "2026-11-02", "0.25", "0.05", "1.5"),
    ("amazon-bedrock/claude-opus-5.5", "standard", "eu", "2026-11-02", "4.4", "0.22", "22"),
]


@pytest.mark.parametrize(("offer", "tier", "region", "day", "entered", "read", "output"), MULTIPLES)
def test_tiers_and_regions(offer: str, tier: str, region: str, day: str, entered: str, read: str, output: str) -> None:
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    period = at(timeline(series(load("list"), offer, tier, None, region)), moment)
    assert period is not None
    rates = period.price.bands[0].rates
    assert (rates["input"], rates["cache_read"], rates["output"]) == (Decimal(entered), Decimal(read), Decimal(output))


def test_searches_cost_the_same_in_every_tier() -> None:
    book, moment = load("list"), datetime(2026, 11, 2, tzinfo=UTC)
    found = [price_at(book, "openai/gpt-5.2", moment, service_tier=tier) for tier in ("standard", "flex", "batch")]
    assert {price.bands[0].rates["web_searches"] for price in found} == {Decimal(10)}


@pytest.mark.parametrize("tier", ["flex", "priority", "batch"])
def test_tiers_equal_those_of_genai_prices(tier: str) -> None:
    """Every tier that genai-prices lists for an offer of ours, and no other, at the same rates in every band."""
    moment, book = datetime(2026, 11, 2, tzinfo=UTC), load("list")
    compared = 0
    for offer, (provider, model) in SOURCES.items():
        if provider not in ("openai", "google") or offer.startswith("google-vertex"):
            continue
        theirs = rates_of(provider, model, moment, tier)
        period = at(timeline(series(book, offer, tier)), moment)
        assert (period is None) == (theirs is None), offer
        if period is not None and theirs is not None:
            compared += 1
            assert {band.above_tokens: dict(band.rates) for band in period.price.bands} == theirs, offer
    assert compared >= 14


def test_the_fast_mode_equals_that_of_genai_prices() -> None:
    """Of every model that has one, and of no other of the maker, at the same rates."""
    moment, book = datetime(2026, 11, 20, tzinfo=UTC), load("list")
    compared = set()
    for offer, (provider, model) in SOURCES.items():
        if offer.startswith("anthropic/"):
            theirs = rates_of(provider, model, moment, "fast")
            period = at(timeline(series(book, offer, "fast")), moment)
            assert (period is None) == (theirs is None), offer
            if period is not None and theirs is not None:
                compared.add(offer)
                assert {band.above_tokens: dict(band.rates) for band in period.price.bands} == theirs, offer
    assert "anthropic/claude-opus-4.8" in compared


def test_weekends_have_no_peak_from_the_twenty_third_of_august() -> None:
    price = price_at(load("list"), "deepseek/deepseek-v4-pro", datetime(2026, 8, 23, 2, tzinfo=UTC))
    assert price.windows[0].hours.days == (0, 1, 2, 3, 4)


def test_the_long_context_price_of_opus_ends_on_the_thirteenth_of_march() -> None:
    book = load("list")
    last, first = datetime(2026, 3, 12, 23, 59, tzinfo=UTC), datetime(2026, 3, 13, tzinfo=UTC)
    before, after = (price_at(book, "anthropic/claude-opus-4.6", moment) for moment in (last, first))
    assert [band.above_tokens for band in before.bands] == [0, 200_000]
    assert before.bands[1].rates["output"] == Decimal("37.5")
    assert [band.above_tokens for band in after.bands] == [0]


def test_a_model_has_no_price_before_it_existed() -> None:
    with pytest.raises(MissingFact, match=r"no price of zai/glm-5\.3 on 2026-02-23"):
        price_at(load("list"), "zai/glm-5.3", datetime(2026, 2, 23, tzinfo=UTC))
    with pytest.raises(MissingFact, match=r"no price of openrouter/minimax-m2\.5 on 2026-02-12"):
        price_at(load("list"), "openrouter/minimax-m2.5", datetime(2026, 2, 12, tzinfo=UTC))


def test_what_was_announced_later_is_not_known_earlier() -> None:
    """The price of 2027 was published on 2026-09-02."""
    book = load("list")
    new_year = datetime(2027, 1, 1, tzinfo=UTC)
    known = at(timeline(series(book, "google/gemini-3.8-flash", as_of=date(2026, 9, 2))), new_year)
    assert known is not None
    assert known.price.bands[0].rates["input"] == Decimal("1.5")
    assert series(book, "google/gemini-3.8-flash", as_of=date(2026, 9, 1)) == ()
