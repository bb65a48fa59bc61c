"""An invoice as a provider prints it: one line for each model, tier and meter, which add up to the bill exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from burncurve.billing.bill import Bill, BillLine
from burncurve.prices.book import METERS, PIECE_METERS, TOKEN_METERS, USD

PRICED_BY: Mapping[str, int] = {
    **dict.fromkeys(TOKEN_METERS, 1_000_000),
    **dict.fromkeys(PIECE_METERS, 1_000),
}
"""How many pieces of a meter a list prices together; other lines, such as fees, are amounts alone."""


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """What one account owes for one meter of a model in one tier: `pieces` at `rate_pico` each.

    `rate_pico` and `list_pico` are pico-units of `currency`, the currency of the list, under the contract;
    `amount_pico` pico-dollars; `undiscounted_pico` is the rate that the list says, None where it is `rate_pico`;
    `effective_pico` what it costs once fees are borne by what they cover, None where it is `amount_pico`.
    """

    account: str
    model: str
    tier: str
    meter: str
    pieces: int
    rate_pico: int
    currency: str
    list_pico: int
    amount_pico: int
    undiscounted_pico: int | None = None
    effective_pico: int | None = None

    @property
    def costs_pico(self) -> int:
        """Pico-dollars that it costs in effect."""
        return self.amount_pico if self.effective_pico is None else self.effective_pico

    @property
    def said_pico(self) -> int:
        """The rate of the list, before any discount."""
        return self.rate_pico if self.undiscounted_pico is None else self.undiscounted_pico

    @property
    def pieces_priced(self) -> int | None:
        """How many pieces the rate is for, as lists print it; None for a line that is an amount alone."""
        return PRICED_BY.get(self.meter)

    @property
    def quantity(self) -> Fraction | None:
        """Pieces in the unit of the list, such as millions of tokens; None for a line that is an amount alone."""
        return None if self.pieces_priced is None else Fraction(self.pieces, self.pieces_priced)

    @property
    def unit_rate_pico(self) -> int | None:
        """Pico-units of the list's currency for one unit of `quantity`; None for a line that is an amount alone."""
        return None if self.pieces_priced is None else self.rate_pico * self.pieces_priced


@dataclass(frozen=True, slots=True)
class Invoice:
    """One replication's bill of one deployment in one billing month as lines; `usd_per_unit` by currency of the lists.

    `place` is the deployment's among those of the run; `month` as in 2026-03, empty where the run lies within one.

    `start_us` and `end_us` are UTC microseconds since 1970, the end excluded.
    """

    number: str
    deployment: str
    replication: int
    replications: int
    start_us: int
    end_us: int
    lines: tuple[InvoiceLine, ...]
    usd_per_unit: Mapping[str, Fraction]
    notes: tuple[str, ...] = ()
    place: int = 0
    month: str = ""

    @property
    def total_pico(self) -> int:
        """Pico-dollars of all lines: the bill of the replication, to the last digit."""
        return sum(line.amount_pico for line in self.lines)


def invoice_lines(bill: Bill) -> tuple[InvoiceLine, ...]:
    """Return a bill's lines without agents and causes, which no provider knows, added up by what is left."""
    sums: dict[tuple[object, ...], list[BillLine]] = {}
    for line in bill.lines:
        place = METERS.index(line.meter) if line.meter in METERS else len(METERS)
        beside = line.meter not in PRICED_BY  # what is paid beside tokens comes last
        key = (beside, line.account, line.offer, line.price_line, place, line.meter, line.currency, line.rate_pico)
        sums.setdefault(key, []).append(line)
    return tuple(_line(lines) for _, lines in sorted(sums.items(), key=lambda item: item[0]))


def with_list_rates(lines: Sequence[InvoiceLine], undiscounted: Sequence[InvoiceLine]) -> tuple[InvoiceLine, ...]:
    """Return lines under a contract with the rates of the same calls billed without its discounts.

    Discounts are parts of rates, so that lines of one meter of a model stand in the same order with and without.
    """
    pairs = zip(_by_rate(lines), _by_rate(undiscounted), strict=True)
    said = {line: listed.rate_pico for line, listed in pairs}
    return tuple(replace(line, undiscounted_pico=said.get(line)) for line in lines)


def _by_rate(lines: Sequence[InvoiceLine]) -> list[InvoiceLine]:
    metered = (line for line in lines if line.pieces_priced is not None)
    return sorted(metered, key=lambda line: (line.account, line.model, line.meter, line.rate_pico, line.pieces))


def rates_of(bill: Bill) -> dict[str, Fraction]:
    """Return what one unit of each currency of a bill's lists is worth in dollars."""
    return {USD: Fraction(1), **{total.currency: total.usd_per_unit for total in bill.list_totals}}


def _line(lines: list[BillLine]) -> InvoiceLine:
    first = lines[0]
    return InvoiceLine(
        first.account,
        first.offer,
        first.price_line,
        first.meter,
        sum(line.tokens for line in lines),
        first.rate_pico,
        first.currency,
        sum(line.list_pico for line in lines),
        sum(line.amount_pico for line in lines),
    )
