"""Units and small vocabularies that several nouns share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

PPM = 1_000_000
US_PER_S = 1_000_000
US_PER_MINUTE = 60 * US_PER_S
US_PER_HOUR = 60 * US_PER_MINUTE
US_PER_DAY = 24 * US_PER_HOUR

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFER_NAME = r"[A-Za-z0-9_.-]{1,64}/[A-Za-z0-9_.:/-]{1,128}"
"""Pattern of an offer's name: provider/model."""


class Reasoning(IntEnum):
    """What becomes of reasoning in the context (mechanics M5)."""

    KEEP = 0
    UNTIL_USER = 1
    DROP = 2


class Discount(NamedTuple):
    """The part of the list price, in ppm, that is not paid for an offer, or for all of a provider's."""

    of: str
    ppm: int


class SeatFee(NamedTuple):
    """What the seats of a plan cost in a billing month, paid whole at `at_us` since the start for up to `until_us`.

    In pico-units of a currency; None where it is not known. `told` says how it comes, or why it is not known.
    """

    plan: str
    told: str
    pico: int | None
    currency: str
    at_us: int = 0
    until_us: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """What is paid beside list prices: amounts in pico-dollars, 0 for none. `months_us` begin calendar months (UTC)."""

    discounts: tuple[Discount, ...] = ()
    minimum_per_month: int = 0
    months_us: tuple[int, ...] = ()
    purchase: int = 0
    tax_ppm: int = 0
    seats: tuple[SeatFee, ...] = ()

    @property
    def by_usage(self) -> bool:
        """Whether anything beside the seats depends on how much is used."""
        return bool(self.minimum_per_month or self.purchase or self.tax_ppm)


NO_TERMS = Terms()
