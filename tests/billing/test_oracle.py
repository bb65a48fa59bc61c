"""genai-prices bills the same usages to the same cent, for the offers and dates for which it is right.

Where it is not right (DeepSeek at some dates, writes of Kimi K3, all of Qwen), the figures stand by
hand in tests/prices/test_books.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from genai_prices import Usage, calc_price
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from burncurve.billing import bill
from burncurve.ledger import Ledger
from burncurve.prices import load
from burncurve.prices.extract import SOURCES

Make = Callable[..., Ledger]
BOOK = load("list")

# (offer, UTC moment, bound of the long-context price or 0): what the oracle is asked about.
COMPARED = [
    ("anthropic/claude-opus-4.6", "2026-02-23T14:30", 200_000),
    ("anthropic/claude-opus-4.6", "2026-03-12T23:59", 200_000),
    ("anthropic/claude-opus-4.6", "2026-03-13T00:00", 200_000),
    ("anthropic/claude-sonnet-4.6", "2026-02-23T14:30", 200_000),
    ("anthropic/claude-sonnet-4.6", "2026-11-02T09:00", 200_000),
    ("anthropic/claude-haiku-4.5", "2026-02-23T14:30", 0),
    ("anthropic/claude-opus-5.5", "2026-11-02T09:00", 0),
    ("anthropic/claude-sonnet-5.5", "2026-11-02T09:00", 0),
    ("anthropic/claude-haiku-5.5", "2026-11-02T09:00", 100_000),
    ("openai/gpt-4o", "2026-02-23T14:30", 0),
    ("openai/gpt-5.2", "2026-02-23T14:30", 0),
    ("openai/gpt-6-luna", "2026-11-02T09:00", 272_000),
    ("openai/gpt-6.1-sol", "2026-11-02T09:00", 272_000),
    ("openai/gpt-6.1-terra", "2026-11-22T12:00", 272_000),
    ("openai/gpt-6-astra", "2026-11-22T12:00", 272_000),
    ("google/gemini-3-pro", "2026-02-23T14:30", 200_000),
    ("google/gemini-3-flash", "2026-02-23T14:30", 0),
    ("google/gemini-3.1-pro", "2026-11-02T09:00", 200_000),
    ("google/gemini-3.8-flash", "2026-11-02T09:00", 0),
    ("google/gemini-3.8-flash", "2027-01-01T00:00", 0),
    ("minimax/minimax-m2.5", "2026-02-23T14:30", 0),
    ("minimax/minimax-m3", "2026-11-02T09:00", 512_000),
    ("minimax/minimax-m3.1-flash", "2026-11-22T12:00", 0),
    ("moonshotai/kimi-k2.5", "2026-02-23T14:30", 0),
    ("moonshotai/kimi-k3", "2026-11-02T09:00", 0),
    ("moonshotai/kimi-k3.1-pro", "2026-11-22T12:00", 0),
    ("zai/glm-5", "2026-02-23T14:30", 0),
    ("zai/glm-5.3", "2026-11-02T09:00", 0),
    ("zai/glm-5.3-flash", "2026-11-22T12:00", 0),
    ("deepseek/deepseek-v4-pro", "2026-07-01T12:00", 0),  # off-peak hours of the flat months
    ("deepseek/deepseek-v4-pro", "2026-11-18T05:00", 0),  # a Wednesday: between the peaks
    ("deepseek/deepseek-v4-pro", "2026-11-18T02:00", 0),  # in the first peak
    ("deepseek/deepseek-v4-pro", "2026-11-18T09:59", 0),  # in the second
    ("deepseek/deepseek-v4-flash", "2026-07-01T12:00", 0),
    ("deepseek/deepseek-v4-flash", "2026-09-01T12:00", 0),
    ("deepseek/deepseek-v4-flash", "2026-11-18T05:00", 0),
    ("deepseek/deepseek-v4-flash", "2026-11-18T09:59", 0),
    ("anthropic/claude-3.5-sonnet", "2025-06-01T09:00", 0),
    ("anthropic/claude-3.5-haiku", "2025-06-01T09:00", 0),
    ("anthropic/claude-3.7-sonnet", "2025-06-01T09:00", 0),
    ("anthropic/claude-opus-4", "2025-05-22T09:00", 0),
    ("anthropic/claude-sonnet-4", "2025-05-22T09:00", 0),
    ("anthropic/claude-opus-4.1", "2025-08-05T09:00", 0),
    ("anthropic/claude-sonnet-4.5", "2025-09-29T09:00", 200_000),
    ("anthropic/claude-opus-4.5", "2025-11-24T09:00", 0),
    ("anthropic/claude-opus-4.7", "2026-04-16T09:00", 0),
    ("anthropic/claude-opus-4.8", "2026-05-28T09:00", 0),
    ("anthropic/claude-opus-5", "2026-07-24T09:00", 0),
    ("anthropic/claude-sonnet-5", "2026-06-30T09:00", 0),
    ("anthropic/claude-fable-5", "2026-06-09T09:00", 0),
    ("anthropic/claude-fable-5.1", "2026-09-01T09:00", 0),
    ("anthropic/claude-fable-5.2", "2026-11-09T09:00", 0),
    ("anthropic/claude-mythos-5.2", "2026-11-09T09:00", 0),
    ("openai/gpt-4o-mini", "2025-06-01T09:00", 0),
    ("openai/gpt-4.1", "2025-06-01T09:00", 0),
    ("openai/gpt-4.1-mini", "2025-06-01T09:00", 0),
    ("openai/gpt-4.1-nano", "2025-06-01T09:00", 0),
    ("openai/o3", "2025-06-10T09:00", 0),
    ("openai/o4-mini", "2025-06-01T09:00", 0),
    ("openai/codex-mini", "2025-06-01T09:00", 0),
    ("openai/gpt-5", "2025-08-07T09:00", 0),
    ("openai/gpt-5-mini", "2025-08-07T09:00", 0),
    ("openai/gpt-5-nano", "2025-08-07T09:00", 0),
    ("openai/gpt-5-codex", "2025-09-15T09:00", 0),
    ("openai/gpt-5.1", "2025-11-13T09:00", 0),
    ("openai/gpt-5.1-codex", "2025-11-13T09:00", 0),
    ("openai/gpt-5.1-codex-max", "2025-11-13T09:00", 0),
    ("openai/gpt-5.1-codex-mini", "2025-11-13T09:00", 0),
    ("openai/gpt-5.2-codex", "2026-01-14T09:00", 0),
    ("openai/gpt-5.3-codex", "2026-02-05T09:00", 0),
    ("openai/gpt-5.3-chat", "2026-03-04T09:00", 0),
    ("openai/gpt-5.4", "2026-03-05T09:00", 272_000),
    ("openai/gpt-5.4-mini", "2026-03-17T09:00", 0),
    ("openai/gpt-5.4-nano", "2026-03-17T09:00", 0),
    ("openai/gpt-5.5", "2026-04-23T09:00", 272_000),
    ("openai/gpt-5.6-sol", "2026-07-09T09:00", 272_000),
    ("openai/gpt-5.6-sol", "2026-08-21T09:00", 272_000),
    ("openai/gpt-5.6-terra", "2026-07-09T09:00", 272_000),
    ("openai/gpt-5.6-terra", "2026-07-30T09:00", 272_000),
    ("openai/gpt-5.6-luna", "2026-07-09T09:00", 272_000),
    ("openai/gpt-5.6-luna", "2026-07-30T09:00", 272_000),
    ("openai/gpt-6-sol", "2026-09-22T09:00", 272_000),
    ("google/gemini-2.5-pro", "2025-06-17T09:00", 200_000),
    ("google/gemini-2.5-flash", "2025-06-17T09:00", 0),
    ("google/gemini-2.5-flash-lite", "2025-06-17T09:00", 0),
    ("google/gemini-3.1-flash-lite", "2026-03-03T09:00", 0),
    ("google/gemini-3.5-flash", "2026-05-19T09:00", 0),
    ("google/gemini-3.5-flash-lite", "2026-10-14T09:00", 0),
    ("google/gemini-3.6-flash", "2026-10-14T09:00", 0),
    ("google/gemini-3.6-flash", "2027-01-01T09:00", 0),
    ("google/gemini-4-argon", "2026-10-14T09:00", 0),
    ("google/gemini-4-argon", "2026-12-01T09:00", 0),
    ("minimax/minimax-m2", "2025-10-27T09:00", 0),
    ("minimax/minimax-m2.1", "2025-12-23T09:00", 0),
    ("minimax/minimax-m2.1-highspeed", "2025-12-23T09:00", 0),
    ("minimax/minimax-m2.5-highspeed", "2026-02-13T09:00", 0),
    ("minimax/minimax-m2.7", "2026-03-18T09:00", 0),
    ("minimax/minimax-m2.7-highspeed", "2026-03-18T09:00", 0),
    ("moonshotai/kimi-k2-0711", "2025-07-11T09:00", 0),
    ("moonshotai/kimi-k2-0905", "2025-09-05T09:00", 0),
    ("moonshotai/kimi-k2-thinking", "2025-11-06T09:00", 0),
    ("moonshotai/kimi-k2-thinking-turbo", "2025-11-06T09:00", 0),
    ("moonshotai/kimi-k2.6", "2026-04-21T09:00", 0),
    ("moonshotai/kimi-k2.7-code", "2026-06-12T09:00", 0),
    ("moonshotai/kimi-k2.7-code-highspeed", "2026-06-12T09:00", 0),
    ("zai/glm-4.5", "2025-07-28T09:00", 0),
    ("zai/glm-4.5-air", "2025-07-28T09:00", 0),
    ("zai/glm-4.6", "2025-09-30T09:00", 0),
    ("zai/glm-4.7", "2025-12-22T09:00", 0),
    ("zai/glm-5.1", "2026-04-07T09:00", 0),
    ("zai/glm-5.2", "2026-06-13T09:00", 0),
    ("deepseek/deepseek-flash", "2026-11-18T05:00", 0),
    ("deepseek/deepseek-flash", "2026-11-18T09:59", 0),
    ("openrouter/qwen-3.6-plus", "2026-11-22T12:00", 256_000),
    ("openrouter/qwen-3.7-plus", "2026-11-22T12:00", 256_000),
    ("openrouter/qwen-3.7-max", "2026-11-22T12:00", 0),
    ("openrouter/qwen-3.8-max", "2026-11-22T12:00", 0),
    ("openrouter/qwen-3.8-flash", "2026-11-22T12:00", 0),
    ("novita/qwen-3.7-max", "2026-11-22T12:00", 0),
    ("novita/qwen-3.8-max", "2026-11-22T12:00", 0),
    ("novita/qwen-3.8-flash", "2026-11-22T12:00", 0),
    ("novita/minimax-m2.5", "2026-11-22T12:00", 0),
    ("novita/kimi-k2.5", "2026-11-22T12:00", 0),
    ("novita/glm-5", "2026-11-22T12:00", 0),
    ("fireworks/qwen-3.7-plus", "2026-11-22T12:00", 0),
    ("fireworks/kimi-k2.5", "2026-11-22T12:00", 0),
    ("amazon-bedrock/claude-opus-4.6", "2026-11-02T09:00", 0),
    ("amazon-bedrock/claude-sonnet-4.6", "2026-11-02T09:00", 0),
    ("amazon-bedrock/claude-opus-5.5", "2026-11-02T09:00", 0),
    ("google-vertex/claude-opus-4.6", "2026-11-02T09:00", 0),
]


def oracle_pico(offer: str, moment: datetime, row: dict[str, int]) -> Decimal:
    provider, model = SOURCES[offer]
    written = row["cache_write_5m"] + row["cache_write_1h"]
    usage = Usage(
        input_tokens=row["input"] + row["cache_read"] + written,
        cache_read_tokens=row["cache_read"],
        cache_write_tokens=written,
        cache_write_1h_tokens=row["cache_write_1h"],
        output_tokens=row["output"] + row["reasoning"],
        web_searches=row["web_searches"],
    )
    found = calc_price(usage, model, provider_id=provider, genai_request_timestamp=moment)
    return found.total_price * 10**12


def sold(priced: set[str]) -> list[str]:
    """Return the meters of uncached tokens to compare; an hour's write sold only for five minutes is nobody's sale."""
    meters = ["input", "cache_write_5m", "cache_write_1h"]
    return meters[:2] if "cache_write_5m" in priced and "cache_write_1h" not in priced else meters


def usages(bound: int, meters: list[str]) -> st.SearchStrategy[dict[str, int]]:
    """Draw usages whose prompts lie anywhere up to a million tokens, or exactly at the bound - 1, + 0, + 1."""
    anywhere = st.integers(1, 1_000_000)
    prompts = anywhere if not bound else st.sampled_from([bound - 1, bound, bound + 1]) | anywhere
    return st.builds(
        _usage,
        prompts,
        st.integers(0, 1000),
        st.sampled_from(meters),
        st.integers(0, 64_000),
        st.integers(0, 64_000),
        st.integers(0, 3),
    )


def _usage(prompt: int, read_permille: int, meter: str, output: int, reasoning: int, searches: int) -> dict[str, int]:
    row = {"input": 0, "cache_read": prompt * read_permille // 1000, "cache_write_5m": 0, "cache_write_1h": 0}
    row[meter] = prompt - row["cache_read"]
    fresh = row[meter]
    return {**row, "output": output, "reasoning": reasoning, "web_searches": searches, "fresh": fresh}


@pytest.mark.parametrize(("offer", "when", "bound"), COMPARED)
def test_bills_equal_the_oracle(make: Make, offer: str, when: str, bound: int) -> None:
    moment = datetime.fromisoformat(when).replace(tzinfo=UTC)
    priced = {meter for period in BOOK.prices if period.offer == offer for meter in period.bands[0].rates}

    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(usages(bound, sold(priced)), min_size=1, max_size=5))
    def compare(rows: list[dict[str, int]]) -> None:
        if "web_searches" not in priced:
            rows = [{**row, "web_searches": 0} for row in rows]
        made = bill(make(rows, (offer,), moment), BOOK, deployment="d")
        assert made.total_pico == sum(oracle_pico(offer, moment, row) for row in rows)

    compare()


@pytest.mark.parametrize(("offer", "when", "bound"), [case for case in COMPARED if case[2]])
@pytest.mark.parametrize("step", [-1, 0, 1])
def test_long_context_bounds_equal_the_oracle(make: Make, offer: str, when: str, bound: int, step: int) -> None:
    moment = datetime.fromisoformat(when).replace(tzinfo=UTC)
    row = _usage(bound + step, 700, "input", 1000, 500, 0)
    assert bill(make([row], (offer,), moment), BOOK, deployment="d").total_pico == oracle_pico(offer, moment, row)


def test_the_oracle_is_asked_about_every_offer_that_it_knows_rightly() -> None:
    assert SOURCES.keys() - {offer for offer, _, _ in COMPARED} == {
        "deepseek/deepseek-v3.2",
        "deepseek/deepseek-chat",
        "deepseek/deepseek-reasoner",
    }
