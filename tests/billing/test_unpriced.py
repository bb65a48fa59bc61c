"""A missing price is never 0: the deployment has no total, and says which offer, where and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from burncurve.billing import amounts_usd, bill, merged
from burncurve.errors import InternalError
from burncurve.ledger import Ledger, Status
from burncurve.prices import load

Make = Callable[..., Ledger]
ROW = {"input": 100, "fresh": 100, "output": 10}


def test_an_offer_without_an_output_price(make: Make) -> None:
    ledger = make([ROW], ("alibaba/qwen-3.5-plus",))
    made = bill(ledger, load("articles-2026-02"), deployment="d")
    assert made.unpriced == ("alibaba/qwen-3.5-plus",)
    assert made.total() is None
    assert made.total_pico is None
    assert (made.lines, made.per_replication, made.by_cause()) == ((), (), {})
    assert "has no price of alibaba/qwen-3.5-plus for output" in str(made.missing[0])
    assert "articles-2026-02.yaml:" in made.missing[0].where
    assert np.isnan(amounts_usd(ledger, load("articles-2026-02"))).all()


def test_an_offer_that_the_book_does_not_know(make: Make) -> None:
    ledger = make([{**ROW, "offer": 1}, ROW], ("moonshotai/kimi-k2.5", "anthropic/claude-opus-4.6"))
    made = bill(ledger, load("articles-2026-02"), deployment="d")
    assert made.unpriced == ("moonshotai/kimi-k2.5",)
    assert made.total() is None
    assert np.isnan(amounts_usd(ledger, load("articles-2026-02"))).tolist() == [False, True]


def test_an_offer_never_called_needs_no_price(make: Make) -> None:
    ledger = make([{**ROW, "offer": 1}], ("moonshotai/kimi-k2.5", "anthropic/claude-opus-4.6"))
    assert bill(ledger, load("articles-2026-02"), deployment="d").unpriced == ()


def test_a_call_in_a_gap_of_the_book(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "gap.yaml"
    path.write_text(
        "checked: 2026-12-31\noffers:\n  maker/model:\n"
        "    - {valid_from: 2026-01-01, valid_until: 2026-02-01, per_mtok: {input: 1, output: 1}, source: me}\n"
        "    - {valid_from: 2026-03-01, per_mtok: {input: 2, output: 2}, source: me}\n"
    )
    made = bill(make([ROW]), load(str(path)), deployment="d")
    assert made.unpriced == ("maker/model",)
    assert made.missing[0].where == f"{path}:5:7"
    assert made.missing[0].what == (
        "has no price of maker/model on 2026-02-23: "
        "the entry before ends on 2026-02-01 and the next entry begins on 2026-03-01"
    )
    remedy = "bill with another --book, or, if it is a scenario, choose a --start from 2026-03-01 on"
    assert made.missing[0].remedy == remedy


def test_searches_without_a_price(make: Make) -> None:
    made = bill(make([{**ROW, "web_searches": 1}], ("moonshotai/kimi-k2.5",)), load("list"), deployment="d")
    assert made.unpriced == ("moonshotai/kimi-k2.5",)
    assert "web_searches" in made.missing[0].what


def test_another_service_tier_is_another_price(make: Make) -> None:
    made = bill(make([{**ROW, "service_tier": 1}], ("zai/glm-5",)), load("list"), deployment="d")
    assert made.unpriced == ("zai/glm-5",)


def test_what_was_not_known_yet_is_missing(make: Make) -> None:
    ledger = make([ROW], ("zai/glm-5.3",), datetime(2026, 9, 1, tzinfo=UTC))
    assert bill(ledger, load("list"), deployment="d").unpriced == ()
    assert bill(ledger, load("list"), deployment="d", as_of=date(2026, 8, 13)).unpriced == ("zai/glm-5.3",)


def test_merging_with_an_unpriced_bill_is_unpriced(make: Make) -> None:
    offers = ("moonshotai/kimi-k2.5", "anthropic/claude-opus-4.6")
    parts = [bill(make([{**ROW, "offer": i}], offers), load("articles-2026-02"), deployment="d") for i in (0, 1)]
    assert merged(parts) == merged(parts[::-1])
    assert merged(parts).total() is None


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"cache_read": 90, "input": 10, "fresh": 50}, "more tokens read from the cache than were sent before"),
        ({"input": 50, "fresh": 10, "fresh_agents": 20}, "fresh tokens of briefs"),
        ({"input": -5}, "negative"),
        ({"input": 5, "fresh": 5, "status": Status.REFUSED}, "not served"),
    ],
)
def test_a_ledger_that_contradicts_itself_is_not_billed(make: Make, row: dict[str, int], message: str) -> None:
    with pytest.raises(InternalError, match=message):
        bill(make([row], ("zai/glm-5",)), load("list"), deployment="d")
