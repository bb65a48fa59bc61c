"""Totals as bytes and back: one JSON text, the same for the same totals on every machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from fractions import Fraction
from operator import attrgetter
from typing import Any

import numpy as np
import orjson

from burncurve.billing import Bill, BillLine, Cause, ListTotal
from burncurve.errors import Problem
from burncurve.studies.bins import Bins
from burncurve.studies.curves import Ints, SessionCurve, Sessions, as_ints
from burncurve.studies.growth import Growth
from burncurve.studies.totals import Totals

FORMAT = "burncurve.chunk/2"
_values_of_line = attrgetter(*(field.name for field in fields(BillLine)))
PLACE_OF_CAUSE = [field.name for field in fields(BillLine)].index("cause")


def encoded(totals: Totals) -> bytes:
    """Return the totals as JSON."""
    plain = {
        "format": FORMAT,
        "first": totals.first,
        "count": totals.count,
        "rows": totals.rows,
        "columns": {name: values.tolist() for name, values in totals.columns.items()},
        "bill": _bill(totals.bill),
        "hours": totals.hours,
        "by_offer": totals.by_offer,
        "growth": _values(totals.growth),
        "bins": _values(totals.bins),
        "sessions": None if totals.sessions is None else _sessions(totals.sessions),
        "notes": totals.notes,
    }
    try:
        return orjson.dumps(plain, option=orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:  # it knows no integer beyond 64 bits
        return json.dumps(plain, separators=(",", ":")).encode("ascii")


def decoded(data: bytes) -> Totals:
    """Return the totals of `encoded`; what its checksum did not catch ends in an ordinary ValueError or KeyError."""
    plain = json.loads(data)
    return Totals(
        first=plain["first"],
        count=plain["count"],
        rows=plain["rows"],
        columns={name: as_ints(values) for name, values in plain["columns"].items()},
        bill=_bill_of(plain["bill"]),
        hours=tuple(plain["hours"]),
        by_offer={offer: tuple(sums) for offer, sums in plain["by_offer"].items()},
        growth=Growth(*(_table(table) for table in plain["growth"])),
        bins=_bins_of(*plain["bins"]),
        sessions=None if plain["sessions"] is None else _sessions_of(plain["sessions"]),
        notes=tuple(plain["notes"]),
    )


def _values(record: Growth | Bins | Problem) -> list[Any]:
    """Return the values of a record as they are; `astuple` would copy each of them."""
    return [getattr(record, field.name) for field in fields(record)]


def _bill(bill: Bill) -> dict[str, Any]:
    return {
        "deployment": bill.deployment,
        "currency": bill.currency,
        "lines": [_values_of_line(line) for line in bill.lines],
        "replications": bill.replications,
        "per_replication": bill.per_replication,
        "list_totals": [
            (total.currency, str(total.usd_per_unit), sorted(total.by_replication.items()))
            for total in bill.list_totals
        ],
        "notes": bill.notes,
        "unpriced": bill.unpriced,
        "missing": [_values(problem) for problem in bill.missing],
    }


def _bill_of(plain: Mapping[str, Any]) -> Bill:
    return Bill(
        deployment=plain["deployment"],
        currency=plain["currency"],
        lines=tuple(_line_of(values) for values in plain["lines"]),
        replications=tuple(plain["replications"]),
        per_replication=tuple(plain["per_replication"]),
        list_totals=tuple(
            ListTotal(currency, Fraction(rate), dict(amounts)) for currency, rate, amounts in plain["list_totals"]
        ),
        notes=tuple(plain["notes"]),
        unpriced=tuple(plain["unpriced"]),
        missing=tuple(Problem(*problem) for problem in plain["missing"]),
    )


def _line_of(values: list[Any]) -> BillLine:
    values[PLACE_OF_CAUSE] = Cause(values[PLACE_OF_CAUSE])
    return BillLine(*values)


def _table(plain: Mapping[str, list[int]]) -> dict[int, tuple[int, ...]]:
    return {int(group): tuple(sums) for group, sums in plain.items()}


def _bins_of(level: int, last_us: int, tokens: list[list[int]], pico: list[int], apart: list[list[int]]) -> Bins:
    return Bins(level, last_us, tuple(map(tuple, tokens)), tuple(pico), tuple(map(tuple, apart)))


def _sessions(sessions: Sessions) -> dict[str, Any]:
    curves = sessions.others if sessions.main is None else (sessions.main, *sessions.others)
    return {
        "main": sessions.main is not None,
        "curves": [
            (curve.session, curve.agent, curve.context_tokens.tolist(), curve.compactions.tolist()) for curve in curves
        ],
        "count": sessions.count,
        "peak_tokens": sessions.peak_tokens,
    }


def _sessions_of(plain: Mapping[str, Any]) -> Sessions:
    curves = [SessionCurve(number, agent, _ints(sizes), _ints(cuts)) for number, agent, sizes, cuts in plain["curves"]]
    main = curves.pop(0) if plain["main"] else None
    return Sessions(main, tuple(curves), plain["count"], plain["peak_tokens"])


def _ints(values: list[int]) -> Ints:
    frozen = np.array(values, dtype=np.int64)
    frozen.setflags(write=False)
    return frozen
