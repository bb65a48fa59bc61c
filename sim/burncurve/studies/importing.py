"""Logs read and billed: what they used and cost by day, model, project and agent, kept as a run folder."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from burncurve.billing import Bill, bill, merged
from burncurve.importers.ledger import Logged, logged
from burncurve.importers.observed import SCHEMA, Observed
from burncurve.importers.reading import Reading
from burncurve.importers.spilled import Flags, Wide, distinct, pieces
from burncurve.importers.tally import Counts
from burncurve.ledger import Ledger
from burncurve.prices.book import Book, moment_us
from burncurve.studies import by_session, files, ledger_file, observed_file
from burncurve.studies.figures import TOKEN_METERS
from burncurve.studies.identity import run_id
from burncurve.studies.observed_document import study_document
from burncurve.studies.runs import LEDGER, REPLICATIONS, SUMMARY
from burncurve.studies.spend import dollars
from burncurve.studies.stored import as_json
from burncurve.studies.totals import Sums, without
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
Labels = tuple[Sequence[str], Callable[[Observed], Places]]
"""Names, and what gives the place of each call's among them."""


@dataclass(frozen=True)
class Import:
    """Logs as they were read, their ledger, and their bill under one book."""

    reading: Reading
    ledger: Logged
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
                "account": (account.files, account.bytes, account.records, account.used, account.missing_bytes),
                "counts": [{reason: found.count for reason, found in each.items()} for each in counts],
                "book": self.book.digest,
                "as_of": self.as_of,
            }
        )

    @cached_property
    def whole(self) -> Sums:
        """All calls, billed where every model has a price."""
        return self._reduced(OBSERVED, self.parts())

    @cached_property
    def priced(self) -> Sums:
        """The calls whose models have a price."""
        unpriced = self.whole.bill.unpriced
        if not unpriced:
            return self.whole
        return self._reduced(PRICED, (without(part, unpriced) for part in self.parts()))

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of the calls."""
        return (*self.reading.observed.without_time(), *self.ledger.by_session.notes)

    def parts(self) -> Iterator[Ledger]:
        """Yield the ledger of whole sessions, some thousand rows at a time, row for row as observed."""
        return map(self.ledger.part, self.reading.observed.sessions())

    def _reduced(self, name: str, parts: Iterator[Ledger]) -> Sums:
        return by_session.reduced(parts, self.ledger.spawning, self.book, name, self.as_of)


def billed(reading: Reading, book: Book, as_of: date | None = None) -> Import:
    """Return what logs cost under a book.

    Sessions without any time are priced as at the last one of the log; without any there as on the day the book was
    checked.
    """
    last_us = reading.observed.last_known_us()
    otherwise_us = last_us if last_us >= 0 else moment_us(datetime.combine(book.checked, time(), UTC))
    return Import(reading, logged(reading.observed, otherwise_us), book, as_of)


def digest(observed: Observed) -> str:
    """Return a hash of observed calls."""
    total = sha256()
    for column in SCHEMA:
        for rows in pieces(len(observed)):
            total.update(observed.part(rows)[column.name].astype("<i8").tobytes())
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
    ledger_file.write_in_parts(folder / LEDGER, OBSERVED, found.ledger.in_time())
    observed_file.write(folder / observed_file.OBSERVED, found.reading.observed)


def _summary(found: Import, parts: Mapping[str, Sums]) -> dict[str, Any]:
    ledger = found.ledger.by_session
    return study_document(found.run_id, ledger, parts, {"name": found.book.name, **_book(found)}, notes=found.notes)


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
        "total": _groups(("all",), lambda some: np.zeros(len(some), dtype=np.int32), found)[0],
        **{f"by_{group}": _by(group, found) for group in GROUPS},
        "unpriced": [
            {"offer": offer, "missing": f"{Path(problem.where).name}: {problem.what}", "remedy": problem.remedy}
            for offer, problem in zip(found.whole.bill.unpriced, found.whole.bill.missing, strict=True)
        ],
        "read": {
            "files": account.files,
            "bytes": account.bytes,
            "missing_bytes": account.missing_bytes,
            "records": account.records,
            "used": account.used,
            "skipped": _counts(account.skipped),
            "files_skipped": _counts(account.files_skipped),
            "remarks": _counts(account.remarks),
        },
        "not_known": [*paid.notes, *map(str, found.whole.bill.missing)],
        "notes": [*found.notes, *paid.notes],
    }


def _counts(counts: Counts) -> list[dict[str, Any]]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1].count, item[0]))
    return [{"reason": reason, "count": found.count, "first": found.first} for reason, found in ordered]


def _by(group: str, found: Import) -> list[dict[str, Any]]:
    """Return one record for each day, model, project or agent: the days in order, else the dearest first."""
    names, labels = _days(found) if group == "day" else _named(group, found)
    records = _groups(names, labels, found)
    if group != "day":
        records.sort(key=lambda record: (-(record["usd"] or 0), -record["calls"], record["name"]))
    return records


def _named(group: str, found: Import) -> Labels:
    """Return the names that a column has, in order, and the place of each call's among them."""
    observed = found.reading.observed
    all_names = observed.names[next(column.names for column in SCHEMA if column.name == group)]
    used = distinct(observed.part(rows)[group] for rows in pieces(len(observed))).tolist()
    names = sorted({all_names[number] or NO_NAME for number in used})
    place = {name: number for number, name in enumerate(names)}
    turned = np.zeros(len(all_names), dtype=np.int32)
    turned[used] = [place[all_names[number] or NO_NAME] for number in used]
    return names, lambda some: turned[some[group]]


