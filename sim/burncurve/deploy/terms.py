"""The contract of a deployment in plain integers, and what the seats of its plan cost over the run."""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
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
    """Yield what seats cost: whole billing months from the start on, each at the price of the day on which it is paid.

    That is when it begins, or later in it, when the plan first admits the client: nobody renews a plan that shuts
    him out, and nobody draws on one that is not paid.
    """
    number = sum(group.count for group in scenario.users) + bool(scenario.triggers)
    for month, until in pairwise(_months(scenario)):
        paid = _paid(plan, seats.client, month, until)
        price = plan.price(paid) if paid else None
        if paid is not None and price is not None:
            at_us = (paid - EPOCH) // MICROSECOND - calendar_of(scenario).start_utc_us
            if price.per_month is None:
                yield SeatFee(plan.name, price.note, None, price.currency, at_us)
            else:
                told = f"{number} seat{'s' if number > 1 else ''} at {price.per_month} {price.currency} a month"
                yield SeatFee(plan.name, told, int(price.per_month * number * PICO), price.currency, at_us)


def _paid(plan: Plan, client: str | None, month: datetime, until: datetime) -> datetime | None:
    """Return when a client, None for one that the plan admits, first may draw on it within a month."""
    terms = [(term.valid_from, term.valid_until) for term in plan.terms]
    spans = terms if client is None else plan.admitted(client)
    return min((max(month, first) for first, last in spans if max(month, first) < min(until, last)), default=None)


def _months(scenario: Scenario) -> Iterator[datetime]:
    """Yield when billing months begin, and last the end: at the start and its day of each later month, or the last."""
    start = EPOCH + calendar_of(scenario).start_utc_us * MICROSECOND
    end = start + timedelta(microseconds=scenario.horizon)
    month, number = start, 0
    while month < end:
        yield month
        number += 1
        year, index = divmod(start.year * 12 + start.month - 1 + number, 12)
        month = start.replace(year=year, month=index + 1, day=min(start.day, monthrange(year, index + 1)[1]))
    yield end
