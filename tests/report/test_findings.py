"""Titles follow the figures: other figures, another sentence."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burncurve.report.findings import (
    Priced,
    bill_finding,
    causes_finding,
    context_finding,
    fan_finding,
    quantile,
    tokens_finding,
    work_ends,
)

EIGHT_H = 8 * 3_600_000_000


def bills(*totals: float | None) -> list[Priced]:
    names = ("Opus 4.6", "MiniMax M2.5", "GLM-5", "Kimi K2.5", "Qwen 3.5")
    return [Priced(name, total) for name, total in zip(names, totals, strict=False)]


@pytest.mark.parametrize(
    ("totals", "sentence"),
    [
        ((38.2, 2.71), "Opus 4.6 costs 14.1× MiniMax M2.5: $38.20 against $2.71 in 8 h"),
        ((2.71, 38.2), "MiniMax M2.5 costs 14.1× Opus 4.6: $38.20 against $2.71 in 8 h"),
        ((6.0, 2.0, 3.0), "Opus 4.6 costs 3.00× MiniMax M2.5: $6.00 against $2.00 in 8 h"),
        ((1.2, 1.0), "Opus 4.6 costs 20% more than MiniMax M2.5: $1.20 against $1.00 in 8 h"),
        ((3.0, 3.0), "Opus 4.6 and MiniMax M2.5 cost the same: $3.00 in 8 h"),
        ((3.0, 3.0, 3.0, 3.0), "4 deployments cost the same: $3.00 in 8 h"),
        ((3.0, 0.0), "Opus 4.6 costs $3.00 in 8 h, MiniMax M2.5 nothing"),
        ((0.0, 0.0), "Opus 4.6 and MiniMax M2.5 cost nothing in 8 h"),
        ((38.2,), "Opus 4.6 costs $38.20 in 8 h, $4.78 per hour"),
        ((0.0,), "Opus 4.6 costs nothing in 8 h"),
        ((38.2, None), "Opus 4.6 costs $38.20 in 8 h, $4.78 per hour (MiniMax M2.5 unpriced)"),
        ((38.2, 2.71, None), "Opus 4.6 costs 14.1× MiniMax M2.5: $38.20 against $2.71 in 8 h (GLM-5 unpriced)"),
        ((None, None), "No price is known for Opus 4.6 and MiniMax M2.5"),
    ],
)
def test_bill(totals: tuple[float | None, ...], sentence: str) -> None:
    assert bill_finding(bills(*totals), EIGHT_H) == sentence


def test_bill_says_average_with_replications_and_the_currency() -> None:
    sentence = bill_finding(bills(38.2, 2.71), EIGHT_H, "EUR", replications=20)
    assert sentence == "Opus 4.6 costs 14.1× MiniMax M2.5: €38.20 against €2.71 in 8 h, on average"


def test_a_deployment_that_leaves_work_undone_is_named_and_not_compared() -> None:
    made = [Priced("opus", 30.0, 1.0), Priced("minimax", 3.0, 0.95), Priced("small", 0.1, 0.2)]
    assert bill_finding(made, EIGHT_H) == (
        "opus costs 10.0× minimax: $30.00 against $3.00 in 8 h (small left work undone)"
    )


def test_different_numbers_of_requests_are_compared_by_request() -> None:
    made = [Priced("opus", 30.0, 1.0, 30), Priced("deepseek", 1.9, 1.0, 19)]
    assert bill_finding(made, EIGHT_H) == "opus costs 10.0× deepseek: $1.00 against $0.100 per request"
    equal = [Priced("opus", 30.0, 1.0, 30), Priced("deepseek", 3.0, 1.0, 30)]
    assert bill_finding(equal, EIGHT_H) == "opus costs 10.0× deepseek: $30.00 against $3.00 in 8 h"


def test_work_that_no_request_asked_for_is_no_bargain() -> None:
    made = [Priced("opus", 0.0, None, 0), Priced("deepseek", 0.0, None, 0)]
    assert bill_finding(made, EIGHT_H) == "No request arrived in 8 h, so nothing is billed"


def test_the_end_of_the_work_is_told_where_it_comes_long_before_the_horizon() -> None:
    assert work_ends(EIGHT_H, EIGHT_H // 4) == " · the work ends after 2 h"
    assert (work_ends(EIGHT_H, EIGHT_H // 2), work_ends(EIGHT_H, 0), work_ends(EIGHT_H, None)) == ("", "", "")


def test_where_nothing_is_finished_by_anyone_all_are_compared() -> None:
    made = [Priced("opus", 30.0, 0.0), Priced("minimax", 3.0, 0.0)]
    assert bill_finding(made, EIGHT_H) == "opus costs 10.0× minimax: $30.00 against $3.00 in 8 h"


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e9)), min_size=1, max_size=5))
def test_bill_always_gives_one_short_sentence(totals: list[float | None]) -> None:
    sentence = bill_finding(bills(*totals), EIGHT_H)
    assert 0 < len(sentence) < 160
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("meters", "sentence"),
    [
        (
            {"input": 10.0, "cache_read": 83e6, "output": 17e6 - 10},
            "Cache read is 83% of the 100 M tokens that opus uses in 8 h",
        ),
        (
            {"input": 1_000.0, "output": 1_000.0},
            "Input and output are each 50% of the 2 k tokens that opus uses in 8 h",
        ),
        ({"input": 5.0}, "Input is 100% of the 5 tokens that opus uses in 8 h"),
        ({"input": 0.0}, "opus uses no tokens in 8 h"),
    ],
)
def test_tokens(meters: dict[str, float], sentence: str) -> None:
    assert tokens_finding("opus", meters, EIGHT_H) == sentence


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        ((182_000, 2_041, 3), "The longest session of lead grows to 182 k tokens in 2,041 calls, compacted 3 times"),
        ((182_000, 20, 1), "The longest session of lead grows to 182 k tokens in 20 calls, compacted once"),
        ((900, 1, 0), "The longest session of lead grows to 900 tokens in a single call, without a compaction"),
        (
            (39_000, 9, 0, 179_000),
            "The longest session of lead grows to 39 k tokens in 9 calls, without a compaction; another reaches 179 k",
        ),
        ((0, 0, 0), "No call was made, so no context grew"),
    ],
)
def test_context(figures: tuple[int, ...], sentence: str) -> None:
    assert context_finding("lead", *figures) == sentence


HISTORY, OUTPUT = "history_reread", "output"


@pytest.mark.parametrize(
    ("causes", "sentence"),
    [
        ([("opus", {HISTORY: 83.0, OUTPUT: 17.0})], "83% of the bill of opus goes to history read again"),
        (
            [("opus", {HISTORY: 83.0, OUTPUT: 17.0}), ("glm", {HISTORY: 6.1, OUTPUT: 3.9})],
            "The largest part of every bill goes to history read again: 61% to 83%",
        ),
        (
            [("opus", {HISTORY: 8.0, OUTPUT: 2.0}), ("glm", {HISTORY: 80.0, OUTPUT: 20.0})],
            "The largest part of every bill goes to history read again: 80%",
        ),
        (
            [("opus", {HISTORY: 1.0, OUTPUT: 3.0}), ("glm", {HISTORY: 6.0, OUTPUT: 4.0})],
            "60% of the largest bill, that of glm, goes to history read again",
        ),
        (
            [("opus", {HISTORY: 1.0, OUTPUT: 1.0})],
            "Equal parts of the bill of opus go to history read again and output: 50% each",
        ),
        ([("opus", {HISTORY: 0.0})], "Nothing is billed, so nothing has a cause"),
        ([], "Nothing is billed, so nothing has a cause"),
    ],
)
def test_causes(causes: list[tuple[str, dict[str, float]]], sentence: str) -> None:
    assert causes_finding(causes) == sentence


def test_fan() -> None:
    ends = [float(i) for i in range(101)]
    assert fan_finding("opus", ends) == "Eight of ten runs of opus cost $10.00 to $90.00, on average $50.00"
    assert fan_finding("opus", [1.0, 2.0, 6.0]) == "3 runs of opus cost $1.00 to $6.00, on average $3.00"
    assert fan_finding("opus", [2.0] * 20) == "All 20 runs of opus cost about $2.00"
    assert fan_finding("opus", []) == "opus has no replication"


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=50))
def test_quantile_agrees_with_the_standard_library(values: list[float]) -> None:
    deciles = statistics.quantiles(values, n=10, method="inclusive")
    assert quantile(values, 0.1) == pytest.approx(deciles[0], abs=1e-6)
    assert quantile(values, 0.9) == pytest.approx(deciles[8], abs=1e-6)
