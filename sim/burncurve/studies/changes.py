"""The moments of a run at which it changes who serves or who pays, and the days on the clock of its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from burncurve.deploy.calendar import days_us
from burncurve.deployment import Deployment, Stage
from burncurve.scenario.zones import zone
from burncurve.studies.curves import Change
from burncurve.studies.study import Study

MOST_NAMED = 2  # deployments that one label names


def changes(study: Study) -> tuple[Change, ...]:
    """Return when stages take over and when plans begin or cease to admit their client, in the order of time."""
    horizon_us = study.workload.horizon_us
    found: dict[tuple[int, str], list[str]] = {}
    for deployment in study.deployments:
        for at_us, told in (*_stages(deployment), *_terms(deployment)):
            if 0 < at_us < horizon_us:
                found.setdefault((at_us, told), []).append(deployment.name)
    return tuple(
        Change(at_us, f"{_day(study, at_us)}: {told} ({_named(names)})")
        for (at_us, told), names in sorted(found.items())
    )


def _named(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= MOST_NAMED else f"{len(names)} deployments"


def days(study: Study) -> tuple[Change, ...]:
    """Return when local days begin, each with its date."""
    begins = (at_us for at_us in days_us(study.scenario) if 0 <= at_us < study.workload.horizon_us)
    return tuple(Change(at_us, _day(study, at_us)) for at_us in begins)


def _stages(deployment: Deployment) -> Iterator[tuple[int, str]]:
    before = deployment.routes
    for stage in deployment.later:
        plans = [plan.name for plan in deployment.plans if any(term.from_us == stage.from_us for term in plan.terms)]
        offers = [_serving(deployment, stage)] if stage.routes != before else []
        told = " on ".join((*offers, *plans))
        yield stage.from_us, f"{told} takes over" if told else "the plan is given up"
        before = stage.routes


def _serving(deployment: Deployment, stage: Stage) -> str:
    offers = dict.fromkeys(deployment.offers[route.legs[0].offer].name for route in stage.routes)
    return ", ".join(name.rpartition("/")[2] for name in offers)


def _terms(deployment: Deployment) -> Iterator[tuple[int, str]]:
    taken = {stage.from_us for stage in deployment.later}
    for plan in deployment.plans:
        begins, ends = ({term[end] for term in plan.terms} for end in (0, 1))
        yield from ((at_us, f"{plan.name} ends") for at_us in ends - begins - taken)
        yield from ((at_us, f"{plan.name} begins") for at_us in begins - ends - taken)


def _day(study: Study, at_us: int) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=study.workload.start_utc_us + at_us)
    local = moment.astimezone(zone(study.scenario.time_zone))
    return f"{local.day} {local:%b}"
