"""The bills of a kept run, replication by replication, read back from its folder as exact integers."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from burncurve.errors import InputError, Problem, shown
from burncurve.studies import stored
from burncurve.studies.folder import sealed
from burncurve.studies.runs import REPLICATIONS

MOST_BYTES = 1 << 28
_AMOUNT = re.compile(r"-?[0-9]{1,15}\.[0-9]{12}")
_NEEDED = ("deployment", "bill_usd")

Bills = Mapping[str, tuple[int, ...]]


def bills_of(folder: Path) -> Bills:
    """Return pico-dollars by deployment, in the order of the replications; without those that miss a price.

    Raises InputError where the file is not as a run writes it; a run that kept none has no bills.
    """
    if REPLICATIONS not in sealed(folder):
        return {}
    path = folder / REPLICATIONS
    found: dict[str, list[int]] = {}
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _damaged(path, f"is larger than {MOST_BYTES:,} bytes")
        for name, amount in _rows(path):
            found.setdefault(name, []).append(amount)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _damaged(path, f"cannot be read: {shown(str(error))}") from None
    return {name: tuple(amounts) for name, amounts in found.items()}


def _rows(path: Path) -> Iterator[tuple[str, int]]:
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if not set(_NEEDED) <= set(reader.fieldnames or ()):
            raise _damaged(path, f"has no columns {' and '.join(_NEEDED)}")
        for row in reader:
            name, amount = (row[column] or "" for column in _NEEDED)
            if amount and not _AMOUNT.fullmatch(amount):
                raise _damaged(path, f"line {reader.line_num}: bill_usd is {shown(amount)}, not a bill")
            if amount:
                yield name, int(amount.replace(".", ""))


def _damaged(path: Path, what: str) -> InputError:
    return InputError(Problem(str(path), what, stored.REMEDY))
