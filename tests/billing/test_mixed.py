"""Uncached tokens of one call on several meters, as real logs have them: a prompt is sent reads first, input last."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from burncurve.billing import amounts_usd, bill
from burncurve.ledger import METERS, Kind, Ledger
from burncurve.prices import load

OPUS = ("anthropic/claude-opus-4.6",)
Make = Callable[..., Ledger]
MIXED = {"cache_read": 10_000, "cache_write_1h": 1_000, "cache_write_5m": 2_000, "input": 3_000, "from_base": 4_000}


def test_new_tokens_stand_at_the_end_of_the_prompt_and_misses_before_them(make: Make) -> None:
    """Of 6,000 uncached tokens 4,500 are new: all input, 1,500 of those written for five minutes.

    Misses: 1,000 written for an hour at $10, 500 for five minutes at $6.25 per million.
    """
    made = bill(make([{**MIXED, "fresh": 4_500}], OPUS), load("list"), deployment="d")
    assert {(line.meter, line.cause.value): line.tokens for line in made.lines} == {
        ("cache_read", "base_reread"): 4_000,
        ("cache_read", "history_reread"): 6_000,
        ("cache_write_1h", "miss"): 1_000,
        ("cache_write_5m", "miss"): 500,
        ("cache_write_5m", "cache_write"): 1_500,
        ("input", "new_input"): 3_000,
    }
    micro_usd = 10_000 * 0.5 + 1_000 * 10 + 2_000 * 6.25 + 3_000 * 5
    assert made.total_pico == round(micro_usd * 1_000_000)


def test_a_whole_call_of_one_purpose_stays_one_cause(make: Make) -> None:
    made = bill(make([{**MIXED, "kind": Kind.COMPACTION}], OPUS), load("list"), deployment="d")
    assert {line.cause.value for line in made.lines} == {"compaction"}
    assert {line.meter: line.tokens for line in made.lines} == {name: MIXED[name] for name in METERS if name in MIXED}


@pytest.mark.parametrize("prompt", [40_000, 250_000])
def test_mixed_and_plain_rows_together_lose_no_token_in_any_band(make: Make, prompt: int) -> None:
    """Above 200,000 tokens of prompt the whole request is dearer, whatever its meters."""
    mixed = {"cache_read": prompt - 3_000, "cache_write_5m": 2_000, "input": 1_000, "fresh": 3_000}
    rows = [mixed, {"input": 700, "fresh": 700}, {**mixed, "fresh": 0, "output": 9}, {"cache_write_1h": 5, "fresh": 5}]
    ledger = make(rows, OPUS)
    made = bill(ledger, load("list"), deployment="d")
    for meter in METERS:
        assert sum(line.tokens for line in made.lines if line.meter == meter) == int(ledger[meter].sum())
    apart = [bill(make([row], OPUS), load("list"), deployment="d").total_pico for row in rows]
    assert made.total_pico == sum(filter(None, apart))
    assert amounts_usd(ledger, load("list")) == pytest.approx(np.array(apart, dtype=float) / 1e12, rel=1e-12)


def test_a_price_for_the_excess_alone_and_several_meters(make: Make, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """Above 1,000 tokens of prompt all cost ten times as much, those below do not."""
    book = tmp_path / "excess.yaml"
    book.write_text(
        """name: excess
checked: 2026-03-01
offers:
  maker/model:
    - valid_from: 2026-01-01
      source: made up
      per_mtok: {input: 10, cache_read: 1, cache_write_5m: 20, output: 30}
      long_context_pays: excess
      long_context:
        - above_tokens: 1000
          per_mtok: {input: 100, cache_read: 10, cache_write_5m: 200}
"""
    )
    row = {"cache_read": 400, "cache_write_5m": 800, "input": 500, "fresh": 1_300}
    expected = 400 * 1 + 600 * 20 + 200 * 200 + 500 * 100
    assert bill(make([row]), load(str(book)), deployment="d").total_pico == expected * 1_000_000
