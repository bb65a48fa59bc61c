"""A scenario file as a whole: what starts the work, and everything else by name.

Attributes carry the names of the fields; a quantity may be a number, a distribution or a range.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr

from burncurve.scenario.agents import Agent, Clear, Compact, Loop, Misses, SideCall, Slide, Spawn, Tool, ToolUse
from burncurve.scenario.deciding import Constraints, Migration
from burncurve.scenario.distributions import Count, Duration, Quantity
from burncurve.scenario.fields import (
    ALL_DAY,
    EVERY_DAY,
    Days,
    Hours,
    Listed,
    LocalTime,
    Model,
    Moment,
    Name,
    PositiveMicroseconds,
    Rate,
    Reset,
    ResetRule,
    Weight,
    Whole,
    written,
)
from burncurve.scenario.money import Budget
from burncurve.scenario.serving import Account, Deployment, Retry, Seats, Then
from burncurve.scenario.thresholds import Threshold

__all__ = [
    "Account",
    "Agent",
    "Budget",
    "Bursty",
    "Clear",
    "Compact",
    "Constraints",
    "Deployment",
    "Loop",
    "Migration",
    "Misses",
    "Poisson",
    "Quantity",
    "Retry",
    "Scenario",
    "Seats",
    "SideCall",
    "Slide",
    "Spawn",
    "Then",
    "Tool",
    "ToolUse",
    "Trigger",
    "Users",
]


class Profile(Model):
    """Random arrivals with an even rate, or one that follows the hours of a day and the days of a week."""

    per_hour: Rate
    """Arrivals per hour where the profile is 1."""
    hourly: Annotated[tuple[Weight, ...], Field(min_length=24, max_length=24)] | None = None
    """24 factors, one for each local hour of the day."""
    weekly: Annotated[tuple[Weight, ...], Field(min_length=7, max_length=7)] | None = None
    """7 factors, Monday first."""


class Poisson(Profile):
    """Arrivals that know nothing of each other."""


class Bursty(Profile):
    """Arrivals in bursts: gamma-distributed gaps."""

    shape: Annotated[Rate, Field(ge=0.01, le=1000)]
    """Shape of the gamma distribution: 1 is Poisson, below 1 comes in bursts."""


class Trigger(Model):
    """What starts root tasks of an agent, in exactly one of the ways once, at, every, poisson, bursty."""

    agent: Name
    """The agent that is started."""
    name: Name | None = None
    """What the trigger is called in results; without it the agent's name and the place in the list."""
    once: bool = False
    """One arrival at the start."""
    at: Annotated[tuple[Moment, ...], Listed(100_000)] = ()
    """Arrivals at these moments: durations after the start, or local dates and times."""
    every: PositiveMicroseconds | None = None
    """Arrivals at this interval, the first when the window opens."""
    poisson: Poisson | None = None
    """Random arrivals."""
    bursty: Bursty | None = None
    """Random arrivals in bursts."""
    hours: Hours = ALL_DAY
    """Hours of the day in which arrivals happen."""
    days: Days = EVERY_DAY
    """Days of the week on which arrivals happen."""
    session: Name | None = None
    """A shared session by name, which each arrival reads and grows; without it each opens one of its own."""
    overlap: Literal["queue", "skip", "coalesce"] = "queue"  # assumption
    """What an arrival does while the shared session is at work."""
    reset: Reset = ResetRule.model_construct()  # OpenClaw docs: sessions do not reset by default
    """When the shared session starts afresh: never, idle with a duration, or daily with a time."""
    attempts: Annotated[Whole, Field(ge=1, le=100)] = 1
    """How often a root task may be tried."""


class Users(Model):
    """People in a closed loop: each opens sessions, asks, waits for the answer, thinks and asks again."""

    agent: Name
    """The agent they talk to."""
    name: Name | None = None
    """What the group is called in results."""
    count: Annotated[Whole, Field(ge=1, le=10_000)]
    """Number of people."""
    sessions_per_day: Count
    """Sessions per person and working day."""
    requests: Count
    """Requests per session."""
    think: Duration = (
        # TraceLab: gaps of the body have median 67 s, sigma 2.1
        written({"lognormal": {"median": "67s", "sigma": 2.1}, "clip": ["1s", "8h"]})
    )
    """From an answer to the same person's next request."""
    hours: Hours = ALL_DAY
    """Working hours."""
    days: Days = EVERY_DAY
    """Working days."""
    attempts: Annotated[Whole, Field(ge=1, le=100)] = 1
    """How often a root task may be tried."""


class Scenario(Model):
    """What kind of work is done: agents, what starts them, how it may be served, and what must hold."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    """What the scenario is called in results."""
    about: Annotated[str, Field(max_length=10_000)] = ""
    """What it is about."""
    start: LocalTime
    """Local date and time of the start: decides calendars and the prices in force, call by call."""
    time_zone: Annotated[str, Field(max_length=64)] = "UTC"
    """Time zone of the start and of all times of day, such as Europe/Berlin."""
    horizon: PositiveMicroseconds
    """How long work arrives."""
    places: Annotated[Whole, Field(le=1_000_000)] = 0
    """Agents at work at once in all; 0 means no limit."""
    agents: Annotated[Mapping[Name, Agent], Field(min_length=1, max_length=1000)]
    """The kinds of workers."""
    tools: Annotated[Mapping[Name, Tool], Field(max_length=1000)] = {}
    """The kinds of tools that agents mix."""
    triggers: Annotated[tuple[Trigger, ...], Listed(1000)] = ()
    """What starts root tasks."""
    users: Annotated[tuple[Users, ...], Listed(100)] = ()
    """People who start root tasks, one group or several."""
    deployments: Annotated[Mapping[Name, Deployment], Field(max_length=100)] = {}
    """The ways to serve the work that are compared; without any a representative set stands in."""
    constraints: Constraints | None = None
    """What a deployment must keep to be chosen."""
    migration: Migration | None = None
    """What a switch from one deployment to another costs once."""
    thresholds: Annotated[tuple[Threshold, ...], Listed(100)] = ()
    """What must hold of every deployment."""
    _places: Mapping[tuple[str | int, ...], str] = PrivateAttr(default_factory=dict)

    def placed(self, places: Mapping[tuple[str | int, ...], str]) -> Scenario:
        """Return the same scenario that knows the place of each of its parts."""
        copy = self.model_copy()
        copy._places = places
        return copy

    def __reduce__(self) -> tuple[Any, ...]:
        # The classes of quantities are made by pydantic and bear no names that pickle could find them by.
        return _restored, (self.model_dump(mode="json", exclude_unset=True), dict(self._places))

    def where(self, *path: str | int) -> str:
        """Return the place (file:line:column) of a part such as ("agents", "lead", "base"), or the path itself."""
        for length in range(len(path), -1, -1):
            alone = tuple(step for step in path[:length] if step != 0)  # the only entry of a list may stand without one
            for found in (path[:length], alone):
                if found in self._places:
                    return self._places[found]
        return ".".join(map(str, path))


def _restored(written: Mapping[str, Any], places: Mapping[tuple[str | int, ...], str]) -> Scenario:
    return Scenario.model_validate(written).placed(places)
