"""The facts of one offer on the day of a run's start, and which of those that were asked for are assumed."""

from __future__ import annotations

from datetime import date
from typing import cast

from burncurve.catalogue import Fact, OfferFacts, Status

UNBOUNDED = 1 << 40


class Facts:
    """The facts of an offer on one day; remembers which of those that were asked for are assumed."""

    def __init__(self, offer: OfferFacts, on: date) -> None:
        self.offer = offer
        self.on = on
        self.assumed: dict[str, Fact] = {}

    def known(self, name: str) -> bool:
        """Say whether there is a value, known or assumed."""
        return self.offer.fact(name, self.on).status is not Status.UNKNOWN

    def value(self, name: str) -> object:
        """Return a value as read from the catalogue, whose reading has checked its kind."""
        fact = self.offer.fact(name, self.on)
        if fact.status is Status.ASSUMED:
            self.assumed[name] = fact
        return fact.value

    def number(self, name: str) -> float:
        """Return a number."""
        return cast("float", self.value(name))

    def whole(self, name: str, otherwise: int) -> int:
        """Return a whole number, or `otherwise` where it is unknown."""
        return int(self.number(name)) if self.known(name) else otherwise

    @property
    def window_tokens(self) -> int:
        """The largest prompt."""
        return min(self.whole("window_tokens", UNBOUNDED), self.whole("max_input_tokens", UNBOUNDED))

    def word(self, name: str) -> str:
        """Return one of the words of a choice, in capitals as our enumerations have it."""
        return str(self.value(name)).upper()

    def text(self, name: str) -> str:
        """Return a text, empty where it is unknown."""
        return str(self.value(name)) if self.known(name) else ""

    def flag(self, name: str) -> bool:
        """Return true or false."""
        return bool(self.value(name))
