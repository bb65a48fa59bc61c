"""Reads the public traces of Claude Code sessions by callanjfox/kv-cache-tester (Apache-2.0), as one table.

The table (requests.csv.gz) has a row for each model call: trace, agent, index, seconds from the start, tokens in and
out, prefix tokens shared with the call before (in blocks of 64), API and think seconds, stop reason, and of which
trace a trace is an exact copy (those are dropped). Hashes of blocks show what stays unchanged; dates, dollars and
cache counters there are none. No file of the traces is part of this project: give its path in BURNCURVE_TRACES.
"""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from burncurve.ledger import Kind
from burncurve.studies.turns import UNKNOWN, Turns

VARIABLE = "BURNCURVE_TRACES"
BLOCK = 64
FIRST_TOKEN_S, TOKENS_PER_S = 3.1, 61.0  # TraceLab: of a call whose duration is not told
S = 1_000_000

Row = dict[str, str]


def traces_path() -> Path | None:
    """Return where the traces lie, None where nobody says so or nothing is there."""
    given = os.environ.get(VARIABLE)
    return Path(given) if given and Path(given).is_file() else None


def read(path: Path) -> Turns:
    """Return the turns of all traces, each on a clock of its own that starts at 0; raises OSError and KeyError."""
    with gzip.open(path, "rt", newline="") as file:
        rows = [row for row in csv.DictReader(file) if not row["duplicate_of"]]
    columns: dict[str, list[int]] = {name: [] for name in Turns.__dataclass_fields__ if name != "agents"}
    for _, trace in groupby(rows, lambda row: row["trace_id"]):
        _add(columns, list(trace))
    wide = {name: np.array(values, dtype=np.int64) for name, values in columns.items()}
    return Turns(**wide, agents=("main", "sub-agent"))


def _add(columns: dict[str, list[int]], trace: Sequence[Row]) -> None:
    """Add the sessions of one trace: its main agent, then its sub-agents, where they stand behind the call before."""
    start, main = len(columns["session"]), [row for row in trace if row["agent"] == "main"]
    number = columns["session"][-1] + 1 if start else 0
    _session(columns, main, number, UNKNOWN, 0)
    place = start - 1
    for agent, rows in groupby(trace, lambda row: row["agent"]):
        if agent == "main":
            place += len(list(rows))
        else:
            number += 1
            _session(columns, list(rows), number, place, columns["end_us"][place] if place >= start else 0)


def _session(columns: dict[str, list[int]], rows: Sequence[Row], number: int, parent: int, begin_us: int) -> None:
    before, request, stop = 0, 0, ""
    for row in rows:
        request += stop == "end_turn"
        start_us = begin_us + round(float(row["t_s"]) * S)
        prompt, stop = int(row["input_tokens"]), row["stop"]
        for name, value in zip(
            ("session", "parent", "agent", "request", "kind", "start_us", "end_us", "prompt", "read", "kept"),
            (number, parent, int(parent >= 0), request, int(Kind.TURN), start_us, start_us + _lasting_us(row),
             prompt, UNKNOWN, _kept(row, before)), strict=True,
        ):  # fmt: skip
            columns[name].append(value)
        columns["output"].append(int(row["output_tokens"]))
        columns["reasoning"].append(0)
        before = prompt


def _kept(row: Row, before: int) -> int:
    """Return the tokens that stand unchanged: all of the call before where every whole block of it does."""
    shared = int(row["prefix_tokens_shared_with_prev"])
    return before if before and shared >= before // BLOCK * BLOCK else shared


def _lasting_us(row: Row) -> int:
    seconds = float(row["api_time_s"]) if row["api_time_s"] else None
    return round((FIRST_TOKEN_S + int(row["output_tokens"]) / TOKENS_PER_S if seconds is None else seconds) * S)


def sessions_of(turns: Turns) -> Iterator[slice]:
    """Yield the rows of each session."""
    for low, high in zip(turns.first[:-1].tolist(), turns.first[1:].tolist(), strict=True):
        yield slice(low, high)
