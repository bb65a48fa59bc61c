"""Logs read and billed: what they used and cost by day, model, project and agent, kept as a run folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from burncurve.billing import Bill, bill, merged
from burncurve.importers.ledger import ledger as ledger_of
from burncurve.importers.observed import SCHEMA, Observed
from burncurve.importers.reading import Reading
from burncurve.importers.spilled import distinct, pieces
from burncurve.importers.tally import Counts
from burncurve.ledger import Ledger
from burncurve.prices.book import Book, moment_us
from burncurve.studies import files, ledger_file, observed_file
from burncurve.studies.figures import TOKEN_METERS
from burncurve.studies.identity import run_id
from burncurve.studies.observed_document import study_document
from burncurve.studies.runs import LEDGER, REPLICATIONS, SUMMARY
from burncurve.studies.spend import dollars
from burncurve.studies.stored import as_json
from burncurve.studies.totals import Totals, reduced, without
from burncurve.version import __version__
from burncurve.words import US_PER_DAY

IMPORT = "import.json"
SCHEMA_NAME = "burncurve.import/1"
OBSERVED = "observed"
PRICED = "observed, priced models only"
GROUPS = ("day", "model", "project", "agent")
NO_TIME = "no time"
NO_NAME = "(none)"
SUMMED = (
    "calls", "sessions", "unpriced_calls", "web_searches", "stating", "stated_low", "stated_high", *TOKEN_METERS,
)  # fmt: skip
Places = NDArray[np.int32]
Labels = tuple[Sequence[str], Places]


@dataclass(frozen=True)
class Import:
    """Logs as they were read, their ledger, and their bill under one book."""

    reading: Reading
    ledger: Ledger
    order: NDArray[np.int64]
    book: Book
    as_of: date | None

    @cached_property
    def run_id(self) -> str:
        """The hash of all that the outputs depend on but the names of the files."""
        account = self.reading.account
        counts = (account.skipped, account.files_skipped, account.remarks)
        return run_id(
            {
                "version": __version__,
                "observed": digest(self.reading.observed),
                "account": (account.files, account.bytes, account.records, account.used),
                "counts": [{reason: found.count for reason, found in each.items()} for each in counts],
                "book": self.book.digest,
                "as_of": self.as_of,
            }
        )

    @cached_property
    def whole(self) -> Totals:
        """All calls, billed where every model has a price."""
        return reduced(self.ledger, self.book, OBSERVED, self.as_of)

    @cached_property
    def priced(self) -> Totals:
        """The calls whose models have a price."""
        if not self.whole.bill.unpriced:
            return self.whole
        return reduced(without(self.ledger, self.whole.bill.unpriced), self.book, PRICED, self.as_of)

    @cached_property
    def has_price(self) -> NDArray[np.bool_]:
        """Which of the observed calls have one."""
        unpriced = set(self.whole.bill.unpriced)
        known = np.array([offer not in unpriced for offer in self.ledger.names["offers"]], dtype=bool)
        flags = np.zeros(len(self.order), dtype=bool)
        for part in pieces(len(flags)):
            flags[self.order[part]] = known[self.ledger["offer"][part]]
        return flags


def billed(reading: Reading, book: Book, as_of: date | None = None) -> Import:
    """Return what logs cost under a book; calls without any time are priced as on the day the book was checked."""
    otherwise_us = moment_us(datetime.combine(book.checked, time(), UTC))
    ledger, order = ledger_of(reading.observed, otherwise_us)
    return Import(reading, ledger, order, book, as_of)


def digest(observed: Observed) -> str:
    """Return a hash of observed calls."""
    total = sha256()
    for column in SCHEMA:
        values = observed[column.name]
        for part in pieces(len(values)):
            total.update(values[part].astype("<i8").tobytes())
    for kind in sorted(observed.names):
        total.update(kind.encode())
        names = observed.names[kind]
        for part in pieces(len(names)):
            total.update("".join(f"\0{name}" for name in names[part]).encode())
    return total.hexdigest()


def write(folder: Path, found: Import, document: Mapping[str, Any]) -> None:
    """Write what other commands read of a run, and what only logs have; raises OSError."""
    parts = {OBSERVED: found.whole} | ({PRICED: found.priced} if found.whole.bill.unpriced else {})
    (folder / IMPORT).write_text(as_json(document), encoding="utf-8")
    (folder / SUMMARY).write_text(as_json(_summary(found, parts)), encoding="utf-8")
    files.write_bills(folder / files.BILL, [part.bill for part in parts.values()])
    files.write_replications(folder / REPLICATIONS, parts)
    ledger_file.write_in_parts(folder / LEDGER, OBSERVED, found.ledger, pieces(len(found.ledger)))
    observed_file.write(folder / observed_file.OBSERVED, found.reading.observed)


def _summary(found: Import, parts: Mapping[str, Totals]) -> dict[str, Any]:
    return study_document(
        found.run_id, found.ledger, parts, {"name": found.book.name, **_book(found)}, notes=found.ledger.notes
    )


def _book(found: Import) -> dict[str, str]:
    return {"digest": found.book.digest, "as_of": (found.as_of or found.book.checked).isoformat()}


def document(found: Import) -> dict[str, Any]:
    """Return what logs used and cost, whole and by day, model, project and agent, and what was skipped of them."""
    account = found.reading.account
    paid = found.priced.bill
    return {
        "schema": SCHEMA_NAME,
        "version": __version__,
        "id": found.run_id,
        "formats": list(found.reading.formats),
        "book": {"name": found.book.name, **_book(found)},
        "currency": "USD",
        "total": _groups(("all",), np.zeros(len(found.order), dtype=np.int32), found)[0],
        **{f"by_{group}": _by(group, found) for group in GROUPS},
        "unpriced": [
            {"offer": offer, "missing": f"{Path(problem.where).name}: {problem.what}", "remedy": problem.remedy}
            for offer, problem in zip(found.whole.bill.unpriced, found.whole.bill.missing, strict=True)
        ],
        "read": {
            "files": account.files,
            "bytes": account.bytes,
            "records": account.records,
            "used": account.used,
            "skipped": _counts(account.skipped),
            "files_skipped": _counts(account.files_skipped),
            "remarks": _counts(account.remarks),
        },
        "not_known": [*paid.notes, *map(str, found.whole.bill.missing)],
        "notes": [*found.ledger.notes, *paid.notes],
    }


def _counts(counts: Counts) -> list[dict[str, Any]]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1].count, item[0]))
    return [{"reason": reason, "count": found.count, "first": found.first} for reason, found in ordered]


def _by(group: str, found: Import) -> list[dict[str, Any]]:
    """Return one record for each day, model, project or agent: the days in order, else the dearest first."""
    names, place = _days(found) if group == "day" else _named(group, found)
    records = _groups(names, place, found)
    if group != "day":
        records.sort(key=lambda record: (-(record["usd"] or 0), -record["calls"], record["name"]))
    return records


def _named(group: str, found: Import) -> Labels:
    """Return the names that a column has, in order, and the place of each call's among them."""
    observed = found.reading.observed
    all_names = observed.names[next(column.names for column in SCHEMA if column.name == group)]
    numbers = observed[group]
    used = distinct(numbers[part] for part in pieces(len(numbers))).tolist()
    names = sorted({all_names[number] or NO_NAME for number in used})
    place = {name: number for number, name in enumerate(names)}
    turned = np.zeros(len(all_names), dtype=np.int32)
    turned[used] = [place[all_names[number] or NO_NAME] for number in used]
    return names, turned[numbers]


