"""What is paid beside tokens: fees on purchases, minimums, seats of plans, tax. All of them are lines of the bill.

Discounts are not among them: they are in the rates (`prices.contracted`). Each amount is rounded once, half to
even to a millionth of a dollar, replication by replication, and made in this order: a seller's fee on the purchases
that what is used of its offers takes, what usage lacks to a month's minimum, seats, and the tax on everything.
What usage lacks is kept to the millionth of a millionth, as usage in dollars is: both together are the minimum.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from burncurve.billing.bill import BillLine, ListTotal
from burncurve.billing.causes import Cause
from burncurve.billing.currency import PICO_PER_MICRO
from burncurve.errors import Problem
from burncurve.prices.book import USD, Book, Fee, moment_us
from burncurve.words import PPM, Terms

PICO = 10**12


@dataclass(frozen=True, slots=True)
class Usage:
    """What one replication used of one seller's offers in one month of the run, in exact pico-dollars.

    `utc_us` is when it was used at the earliest, for the fee that was in force.
    """

    replication: int
    seller: str
    month: int
    utc_us: int
    pico: Fraction


@dataclass(frozen=True, slots=True)
class Charge:
    """An amount of one replication that is no call's: what kind, whose, how it comes."""

    replication: int
    kind: str
    seller: str
    told: str
    pico: int


def charges(usages: Sequence[Usage], replications: Iterable[int], book: Book, terms: Terms) -> Iterator[Charge]:
    """Yield what each replication pays beside its tokens, in the order of the module's first lines."""
    by_replication: dict[int, list[Usage]] = {}
    for usage in usages:
        by_replication.setdefault(usage.replication, []).append(usage)
    for replication in replications if terms.seats or terms.by_usage else ():
        used = by_replication.get(replication, [])
        found = [*_fees(used, book, terms), *_minimums(used, replication, terms), *_seats(replication, book, terms)]
        yield from found
        yield from _tax(used, found, replication, terms)


def _fees(used: Sequence[Usage], book: Book, terms: Terms) -> Iterator[Charge]:
    for seller in sorted({usage.seller for usage in used}):
        own = [usage for usage in used if usage.seller == seller]
        fee = in_force(book.fees, seller, min(usage.utc_us for usage in own))
        total = sum((usage.pico for usage in own), Fraction(0))
        if fee and total and terms.purchase:
            each = max(Fraction(fee.part) * terms.purchase, Fraction(fee.at_least_usd) * PICO)
            amount = _rounded(-(-total // terms.purchase) * each)
            yield Charge(own[0].replication, "fee", seller, _told(fee, terms), amount)


def in_force(fees: Iterable[Fee], seller: str, utc_us: int) -> Fee | None:
    """Return the fee of a seller at a moment, None where it takes none that the book knows."""
    begun = [fee for fee in fees if fee.seller == seller and moment_us(fee.valid_from) <= utc_us]
    return begun[-1] if begun else None


def fee_notes(sellers: Iterable[tuple[str, int]], book: Book, terms: Terms) -> Iterator[str]:
    """Yield what a reader must know of fees that are left out, for want of the size of purchases.

    `sellers` are those whose offers are used, each with a UTC moment.
    """
    for seller, utc_us in () if terms.purchase else sellers:
        fee = in_force(book.fees, seller, utc_us)
        if fee:
            took = f"{seller} takes {(fee.part * 100).normalize():f}% on purchases of credits"
            yield f"{took}: left out, as no `contract: {{purchase: ...}}` says how much is bought at once"


def _told(fee: Fee, terms: Terms) -> str:
    least = f", at least ${fee.at_least_usd} for each" if fee.at_least_usd else ""
    return f"{(fee.part * 100).normalize():f}% on purchases of ${terms.purchase / PICO:,.2f}{least}"


def _minimums(used: Sequence[Usage], replication: int, terms: Terms) -> Iterator[Charge]:
    if terms.minimum_per_month:
        for month in range(len(terms.months_us)):
            paid = sum((usage.pico for usage in used if usage.month == month), Fraction(0))
            lacking = round(max(Fraction(0), terms.minimum_per_month - paid))
            if lacking:
                told = f"to ${terms.minimum_per_month / PICO:,.2f} in a month"
                yield Charge(replication, "minimum", "", told, lacking)


def seats_without_price(book: Book, terms: Terms) -> Iterator[tuple[str, Problem]]:
    """Yield the plans whose seats cannot be billed, and why."""
    for seat in terms.seats:
        if seat.pico is None:
            remedy = "take another plan, or a file of plans of your own that states it"
            yield seat.plan, Problem(f"plan {seat.plan}", f"its price is not known: {seat.told}", remedy)
        elif seat.currency != USD and seat.currency not in book.exchanges:
            what = f"costs {seat.currency}, and book {book.name} has no exchange rate for it"
            remedy = f"bill with a book that has `exchange_rates: {{{seat.currency}: ...}}`"
            yield seat.plan, Problem(f"plan {seat.plan}", what, remedy)


def usd_per_unit(book: Book, currency: str) -> Fraction:
    """Return what a unit of a currency is worth by a book's stated rate."""
    return Fraction(1) if currency == USD else Fraction(book.exchanges[currency].usd_per_unit)


def seat_payments(book: Book, terms: Terms) -> list[tuple[int, int]]:
    """Return when seats are paid, in microseconds since the start, and how much, in pico-dollars."""
    return [(seat.at_us, _rounded((seat.pico or 0) * usd_per_unit(book, seat.currency))) for seat in terms.seats]


def _seats(replication: int, book: Book, terms: Terms) -> Iterator[Charge]:
    for seat, (_, amount) in zip(terms.seats, seat_payments(book, terms), strict=True):
        yield Charge(replication, "plan", seat.plan, seat.told, amount)


def _tax(used: Sequence[Usage], found: Sequence[Charge], replication: int, terms: Terms) -> Iterator[Charge]:
    whole = sum((usage.pico for usage in used), Fraction(0)) + sum(charge.pico for charge in found)
    amount = _rounded(whole * terms.tax_ppm / PPM)
    if amount:
        yield Charge(replication, "tax", "", f"{terms.tax_ppm / 10_000:g}%", amount)


def _rounded(pico: Fraction) -> int:
    return round(pico / PICO_PER_MICRO) * PICO_PER_MICRO


def lines_of(found: Iterable[Charge], deployment: str) -> Iterator[BillLine]:
    """Yield the lines of charges, those of one kind added up over the replications."""
    sums: dict[tuple[str, str, str], int] = {}
    for charge in found:
        key = (charge.kind, charge.seller, charge.told)
        sums[key] = sums.get(key, 0) + charge.pico
    for (kind, seller, told), pico in sums.items():
        yield BillLine(deployment, "", seller, "", told, kind, Cause.FEES, 0, 0, 0, USD, pico)


def added_to(totals: Iterable[ListTotal], found: Iterable[Charge]) -> list[ListTotal]:
    """Return the totals of lists with charges among those in dollars."""
    whole = list(totals)
    amounts: dict[int, int] = {}
    for charge in found:
        amounts[charge.replication] = amounts.get(charge.replication, 0) + charge.pico
    dollars: Mapping[int, int] = next((total.by_replication for total in whole if total.currency == USD), {})
    summed = {number: dollars.get(number, 0) + amounts.get(number, 0) for number in {*dollars, *amounts}}
    others = [total for total in whole if total.currency != USD]
    return [*others, ListTotal(USD, Fraction(1), summed)] if summed else others
