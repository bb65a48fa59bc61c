"""What a switch from the baseline costs once, and the day on which it has paid for itself."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any

from burncurve.scenario.models import Migration, Scenario
from burncurve.studies import months
from burncurve.studies.pairs import Pair
from burncurve.studies.spend import dollars
from burncurve.words import US_PER_DAY

US_PER_YEAR = US_PER_DAY * 1461 // 4
MOST_DAYS = 365_250
OF_TEN = {"p10": 1, "p50": 5, "p90": 9}


def cost_pico(migration: Migration, years_later: int = 0) -> int:
    """Return the one-off cost in pico-dollars: hours x price, more by the same part of it for each year of age."""
    age = Fraction(migration.code_age, US_PER_YEAR) + years_later
    hours = _exact(migration.hours) * (1 + _exact(migration.growth_per_year) * age)
    return round(hours * migration.usd_per_hour)


def _exact(number: float) -> Fraction:
    """Return a number as it was written."""
    return Fraction(repr(number))


def switching(scenario: Scenario, pairs: Sequence[Pair]) -> dict[str, Any] | None:
    """Return what a switch to each side of the pairs comes to; None where the scenario has no migration."""
    migration = scenario.migration
    if migration is None:
        return None
    cost = cost_pico(migration)
    return {
        "cost_usd": dollars(cost),
        "cost_a_year_later_usd": dollars(cost_pico(migration, years_later=1)),
        "hours": cost / migration.usd_per_hour,
        "usd_per_hour": dollars(migration.usd_per_hour),
        "switches": [_switch(scenario, pair, cost) for pair in pairs],
    }


def _switch(scenario: Scenario, pair: Pair, cost: int) -> dict[str, Any]:
    """Return the day by the mean saving, with its interval, and by each replication, were every day like it.

    A saving is what the base's own work costs less with the other deployment.
    """
    days = Fraction(months.days_us(scenario), US_PER_DAY)  # per replication
    work = Fraction(sum(pair.base.units), pair.count)
    gaps = (pair.difference, *(pair.between() or ()))
    mean, fastest, slowest = (*(_day(cost, -gap * work, days) for gap in gaps), None, None)[:3]
    return {
        "name": pair.side.name,
        "saving_per_day_usd": dollars(-pair.difference * work / days),
        "day": mean,
        "day_ci95": [fastest, slowest] if len(gaps) > 1 else None,
        "date": _date(scenario, mean),
        **_by_replication([_day(cost, saving, days) for saving in _savings(pair)]),
    }


def _savings(pair: Pair) -> Iterator[Fraction]:
    """Yield the base's bill less the same units at the side's cost, for replications in which both worked."""
    mine, base = pair.side, pair.base
    for pico, units, base_pico, base_units in zip(mine.pico, mine.units, base.pico, base.units, strict=True):
        if units and base_units:
            yield base_pico - Fraction(pico * base_units, units)


def _day(cost: int, saving: Fraction, days: Fraction) -> int | None:
    """Return on which day of work the savings first reach the cost; None for never, or not within MOST_DAYS."""
    if saving <= 0:
        return None
    day = math.ceil(cost / saving * days)
    return day if day <= MOST_DAYS else None


def _by_replication(found: Sequence[int | None]) -> dict[str, Any]:
    """Return order statistics of the days (the smallest that so many reach), and the share that never pays."""
    if len(found) < 2:
        return {**dict.fromkeys(OF_TEN), "never_share": None}
    ordered = sorted(found, key=lambda day: math.inf if day is None else day)
    places = {name: -(-len(ordered) * tenths // 10) - 1 for name, tenths in OF_TEN.items()}
    return {
        **{name: ordered[place] for name, place in places.items()},
        "never_share": found.count(None) / len(found),
    }


def _date(scenario: Scenario, day: int | None) -> str | None:
    """Return the calendar's date of a day of work, counted from the start over the weekdays on which work arrives."""
    if day is None:
        return None
    week = (scenario.start.date() + timedelta(days=ahead) for ahead in range(months.DAYS_PER_WEEK))
    working = [one for one in week if one.weekday() in months.weekdays(scenario)]
    weeks, rest = divmod(day - 1, len(working))
    return (working[rest] + timedelta(weeks=weeks)).isoformat()
