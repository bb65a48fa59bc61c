"""What a call costs while it is played, and pots that amounts are booked to (mechanics M17, M21)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from burncurve.deployment import Compared, Currency, Rates, Tariff
from burncurve.engines import rules

READ, SEARCHES = 1, 6  # places of meters
PROMPT, WRITTEN = slice(0, 4), slice(4, 6)
NO_BOUND = 1 << 62


class Cost(NamedTuple):
    """Tokens of all kinds, and pico-units of a currency of the deployment."""

    tokens: int
    pico: int = 0
    currency: int = 0


def tariff_at(rates: Rates, now_us: int) -> Tariff:
    """Return what an offer's calls cost that are granted now."""
    return rates.tariffs[rates.places[bisect_right(rates.starts_us, now_us) - 1]]


def cost_of(meters: Sequence[int], tariff: Tariff | None) -> Cost:
    """Return the cost of a call by its meters, in pico-units where there is a tariff, as the bill reckons it."""
    tokens = sum(meters[:SEARCHES])
    if tariff is None:
        return Cost(tokens)
    reckon = _by_excess if tariff.excess_only else _by_band
    return Cost(tokens, reckon(meters, tariff), tariff.currency)


def _by_band(meters: Sequence[int], tariff: Tariff) -> int:
    compared = _compared(meters, tariff.compares)
    band = next((each for each in reversed(tariff.bands) if compared > each.above_tokens), tariff.bands[0])
    return _times(meters, band.rates)


def _times(meters: Sequence[int], rates: Sequence[int]) -> int:
    return sum(tokens * rate for tokens, rate in zip(meters, rates, strict=True))


def _compared(meters: Sequence[int], compares: Compared) -> int:
    prompt = sum(meters[PROMPT])
    if compares == Compared.UNCACHED:
        return prompt - meters[READ]
    return prompt + sum(meters[WRITTEN]) if compares == Compared.CONTEXT else prompt


def _by_excess(meters: Sequence[int], tariff: Tariff) -> int:
    """Each prompt token pays the rates of the band it lies in: what is read stands in front of all the rest."""
    read = meters[READ]
    bounds = [*(band.above_tokens for band in tariff.bands[1:]), NO_BOUND]
    total = _times((0, 0, 0, 0, *meters[4:]), tariff.bands[0].rates)
    for band, until in zip(tariff.bands, bounds, strict=True):
        total += rules.overlap(0, read, band.above_tokens, until) * band.rates[READ]
        for place in (0, 2, 3):
            total += rules.overlap(read, meters[place], band.above_tokens, until) * band.rates[place]
    return total


class Pot:
    """What has been booked in the current window: pico-units by currency, tokens where there are no currencies.

    `turns_us` are the moments at which a window begins; without any there is one for the whole run.
    """

    __slots__ = ("amounts", "beyond", "currencies", "limit", "turns_us", "window")

    def __init__(self, limit: int, turns_us: Sequence[int] = (), currencies: Sequence[Currency] | None = None) -> None:
        self.limit, self.turns_us, self.currencies = limit, turns_us, currencies
        self.window = 0
        self._empty()

    def _empty(self) -> None:
        self.amounts = [0] if self.currencies is None else [0] * len(self.currencies)
        self.beyond = -self.limit  # by how much more than the limit is booked

    def _enter(self, now_us: int) -> None:
        window = bisect_right(self.turns_us, now_us)
        if window != self.window:
            self.window = window
            self._empty()

    def book(self, cost: Cost, now_us: int) -> int:
        """Book what a call costs; return by how much more than the limit is booked now."""
        self._enter(now_us)
        if self.currencies is None:
            self.amounts[0] += cost.tokens
            self.beyond += cost.tokens
        else:
            self.amounts[cost.currency] += cost.pico
            pairs = zip(self.amounts, self.currencies, strict=True)
            self.beyond = sum(rules.in_dollars(amount, each.dollars, each.units) for amount, each in pairs) - self.limit
        return self.beyond

    def is_reached(self, now_us: int) -> bool:
        """Say whether nothing is left of the limit."""
        if self.turns_us:
            self._enter(now_us)
        return self.beyond >= 0

    def next_turn_us(self, otherwise: int) -> int:
        """Return when the next window begins."""
        return self.turns_us[self.window] if self.window < len(self.turns_us) else otherwise
