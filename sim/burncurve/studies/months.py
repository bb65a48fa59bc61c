"""How long a day of the work is, and how many such days a month has, as far as the scenario's calendar says."""

from __future__ import annotations

from datetime import timedelta

from burncurve.scenario.models import Scenario, Trigger
from burncurve.studies.figures import DAYS_PER_MONTH
from burncurve.words import US_PER_DAY, US_PER_HOUR

DAYS_PER_WEEK = 7


def weekdays(scenario: Scenario) -> frozenset[int]:
    """Return the days of a week, Monday 0, that count; all where the horizon holds whole weeks of its own days off."""
    every = frozenset(range(DAYS_PER_WEEK))
    if scenario.horizon >= DAYS_PER_WEEK * US_PER_DAY:
        return every
    days = {day for trigger in scenario.triggers for day in _days(trigger)}
    days |= {day for users in scenario.users for day in users.days}
    return frozenset(days) or every


def active_weekdays(scenario: Scenario) -> int:
    """Return on how many days of a week work arrives; 7 where the horizon holds whole weeks of its own days off."""
    return len(weekdays(scenario))


def _days(trigger: Trigger) -> set[int]:
    profile = trigger.poisson or trigger.bursty
    weights = profile.weekly if profile and profile.weekly else (1,) * DAYS_PER_WEEK
    return {day for day in trigger.days if weights[day] > 0}


def days_per_month(scenario: Scenario) -> float:
    """Return how many of the days that `per day` speaks of a mean month has: 30.44, fewer with days off."""
    return DAYS_PER_MONTH * active_weekdays(scenario) / DAYS_PER_WEEK


def days_us(scenario: Scenario) -> int:
    """Return the time that counts as the days of the run: the horizon, but one day where it holds all hours of work.

    A market's session or a working day is the day it belongs to; an hour of what goes on round the clock is
    a 24th of one.
    """
    return US_PER_DAY if scenario.horizon < US_PER_DAY and _holds_all_hours(scenario) else scenario.horizon


def _holds_all_hours(scenario: Scenario) -> bool:
    """Say whether all that recurs keeps hours, and those of the first day lie within the horizon."""
    recurring = [trigger.hours for trigger in scenario.triggers if not (trigger.once or trigger.at)]
    hours = [*recurring, *(users.hours for users in scenario.users)]
    midnight = scenario.start.replace(hour=0, minute=0, second=0, microsecond=0)
    clock_us = (scenario.start - midnight) // timedelta(microseconds=1)
    ends_us = clock_us + scenario.horizon
    return bool(hours) and all(clock_us <= each.opens_us and each.closes_us <= ends_us for each in hours)


def day_said(scenario: Scenario) -> str:
    """Return the note that says what a day is where the horizon is shorter than one."""
    played = f"the horizon of {scenario.horizon / US_PER_HOUR:g} h"
    if _holds_all_hours(scenario):
        return f"per day: {played} holds all hours of work and counts as one day"
    return f"per day: {played} times {US_PER_DAY / scenario.horizon:g}, as if work went on all day as it does then"


def said(scenario: Scenario) -> str:
    """Return the note that says what a month is."""
    active = active_weekdays(scenario)
    off = "" if active == DAYS_PER_WEEK else f", work arriving on {active} of 7 weekdays"
    return f"per month: {days_per_month(scenario):.2f} such days{off}"
