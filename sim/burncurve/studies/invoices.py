"""Which replication an invoice is of, and its exact bill: a mean over many days is no invoice that anybody sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from burncurve.billing import Bill
from burncurve.billing.invoice import Invoice, InvoiceLine, invoice_lines, rates_of, with_list_rates
from burncurve.errors import InputError, InternalError, Problem
from burncurve.studies.encoding import decoded
from burncurve.studies.gathering import gathered
from burncurve.studies.simulation import Simulated
from burncurve.studies.study import Study
from burncurve.studies.tasks import Job, Task, play_task

MEDIAN = "median"


def invoices(study: Study, found: Simulated) -> tuple[Invoice, ...]:
    """Return an invoice for each deployment that has a bill, in their order; none where none was asked for.

    Raises InputError where the replication asked for was not played.
    """
    wanted = study.choices.invoice
    if wanted is None:
        return ()
    return tuple(_invoice(study, found, number, wanted) for number, result in enumerate(found.results) if result.spend)


def _invoice(study: Study, found: Simulated, number: int, wanted: int | str) -> Invoice:
    result = found.results[number]
    place = place_of(result.bill.per_replication, wanted)
    bill = _bill_of(found, number, result.bill.replications[place])
    if bill.per_replication != (result.bill.per_replication[place],):
        raise InternalError(Problem(f"invoice of {result.name}", "is not what was billed", "please report this"))
    start_us = study.workload.start_utc_us
    return Invoice(
        number=f"{study.run_id}-{number}",
        deployment=result.name,
        replication=bill.replications[0],
        replications=result.totals.count,
        start_us=start_us,
        end_us=start_us + study.workload.horizon_us,
        lines=_lines(bill, found, number),
        usd_per_unit=rates_of(bill),
        notes=bill.notes,
    )


def _lines(bill: Bill, found: Simulated, number: int) -> tuple[InvoiceLine, ...]:
    """Return the lines of a bill; under discounts the same calls are billed without them, for the rates of the list."""
    lines = invoice_lines(bill)
    deployment = found.job.deployments[number]
    if not deployment.terms.discounts:
        return lines
    plain = replace(deployment, terms=replace(deployment.terms, discounts=()))
    deployments = (*found.job.deployments[:number], plain, *found.job.deployments[number + 1 :])
    listed = invoice_lines(_played(replace(found.job, deployments=deployments), number, bill.replications[0]))
    return with_list_rates(lines, listed)


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


def _bill_of(found: Simulated, number: int, replication: int) -> Bill:
    """Return the bill of a single replication, played once more where it was one of several."""
    result = found.results[number]
    if result.totals.count == 1:
        return result.bill
    return _played(found.job, number, replication)


def _played(job: Job, number: int, replication: int) -> Bill:
    piece = play_task(job, Task(number, replication, 1))
    return gathered(job.deployments[number].name, [decoded(piece.data)]).bill
