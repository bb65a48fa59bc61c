"""The contract of a deployment in plain integers, and what the seats of its plan cost over the run."""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from burncurve.catalogue import Catalogue, Plan
from burncurve.deploy.calendar import calendar_of, months_us
from burncurve.deploy.plans import admitted
from burncurve.deploy.stages import Span, kept, spans
from burncurve.errors import Problem, did_you_mean
from burncurve.prepare.calendars import EPOCH, MICROSECOND
from burncurve.words import PPM, Discount, SeatFee, Terms

if TYPE_CHECKING:
    from burncurve.scenario.contracts import Contract
    from burncurve.scenario.models import Deployment, Scenario

PICO = 10**12


def terms_of(scenario: Scenario, written: Deployment, catalogue: Catalogue) -> Terms:
    """Return what a contract and plans change about the prices of a run."""
    contract = written.contract
    return Terms(
        discounts=tuple(Discount(of, _ppm(part)) for of, part in contract.discounts.items() if part),
        minimum_per_month=contract.minimum_per_month or 0,
        months_us=months_us(scenario) if contract.minimum_per_month else (),
        purchase=contract.purchase or 0,
        tax_ppm=_ppm(contract.tax),
        seats=tuple(
            fee
            for held in kept(spans(scenario, written))
            for fee in _fees(scenario, catalogue.plans[held[0].seats.plan], held)
        ),
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


def _fees(scenario: Scenario, plan: Plan, held: Sequence[Span]) -> Iterator[SeatFee]:
    """Yield what seats cost: whole billing months, each at the price of the day on which it is paid.

    They count from when the seats are first held. A month is paid when it begins, or later in it, when the plan first
    admits the client: nobody renews a plan that shuts him out, or that he leaves, and nobody draws on one that is not
    paid.
    """
    number = sum(group.count for group in scenario.users) + bool(scenario.triggers)
    start = EPOCH + calendar_of(scenario).start_utc_us * MICROSECOND
    spans = [(_after(start, span.from_us), _after(start, span.until_us), span.seats.client) for span in held]
    for month, until in pairwise(_months(spans[0][0], spans[-1][1])):
        paid = _paid(plan, spans, month, until)
        price = plan.price(paid) if paid else None
        if paid is not None and price is not None:
            span_us = ((paid - start) // MICROSECOND, (until - start) // MICROSECOND)
            if price.per_month is None:
                yield SeatFee(plan.name, price.note, None, price.currency, *span_us)
            else:
                told = f"{number} seat{'s' if number > 1 else ''} at {price.per_month} {price.currency} a month"
                yield SeatFee(plan.name, told, int(price.per_month * number * PICO), price.currency, *span_us)


def _after(start: datetime, us: int) -> datetime:
    return start + us * MICROSECOND


def _paid(
    plan: Plan, held: Sequence[tuple[datetime, datetime, str | None]], month: datetime, until: datetime
) -> datetime | None:
    """Return when, within a month, a client that holds seats first may draw on the plan."""
    begins = (
        max(month, begin, first)
        for begin, end, client in held
        for first, last in admitted(plan, client)
        if max(month, begin, first) < min(until, end, last)
    )
    return min(begins, default=None)


def _months(first: datetime, end: datetime) -> Iterator[datetime]:
    """Yield when billing months begin, the last one beyond the end: on the day of the first, or a month's last."""
    month, number = first, 0
    while month < end:
        yield month
        number += 1
        year, index = divmod(first.year * 12 + first.month - 1 + number, 12)
        month = first.replace(year=year, month=index + 1, day=min(first.day, monthrange(year, index + 1)[1]))
    yield month
