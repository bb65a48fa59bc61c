"""What is in force, and what changed, as a person would read it off the price pages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from burncurve.prices import changes, load, quotes


def test_quotes_name_window_and_band() -> None:
    found = quotes(load("list"), date(2026, 11, 18), ["deepseek/deepseek-v4-pro", "anthropic/claude-haiku-5.5"])
    assert [(quote.offer, quote.window, quote.above_tokens) for quote in found] == [
        ("deepseek/deepseek-v4-pro", "", 0),
        ("deepseek/deepseek-v4-pro", "peak", 0),
        ("anthropic/claude-haiku-5.5", "", 0),
        ("anthropic/claude-haiku-5.5", "", 100_000),
    ]
    assert dict(found[0].rates)["cache_write_5m"] is None


def test_the_end_of_a_long_context_price_is_a_change_for_long_prompts_only() -> None:
    found = changes(load("list"), date(2026, 3, 12), date(2026, 3, 13), ["anthropic/claude-opus-4.6"])
    assert {(change.above_tokens, change.meter): (change.before, change.after) for change in found} == {
        (200_000, "input"): (10, 5),
        (200_000, "cache_read"): (1, Decimal("0.5")),
        (200_000, "cache_write_5m"): (Decimal("12.5"), Decimal("6.25")),
        (200_000, "cache_write_1h"): (20, 10),
        (200_000, "output"): (Decimal("37.5"), 25),
    }


def test_a_new_offer_and_a_new_window_are_changes() -> None:
    book = load("list")
    new = changes(book, date(2026, 8, 13), date(2026, 8, 15), ["zai/glm-5.3"])
    assert [(change.meter, change.before, change.after) for change in new] == [
        ("input", None, Decimal("1.4")),
        ("cache_read", None, Decimal("0.26")),
        ("output", None, Decimal("4.4")),
    ]
    peak = changes(book, date(2026, 8, 1), date(2026, 8, 18), ["deepseek/deepseek-v4-flash"])
    assert ("peak", "input", Decimal("0.14"), Decimal("0.44")) in [
        (change.window, change.meter, change.before, change.after) for change in peak
    ]


def test_nothing_changes_from_a_day_to_itself() -> None:
    assert changes(load("list"), date(2026, 11, 1), date(2026, 11, 1)) == ()


def test_every_change_between_two_days_is_told_in_order() -> None:
    """Cache reads of V4 Flash fell on 2026-04-26, two days after its start, and rose on 2026-08-16."""
    found = changes(load("list"), date(2026, 1, 1), date(2026, 9, 1), ("deepseek/deepseek-v4-flash",))
    reads = [(f"{each.since:%m-%d}", each.before, each.after) for each in found if each.meter == "cache_read"]
    told = [(day, None if before is None else float(before), float(after)) for day, before, after in reads if after]
    assert told[:3] == [("04-24", None, 0.028), ("04-26", 0.028, 0.0028), ("08-16", 0.0028, 0.007)]


def test_what_changes_is_told_as_of_a_day_for_a_tier_and_for_a_region() -> None:
    """Nobody knew in February that the long-context price would end; batches cost half, a region a tenth more."""
    book, year = load("list"), (date(2026, 1, 1), date(2026, 11, 21))
    opus = "anthropic/claude-opus-4.6"
    assert {each.since.date() for each in changes(book, *year, [opus])} == {date(2026, 2, 5), date(2026, 3, 13)}
    known = changes(book, *year, [opus], as_of=date(2026, 3, 1))
    assert {each.since.date() for each in known} == {date(2026, 2, 5)}
    batch = changes(book, *year, ["openai/gpt-5.2"], service_tier="batch")
    assert [each.after for each in batch if each.meter == "output"] == [Decimal("14") / 2]
    here = changes(book, *year, ["anthropic/claude-opus-5.5"], region="us")
    assert [each.after for each in here if each.meter == "input"] == [4 * Decimal("1.1")]
