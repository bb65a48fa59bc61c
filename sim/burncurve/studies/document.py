"""The one canonical document of a study: everything that tables, files and pages show is read from it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from burncurve.ledger import Status
from burncurve.studies import figures, spend
from burncurve.studies.spend import Spend, dollars
from burncurve.studies.study import Result, Study
from burncurve.version import __version__
from burncurve.words import US_PER_HOUR, US_PER_S

SCHEMA = "burncurve.study/1"
FEW_FOR_P95, FEW_FOR_P99 = 20, 100


def document(study: Study, results: Sequence[Result]) -> dict[str, Any]:
    """Return the document of a study's results, in the order of its deployments."""
    first = results[0].spend if results else None
    return {
        "schema": SCHEMA,
        "version": __version__,
        "id": study.run_id,
        "scenario": {"name": study.scenario.name, "horizon_s": study.workload.horizon_us / US_PER_S},
        "seed": study.choices.seed,
        "replications": study.choices.replications,
        "start_utc": study.start_utc,
        "book": study.book_facts,
        "currency": "USD",
        "deployments": [_deployment(result, first, number) for number, result in enumerate(results)],
        "unpriced": [_unpriced(result) for result in results if result.bill.unpriced],
        "notes": _notes(study, results),
    }


def _unpriced(result: Result) -> dict[str, Any]:
    return {
        "name": result.name,
        "offers": list(result.bill.unpriced),
        # The file's name without its folder: equal runs on two machines have equal bytes.
        "missing": [f"{Path(problem.where).name}: {problem.what}" for problem in result.bill.missing],
    }


def _deployment(result: Result, first: Spend | None, number: int) -> dict[str, Any]:
    of_ledger = figures.of_ledger(result.ledger)
    return {
        "name": result.name,
        "offers": result.offers,
        **of_ledger,
        **_money(result),
        "against_first": spend.differences(result.spend, first) if number and result.spend and first else None,
        "notes": list(result.deployment.notes),
    }


def _money(result: Result) -> dict[str, Any]:
    if result.spend is None:
        return dict.fromkeys(MONEY)
    paid, ledger = result.spend, result.ledger
    n, total = len(paid.totals), sum(paid.totals)
    outcomes, horizon_us = ledger.outcomes, ledger.horizon_us
    return {
        "bill_usd": spend.distribution(paid.totals),
        "causes_usd": {cause: dollars(pico, n) for cause, pico in spend.by(paid.parts, "cause").items()},
        "agents_usd": {agent: dollars(pico, n) for agent, pico in spend.by(paid.parts, "agent").items()},
        "meters_usd": {meter: dollars(pico, n) for meter, pico in paid.meters.items()},
        "causes": spend.shares(paid),
        "per_request_usd": dollars(total, figures.counted(outcomes, "requests")),
        "per_finished_task_usd": dollars(total, figures.counted(outcomes, "finished")),
        "per_hour_usd": dollars(Fraction(total * US_PER_HOUR, horizon_us), n),
        "per_day_usd": dollars(Fraction(total * 24 * US_PER_HOUR, figures.day_span_us(horizon_us)), n),
        "after_usd": spend.after(paid, Fraction(horizon_us, US_PER_HOUR)),
        "peak_hour": spend.peak_hour(paid),
    }


MONEY = (
    "bill_usd", "causes_usd", "agents_usd", "meters_usd", "causes", "per_request_usd", "per_finished_task_usd",
    "per_hour_usd", "per_day_usd", "after_usd", "peak_hour",
)  # fmt: skip


def _broken_off(result: Result) -> list[str]:
    """A bill is small, too, where the work was not done: say so."""
    outcomes = result.ledger.outcomes
    failed, asked = figures.counted(outcomes, "failed"), figures.counted(outcomes, "requests")
    if not failed:
        return []
    overflows = int((result.ledger["status"] == Status.OVERFLOW).sum())
    why = f", {overflows:,} calls did not fit the window" if overflows else ""
    return [f"{result.name}: {failed:,} of {asked:,} root tasks failed{why}; the bill covers what was done until then"]


def _unequal_work(results: Sequence[Result]) -> list[str]:
    """Bills of different amounts of work are no comparison: arrivals are skipped while a session is busy."""
    served = {result.name: figures.counted(result.ledger.outcomes, "requests") for result in results}
    if len(set(served.values())) < 2:
        return []
    counts = ", ".join(f"{name} {count:,}" for name, count in served.items())
    return [f"the deployments did not serve the same number of requests: {counts}; compare dollars per request"]


def _notes(study: Study, results: Sequence[Result]) -> list[str]:
    """What a reader must know before trusting a figure, each said once."""
    notes = list(study.notes)
    n, horizon_us = study.choices.replications, study.workload.horizon_us
    if horizon_us < 24 * US_PER_HOUR:
        notes.append(f"per day: the horizon of {horizon_us / US_PER_HOUR:g} h counts as one day")
    if 1 < n < FEW_FOR_P99:
        unsure = "p95 and p99" if n < FEW_FOR_P95 else "p99"
        notes.append(f"{unsure} of {n} replications say little more than the largest of them")
    notes += _unequal_work(results)
    for result in results:
        notes += _broken_off(result)
        told = (*result.ledger.notes, *result.bill.notes)
        notes += [f"{result.name}: {text}" for text in told if text not in result.deployment.notes]
    return list(dict.fromkeys(notes))
