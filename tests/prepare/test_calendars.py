"""Calendars by hand: time zones, both changes of the clock, weekends, intervals, profiles, resets."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from burncurve.errors import InputError
from burncurve.prepare.calendars import Calendar, Window, cut, every_us, knots, paces, utc_us
from burncurve.scenario.zones import zone
from burncurve.words import US_PER_DAY, US_PER_HOUR, US_PER_MINUTE

H, M = US_PER_HOUR, US_PER_MINUTE
NEW_YORK, BERLIN, KOLKATA = zone("America/New_York"), zone("Europe/Berlin"), zone("Asia/Kolkata")
WEEK = tuple(range(7))
MON_FRI = tuple(range(5))


def calendar(start: str, zone: ZoneInfo, horizon_us: int) -> Calendar:
    return Calendar(datetime.fromisoformat(start), zone, horizon_us)


def cut_windows(run: Calendar, opens_us: int, closes_us: int, weekdays: tuple[int, ...]) -> tuple[Window, ...]:
    return cut(list(run.windows(opens_us, closes_us, weekdays)), run.horizon_us)


def test_the_start_in_utc() -> None:
    # 23 February 2026, 09:30 in New York (UTC-5) is 14:30 UTC
    expected = int(datetime(2026, 2, 23, 14, 30, tzinfo=UTC).timestamp()) * 1_000_000
    assert calendar("2026-02-23T09:30", NEW_YORK, H).start_utc_us == expected == 1771857000 * 1_000_000


def test_a_trading_day_every_five_minutes() -> None:
    day = calendar("2026-02-23T09:30", NEW_YORK, 8 * H)
    windows = list(day.windows(9 * H + 30 * M, 16 * H, MON_FRI))
    assert windows == [(0, 6 * H + 30 * M)]
    times = every_us(windows, 5 * M, day.horizon_us)
    assert len(times) == 78  # 6.5 hours of 12
    assert (times[0], times[1], times[-1]) == (0, 5 * M, 6 * H + 25 * M)


def test_times_are_anchored_at_the_opening_not_at_the_start() -> None:
    late = calendar("2026-02-23T10:02", NEW_YORK, 2 * H)
    times = every_us(list(late.windows(9 * H + 30 * M, 16 * H, MON_FRI)), 5 * M, late.horizon_us)
    assert times[0] == 3 * M  # 10:05
    assert times[-1] == 118 * M  # 12:00, the horizon is at 12:02
    early = calendar("2026-02-23T08:00", NEW_YORK, 2 * H)
    assert every_us(list(early.windows(9 * H + 30 * M, 16 * H, MON_FRI)), 20 * M, early.horizon_us) == (90 * M, 110 * M)


def test_weekends_are_skipped() -> None:
    friday = calendar("2026-02-27T09:00", BERLIN, 4 * US_PER_DAY)  # Friday to Tuesday 09:00
    windows = cut_windows(friday, 9 * H, 17 * H, MON_FRI)
    assert windows == ((0, 8 * H), (72 * H, 80 * H))  # Tuesday's opening is the horizon itself


@pytest.mark.parametrize(
    ("start", "zone", "hours"),
    [
        ("2026-03-29", BERLIN, 23),  # 02:00 -> 03:00
        ("2026-10-25", BERLIN, 25),  # 03:00 -> 02:00
        ("2026-03-08", NEW_YORK, 23),
        ("2026-11-01", NEW_YORK, 25),
        ("2026-03-29", KOLKATA, 24),
    ],
)
def test_days_of_23_and_25_hours(start: str, zone: ZoneInfo, hours: int) -> None:
    run = calendar(start, zone, 3 * US_PER_DAY)
    windows = cut_windows(run, 0, 24 * H, WEEK)
    assert windows[0] == (0, hours * H)
    assert windows[1] == (hours * H, (hours + 24) * H)
    assert len(every_us(windows[:1], H, run.horizon_us)) == hours


def test_local_hours_stay_local_over_a_change() -> None:
    for start, shift in (("2026-03-28T09:00", -1), ("2026-10-24T09:00", 1)):
        run = calendar(start, BERLIN, 3 * US_PER_DAY)
        assert cut_windows(run, 9 * H, 17 * H, WEEK)[:2] == ((0, 8 * H), ((24 + shift) * H, (32 + shift) * H))
        assert run.daily_us(4 * H)[:2] == ((19 + shift) * H, (43 + shift) * H)


def test_a_window_over_the_hour_that_comes_twice_is_longer() -> None:
    run = calendar("2026-10-25T00:00", BERLIN, US_PER_DAY)
    assert cut_windows(run, 1 * H, 4 * H, WEEK) == ((1 * H, 5 * H),)
    assert cut_windows(run, 2 * H, 2 * H + 30 * M, WEEK) == ((2 * H, 3 * H + 30 * M),)  # both 02:30


def test_a_skipped_time_is_read_with_the_offset_from_before() -> None:
    skipped = utc_us(datetime(2026, 3, 29, 2, 30), BERLIN)
    assert skipped == utc_us(datetime(2026, 3, 29, 3, 30), BERLIN)


def test_resets_lie_inside_the_horizon() -> None:
    run = calendar("2026-06-01T04:00", BERLIN, 2 * US_PER_DAY)
    assert run.daily_us(4 * H) == (US_PER_DAY,)  # neither at the start nor at the horizon


def test_too_many_arrivals_are_refused() -> None:
    with pytest.raises(InputError, match="more than 1,000,000 arrivals"):
        every_us([(0, US_PER_DAY)], 1000, US_PER_DAY)


def test_operational_time_stands_still_outside_the_windows() -> None:
    run = calendar("2026-02-23T08:00", BERLIN, 2 * US_PER_DAY)
    windows = cut_windows(run, 9 * H, 17 * H, WEEK)
    operational, clock = knots(list(paces(run, windows, None, None)))
    assert operational == (0, 8 * H - 1, 8 * H, 16 * H)
    assert clock == (1 * H, 9 * H - 1, 25 * H, 33 * H)


def test_a_profile_stretches_operational_time() -> None:
    run = calendar("2026-02-23T00:30", BERLIN, US_PER_DAY)  # a Monday
    hourly = [0.0] * 24
    hourly[0], hourly[1], hourly[9] = 2.0, 1.0, 0.5
    operational, clock = knots(list(paces(run, [(0, US_PER_DAY)], hourly, None)))
    # 00:30-01:00 doubly fast, 01:00-02:00, 09:00-10:00 half as fast, and 00:00-00:30 of the next day
    assert clock == (0, 30 * M, 90 * M - 1, 8 * H + 30 * M, 9 * H + 30 * M - 1, 23 * H + 30 * M, 24 * H)
    assert operational == (0, 1 * H, 2 * H - 1, 2 * H, 2 * H + 30 * M - 1, 2 * H + 30 * M, 3 * H + 30 * M)
    weekly = [1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    operational, clock = knots(list(paces(run, [(0, US_PER_DAY)], None, weekly)))
    assert clock[-1] == 23 * H + 30 * M  # nothing on Tuesday
    assert operational[-1] == 23 * H + 30 * M


def test_the_profile_follows_the_local_clock_over_a_change() -> None:
    run = calendar("2026-10-25T00:00", BERLIN, US_PER_DAY)
    hourly = [0.0] * 24
    hourly[2] = 1.0
    operational, clock = knots(list(paces(run, [(0, US_PER_DAY)], hourly, None)))
    assert (clock[0], clock[-1]) == (2 * H, 4 * H)  # the hour from two to three comes twice
    assert operational[-1] == 2 * H


def test_nothing_at_all() -> None:
    assert knots([]) == ((0,), (0,))
