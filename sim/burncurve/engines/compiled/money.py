"""What a call costs while it is played, and pots that amounts are booked to (the twin of the reference's money)."""

from __future__ import annotations

from typing import Any

from burncurve.deployment import Compared
from burncurve.engines.compiled import layout
from burncurve.engines.compiled.jit import inlined, kernel
from burncurve.engines.compiled.layout import LARGEST_AMOUNT, METERS
from burncurve.engines.compiled.rules import in_dollars, overlap

READ, PROMPT, SEARCHES = 1, 4, 6  # places of meters: the read one, how many make the prompt, and searches
UNCACHED, CONTEXT = int(Compared.UNCACHED), int(Compared.CONTEXT)
NO_BOUND = 1 << 62


@inlined
def read_meters(w: Any, row: Any) -> None:
    """Lay out the meters of a row of the ledger one after the other."""
    meters = w.meters
    meters[0], meters[READ] = row.input, row.cache_read
    meters[2], meters[3] = row.cache_write_5m, row.cache_write_1h
    meters[4], meters[5], meters[SEARCHES] = row.output, row.reasoning, row.web_searches


@inlined
def stretch_at(s: Any, first: Any, starts: Any, at_us: Any) -> Any:
    """Return which of so many starts, from place `first` of the numbers on, is the last before or at a time."""
    low, high = 0, starts
    while high - low > 1:
        middle = (low + high) // 2
        if s.numbers[first + middle] > at_us:
            high = middle
        else:
            low = middle
    return low


@kernel
def tariff_at(s: Any, offer: Any, at_us: Any) -> Any:
    """Return the number of the tariff by which an offer's calls are paid that are granted at a time."""
    rates = s.rates[offer]
    return s.numbers[rates.first_place + stretch_at(s, rates.first_start, rates.starts, at_us)]


@kernel
def cost_of(s: Any, w: Any, tariff: Any) -> Any:
    """Return pico-units of the tariff's currency for the meters that are laid out."""
    return _by_excess(s, w, tariff) if s.tariffs[tariff].excess_only else _by_band(s, w, tariff)


@inlined
def tokens(w: Any) -> Any:
    """Return the tokens of all kinds of the meters that are laid out."""
    total = 0
    for place in range(SEARCHES):
        total += w.meters[place]
    return total


@inlined
def _by_band(s: Any, w: Any, tariff: Any) -> Any:
    given = s.tariffs[tariff]
    compared, band = _compared(w, given.compares), given.first_band + given.bands - 1
    while band > given.first_band and compared <= s.bands[band].above:
        band -= 1
    total = 0
    for place in range(METERS):
        total += w.meters[place] * s.bands[band].rates[place]
    return total


@inlined
def _compared(w: Any, compares: Any) -> Any:
    meters = w.meters
    prompt = meters[0] + meters[1] + meters[2] + meters[3]
    if compares == UNCACHED:
        return prompt - meters[READ]
    return prompt + meters[4] + meters[5] if compares == CONTEXT else prompt


@inlined
def _by_excess(s: Any, w: Any, tariff: Any) -> Any:
    """Each prompt token pays the rates of the band it lies in: what is read stands in front of all the rest."""
    given, meters, total = s.tariffs[tariff], w.meters, 0
    for place in range(PROMPT, METERS):
        total += meters[place] * s.bands[given.first_band].rates[place]
    end = given.first_band + given.bands
    for number in range(given.first_band, end):
        band, until = s.bands[number], s.bands[number + 1].above if number + 1 < end else NO_BOUND
        for place in range(PROMPT):
            start, count = (0, meters[READ]) if place == READ else (meters[READ], meters[place])
            total += overlap(start, count, band.above, until) * band.rates[place]
    return total


# Pots: `number` of the budget, `pot` its place among all pots


@kernel
def empty(s: Any, w: Any, number: Any, pot: Any) -> None:
    """Begin a window in which nothing is booked."""
    some = len(s.currencies)
    for i in range(pot * some, (pot + 1) * some):
        w.amounts[i] = 0
    w.pots[pot].beyond = -s.budgets[number].limit


@inlined
def _enter(s: Any, w: Any, number: Any, pot: Any, now: Any) -> None:
    budget, at = s.budgets[number], w.pots[pot]
    before = at.window
    while at.window < budget.turns and s.numbers[budget.first_turn + at.window] <= now:
        at.window += 1
    if at.window != before:
        empty(s, w, number, pot)


@kernel
def book(s: Any, w: Any, number: Any, pot: Any, count: Any, pico: Any, currency: Any, now: Any) -> Any:
    """Book tokens, or pico-units of a currency; return by how much more than the limit is booked now."""
    _enter(s, w, number, pot, now)
    at, some = w.pots[pot], len(s.currencies)
    if s.budgets[number].in_tokens:
        at.beyond += count
        return at.beyond
    w.amounts[pot * some + currency] += pico
    beyond = -s.budgets[number].limit
    for i in range(some):
        spent = in_dollars(w.amounts[pot * some + i], s.currencies[i].dollars, s.currencies[i].units)
        if spent > LARGEST_AMOUNT or spent < 0:
            w.clock[0].error = layout.SPENT
        beyond += spent
    at.beyond = beyond
    return beyond


@kernel
def is_reached(s: Any, w: Any, number: Any, pot: Any, now: Any) -> Any:
    """Say whether nothing is left of a limit."""
    _enter(s, w, number, pot, now)
    return w.pots[pot].beyond >= 0


@inlined
def next_turn_us(s: Any, w: Any, number: Any, pot: Any) -> Any:
    """Return when the next window begins, the horizon where none does."""
    budget, window = s.budgets[number], w.pots[pot].window
    return s.numbers[budget.first_turn + window] if window < budget.turns else s.terms[0].horizon
