"""Bytes thrown at the importers by atheris: `python tests/importers/fuzz.py CORPUS -max_total_time=60`.

Files of the corpus are what a log may hold; those that once broke something stay in it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["burncurve.importers"]):
    from burncurve.importers import reading

from importers.test_structure import holds

FOLDER = TemporaryDirectory()


def one(data: bytes) -> None:
    """Read one file of these bytes: all records counted, all values in bounds, no exception."""
    path = Path(FOLDER.name) / "log.jsonl"
    path.write_bytes(data)
    found = reading.read(path)
    account = found.account
    assert account.records == account.used + sum(each.count for each in account.skipped.values())
    holds(found.observed)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
