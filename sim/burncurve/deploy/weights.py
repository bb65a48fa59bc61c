"""By what the use of a plan's quota is multiplied over the run: from dated hours to times since the start."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from burncurve.catalogue import PlanQuota
from burncurve.deploy.calendar import calendar_of
from burncurve.deployment import Offer, Weights
from burncurve.documents.hours import turns
from burncurve.prepare.calendars import EPOCH, MICROSECOND
from burncurve.words import PPM

if TYPE_CHECKING:
    from burncurve.scenario.models import Scenario


def weights_of(listed: PlanQuota, offers: Sequence[Offer], scenario: Scenario) -> Weights | None:
    """Return the weights of a quota in ppm by offer, cut where an hour of it begins or ends; None where all are 1."""
    start = EPOCH + calendar_of(scenario).start_utc_us * MICROSECOND
    end = start + scenario.horizon * MICROSECOND
    hours = [each.hours for each in listed.hourly]
    moments = {start, *(turn for turn in turns(hours, start.date(), end.date()) if hours and start < turn < end)}
    found = [(moment, tuple(whole(listed.weight(each.name, moment) * PPM) for each in offers)) for moment in moments]
    cut = [(next(same)[0], ppm) for ppm, same in groupby(sorted(found), key=lambda at: at[1])]
    by_offer = tuple(dict.fromkeys(ppm for _, ppm in cut))
    if by_offer == ((PPM,) * len(offers),):
        return None
    starts_us = tuple((moment - start) // MICROSECOND for moment, _ in cut)
    return Weights(by_offer, starts_us, tuple(by_offer.index(ppm) for _, ppm in cut))


def whole(number: Decimal) -> int:
    """Return the nearest whole number, half to even."""
    return int(number.to_integral_value(ROUND_HALF_EVEN))
