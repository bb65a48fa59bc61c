"""The parts of a scenario that say how its deployments are chosen from: what a switch costs, and what is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from burncurve.errors import Problem, did_you_mean
from burncurve.scenario.fields import COUNTRY, Listed, Microseconds, Model, Name, Rate, Weight
from burncurve.scenario.money import Dollars

if TYPE_CHECKING:
    from burncurve.scenario.models import Scenario


Country = Annotated[str, Field(pattern=COUNTRY)]
Region = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Quantization = Literal["int4", "int8", "fp4", "fp6", "fp8", "fp16", "bf16", "fp32", "unknown"]


class MaxPrice(Model):
    """The highest prices at the start, at the tier and region, in dollars per million tokens of a short prompt."""

    prompt: Dollars | None = None
    """Of prompt tokens."""
    completion: Dollars | None = None
    """Of output tokens."""


class Constraints(Model):
    """What a deployment must keep to be chosen, with all its offers; one that breaks a rule is played and excluded."""

    only: Annotated[tuple[Name, ...], Listed(100)] = ()
    """Providers that may serve; without any, all."""
    ignore: Annotated[tuple[Name, ...], Listed(100)] = ()
    """Providers that may not serve."""
    data_collection: Literal["allow", "deny"] = "allow"
    """Deny: only offers that do not train on what they are sent."""
    zdr: bool = False
    """Only offers that can be had with zero data retention."""
    max_price: MaxPrice = MaxPrice.model_construct()
    """The highest prices."""
    quantizations: Annotated[tuple[Quantization, ...], Listed(9)] = ()
    """Weights of these precisions only; `unknown` admits those of which nobody says."""
    regions: Annotated[tuple[Region, ...], Listed(100)] = ()
    """Regions in which calls may be computed."""
    maker_countries: Annotated[tuple[Country, ...], Listed(100)] = ()
    """Countries in which a model's maker may sit (ISO 3166, two letters); not where calls are computed."""
    sort: Literal["price", "throughput", "latency"] = "price"
    """What the choice among the allowed goes by: dollars, tokens written per second, or time to the answer."""


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


def constraint_problems(scenario: Scenario) -> Iterator[Problem]:
    """Yield the lists of what may serve that are written and empty: nothing could, and without them everything may."""
    limits = scenario.constraints
    for field in ("only", "quantizations", "regions", "maker_countries"):
        if limits is not None and field in limits.model_fields_set and not getattr(limits, field):
            what = f"constraints.{field}: an empty list would exclude every deployment"
            yield Problem(scenario.where("constraints", field), what, "name what may serve, or leave the field out")


def migration_problems(scenario: Scenario) -> Iterator[Problem]:
    """Yield what is wrong with the migration: where a file declares no deployments, they are known only later."""
    migration = scenario.migration
    if migration and scenario.deployments and migration.baseline not in scenario.deployments:
        what = f"migration.baseline: no deployment {migration.baseline!r} to switch from"
        yield Problem(
            scenario.where("migration", "baseline"), what, did_you_mean(migration.baseline, scenario.deployments)
        )