def _groups(names: Sequence[str], place: Places, found: Import) -> list[dict[str, Any]]:
    """Return one record for each name; `place` is that of each observed call's."""
    observed = found.reading.observed
    sums = {name: np.zeros(len(names), dtype=np.int64) for name in SUMMED}
    for part in observed.sessions():
        labels, stated = place[part], observed["stated_pico"][part]
        known = np.maximum(stated, 0)
        of_part = {
            "calls": np.ones(len(labels), dtype=np.int8),
            "sessions": _opens(labels, observed["session"][part]),
            "unpriced_calls": ~found.has_price[part],
            "stating": stated >= 0,
            "stated_low": known & 0xFFFFFFFF,  # sums may go beyond 64 bits: the two halves of each number apart
            "stated_high": known >> 32,
        }
        for name, total in sums.items():
            values = of_part[name] if name in of_part else observed[name][part]
            np.add.at(total, labels, values.astype(np.int64))
    pico = _pico_by(found, names, place)
    told = {name: total.tolist() for name, total in sums.items()}
    return [_record(name, {key: told[key][i] for key in told}, pico.get(name, 0)) for i, name in enumerate(names)]


def _opens(labels: Places, session: NDArray[np.signedinteger]) -> NDArray[np.bool_]:
    """Return which calls are the first of their session with their label; sessions are whole."""
    _, first = np.unique(session.astype(np.int64) * (int(labels.max(initial=0)) + 1) + labels, return_index=True)
    flags = np.zeros(len(labels), dtype=bool)
    flags[first] = True
    return flags


def _record(name: str, sums: Mapping[str, int], pico: int) -> dict[str, Any]:
    return {
        "name": name,
        "calls": sums["calls"],
        "sessions": sums["sessions"],
        "tokens": {meter: sums[meter] for meter in TOKEN_METERS},
        "web_searches": sums["web_searches"],
        "usd": None if sums["calls"] == sums["unpriced_calls"] else dollars(pico),
        "unpriced_calls": sums["unpriced_calls"],
        "stated_usd": dollars((sums["stated_high"] << 32) + sums["stated_low"]) if sums["stating"] else None,
    }


def _days(found: Import) -> Labels:
    """Return the days that calls have, UTC and in order, and the place of each call's among them."""
    at_us = found.reading.observed.asked_us(-1)
    numbers = distinct(at_us[part] // US_PER_DAY for part in pieces(len(at_us)))
    first = date(1970, 1, 1).toordinal()
    names = [date.fromordinal(first + day).isoformat() if day >= 0 else NO_TIME for day in numbers.tolist()]
    last = sorted(range(len(names)), key=names.__getitem__)  # calls without a time come last
    turned = np.argsort(np.array(last, dtype=np.int64)).astype(np.int32)
    place = np.empty(len(at_us), dtype=np.int32)
    for part in pieces(len(at_us)):
        place[part] = turned[np.searchsorted(numbers, at_us[part] // US_PER_DAY)]
    return [names[number] for number in last], place


def _pico_by(found: Import, names: Sequence[str], place: Places) -> dict[str, int]:
    """Return exact pico-dollars by group: a bill in which each group stands as an agent of its own."""
    ledger, sums = found.ledger, dict[str, int]()
    bills = []
    for part in pieces(len(ledger)):
        rows = found.order[part]
        priced = np.flatnonzero(found.has_price[rows])
        columns = {name: values[part][priced] for name, values in ledger.columns.items()} | {
            "agent": place[rows][priced]
        }
        labelled = replace(ledger, columns=columns, names={**ledger.names, "agents": tuple(names)})
        bills.append(_bill(labelled, found))
    for line in merged(bills).lines if bills else ():
        sums[line.agent] = sums.get(line.agent, 0) + line.amount_pico
    return sums


def _bill(ledger: Ledger, found: Import) -> Bill:
    return bill(ledger, found.book, deployment=OBSERVED, as_of=found.as_of)
