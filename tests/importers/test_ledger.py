"""The observed ledger, worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from burncurve.importers.ledger import ledger
from burncurve.importers.offers import offer_of, tier_of
from burncurve.ledger import METERS
from burncurve.prices import load
from importers.test_claude_code import with_sub_agent
from importers.written import answer, asked, claude_usage, jsonl, read_all, result

LATER_US = 1_800_000_000_000_000


def test_growth_is_new_and_what_is_paid_in_full_beyond_it_is_a_miss(tmp_path: Path) -> None:
    """Prompts of 1,000, 1,150, 1,300, 1,350 and 400 tokens; the model writes 50 each time.

    Call 2 answers tool results: of 150 more, 50 are its own output and 100 results. Call 3 answers a person. Call 4
    reads nothing: 50 tokens are new, 1,300 a miss. Call 5 is less than half as long: rewritten, nothing is a miss.
    The base is the shortest prompt, 400.
    """
    used = [
        claude_usage(1_000, 0, 0, 50), claude_usage(0, 150, 1_000, 50), claude_usage(0, 150, 1_150, 50),
        claude_usage(0, 1_350, 0, 50), claude_usage(400, 0, 0, 50),
    ]  # fmt: skip
    calls = [answer(5 + 10 * n, f"m{n}", usage=usage) for n, usage in enumerate(used)]
    lines = [asked(0), calls[0], result(10), calls[1], asked(20), calls[2], result(30), calls[3], result(40), calls[4]]
    made, order = ledger(read_all(jsonl(tmp_path / "s.jsonl", lines)).observed, LATER_US)
    assert order.tolist() == [0, 1, 2, 3, 4]
    assert made["fresh"].tolist() == [1_000, 150, 150, 50, 400]
    assert made["from_base"].tolist() == [400] * 5
    assert made["from_user"].tolist() == [600, 600, 700, 700, 0]
    assert made["from_output"].tolist() == [0, 50, 100, 150, 0]
    assert made["from_tools"].tolist() == [0, 100, 100, 100, 0]
    assert made["from_summary"].tolist() == [0] * 5
    assert made["context_after"].tolist() == [1_050, 1_200, 1_350, 1_400, 450]
    assert made["task"].tolist() == [0, 0, 1, 1, 1]
    assert made["turn"].tolist() == [1, 2, 1, 2, 3]
    assert (made["request_us"] // 1_000_000).tolist() == [0, 10, 20, 30, 40]
    assert (made["end_us"] // 1_000_000).tolist() == [5, 15, 25, 35, 45]
    assert made["first_token_us"].tolist() == [-1] * 5


def test_a_sub_agents_task_is_the_child_of_the_one_at_work_when_it_began(tmp_path: Path) -> None:
    made, order = ledger(read_all(with_sub_agent(tmp_path)).observed, LATER_US)
    agents = [made.names["agents"][number] for number in made["agent"].tolist()]
    assert agents == ["main", "Explore", "Explore", "main"]
    assert made["task"].tolist() == [0, 1, 1, 0]
    assert made["parent"].tolist() == [-1, 0, 0, -1]
    assert made["depth"].tolist() == [0, 1, 1, 0]
    assert made.outcomes[0].requests == 1
    assert made.outcomes[0].tasks == 2
    assert order.tolist() == [0, 2, 3, 1]


def test_calls_without_any_time_are_placed_where_they_are_told_to_be(tmp_path: Path) -> None:
    rows = [{"model": "m/x", "input": 1, "output": 1}, {"model": "m/x", "input": 2, "output": 1, "session": "s"}]
    made, _ = ledger(read_all(jsonl(tmp_path / "a.jsonl", rows)).observed, LATER_US)
    assert made.start_utc_us == LATER_US
    assert made["request_us"].tolist() == [0, 0]
    assert made["end_us"].tolist() == [-1, -1]


def test_parents_in_a_circle_end(tmp_path: Path) -> None:
    rows = [
        {"model": "m/x", "input": 1, "output": 1, "session": one, "parent": other, "time": 1.7e9}
        for one, other in (("a", "b"), ("b", "a"))
    ]
    made, _ = ledger(read_all(jsonl(tmp_path / "a.jsonl", rows)).observed, LATER_US)
    assert made["depth"].max() <= 127


def test_no_token_is_lost_on_the_way(tmp_path: Path) -> None:
    reading = read_all(with_sub_agent(tmp_path))
    made, _ = ledger(reading.observed, LATER_US)
    assert {meter: int(made[meter].sum()) for meter in METERS} == {
        meter: int(reading.observed[meter].sum()) for meter in METERS
    }


@pytest.mark.parametrize(
    ("model", "offer"),
    [
        ("claude-opus-4-6", "anthropic/claude-opus-4.6"),
        ("claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4.5"),
        ("claude-3-5-sonnet-20241022", "anthropic/claude-3.5-sonnet"),
        ("claude-opus-4-20250514", "anthropic/claude-opus-4"),
        ("claude-opus-4-6[1m]", "anthropic/claude-opus-4.6"),
        ("us.anthropic.claude-opus-4-6-v1:0", "anthropic/claude-opus-4.6"),
        ("claude-opus-4-6@20260205", "anthropic/claude-opus-4.6"),
        ("anthropic/claude-4.6-opus-20260205", "anthropic/claude-opus-4.6"),
        ("gpt-5.2-2025-12-11", "openai/gpt-5.2"),
        ("openai/gpt-4o", "openai/gpt-4o"),
        ("openrouter/google/gemini-3-pro", "google/gemini-3-pro"),
        ("models/gemini-3-flash", "google/gemini-3-flash"),
        ("z-ai/glm-5", "zai/glm-5"),
        ("moonshotai/kimi-k2.5:thinking", "moonshotai/kimi-k2.5"),
        ("qwen/qwen3.5-plus", "alibaba/qwen-3.5-plus"),
        ("MiniMax-M2.5", "minimax/minimax-m2.5"),
        ("claude-opus-4-8-20260805", "anthropic/claude-opus-4.8"),
        ("claude-opus-4-0", "anthropic/claude-opus-4"),
        ("claude-3-5-haiku-latest", "anthropic/claude-3.5-haiku"),
        ("claude-fable-5-2[1m]", "anthropic/claude-fable-5.2"),
        ("anthropic/claude-5.1-fable", "anthropic/claude-fable-5.1"),
        ("anthropic:claude-sonnet-4-5", "anthropic/claude-sonnet-4.5"),
        ("bedrock/us-east-1/anthropic.claude-sonnet-4-20250514-v1:0", "anthropic/claude-sonnet-4"),
        ("vertex_ai/claude-opus-4-5@20251101", "anthropic/claude-opus-4.5"),
        ("openrouter/anthropic/claude-4.8-opus-20260528", "anthropic/claude-opus-4.8"),
        ("azure/gpt-4.1-2025-04-14", "openai/gpt-4.1"),
        ("gpt-5-codex-high", "openai/gpt-5-codex"),
        ("gpt-5.1-codex-max-xhigh", "openai/gpt-5.1-codex-max"),
        ("gpt-5-chat-latest", "openai/gpt-5"),
        ("gpt-5.6", "openai/gpt-5.6-sol"),
        ("codex-mini-latest", "openai/codex-mini"),
        ("gemini-3-pro-preview", "google/gemini-3-pro"),
        ("gemini-3.1-pro-preview-customtools", "google/gemini-3.1-pro"),
        ("gemini/gemini-2.5-flash-preview-09-2025", "google/gemini-2.5-flash"),
        ("gemini-2.5-pro-preview-06-05", "google/gemini-2.5-pro"),
        ("kimi-k2-0905-preview", "moonshotai/kimi-k2-0905"),
        ("moonshotai/Kimi-K2-Instruct-0905", "moonshotai/kimi-k2-0905"),
        ("moonshotai/kimi-k2", "moonshotai/kimi-k2-0711"),
        ("fireworks_ai/accounts/fireworks/models/kimi-k2p5", "moonshotai/kimi-k2.5"),
        ("together_ai/zai-org/GLM-4.6", "zai/glm-4.6"),
        ("deepseek/deepseek-v3.2-20251201", "deepseek/deepseek-v3.2"),
        ("deepseek-v4.1-flash", "deepseek/deepseek-flash"),
        ("qwen/qwen3.5-plus-02-15", "alibaba/qwen-3.5-plus"),
        ("somebody's model", "unknown/somebody-s-model"),
        ("", "unknown/unnamed"),
    ],
)
def test_models_are_the_offers_of_price_books(model: str, offer: str) -> None:
    assert offer_of(model) == offer


@pytest.mark.parametrize(
    "model",
    [
        "claude-opus-4.6-fast",  # six times the price
        "minimax/minimax-m2:free",
        "ft:gpt-4o-mini:someone::abc",
        "gpt-5.3-codex-spark",
        "claude-opus-9",
        "gemini-flash-latest",
        "<synthetic>",
    ],
)
def test_what_is_sold_otherwise_or_not_known_takes_no_price_of_another(model: str) -> None:
    assert offer_of(model) not in load("list").offers


def test_the_maker_may_be_told_by_who_served_it() -> None:
    assert offer_of("my-tuned-model", "openai") == "openai/my-tuned-model"


def test_service_tiers_in_the_words_of_price_books() -> None:
    assert [tier_of(name) for name in ("", "default", "standard", "Batch", "priority")] == [
        "standard", "standard", "standard", "batch", "priority",
    ]  # fmt: skip
