"""What a contract changes about list prices: discounts, a minimum, the size of purchases, tax."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from burncurve.scenario.fields import Model, Share
from burncurve.scenario.money import Dollars
from burncurve.words import OFFER_NAME

Discounted = Annotated[str, Field(pattern=rf"^([A-Za-z0-9_.-]{{1,64}}|{OFFER_NAME})$")]


class Contract(Model):
    """Terms of an account beside the price book."""

    discounts: Mapping[Discounted, Share] = {}
    """Part of the list price that is not paid, by provider or by offer, such as {anthropic: 10%}."""
    minimum_per_month: Dollars | None = None
    """The least that is paid for usage in each calendar month that the run touches."""
    purchase: Dollars | None = None
    """How much is bought at once where a seller takes a fee on purchases; without it such fees are left out."""
    tax: Share = 0.0
    """Tax on everything that is paid."""
