"""The contract of a deployment in plain integers, and what the seats of its plan cost over the run."""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from burncurve.catalogue import Plan, load_plans
from burncurve.deploy.calendar import calendar_of, months_us
from burncurve.errors import Problem, did_you_mean
from burncurve.prepare.calendars import EPOCH, MICROSECOND
from burncurve.words import PPM, Discount, SeatFee, Terms

if TYPE_CHECKING:
    from burncurve.scenario.contracts import Contract
    from burncurve.scenario.models import Scenario
    from burncurve.scenario.serving import Seats

PICO = 10**12


def terms_of(scenario: Scenario, contract: Contract, seats: Seats | None, as_of: date | None) -> Terms:
    """Return what a contract and a plan, as it was known on `as_of`, change about the prices of a run."""
    plan = load_plans().get(seats.plan) if seats else None
    return Terms(
        discounts=tuple(Discount(of, _ppm(part)) for of, part in contract.discounts.items() if part),
        minimum_per_month=contract.minimum_per_month or 0,
        months_us=months_us(scenario) if contract.minimum_per_month else (),
        purchase=contract.purchase or 0,
        tax_ppm=_ppm(contract.tax),
        seats=tuple(_fees(scenario, plan.known_on(as_of), seats)) if seats and plan else (),
    )


def contract_problems(scenario: Scenario, name: str, contract: Contract, offers: Sequence[str]) -> Iterator[Problem]:
    """Yield the discounts of the deployment written under a name that none of its offers gets."""
    known = {*offers, *(offer.partition("/")[0] for offer in offers)}
    for of in contract.discounts:
        if of not in known:
            where = scenario.where("deployments", name, "contract", "discounts", of)
            yield Problem(where, f"no offer of `{name}` is `{of}` or sold by it", did_you_mean(of, known))


def _ppm(part: float) -> int:
    return math.floor(part * PPM + 0.5)


def _fees(scenario: Scenario, plan: Plan, seats: Seats) -> Iterator[SeatFee]:
    """Yield what seats cost: whole billing months from the start on, each at the price of the day on which it begins.

    A month is paid if the plan admits the client when it begins: nobody renews a plan that shuts him out.
    """
    number = sum(group.count for group in scenario.users) + bool(scenario.triggers)
    for month in _months(scenario):
        price = plan.price(month)
        if price is not None and _admits(plan, seats.client, month):
            at_us = (month - EPOCH) // MICROSECOND - calendar_of(scenario).start_utc_us
            if price.per_month is None:
                yield SeatFee(plan.name, price.note, None, price.currency, at_us)
            else:
                told = f"{number} seat{'s' if number > 1 else ''} at {price.per_month} {price.currency} a month"
                yield SeatFee(plan.name, told, int(price.per_month * number * PICO), price.currency, at_us)


def _admits(plan: Plan, client: str | None, moment: datetime) -> bool:
    if client is None:
        return any(term.valid_from <= moment < term.valid_until for term in plan.terms)
    return any(start <= moment < until for start, until in plan.admitted(client))


def _months(scenario: Scenario) -> Iterator[datetime]:
    """Yield when billing months begin: at the start and on its day of each later month, or on that month's last."""
    start = EPOCH + calendar_of(scenario).start_utc_us * MICROSECOND
    end = start + timedelta(microseconds=scenario.horizon)
    month, number = start, 0
    while month < end:
        yield month
        number += 1
        year, index = divmod(start.year * 12 + start.month - 1 + number, 12)
        month = start.replace(year=year, month=index + 1, day=min(start.day, monthrange(year, index + 1)[1]))
