"""How many days like those played there are in a month, as far as the scenario's calendar says."""

from __future__ import annotations

from burncurve.scenario.models import Scenario, Trigger
from burncurve.studies.figures import DAYS_PER_MONTH
from burncurve.words import US_PER_DAY

DAYS_PER_WEEK = 7


def active_weekdays(scenario: Scenario) -> int:
    """Return on how many days of a week work arrives; 7 where the horizon holds whole weeks of its own days off."""
    if scenario.horizon >= DAYS_PER_WEEK * US_PER_DAY:
        return DAYS_PER_WEEK
    days = {day for trigger in scenario.triggers for day in _days(trigger)}
    days |= {day for users in scenario.users for day in users.days}
    return len(days) or DAYS_PER_WEEK


def _days(trigger: Trigger) -> set[int]:
    profile = trigger.poisson or trigger.bursty
    weights = profile.weekly if profile and profile.weekly else (1,) * DAYS_PER_WEEK
    return {day for day in trigger.days if weights[day] > 0}


def days_per_month(scenario: Scenario) -> float:
    """Return how many of the days that `per day` speaks of a mean month has: 30.44, fewer with days off."""
    return DAYS_PER_MONTH * active_weekdays(scenario) / DAYS_PER_WEEK


def said(scenario: Scenario) -> str:
    """Return the note that says what a month is."""
    active = active_weekdays(scenario)
    off = "" if active == DAYS_PER_WEEK else f", work arriving on {active} of 7 weekdays"
    return f"per month: {days_per_month(scenario):.2f} such days{off}"
