"""The parts of a workload put together."""

from __future__ import annotations

from burncurve.errors import InputError
from burncurve.prepare.agents import AgentPreparer
from burncurve.prepare.arrivals import triggers, users
from burncurve.prepare.calendars import Calendar
from burncurve.prepare.quantities import Preparer
from burncurve.scenario.models import Scenario
from burncurve.scenario.roles import role_names
from burncurve.scenario.zones import zone
from burncurve.workload import Workload


def assembled(scenario: Scenario, seed: int) -> Workload:
    """Return the workload of a checked scenario; InputError with every Problem found on the way."""
    preparer = Preparer(scenario.where)
    calendar = Calendar(scenario.start, zone(scenario.time_zone), scenario.horizon)
    roles = role_names(scenario)
    places = {name: place for place, name in enumerate(scenario.agents)}
    workload = Workload(
        name=scenario.name,
        seed=seed,
        start_utc_us=calendar.start_utc_us,
        horizon_us=scenario.horizon,
        roles=roles,
        agents=tuple(AgentPreparer(name, scenario, roles, preparer).agent() for name in scenario.agents),
        triggers=triggers(scenario, calendar, places, preparer),
        users=users(scenario, calendar, places, preparer),
        places=scenario.places,
    )
    if preparer.problems:
        raise InputError(*preparer.problems)
    return workload
