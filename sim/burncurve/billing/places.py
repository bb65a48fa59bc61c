"""Where a call falls in several books at once: its offer, its stretch of time, its long-context bands."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from burncurve.billing.sums import Ints
from burncurve.prices.book import Book, Compared
from burncurve.prices.schedule import NO_TARIFF, PriceLine, Schedule, Tariff, schedule

COMPARED = tuple(Compared)


class Sold(NamedTuple):
    """What is sold: an offer at a service tier in a region."""

    offer: str
    service_tier: str
    region: str

    @property
    def seller(self) -> str:
        """Who sells it."""
        return self.offer.partition("/")[0]


class Entry(NamedTuple):
    """What one book says of a place: its price line (None: a gap), what a reader must know, since when (UTC), and the
    month of the run in which it is.
    """

    sold: Sold
    line: PriceLine | None
    notes: tuple[str, ...]
    since_us: int
    month: int


@dataclass(frozen=True)
class Places:
    """The places that calls may fall at, told apart wherever any of the books does.

    A call's place is `table[sold, stretch, *bands, segment]`: its stretch is that of its grant between
    `edges_us`, its bands those of its compared tokens between `bounds`, in the order of COMPARED. Segment 0
    holds what is not above any bound of `excess`; the pieces of a prompt above them fall at the later ones,
    which makes a difference where `cut`. `entries[book][place]` is what a book says.
    """

    sold: tuple[Sold, ...]
    edges_us: Ints
    bounds: tuple[Ints, ...]
    excess: Ints
    table: NDArray[np.int32]
    cut: NDArray[np.bool_]
    entries: tuple[tuple[Entry, ...], ...]
    schedules: Mapping[tuple[int, Sold], Schedule]

    @property
    def count(self) -> int:
        """How many places there are."""
        return len(self.cut)


def places_of(
    sold: Sequence[Sold],
    books: Sequence[Book],
    span_us: tuple[int, int],
    as_of: date | None = None,
    months_us: Sequence[int] = (),
) -> Places:
    """Return the places of calls granted within a span, its end excluded, in UTC microseconds.

    Calls before and after each of `months_us` have places of their own.
    """
    start_us, until_us = span_us
    plans = {
        (number, each): schedule(
            book, each.offer, start_us, until_us, service_tier=each.service_tier, region=each.region, as_of=as_of
        )
        for each in sold
        for number, book in enumerate(books)
    }
    tariffs = [tariff for plan in plans.values() for tariff in plan.tariffs]
    cuts = [edge for edge in months_us if start_us < edge < until_us]
    edges = sorted({start_us, *cuts, *(edge for plan in plans.values() for edge in plan.edges_us)})
    bounds = tuple(_ints({bound for t in tariffs if _is(t, which) for bound in t.bounds}) for which in COMPARED)
    excess = _ints({bound for tariff in tariffs if tariff.long_context.excess_only for bound in tariff.bounds})
    making = _Making([(0, *each.tolist()) for each in bounds], [0, *excess.tolist()], len(books), cuts)
    shape = (len(sold), len(edges), *(len(lows) for lows in making.lows), len(making.segments))
    table = np.empty(shape, dtype=np.int32)
    for row, each in enumerate(sold):
        for column, edge in enumerate(edges):
            table[row, column] = making.block([plans[number, each] for number in range(len(books))], each, edge)
    return Places(
        tuple(sold), _ints(edges), bounds, excess, table, np.array(making.cut, dtype=bool), making.by_book(), plans
    )


def _is(tariff: Tariff, which: Compared) -> bool:
    return tariff.long_context.compares is which and not tariff.long_context.excess_only


def _ints(values: Collection[int]) -> Ints:
    return np.array(sorted(values), dtype=np.int64)


class _Making:
    """Numbers places in the order in which they are met; stretches in which no book changes share theirs."""

    def __init__(
        self, lows: Sequence[tuple[int, ...]], segments: Sequence[int], books: int, months_us: Sequence[int]
    ) -> None:
        self.lows, self.segments, self.months_us = lows, segments, months_us
        self.cut: list[bool] = []
        self._entries: list[list[Entry]] = [[] for _ in range(books)]
        self._blocks: dict[tuple[object, ...], NDArray[np.int32]] = {}

    def by_book(self) -> tuple[tuple[Entry, ...], ...]:
        return tuple(tuple(entries) for entries in self._entries)

    def block(self, plans: Sequence[Schedule], sold: Sold, edge_us: int) -> NDArray[np.int32]:
        """Return the places of one offer in the stretch that begins at an edge, by bands and segment."""
        stretches = [plan.stretch_at(edge_us) for plan in plans]
        month = bisect_right(self.months_us, edge_us)
        key = (sold, month, *((plan.places[i], plan.notes[i]) for plan, i in zip(plans, stretches, strict=True)))
        if key not in self._blocks:
            shape = (*(len(lows) for lows in self.lows), len(self.segments))
            numbers = [
                self._place(plans, stretches, at, (sold, edge_us, month)) for at in product(*self.lows, self.segments)
            ]
            self._blocks[key] = np.array(numbers, dtype=np.int32).reshape(shape)
        return self._blocks[key]

    def _place(
        self, plans: Sequence[Schedule], stretches: Sequence[int], at: Sequence[int], of: tuple[Sold, int, int]
    ) -> int:
        """Number the place of calls just above the bounds `at`, one for each compared quantity and the segment's."""
        cut = False
        for plan, stretch, entries in zip(plans, stretches, self._entries, strict=True):
            line, number = None, plan.places[stretch]
            if number != NO_TARIFF:
                tariff = plan.tariffs[number]
                rule = tariff.long_context
                low = at[-1] if rule.excess_only else at[COMPARED.index(rule.compares)]
                line = tariff.lines[tariff.band(low + 1) if low else 0]
                cut |= rule.excess_only
            entries.append(Entry(of[0], line, plan.notes[stretch], *of[1:]))
        self.cut.append(cut)
        return len(self.cut) - 1
