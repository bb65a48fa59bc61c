"""What calls under a plan cost in effect: the fees of its seats, spread over the time that they are paid for.

FOCUS asks for it (focus.finops.org, version 1.4, EffectiveCost): a purchase that is meant to cover other charges costs
nothing in effect, and the charges that it covers bear it. A fee is spread evenly over its billing month; what falls on
time after the end of the run counts with the last month of it. Within a month covered tokens are borne alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from burncurve.billing.invoice import InvoiceLine

FEE, COVERED_BY = "plan", "covered by "
Lines = tuple[InvoiceLine, ...]


@dataclass(frozen=True, slots=True)
class Payment:
    """What was paid for the seats of a plan at a time, in pico-dollars, and until when it lasts; since the start."""

    plan: str
    at_us: int
    until_us: int
    pico: int


def recognised(months: Sequence[Lines], ends_us: Sequence[int], payments: Sequence[Payment]) -> list[Lines]:
    """Return the lines of each month, which ends when `ends_us` says, with what they cost in effect; sums stay."""
    made = [list(lines) for lines in months]
    for plan in dict.fromkeys(payment.plan for payment in payments):
        covered = [[place for place, line in enumerate(lines) if line.tier == COVERED_BY + plan] for lines in made]
        if any(covered):
            parts = _moved(_by_month(plan, ends_us, payments), covered)
            for lines, places, part in zip(made, covered, parts, strict=True):
                _bear(lines, plan, places, part)
    return [tuple(lines) for lines in made]


def _by_month(plan: str, ends_us: Sequence[int], payments: Sequence[Payment]) -> list[int]:
    """Return the part of a plan's fees that falls on each month."""
    parts = [0] * len(ends_us)
    for payment in payments:
        if payment.plan == plan:
            length = payment.until_us - payment.at_us
            elapsed = [min(max(end - payment.at_us, 0), length) for end in ends_us[:-1]]
            so_far = [0, *(payment.pico * each // length for each in elapsed), payment.pico]
            parts = [part + after - before for part, before, after in zip(parts, so_far, so_far[1:], strict=False)]
    return parts


def _moved(parts: Sequence[int], covered: Sequence[Sequence[int]]) -> list[int]:
    """Return the parts with those of months in which nothing is covered added to the next, or the last, in which is."""
    last = max(month for month, places in enumerate(covered) if places)
    moved, waiting = [0] * len(parts), 0
    for month, part in enumerate(parts):
        waiting += part
        if covered[month]:
            moved[month], waiting = waiting, 0
    moved[last] += waiting
    return moved


def _bear(lines: list[InvoiceLine], plan: str, places: Sequence[int], part: int) -> None:
    """Let covered lines bear a part of the fees, by their tokens, and the plan's own lines nothing."""
    for place, line in enumerate(lines):
        if line.meter == FEE and line.model == plan:
            lines[place] = replace(line, effective_pico=0)
    pieces = [lines[place].pieces for place in places]
    so_far = [part * each // (sum(pieces) or 1) for each in accumulate(pieces)]
    so_far[-1:] = [part] if places else []
    for place, before, after in zip(places, (0, *so_far), so_far, strict=False):
        lines[place] = replace(lines[place], effective_pico=after - before)
