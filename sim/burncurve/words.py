"""Units and small vocabularies that several nouns share."""

from __future__ import annotations

from enum import IntEnum

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
