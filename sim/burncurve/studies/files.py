"""What a run writes into its folder, apart from the pictures."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from burncurve.billing import Bill, BillLine
from burncurve.studies import ledger_file
from burncurve.studies.figures import COLUMNS
from burncurve.studies.folder import LEDGERS
from burncurve.studies.identity import plain
from burncurve.studies.runs import LEDGER, REPLICATIONS, SUMMARY, slug
from burncurve.studies.simulation import Simulated
from burncurve.studies.spend import PICO
from burncurve.studies.stored import as_json
from burncurve.studies.study import Study
from burncurve.studies.totals import Sums
from burncurve.texts import inert
from burncurve.version import __version__

BILL_COLUMNS = (
    "deployment", "account", "offer", "agent", "price_line", "meter", "cause", "tokens", "currency",
    "rate_per_token", "list_amount", "amount_usd",
)  # fmt: skip


BILL = "bill.csv"


def write(folder: Path, study: Study, simulated: Simulated, document: Mapping[str, Any]) -> None:
    """Write the resolved inputs, provenance, summary, bills and, if asked for or small, the ledger; raises OSError."""
    _write_json(folder / SUMMARY, document)
    _write_json(folder / "scenario.json", study.scenario.model_dump(mode="json"))
    tables = {"workload": plain(study.workload), "deployments": plain(study.deployments)}
    (folder / "tables.json").write_text(json.dumps(tables, separators=(",", ":")) + "\n", encoding="utf-8")
    _write_json(folder / "provenance.json", _provenance(study, document))
    write_bills(folder / BILL, [result.bill for result in simulated.results])
    write_replications(folder / REPLICATIONS, {result.name: result.totals for result in simulated.results})
    _write_ledgers(folder, study, simulated)


def _write_ledgers(folder: Path, study: Study, simulated: Simulated) -> None:
    """Write one file where it is small, else, when asked for, one for each task: no memory holds them all."""
    names = [slug(result.name) for result in simulated.results]
    if simulated.small:
        parts = [[data for _, data in simulated.ledgers(number)] for number in range(len(names))]
        ledger_file.join(folder / LEDGER, parts)
    elif study.choices.keep_ledger:
        (folder / LEDGERS).mkdir()
        for number, name in enumerate(names):
            for task, data in simulated.ledgers(number):
                (folder / LEDGERS / f"{number:03d}-{name}-{task.first:06d}.parquet").write_bytes(data)


def _write_json(path: Path, document: object) -> None:
    path.write_text(as_json(document), encoding="utf-8")


def _provenance(study: Study, document: Mapping[str, Any]) -> dict[str, Any]:
    """What made this run, as far as the id knows it: no clock, no place, no way by which a value was set."""
    choices = study.choices
    return {
        "id": study.run_id,
        "version": __version__,
        "seed": choices.seed,
        "replications": document["replications"],
        "deployments": [deployment.name for deployment in study.deployments],
        "start_utc": study.start_utc,
        "book": study.book_facts,
        "catalogue": study.catalogue_digest,
    }


def write_bills(path: Path, bills: Sequence[Bill]) -> None:
    """Write every line of every bill with exact decimals, summed over the replications; raises OSError."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(BILL_COLUMNS)
        for bill in bills:
            writer.writerows(_bill_row(line) for line in bill.lines)


def write_replications(path: Path, deployments: Mapping[str, Sums]) -> None:
    """Write what each replication came to under each deployment: integers, and its bill as an exact decimal."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("deployment", "replication", *COLUMNS, "bill_usd"))
        for name, totals in deployments.items():
            bills = ("",) * totals.count if totals.bill.unpriced else map(exact, totals.bill.per_replication)
            columns = (totals.columns[name].tolist() for name in COLUMNS)
            numbers = range(totals.first, totals.first + totals.count)
            names = (inert(name),) * totals.count
            writer.writerows(zip(names, numbers, *columns, bills, strict=True))


def _bill_row(line: BillLine) -> tuple[object, ...]:
    names = (line.deployment, line.account, line.offer, line.agent, line.price_line, line.meter, line.cause.value)
    start = tuple(inert(name) for name in names)
    listed = (line.currency, exact(line.rate_pico), exact(line.list_pico))
    return (*start, line.tokens, *listed, exact(line.amount_pico))


def exact(pico: int) -> str:
    """Return pico-units as a decimal with all its digits."""
    whole, rest = divmod(abs(pico), PICO)
    return f"{'-' if pico < 0 else ''}{whole}.{rest:012d}"
