"""Which replication invoices are of, and its exact bill by month: a mean over many days is what nobody is sent.

A month's invoice is what the bill of the run up to its end has over that up to its beginning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise

from burncurve.billing import Bill, bill
from burncurve.billing.bill import grown
from burncurve.billing.invoice import Invoice, InvoiceLine, invoice_lines, rates_of, with_list_rates
from burncurve.billing.recognition import Payment, recognised
from burncurve.billing.terms import seat_payments
from burncurve.deploy.calendar import months_us
from burncurve.errors import InputError, InternalError, Problem
from burncurve.ledger import Ledger
from burncurve.prices import Book
from burncurve.studies.simulation import Simulated
from burncurve.studies.study import Study
from burncurve.studies.tasks import Job, played
from burncurve.words import US_PER_S, Terms

MEDIAN = "median"


def invoices(study: Study, found: Simulated) -> tuple[Invoice, ...]:
    """Return the invoices of each deployment that has a bill, one per calendar month (UTC) in which anything is paid.

    In the order of deployments and months; none where none was asked for. Together those of a deployment are the bill
    of the replication, to the last digit. Raises InputError where the replication asked for was not played.
    """
    wanted = study.choices.invoice
    if wanted is None:
        return ()
    billed = (number for number, result in enumerate(found.results) if result.spend)
    return tuple(invoice for number in billed for invoice in _invoices(study, found, number, wanted))


@dataclass(frozen=True, slots=True)
class _Month:
    """A calendar month (UTC) of a run: its number among them, microseconds from `start_us` to before `end_us`."""

    number: int
    start_us: int
    end_us: int


def _months(study: Study) -> list[_Month]:
    horizon_us = study.workload.horizon_us
    edges = (0, *(edge for edge in months_us(study.scenario) if edge < horizon_us), horizon_us)
    return [_Month(number, *span) for number, span in enumerate(pairwise(edges))]


def _invoices(study: Study, found: Simulated, number: int, wanted: int | str) -> Iterator[Invoice]:
    result, terms = found.results[number], found.job.deployments[number].terms
    place = place_of(result.bill.per_replication, wanted)
    months = _months(study)
    ledger = _ledger(found.job, number, result.bill.replications[place])
    bills = [_until(found.job, ledger, month, len(months), result.name, terms) for month in months]
    if bills[-1].per_replication != (result.bill.per_replication[place],):
        raise InternalError(Problem(f"invoice of {result.name}", "is not what was billed", "please report this"))
    lines = _by_month(bills)
    if terms.discounts:  # the same calls billed without them, for the rates of the list
        plain = replace(terms, discounts=())
        listed = _by_month([_until(found.job, ledger, month, len(months), result.name, plain) for month in months])
        lines = [with_list_rates(*pair) for pair in zip(lines, listed, strict=True)]
    lines = recognised(lines, [month.end_us for month in months], _payments(found.job.book, terms))
    for month, whole, own in zip(months, bills, lines, strict=True):
        if own or len(months) == 1:
            yield _invoice(study, found, number, month, len(months), whole, own)


def _payments(book: Book, terms: Terms) -> list[Payment]:
    paid = zip(terms.seats, seat_payments(book, terms), strict=True)
    return [Payment(seat.plan, at_us, seat.until_us, pico) for seat, (at_us, pico) in paid]


def _invoice(
    study: Study, found: Simulated, number: int, month: _Month, months: int, whole: Bill, lines: tuple[InvoiceLine, ...]
) -> Invoice:
    start_us = study.workload.start_utc_us
    said = f"{datetime.fromtimestamp((start_us + month.start_us) // US_PER_S, UTC):%Y-%m}" if months > 1 else ""
    return Invoice(
        number="-".join(filter(None, (study.run_id, str(number), said))),
        deployment=found.results[number].name,
        replication=whole.replications[0],
        replications=found.results[number].totals.count,
        start_us=start_us + month.start_us,
        end_us=start_us + month.end_us,
        lines=lines,
        usd_per_unit=rates_of(whole),
        notes=whole.notes,
        place=number,
        month=said,
    )


def _by_month(bills: Sequence[Bill]) -> list[tuple[InvoiceLine, ...]]:
    """Return the lines of each month, given the bills from the start up to the end of each."""
    later = (invoice_lines(grown(before, after)) for before, after in pairwise(bills))
    return [invoice_lines(bills[0]), *later]


def _until(job: Job, ledger: Ledger, month: _Month, months: int, name: str, terms: Terms) -> Bill:
    """Return the bill of all that is paid before the end of a month."""
    if month.number == months - 1:
        return bill(ledger, job.book, deployment=name, as_of=job.as_of, terms=terms)
    begun = ledger["grant_us"] < month.end_us
    part = replace(ledger, columns={column: values[begun] for column, values in ledger.columns.items()})
    seats = tuple(seat for seat in terms.seats if seat.at_us < month.end_us)
    until = replace(terms, seats=seats, months_us=terms.months_us[: month.number + 1])
    return bill(part, job.book, deployment=name, as_of=job.as_of, terms=until)


def _ledger(job: Job, number: int, replication: int) -> Ledger:
    return played(job, number, range(replication, replication + 1))[0]


def place_of(totals: Sequence[int], wanted: int | str) -> int:
    """Return which of the replications an invoice is of: the one named, or the median, of two the cheaper.

    Raises InputError where it was not played.
    """
    if isinstance(wanted, int):
        if wanted < len(totals):
            return wanted
        last = f"the last is {len(totals) - 1}"
        raise InputError(Problem("--invoice-of", f"replication {wanted} is not played", f"{last}; or take {MEDIAN}"))
    return sorted(range(len(totals)), key=lambda place: (totals[place], place))[(len(totals) - 1) // 2]