def _groups(names: Sequence[str], labels: Callable[[Observed], Places], found: Import) -> list[dict[str, Any]]:
    """Return one record for each name; `labels` gives the place of each call's."""
    sums = {name: np.zeros(len(names), dtype=np.int64) for name in SUMMED}
    pico = _pico(merged(_billed(names, labels, found, sums)))
    told = {name: total.tolist() for name, total in sums.items()}
    return [_record(name, {key: told[key][i] for key in told}, pico.get(name, 0)) for i, name in enumerate(names)]


def _billed(
    names: Sequence[str], labels: Callable[[Observed], Places], found: Import, sums: Mapping[str, Wide]
) -> Iterator[Bill]:
    """Yield the bills of parts, in which each name stands as an agent of its own, and add up all else on the way."""
    observed, unpriced = found.reading.observed, found.whole.bill.unpriced
    for rows in observed.sessions():
        some, ledger = observed.part(rows), found.ledger.part(rows)
        place = labels(some)
        columns = {**ledger.columns, "agent": place}
        labelled = replace(ledger, columns=columns, names={**ledger.names, "agents": tuple(names)})
        _add(sums, some, place, ~_has_price(ledger, unpriced))
        yield bill(without(labelled, unpriced), found.book, deployment=OBSERVED, as_of=found.as_of)


def _add(sums: Mapping[str, Wide], some: Observed, place: Places, unpriced: Flags) -> None:
    known = np.maximum(some["stated_pico"], 0)
    of_part = {
        "calls": np.ones(len(some), dtype=np.int8),
        "sessions": _opens(place, some["session"]),
        "unpriced_calls": unpriced,
        "stating": some["stated_pico"] >= 0,
        "stated_low": known & 0xFFFFFFFF,  # sums may go beyond 64 bits: the two halves of each number apart
        "stated_high": known >> 32,
    }
    for name, total in sums.items():
        values = of_part[name] if name in of_part else some[name]
        np.add.at(total, place, values.astype(np.int64))


def _has_price(ledger: Ledger, unpriced: Collection[str]) -> Flags:
    known = np.array([offer not in unpriced for offer in ledger.names["offers"]], dtype=bool)
    return known[ledger["offer"]]


def _pico(paid: Bill) -> dict[str, int]:
    sums: dict[str, int] = {}
    for line in paid.lines:
        sums[line.agent] = sums.get(line.agent, 0) + line.amount_pico
    return sums


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
        "stated_calls": sums["stating"],
    }


def _days(found: Import) -> Labels:
    """Return the days that calls have, UTC and in order, and what gives the place of each call's among them."""
    observed = found.reading.observed
    numbers = distinct(_day(observed.part(rows)) for rows in observed.sessions())
    first = date(1970, 1, 1).toordinal()
    names = [date.fromordinal(first + day).isoformat() if day >= 0 else NO_TIME for day in numbers.tolist()]
    last = sorted(range(len(names)), key=names.__getitem__)  # calls without a time come last
    turned = np.argsort(np.array(last, dtype=np.int64)).astype(np.int32)
    return [names[number] for number in last], lambda some: turned[np.searchsorted(numbers, _day(some))]


def _day(some: Observed) -> Wide:
    return some.asked_us(-1) // US_PER_DAY
