"""Curves over time: what ledgers and amounts per call come to, in a form that pictures can be drawn from.

Tokens and money are counted into time bins as integers, so that nothing depends on the order of the calls.
A call counts at its end, when it is billed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from burncurve.errors import InternalError, Problem
from burncurve.ledger import Kind, Ledger, Status

TOKEN_METERS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")
PICO = 10**12
LARGEST = 1 << 62
SESSIONS_DRAWN = 80
AFTERWARDS = 25  # the part of the work's time that a grid over it goes on afterwards
FAN_QUANTILES = (0.1, 0.5, 0.9)

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grid:
    """Equal time bins from the start on; what happens after the last edge counts in the last bin."""

    width_us: int
    bins: int

    @property
    def span_us(self) -> int:
        """Microseconds from the first edge to the last."""
        return self.width_us * self.bins

    @property
    def edges_us(self) -> Ints:
        """The bins + 1 edges in microseconds, from 0."""
        return np.arange(self.bins + 1, dtype=np.int64) * self.width_us

    def place(self, times_us: Ints) -> Ints:
        """Return the bin of each time; a bin holds its left edge."""
        return np.clip(times_us // self.width_us, 0, self.bins - 1)


@dataclass(frozen=True, slots=True, eq=False)
class TokenCurve:
    """Tokens by meter and bin, [TOKEN_METERS, bins] int64, summed over the replications."""

    grid: Grid
    replications: tuple[int, ...]
    tokens: Ints

    def cumulative(self, *meters: str) -> Floats:
        """Return tokens of the meters together at each edge, [bins + 1], mean per replication."""
        rows = [TOKEN_METERS.index(meter) for meter in meters]
        total = np.cumsum(self.tokens[rows].sum(axis=0))
        return np.concatenate(([0.0], total / max(1, len(self.replications))))


@dataclass(frozen=True, slots=True, eq=False)
class BillCurve:
    """Pico-units of the currency by replication and bin, [replications, bins] int64, replications ascending.

    Where one of them may leave 64 bits, they are Python's integers.
    Of many replications only the first are kept apart; `rest` holds the sums of the `rest_count` others by bin.
    """

    grid: Grid
    replications: tuple[int, ...]
    pico: Ints
    rest: tuple[int, ...] = ()
    rest_count: int = 0

    def cumulative(self) -> Floats:
        """Return the bill at each edge, [replications, bins + 1], in units of the currency."""
        ends = np.asarray(np.cumsum(_summable(self.pico), axis=1) / PICO, dtype=np.float64)
        return np.pad(ends, ((0, 0), (1, 0)))

    def totals(self) -> Floats:
        """Return the whole bill of each replication that is kept apart, in units of the currency."""
        return np.asarray(_summable(self.pico).sum(axis=1) / PICO, dtype=np.float64)

    def mean(self) -> Floats:
        """Return the mean bill over the replications at each edge, [bins + 1]."""
        fits = int(self.pico.max(initial=0)) < LARGEST // max(1, len(self.pico))  # else as Python's integers
        exact = self.pico.sum(axis=0, dtype=np.int64 if fits else object).astype(object)
        if self.rest_count:
            exact = exact + np.array(self.rest, dtype=object)
        count = max(1, len(self.replications) + self.rest_count)
        return np.concatenate(([0.0], (np.cumsum(exact) / (PICO * count)).astype(np.float64)))

    def fan(self, quantiles: Sequence[float] = FAN_QUANTILES) -> Floats:
        """Return the quantiles over the replications at each edge, [quantiles, bins + 1]."""
        return np.asarray(np.quantile(self.cumulative(), quantiles, axis=0), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class SessionCurve:
    """Context of one session after each of its calls; `compactions` are positions in `context_tokens`."""

    session: int
    agent: str
    context_tokens: Ints
    compactions: Ints


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of one replication: the main one and some of the others, longest first, of `count` in all.

    `peak_tokens` is the largest context of any of them; its session is always among those drawn.
    """

    main: SessionCurve | None
    others: tuple[SessionCurve, ...]
    count: int
    peak_tokens: int


@dataclass(frozen=True, slots=True)
class DeploymentCurves:
    """One deployment's share of the pictures; `bill`, `causes` and `total` are None where it is unpriced.

    `total` and the amounts of `causes` are means per replication in the currency of the pictures;
    `finished` is the share of the root tasks that ran to their end, None where none arrived; `requests` how
    many were served, mean per replication, None where it is not known.
    """

    name: str
    tokens: TokenCurve
    sessions: Sessions
    bill: BillCurve | None = None
    causes: tuple[tuple[str, float], ...] | None = None
    total: float | None = None
    finished: float | None = None
    requests: float | None = None


class Change(NamedTuple):
    """A moment that a picture marks, in microseconds since the start, and what is said of it."""

    at_us: int
    told: str


@dataclass(frozen=True, slots=True)
class PictureData:
    """Everything the pictures of a run or a comparison show, deployments in the order of the scenario.

    `shown_us` is the time that titles speak of, the horizon; `ended_us` when the last work ended. `changes` are
    moments at which it changes who serves or pays, `days` those at which local days begin.
    """

    scenario: str
    deployments: tuple[DeploymentCurves, ...]
    shown_us: int
    replications: int = 1
    currency: str = "USD"
    ended_us: int | None = None
    changes: tuple[Change, ...] = ()
    days: tuple[Change, ...] = ()


