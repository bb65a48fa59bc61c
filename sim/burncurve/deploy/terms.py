"""The contract of a deployment in plain integers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from burncurve.deploy.calendar import months_us
from burncurve.words import PPM, Discount, Terms

if TYPE_CHECKING:
    from burncurve.scenario.contracts import Contract
    from burncurve.scenario.models import Scenario


def terms_of(scenario: Scenario, contract: Contract) -> Terms:
    """Return what a contract changes about the prices of a run."""
    return Terms(
        discounts=tuple(Discount(of, _ppm(part)) for of, part in contract.discounts.items() if part),
        minimum_per_month=contract.minimum_per_month or 0,
        months_us=months_us(scenario) if contract.minimum_per_month else (),
        purchase=contract.purchase or 0,
        tax_ppm=_ppm(contract.tax),
    )


def _ppm(part: float) -> int:
    return math.floor(part * PPM + 0.5)
