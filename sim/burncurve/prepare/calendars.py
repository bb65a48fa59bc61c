"""Local calendars become microseconds since the start: working windows, intervals, profiles, resets.

Local times are read in the scenario's zone, so a day that changes to or from summer time has 23 or 25
hours. A time that the clock skips is taken with the offset from before the change; of a time that comes
twice, the first counts for openings and the second for closings.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import takewhile
from zoneinfo import ZoneInfo

from burncurve.errors import InputError, Problem
from burncurve.words import US_PER_DAY, US_PER_HOUR, US_PER_MINUTE

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MOST_ARRIVALS = 1_000_000

Window = tuple[int, int]


def utc_us(local: datetime, zone: ZoneInfo, fold: int = 0) -> int:
    """Return a local time as microseconds since 1970 in UTC; `fold` 1 takes the second of a time that comes twice."""
    return (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) - EPOCH) // MICROSECOND


@dataclass(frozen=True)
class Calendar:
    """The horizon of a run, on the clock of its place."""

    start: datetime  # local, without zone
    zone: ZoneInfo
    horizon_us: int

    @property
    def start_utc_us(self) -> int:
        """The start in microseconds since 1970, UTC."""
        return utc_us(self.start, self.zone)

    def since_start_us(self, local: datetime, fold: int = 0) -> int:
        """Return a local time in microseconds since the start; negative before it."""
        return utc_us(local, self.zone, fold) - self.start_utc_us

    def days(self) -> Iterator[date]:
        """Yield the local days that the horizon touches, and one on either side."""
        first = self.start.date() - timedelta(days=1)
        for n in range(self.horizon_us // US_PER_DAY + 4):
            yield first + timedelta(days=n)

    def moment_us(self, day: date, clock_us: int, fold: int = 0) -> int:
        """Return a time of day (microseconds on the wall clock since midnight) in microseconds since the start."""
        midnight = datetime(day.year, day.month, day.day)
        return self.since_start_us(midnight + timedelta(microseconds=clock_us), fold)

    def windows(self, opens_us: int, closes_us: int, weekdays: Sequence[int]) -> Iterator[Window]:
        """Yield (opening, close) of every day's window that touches the horizon, uncut, Monday being 0."""
        for day in self.days():
            window = self.moment_us(day, opens_us), self.moment_us(day, closes_us, fold=1)
            if day.weekday() in weekdays and window[0] < self.horizon_us and window[1] > 0 and window[0] < window[1]:
                yield window

    def daily_us(self, clock_us: int) -> tuple[int, ...]:
        """Return the moments after the start, within the horizon, at which the local clock shows this time."""
        moments = (self.moment_us(day, clock_us) for day in self.days())
        return tuple(us for us in moments if 0 < us < self.horizon_us)

    def hours(self) -> Iterator[tuple[int, int, datetime]]:
        """Yield (from, to, local time) of every hour that the horizon touches, from full hour to full hour.

        Zones differ from UTC by whole quarters of an hour, so hours are cut where the local clock shows :00.
        """
        into_hour = self.start.minute * US_PER_MINUTE + self.start.second * 1_000_000 + self.start.microsecond
        edge = -into_hour
        while edge < self.horizon_us:
            instant = EPOCH + timedelta(microseconds=self.start_utc_us + max(edge, 0))
            yield max(edge, 0), min(edge + US_PER_HOUR, self.horizon_us), instant.astimezone(self.zone)
            edge += US_PER_HOUR


def cut(windows: Sequence[Window], horizon_us: int) -> tuple[Window, ...]:
    """Return the windows cut to the horizon."""
    return tuple((max(opening, 0), min(close, horizon_us)) for opening, close in windows)


def every_us(windows: Sequence[Window], interval_us: int, horizon_us: int) -> tuple[int, ...]:
    """Return the times at an interval, counted anew from the opening of each window, inside it and the horizon.

    InputError (without a place) above a million.
    """
    spans = [(opening, min(close, horizon_us)) for opening, close in windows]
    if sum(-(-(close - opening) // interval_us) for opening, close in spans) > MOST_ARRIVALS:
        raise InputError(
            Problem("", f"gives more than {MOST_ARRIVALS:,} arrivals", "lengthen the interval or shorten the horizon")
        )
    return tuple(us for opening, close in spans for us in range(opening, close, interval_us) if us >= 0)


@dataclass(frozen=True)
class Pace:
    """How fast operational time runs over a stretch of the clock."""

    from_us: int
    to_us: int
    factor: float


def paces(
    calendar: Calendar, windows: Sequence[Window], hourly: Sequence[float] | None, weekly: Sequence[float] | None
) -> Iterator[Pace]:
    """Yield the stretches of even pace inside the windows; the profile's factors are by local hour and weekday."""
    if hourly is None and weekly is None:
        yield from (Pace(opening, close, 1.0) for opening, close in windows)
        return
    waiting = deque(windows)
    for start_us, end_us, local in calendar.hours():
        factor = (hourly[local.hour] if hourly else 1.0) * (weekly[local.weekday()] if weekly else 1.0)
        while waiting and waiting[0][1] <= start_us:
            waiting.popleft()
        for opening, close in takewhile(partial(_opens_before, end_us), waiting):
            if factor > 0:
                yield Pace(max(opening, start_us), min(close, end_us), factor)


def _opens_before(us: int, window: Window) -> bool:
    return window[0] < us


def knots(stretches: Sequence[Pace]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the knots of operational time (strictly increasing from 0) and of the clock.

    Where operational time stands still the clock jumps from the last microsecond before to the first after.
    """
    operational: list[int] = [0]
    clock: list[int] = [stretches[0].from_us] if stretches else [0]
    for pace in stretches:
        if clock[-1] != pace.from_us:
            reached = operational[-1]
            operational[-1:], clock[-1:] = [reached - 1, reached], [clock[-1] - 1, pace.from_us]
        operational.append(operational[-1] + max(round((pace.to_us - pace.from_us) * pace.factor), 2))
        clock.append(pace.to_us)
    return tuple(operational), tuple(clock)