def billed_us(ledger: Ledger) -> Ints:
    """Return when each row counts: its end, or the time it was asked for where it never ran."""
    end = ledger["end_us"].astype(np.int64)
    return np.where(end >= 0, end, ledger["request_us"].astype(np.int64))


def span_for(horizon_us: int, last_us: int) -> int:
    """Return the microseconds a picture shows of work that ends at `last_us`."""
    fits = 2 * last_us >= horizon_us >= last_us
    return horizon_us if fits or last_us <= 0 else last_us + last_us // AFTERWARDS + 1


def token_curve(ledger: Ledger, grid: Grid) -> TokenCurve:
    """Return the ledger's tokens by meter and bin; every token counts, whatever the status of its row."""
    where = grid.place(billed_us(ledger))
    tokens = np.zeros((len(TOKEN_METERS), grid.bins), dtype=np.int64)
    for row, meter in zip(tokens, TOKEN_METERS, strict=True):
        np.add.at(row, where, ledger[meter].astype(np.int64))
    return TokenCurve(grid, _replications(ledger), _frozen(tokens))


def bill_curve(ledger: Ledger, amounts: Floats, grid: Grid) -> BillCurve:
    """Return the bill by replication and bin; raises InternalError unless each row has one finite amount."""
    if amounts.shape != (len(ledger),) or not np.isfinite(amounts).all():
        raise InternalError(Problem("bill curve", "needs one finite amount for each row of the ledger"))
    replications = _replications(ledger)
    of_calls = summable_pico(amounts)
    pico = np.zeros((len(replications), grid.bins), dtype=of_calls.dtype)
    row = np.searchsorted(replications, ledger["replication"])
    np.add.at(pico, (row, grid.place(billed_us(ledger))), of_calls)
    return BillCurve(grid, replications, _frozen(pico))


def as_ints(values: Sequence[int]) -> Ints:
    """Return whole numbers as int64, or as Python's integers where one is too large."""
    return np.array(values, dtype=np.int64 if max(map(abs, values), default=0) < LARGEST else object)


def summable_pico(amounts: Floats) -> Ints:
    """Return dollars as pico-dollars: int64 where their sum stays far below 64 bits, else Python's integers."""
    pico = np.rint(amounts * PICO).astype(np.int64)
    return pico if float(amounts.sum()) * PICO < LARGEST else pico.astype(object)


def _summable(pico: Ints) -> Ints:
    """Return rows of int64 as they are where the sum of none may leave 64 bits, else as Python's integers."""
    most = pico.sum(axis=1, dtype=np.float64).max(initial=0) if pico.dtype == np.int64 else LARGEST
    return pico if most < LARGEST else pico.astype(object)


def sessions_of(ledger: Ledger, drawn: int = SESSIONS_DRAWN) -> Sessions:
    """Return the contexts of the first replication's sessions; side calls and calls that failed leave none.

    The main session is the one with most calls among those that hold a root task.
    """
    rows = _context_rows(ledger)
    if not len(rows):
        return Sessions(None, (), 0, 0)
    numbers, counts = np.unique(ledger["session"][rows], return_counts=True)
    by_length = numbers[np.lexsort((numbers, -counts))]
    rooted = set(ledger["session"][rows][ledger["depth"][rows] == 0].tolist())
    main = next((number for number in by_length if int(number) in rooted), by_length[0])
    others = by_length[by_length != main]
    highest = rows[np.argmax(ledger["context_after"][rows])]
    shown = np.zeros(len(others), dtype=bool)
    shown[_evenly(len(others), drawn)] = True
    shown |= others == ledger["session"][highest]
    curves = tuple(_session(ledger, rows, int(number)) for number in others[shown])
    peak_tokens = int(ledger["context_after"][highest])
    return Sessions(_session(ledger, rows, int(main)), curves, len(numbers), peak_tokens)


def _context_rows(ledger: Ledger) -> Ints:
    if not len(ledger):
        return np.zeros(0, dtype=np.int64)
    replication = ledger["replication"]
    first = slice(0, int(np.searchsorted(replication, replication[0], side="right")))
    return np.flatnonzero((ledger["status"][first] == Status.OK) & (ledger["kind"][first] != Kind.SIDE))


def _evenly(count: int, wanted: int) -> Ints:
    """Places among `count`, evenly apart, the first and the last among them; all where no more are wanted."""
    few = min(count, wanted)
    return np.arange(few, dtype=np.int64) * (count - 1) // max(1, few - 1)


def _session(ledger: Ledger, rows: Ints, number: int) -> SessionCurve:
    mine = rows[ledger["session"][rows] == number]
    compactions = np.flatnonzero(ledger["kind"][mine] == Kind.COMPACTION)
    agent = ledger.names["agents"][int(ledger["agent"][mine[0]])]
    return SessionCurve(number, agent, _frozen(ledger["context_after"][mine].astype(np.int64)), _frozen(compactions))


def _replications(ledger: Ledger) -> tuple[int, ...]:
    """The replications the ledger speaks of; one without calls still counts in a mean."""
    known = {outcome.replication for outcome in ledger.outcomes}
    return tuple(sorted(known | set(np.unique(ledger["replication"]).tolist())))


def _frozen(values: Ints) -> Ints:
    values.setflags(write=False)
    return values
