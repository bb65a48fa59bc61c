"""The parts of a scenario that say how its deployments are chosen from: what a switch costs once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from burncurve.errors import Problem, did_you_mean
from burncurve.scenario.fields import Microseconds, Model, Name, Rate, Weight
from burncurve.scenario.money import Dollars

if TYPE_CHECKING:
    from burncurve.scenario.models import Scenario


class Migration(Model):
    """What it costs, once, to move the work from the deployment in use to another."""

    baseline: Name
    """The deployment in use, from which all others would be switches."""
    hours: Rate
    """Hours of work that a switch takes with a new code base."""
    usd_per_hour: Dollars
    """Dollars per hour of that work."""
    code_age: Microseconds = 0
    """Age of the code base at the start; a year has 365.25 days."""
    growth_per_year: Weight = 0.0
    """By which part of `hours` a switch grows with each year of age."""


def migration_problems(scenario: Scenario) -> Iterator[Problem]:
    """Yield what is wrong with the migration: where a file declares no deployments, they are known only later."""
    migration = scenario.migration
    if migration and scenario.deployments and migration.baseline not in scenario.deployments:
        what = f"migration.baseline: no deployment {migration.baseline!r} to switch from"
        yield Problem(
            scenario.where("migration", "baseline"), what, did_you_mean(migration.baseline, scenario.deployments)
        )
