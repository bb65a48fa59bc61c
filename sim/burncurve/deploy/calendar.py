"""The clock of a run: its days and months."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from burncurve.prepare.calendars import EPOCH, MICROSECOND, Calendar
from burncurve.scenario.zones import zone
from burncurve.words import US_PER_DAY

if TYPE_CHECKING:
    from burncurve.scenario.models import Scenario

BEYOND_US = 2 * US_PER_DAY  # of a calendar, so that it holds the first day that begins beyond the horizon


def calendar_of(scenario: Scenario) -> Calendar:
    """Return the clock of the run."""
    return Calendar(scenario.start, zone(scenario.time_zone), scenario.horizon)


def months_us(scenario: Scenario) -> tuple[int, ...]:
    """Return when calendar months (UTC) begin, since the start, up to the first one beyond the horizon."""
    start_utc_us = calendar_of(scenario).start_utc_us
    first = EPOCH + start_utc_us * MICROSECOND
    turns: list[int] = []
    number = first.year * 12 + first.month  # of the next month, counted from 0 in January of the year 0
    while not turns or turns[-1] < scenario.horizon:
        month = datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)
        turns.append((month - EPOCH) // MICROSECOND - start_utc_us)
        number += 1
    return tuple(turns)


def days_us(scenario: Scenario) -> tuple[int, ...]:
    """Return when local days begin, since the start, up to the first one beyond the horizon."""
    longer = replace(calendar_of(scenario), horizon_us=scenario.horizon + BEYOND_US)
    turns = longer.daily_us(0)
    within = sum(turn < scenario.horizon for turn in turns)
    return turns[: within + 1]
