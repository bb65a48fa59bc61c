"""Stages of a deployment: who serves which role from when on, and which plan's seats are held meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from burncurve.deploy.calendar import calendar_of
from burncurve.errors import Problem
from burncurve.scenario.fields import After
from burncurve.scenario.zones import zone_names

if TYPE_CHECKING:
    from burncurve.scenario.models import Deployment, Scenario, Seats
    from burncurve.scenario.serving import Then

Legs = Mapping[str, tuple[str, ...]]


class Span(NamedTuple):
    """The time of a stage, in microseconds since the start, in which seats are held; `at` is the stage's number."""

    seats: Seats
    from_us: int
    until_us: int
    stage: int


def begins_us(scenario: Scenario, written: Deployment) -> tuple[int, ...]:
    """Return when later stages begin, in microseconds since the start."""
    return tuple(_begins_us(scenario, each) for each in written.then)


def _begins_us(scenario: Scenario, stage: Then) -> int:
    return stage.at.after if isinstance(stage.at, After) else calendar_of(scenario).since_start_us(stage.at)


def legs_by_stage(written: Deployment, served: Sequence[str], roles: Mapping[str, str]) -> tuple[Legs, ...]:
    """Return each served role's offers in order of failover, stage by stage; `roles` hold throughout."""
    offers: dict[str, str] = {}
    failover: dict[str, tuple[str, ...]] = {}
    found = []
    for stage in written.stages:
        offers |= {**stage.roles, **roles}
        failover |= stage.failover
        found.append({role: (offers[role], *failover.get(role, ())) for role in served if role in offers})
    return tuple(found)


def offers_named(written: Deployment) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every offer that the stages of a deployment name, with its path below the deployment."""
    for number, stage in enumerate(written.stages):
        path: tuple[str | int, ...] = ("then", number - 1) if number else ()
        yield from (((*path, "roles", role), offer) for role, offer in stage.roles.items())
        for role, offers in stage.failover.items():
            yield from (((*path, "failover", role, place), offer) for place, offer in enumerate(offers))


def spans(scenario: Scenario, written: Deployment) -> tuple[Span, ...]:
    """Return the stages in which seats are held; each ends where the next stage begins, the last with the run."""
    begins = (0, *begins_us(scenario, written))
    ends = (*begins[1:], scenario.horizon)
    return tuple(
        Span(stage.seats, begin, min(end, scenario.horizon), number)
        for number, (stage, begin, end) in enumerate(zip(written.stages, begins, ends, strict=True))
        if stage.seats is not None and begin < scenario.horizon
    )


def kept(held: Sequence[Span]) -> list[list[Span]]:
    """Return the stages in which seats are held, those in one list that follow each other on the same plan."""
    found: list[list[Span]] = []
    for span in held:
        if found and found[-1][-1].seats.plan == span.seats.plan and found[-1][-1].until_us == span.from_us:
            found[-1].append(span)
        else:
            found.append([span])
    return found


def seats_path(name: str, stage: int) -> tuple[str | int, ...]:
    """Return the path of the seats of a stage of the deployment written under a name."""
    return ("deployments", name, "seats") if stage == 0 else ("deployments", name, "then", stage - 1, "seats")


def stage_problems(scenario: Scenario, name: str, written: Deployment, served: Sequence[str]) -> Iterator[Problem]:
    """Yield what is wrong with when the stages of a deployment begin, and those that change nothing."""
    if scenario.time_zone not in zone_names():  # told elsewhere
        return
    before_us, legs = 0, legs_by_stage(written, served, {})
    held = [stage.seats for stage in written.stages]
    for place, at_us in enumerate(begins_us(scenario, written)):
        title, path = f"deployments.{name}.then.{place}", ("deployments", name, "then", place)
        if at_us <= before_us:
            than = "the start" if before_us == 0 else "the stage before it"
            remedy = "move it, or start earlier" if before_us == 0 else "write stages in the order of time"
            yield Problem(scenario.where(*path, "at"), f"{title}.at: is not later than {than}", remedy)
        elif legs[place] == legs[place + 1] and held[place] == held[place + 1]:
            yield Problem(scenario.where(*path), f"{title}: changes nothing", "name other roles or seats, or remove it")
        before_us = max(before_us, at_us)
    yield from _other_terms(scenario, name, written)


def _other_terms(scenario: Scenario, name: str, written: Deployment) -> Iterator[Problem]:
    """Yield the seats of a plan that was named before with other words than now, the client apart."""
    known: dict[str, Seats] = {}
    for number, stage in enumerate(written.stages):
        if stage.seats is None:
            continue
        first = known.setdefault(stage.seats.plan, stage.seats)
        if stage.seats.model_copy(update={"client": first.client}) != first:
            what = f"the plan `{first.plan}` stands in an earlier stage with beyond: {first.beyond}"
            yield Problem(scenario.where(*seats_path(name, number)), what, "write it alike; only the client may change")


def stage_notes(scenario: Scenario, name: str, written: Deployment, legs: Sequence[Legs]) -> Iterator[str]:
    """Yield what changes with each stage, whose roles' offers `legs` tells, and which lie beyond the end of the run."""
    for number, (stage, at_us) in enumerate(zip(written.then, begins_us(scenario, written), strict=True)):
        begins = scenario.start + timedelta(microseconds=at_us) if isinstance(stage.at, After) else stage.at
        if at_us >= scenario.horizon:
            told = f"its stage of {begins:%Y-%m-%d %H:%M} lies beyond the end of the run and does not begin"
        else:
            roles = [
                f"{role} is served by {', then '.join(offers)}"
                for role, offers in legs[number + 1].items()
                if offers != legs[number][role]
            ]
            seats = _changed_seats(written.stages[number].seats, stage.seats)
            told = f"from {begins:%Y-%m-%d %H:%M} on {', '.join((*roles, *seats)) or 'nothing changes'}"
        yield f"deployment {name}: {told}"


def _changed_seats(before: Seats | None, after: Seats | None) -> Iterator[str]:
    if after is not None and after != before:
        yield f"seats of {after.plan}" + (f" for {after.client}" if after.client else "")
    if before is not None and (after is None or after.plan != before.plan):
        yield f"no seats of {before.plan}"
