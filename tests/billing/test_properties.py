"""What holds for any ledger: causes add up to meters, lines to totals, whatever the order and the chunks."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from burncurve.billing import Bill, bill, merged
from burncurve.billing.sums import cells_of, joined, separated, summed
from burncurve.ledger import METERS, Kind, Ledger, Status
from burncurve.prices import Book, load
from burncurve.prices.queries import price_at

Make = Callable[..., Ledger]
Row = dict[str, int]
LIST, ARTICLES = load("list"), load("articles-2026-02")
OFFERS = ("anthropic/claude-opus-4.6", "minimax/minimax-m2.5", "deepseek/deepseek-v4-pro", "zai/glm-5")
START = datetime(2026, 3, 12, 18, tzinfo=UTC)
hand_made = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """Draw one call: a prompt of base, tokens sent before and fresh ones, and what of it was read from a cache."""
    fresh = draw(st.integers(0, 50_000))
    before = draw(st.integers(0, 300_000))
    read = draw(st.integers(0, before))
    row = {
        "cache_read": read,
        draw(st.sampled_from(["input", "cache_write_5m", "cache_write_1h"])): fresh + before - read,
    }
    row |= {
        "fresh": fresh,
        "fresh_agents": draw(st.integers(0, fresh)),
        "from_base": draw(st.integers(0, before + fresh)),
    }
    row |= {"output": draw(st.integers(0, 9_000)), "reasoning": draw(st.integers(0, 9_000))}
    row |= {"status": draw(st.sampled_from([Status.OK, Status.ERROR])), "kind": draw(st.sampled_from(list(Kind)))}
    row |= {"task_attempt": draw(st.integers(0, 1)), "replication": draw(st.integers(0, 3))}
    row |= {
        "agent": draw(st.integers(0, 1)),
        "account": draw(st.integers(0, 1)),
        "offer": draw(st.sampled_from([0, 1, 3])),
    }
    return row | {"grant_us": draw(st.integers(0, 12 * 3_600_000_000))}


def made(make: Make, these: list[Row], book: Book = LIST) -> Bill:
    return bill(make(these, OFFERS, START), book, deployment="d")


def slow_twin(these: list[Row]) -> Decimal:
    """Bill call by call with decimals, straight from the book, causes left aside."""
    total = Decimal(0)
    for row in these:
        moment = datetime.fromtimestamp(START.timestamp() + row["grant_us"] // 10**6, UTC)
        prompt = sum(row.get(meter, 0) for meter in METERS[:4])
        bands = price_at(LIST, OFFERS[row["offer"]], moment).bands
        rates = [band for band in bands if band.above_tokens < prompt or band.above_tokens == 0][-1].rates
        output = (row["output"] + row["reasoning"]) * rates["output"]
        total += output + sum(row.get(meter, 0) * rates.get(meter, rates["input"]) for meter in METERS[:4])
    return total * 10**6


@hand_made
@given(st.lists(rows(), min_size=1, max_size=30))
def test_causes_add_up_to_the_meters(make: Make, these: list[Row]) -> None:
    counted: Counter[str] = Counter()
    for line in made(make, these).lines:
        counted[line.meter] += line.tokens
        assert line.tokens > 0
    on_meters = Counter({meter: sum(row.get(meter, 0) for row in these) for meter in METERS})
    assert counted == +on_meters


@hand_made
@given(st.lists(rows(), min_size=1, max_size=30))
def test_bills_equal_the_slow_twin(make: Make, these: list[Row]) -> None:
    assert made(make, these).total_pico == slow_twin(these)


@hand_made
@given(st.lists(rows(), min_size=1, max_size=30))
def test_lines_add_up_to_the_total_and_to_the_replications(make: Make, these: list[Row]) -> None:
    whole = made(make, these)
    assert sum(line.amount_pico for line in whole.lines) == whole.total_pico == sum(whole.per_replication)
    assert all(line.amount_pico == line.tokens * line.rate_pico for line in whole.lines)
    for number, amount in zip(whole.replications, whole.per_replication, strict=True):
        alone = made(make, [row for row in these if row["replication"] == number])
        assert alone.total_pico == amount


@hand_made
@given(st.lists(rows(), min_size=1, max_size=30), st.randoms(use_true_random=False), st.sampled_from([LIST, ARTICLES]))
def test_order_and_chunks_do_not_matter(make: Make, these: list[Row], luck: random.Random, book: Book) -> None:
    these = [{**row, "offer": 1 if row["offer"] == 2 else row["offer"]} for row in these]
    whole = made(make, these, book)
    shuffled = luck.sample(these, len(these))
    assert made(make, shuffled, book) == whole
    cut = luck.randint(1, len(these))
    parts = [made(make, part, book) for part in (shuffled[:cut], shuffled[cut:]) if part]
    assert merged(parts) == merged(parts[::-1]) == whole


def test_amounts_stay_exact_beyond_64_bits(make: Make) -> None:
    """12,000 calls of two thousand million and one tokens at $1 per million: 2.4e19 pico-dollars, to the last digit."""
    these = [{"input": 2_000_000_001, "fresh": 2_000_000_001, "offer": 3}] * 12_000
    assert made(make, these).total_pico == 12_000 * 2_000_000_001 * 1_000_000 > 2**63


def test_sums_stay_exact_beyond_what_a_double_holds() -> None:
    group, values = np.array([0, 1, 0, 1]), np.array([2**53, 2**53, 1, 3])
    assert summed(group, values, 2).tolist() == [2**53 + 1, 2**53 + 3]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 9)), min_size=1), st.booleans())
def test_cells_add_up_whatever_the_blocks(these: list[tuple[int, int, int]], wide: bool) -> None:
    """Keys come apart as they were put together, in blocks of one row and of all, dense and sparse."""
    scale = 10**6 if wide else 1
    sizes = (4, 3 * scale, 10)
    keys = np.array([(one * sizes[1] + two * scale) * 10 + three for one, two, three in these])
    ones = np.ones(len(these), dtype=np.int64)
    whole = joined([cells_of(keys, (ones, None), 30 * scale)], 2)
    single = joined((cells_of(keys[i : i + 1], (ones[:1], None), 30 * scale) for i in range(len(these))), 2)
    assert all(np.array_equal(one, other) for one, other in zip(whole, single, strict=True))
    counted = Counter((one, two * scale, three) for one, two, three in these)
    assert list(zip(*(c.tolist() for c in separated(whole[0], sizes)), strict=True)) == sorted(counted)
    assert whole[1].tolist() == [[counted[key] for key in sorted(counted)], [0] * len(counted)]
