"""What is in force, and what changed, as a person would read it off the price pages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from burncurve.prices import changes, load, quotes
from burncurve.prices.queries import HOURS, NEVER


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


def test_hours_are_told_with_their_weekdays_and_holidays() -> None:
    """Peak hours of V4 Pro lie on weekdays from 2026-08-23 on, Beijing time, and not on public holidays."""
    (_, peak) = quotes(load("list"), date(2026, 11, 18), ["deepseek/deepseek-v4-pro"])
    assert peak.hours.startswith("01:00-04:00, 06:00-10:00 UTC on mon, tue, wed, thu, fri, not on holidays china: ")
    assert "2026-02-15 to 2026-02-23" in peak.hours
    (_, peak) = quotes(load("list"), date(2026, 8, 18), ["deepseek/deepseek-v4-pro"])
    assert peak.hours == "01:00-04:00, 06:00-10:00 UTC"


def test_other_hours_at_the_same_rates_are_a_change() -> None:
    span = date(2026, 8, 20), date(2026, 8, 30), ["deepseek/deepseek-v4-pro"]
    (change,) = changes(load("list"), *span, as_of=date(2026, 9, 1))
    assert (change.window, change.meter, f"{change.since:%m-%d %H:%M}") == ("peak", HOURS, "08-22 16:00")
    assert change.before == "01:00-04:00, 06:00-10:00 UTC"
    assert change.after == "01:00-04:00, 06:00-10:00 UTC on mon, tue, wed, thu, fri"


def test_a_window_that_comes_or_goes_changes_the_hours(tmp_path: Path) -> None:
    entry = "    - {valid_from: 2026-0%d-01, per_mtok: {input: 2, output: 3}, source: me%s}\n"
    night = ", windows: [{name: night, utc: ['00:00-06:00'], not_on: feast, per_mtok: {input: 2, output: 3}}]"
    feast = "holidays: {feast: {from: 0001-01-01, to: 9999-12-31, days: [%s], source: me}}\n"
    days = "2026-05-03, 2026-05-01, 0001-01-01, 2026-05-02, 9999-12-31"
    offers = "offers:\n  maker/model:\n" + entry % (1, "") + entry % (2, night) + entry % (3, "")
    (tmp_path / "book.yaml").write_text("checked: 2026-11-21\n" + feast % days + offers)
    found = changes(load(tmp_path / "book.yaml"), date(2026, 1, 1), date(2026, 4, 1))
    at_night = "00:00-06:00 UTC, not on holidays feast: 0001-01-01, 2026-05-01 to 2026-05-03, 9999-12-31"
    assert [(f"{each.since:%m}", each.before, each.after) for each in found] == [
        ("02", NEVER, at_night),
        ("03", at_night, NEVER),
    ]
