"""What a run writes into its folder, apart from the pictures."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from burncurve.billing import BillLine
from burncurve.studies import ledger_file
from burncurve.studies.identity import plain
from burncurve.studies.runs import LEDGER, SUMMARY
from burncurve.studies.spend import PICO
from burncurve.studies.study import Result, Study
from burncurve.version import __version__

SMALL_LEDGER_ROWS = 200_000
BILL_COLUMNS = (
    "deployment", "account", "offer", "agent", "price_line", "meter", "cause", "tokens", "currency",
    "rate_per_token", "list_amount", "amount_usd",
)  # fmt: skip


def as_json(document: object) -> str:
    """Return a document as JSON text; raises ValueError for what is no number."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write(folder: Path, study: Study, results: Sequence[Result], document: Mapping[str, Any]) -> None:
    """Write the resolved inputs, provenance, summary, bill and, if asked for or small, the ledger; raises OSError."""
    _write_json(folder / SUMMARY, document)
    _write_json(folder / "scenario.json", study.scenario.model_dump(mode="json"))
    tables = {"workload": plain(study.workload), "deployments": plain(study.deployments)}
    (folder / "tables.json").write_text(json.dumps(tables, separators=(",", ":")) + "\n", encoding="utf-8")
    _write_json(folder / "provenance.json", _provenance(study))
    _write_bill(folder / "bill.csv", results)
    if keeps_ledger(study, results):
        ledger_file.write(folder / LEDGER, {result.name: result.ledger for result in results})


def keeps_ledger(study: Study, results: Sequence[Result]) -> bool:
    """Say whether the ledger goes into the folder: when asked for, or when it is small."""
    return study.choices.keep_ledger or sum(len(result.ledger) for result in results) <= SMALL_LEDGER_ROWS


def _write_json(path: Path, document: object) -> None:
    path.write_text(as_json(document), encoding="utf-8")


def _provenance(study: Study) -> dict[str, Any]:
    """What made this run, as far as the id knows it: no clock, no place, no way by which a value was set."""
    choices = study.choices
    return {
        "id": study.run_id,
        "version": __version__,
        "seed": choices.seed,
        "replications": choices.replications,
        "deployments": [deployment.name for deployment in study.deployments],
        "start_utc": study.start_utc,
        "book": study.book_facts,
        "catalogue": study.catalogue_digest,
    }


def _write_bill(path: Path, results: Sequence[Result]) -> None:
    """Write every line of every bill with exact decimals, summed over the replications."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(BILL_COLUMNS)
        for result in results:
            writer.writerows(_bill_row(line) for line in result.bill.lines)


def _bill_row(line: BillLine) -> tuple[object, ...]:
    start = (line.deployment, line.account, line.offer, line.agent, line.price_line, line.meter, line.cause.value)
    listed = (line.currency, exact(line.rate_pico), exact(line.list_pico))
    return (*start, line.tokens, *listed, exact(line.amount_pico))


def exact(pico: int) -> str:
    """Return pico-units as a decimal with all its digits."""
    whole, rest = divmod(abs(pico), PICO)
    return f"{'-' if pico < 0 else ''}{whole}.{rest:012d}"
