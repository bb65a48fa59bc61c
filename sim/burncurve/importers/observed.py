"""Observed calls: what logs say was asked and served, in integers, before it becomes a ledger or a workload.

One row for each API response, however many lines the log spread it over. Rows sort by (session, order of
asking); sessions are numbered by the time of their first call. No text of a conversation is in here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from burncurve.columns import Column, Schema
from burncurve.importers import spilled
from burncurve.importers.spilled import Ints, Wide, part_of, pieces
from burncurve.ledger import PROMPT_METERS

SCHEMA = Schema(
    2,
    (
        Column("session", "int32", "", "conversation with its own context", names="sessions"),
        Column("parent", "int32", "", "session that spawned this one", nullable=True, names="sessions"),
        Column("agent", "int16", "", "kind of worker: main, or the name of a sub-agent", names="agents"),
        Column("sub_agent", "int8", "", "1 where another agent started the session"),
        Column("project", "int32", "", "folder or project the work was for", names="projects"),
        Column("model", "int16", "", "model as the log names it", names="models"),
        Column("provider", "int16", "", "who served it, empty where the log does not say", names="providers"),
        Column("client", "int16", "", "program or gateway that wrote the log", names="clients"),
        Column("service_tier", "int8", "", "standard, batch, flex, priority, fast", names="service_tiers"),
        Column("region", "int8", "", "where it was served, as far as the log says", names="regions"),
        Column("kind", "int8", "", "what the call was for", names="kinds"),
        Column("status", "int8", "", "how it ended: ok or error", names="statuses"),
        Column("request", "int32", "", "number of the person's request in its session, from 0"),
        Column("user_turn", "int8", "", "1: first call after a person's message (a brief's); 0: after tool results"),
        Column("tools", "int32", "", "tools called after it, joined by commas; may be empty", names="tools"),
        Column("tool_calls", "int16", "", "number of tools called after it"),
        Column("start_us", "int64", "us", "asked for, UTC since 1970", nullable=True),
        Column("first_token_us", "int64", "us", "first output token, UTC since 1970", nullable=True),
        Column("end_us", "int64", "us", "last output token, UTC since 1970", nullable=True),
        Column("input", "int32", "tokens", "prompt tokens neither read from nor written to a cache"),
        Column("cache_read", "int32", "tokens", "prompt tokens read from the cache"),
        Column("cache_write_5m", "int32", "tokens", "prompt tokens written for five minutes"),
        Column("cache_write_1h", "int32", "tokens", "prompt tokens written for an hour"),
        Column("output", "int32", "tokens", "output without reasoning, as far as the log tells them apart"),
        Column("reasoning", "int32", "tokens", "reasoning, where the log tells it apart"),
        Column("web_searches", "int16", "searches", "web searches charged per piece"),
        Column("stated_pico", "int64", "pico-dollars", "what the log itself says it cost", nullable=True),
    ),
)
WITHOUT_TIME = (
    "{:,} of {:,} calls have no time: each is taken to be at that of its neighbour in the session, in a session without"
    " any at the last one of the log"
)
MOST_TOKENS = 100_000_000
"""A count above this is no count of one call: it is skipped and named."""


@dataclass(frozen=True)
class Observed:
    """Columns of SCHEMA and the names they point into."""

    columns: Mapping[str, Ints]
    names: Mapping[str, Sequence[str]]

    def __len__(self) -> int:
        return len(self.columns["session"])

    def __getitem__(self, name: str) -> Ints:
        return self.columns[name]

    @property
    def prompt(self) -> NDArray[np.int64]:
        """Prompt tokens of each call: input + reads + writes."""
        return sum((self.columns[meter].astype(np.int64) for meter in PROMPT_METERS), np.zeros(len(self), np.int64))

    def asked_us(self, otherwise_us: int) -> NDArray[np.int64]:
        """Return when each call was asked for, UTC since 1970, as well as one knows.

        Where the log does not say: when it ended, else the time of the call before in its session, or of the first
        that has one; in a session without any time `otherwise_us`.
        """
        session = self["session"]
        at_us = times(session, known_us(self.columns))
        later_us = times(session[::-1], at_us[::-1])[::-1]
        return np.where(later_us >= 0, later_us, otherwise_us)

    def without_time(self) -> tuple[str, ...]:
        """Return a remark where some calls have no time and others have."""
        undated = sum(int((known_us(part_of(self.columns, rows)) < 0).sum()) for rows in pieces(len(self)))
        return (WITHOUT_TIME.format(undated, len(self)),) if 0 < undated < len(self) else ()

    def last_known_us(self) -> int:
        """Return the latest time known of when any call was asked for, UTC since 1970; below 0 without any."""
        latest = (int(known_us(part_of(self.columns, rows)).max(initial=-1)) for rows in pieces(len(self)))
        return max(latest, default=-1)

    def part(self, rows: slice) -> Observed:
        """Return some rows in a row; what lies on disk is read when it is asked for."""
        return replace(self, columns=part_of(self.columns, rows))

    def sessions(self) -> Iterator[slice]:
        """Yield slices of rows of whole sessions, as many sessions as are looked at together."""
        begin, rows = 0, len(self)
        while begin < rows:
            end = min(begin + spilled.ROWS_AT_ONCE, rows)
            last, same = self.part(slice(end - 1, end))["session"][0], True
            while same and end < rows:
                session = self.part(slice(end, min(end + spilled.ROWS_AT_ONCE, rows)))["session"]
                count = int(np.searchsorted(session, last, side="right"))
                end, same = end + count, count == len(session)
            yield slice(begin, end)
            begin = end

    def named(self, name: str) -> list[str]:
        """Return the names of a column of names, row by row; empty where there is none."""
        known = tuple(self.names[next(column.names for column in SCHEMA if column.name == name)])
        return ["" if number < 0 else known[number] for number in self.columns[name].tolist()]

    def rows(self, which: Iterable[int] | Ints) -> Observed:
        """Return some of the rows, in the order asked for."""
        at = np.asarray(which, dtype=np.int64)
        return replace(self, columns={name: values[at] for name, values in self.columns.items()})


def known_us(columns: Mapping[str, Ints]) -> Ints:
    """Return when each call was asked for, else when it ended, below 0 where neither is known."""
    known: Ints = np.where(columns["start_us"] >= 0, columns["start_us"], columns["end_us"])
    return known


def times(session: Ints, at_us: Ints) -> Wide:
    """Return the times with those that are missing filled from the call written before in the same session."""
    order = np.argsort(session, kind="stable")
    filled = at_us[order].astype(np.int64)
    place = np.where(filled >= 0, np.arange(len(filled)), 0)
    first = np.flatnonzero(np.diff(session[order], prepend=-1))
    place[first] = first  # never from another session
    filled = filled[np.maximum.accumulate(place)]
    found = np.empty_like(filled)
    found[order] = filled
    return found
