"""A ledger added up once, so finely that any of some books can bill it: calls become cells of equal price and cause.

One pass in blocks that stay in the processor's cache. Sums within a block are below 2**53, so that doubles hold
them exactly; those of all blocks are added as integers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from burncurve.billing.causes import (
    CAUSE,
    CAUSES,
    METER,
    METERS,
    PARTS,
    PROMPT_PARTS,
    UNCACHED_METERS,
    WHOLE_CALL,
    Block,
    Tokens,
    split,
)
from burncurve.billing.places import COMPARED, Places, Sold, places_of
from burncurve.billing.sums import Ints, cells_of, joined, present, reached, separated
from burncurve.ledger import Ledger
from burncurve.prices.book import STANDARD, Book, Compared

BLOCK_ROWS = 1 << 15

Placed = tuple[Block, Tokens | int, Ints | None]


@dataclass(frozen=True)
class Kinds:
    """Tokens by what makes a line of a bill, over all replications: an entry per account, agent, ..., and part.

    `plan` is 0 for calls that no plan covered, else the number of the plan from 1; `part`, `meter` and
    `cause` point into PARTS, METERS and CAUSES.
    """

    account: Ints
    agent: Ints
    plan: Ints
    place: Ints
    meter: Ints
    cause: Ints
    tokens: Ints


@dataclass(frozen=True)
class Uses:
    """Tokens that are paid for, by what makes an amount, for each replication (its place in `Tally.replications`)."""

    replication: Ints
    place: Ints
    meter: Ints
    tokens: Ints


@dataclass(frozen=True)
class Tally:
    """What a ledger comes to before any price: all that bills under `books` are made from."""

    books: tuple[Book, ...]
    places: Places
    names: Mapping[str, Sequence[str]]
    replications: tuple[int, ...]
    kinds: Kinds
    uses: Uses


def tally(ledger: Ledger, books: Sequence[Book], as_of: date | None = None, months_us: Sequence[int] = ()) -> Tally:
    """Return the sums from which each of the books bills a ledger, and what each of the run's months has apart.

    `months_us` are when months turn, since the start. Raises InternalError where the ledger contradicts itself.
    """
    places = places_for(ledger, books, as_of, months_us)
    names = ledger.names
    sizes = (
        int(ledger["replication"].max(initial=0)) + 1,
        len(names["accounts"]),
        len(names["agents"]),
        len(names.get("plans", ())) + 1,
        places.count,
        len(UNCACHED_METERS),
        len(WHOLE_CALL),
    )
    found = [cells_of(key, parts, math.prod(sizes[1:])) for key, parts in _keyed(ledger, places, sizes)]
    keys, sums = joined(found, len(PARTS))
    part, cell = np.nonzero(sums)
    tokens, columns = sums[part, cell], separated(keys[cell], sizes)
    numbers = {outcome.replication for outcome in ledger.outcomes} | set(present(ledger["replication"]).tolist())
    replications = tuple(sorted(numbers))
    uses = _uses(replications, columns, METER[part, columns[5]], tokens)
    return Tally(tuple(books), places, names, replications, _kinds(columns[1:], part, tokens, sizes[1:]), uses)


def from_cells(
    ledger: Ledger, books: Sequence[Book], places: Places, cells: Ints, uses: Ints, sizes: Sequence[int]
) -> Tally:
    """Return the tally of a ledger that was added up elsewhere.

    `cells[cell, part]` are tokens by all that makes a line of a bill: account, agent, plan, place, meter of what is
    uncached, and purpose, of which there are `sizes`; `uses[replication, place, meter]` those that are paid for.
    """
    cell, part = np.nonzero(cells)
    kinds = _kinds(np.unravel_index(cell, tuple(sizes)), part, cells[cell, part], sizes)
    replication, place, meter = np.nonzero(uses)
    paid = Uses(replication, place, meter, uses[replication, place, meter])
    replications = tuple(outcome.replication for outcome in ledger.outcomes)
    return Tally(tuple(books), places, ledger.names, replications, kinds, paid)


def _kinds(columns: Sequence[Ints], part: Ints, tokens: Ints, sizes: Sequence[int]) -> Kinds:
    account, agent, plan, place, uncached, purpose = columns
    found = (account, agent, plan, place, METER[part, uncached], CAUSE[part, uncached, purpose])
    shape = (*sizes[:4], len(METERS), len(CAUSES))
    keys, sums = joined([(np.ravel_multi_index(found, shape), tokens[np.newaxis])], 1)
    account, agent, plan, place, meter, cause = np.unravel_index(keys, shape)
    return Kinds(account, agent, plan, place, meter, cause, sums[0])


def _uses(replications: Sequence[int], columns: Sequence[Ints], meter: Ints, tokens: Ints) -> Uses:
    paid = np.flatnonzero(columns[3] == 0)
    place = columns[4][paid]
    shape = (len(replications), int(place.max(initial=0)) + 1, len(METERS))
    found = (np.searchsorted(replications, columns[0][paid]), place, meter[paid])
    keys, sums = joined([(np.ravel_multi_index(found, shape), tokens[np.newaxis, paid])], 1)
    replication, place, meter = np.unravel_index(keys, shape)
    return Uses(replication, place, meter, sums[0])


def places_for(ledger: Ledger, books: Sequence[Book], as_of: date | None, months_us: Sequence[int] = ()) -> Places:
    """Return the places at which calls of a ledger may fall under some books."""
    tiers, regions = _names(ledger, "service_tiers", STANDARD), _names(ledger, "regions", "")
    served = present(_sold_key(ledger, slice(0, len(ledger)), len(tiers), len(regions)))
    return places_sold(ledger, served, int(ledger["grant_us"].max(initial=0)), books, as_of, months_us)


def places_sold(
    ledger: Ledger,
    served: Ints,
    granted_us: int,
    books: Sequence[Book],
    as_of: date | None,
    months_us: Sequence[int] = (),
) -> Places:
    """Return the places at which calls may fall, of which the last was granted at `granted_us` of the run.

    `served` are the numbers of what has calls, counted by offer, service tier and region.
    """
    tiers, regions = _names(ledger, "service_tiers", STANDARD), _names(ledger, "regions", "")
    offers = ledger.names["offers"]
    shape = (len(offers), len(tiers), len(regions))
    numbers = zip(*np.unravel_index(served, shape), strict=True)
    sold = [Sold(offers[offer], tiers[tier], regions[region]) for offer, tier, region in numbers]
    start_us = ledger.start_utc_us
    months = [start_us + month for month in months_us]
    return places_of(sold, books, (start_us, start_us + granted_us + 1), as_of, months)


def blocks(ledger: Ledger, places: Places) -> Iterator[Placed]:
    """Yield the ledger block by block: its parts, the place of each row, and which rows have an excess cut off.

    Of the rows with an excess the parts hold what is below the smallest bound; what is above follows as
    blocks of those rows alone. So do the uncached tokens of rows that have them on several meters.
    """
    finding = _Finding(ledger, places)
    for start in range(0, len(ledger), BLOCK_ROWS):
        rows = slice(start, min(start + BLOCK_ROWS, len(ledger)))
        block = split(ledger, rows)
        at = finding.at(block, rows)
        place = finding.place(at)
        whole = places.excess.size and places.cut[place].any()
        pieces: Iterable[Placed] = _cut(block, place, at, places) if whole else ((block, place, None),)
        for piece in pieces:
            yield from _unmixed(ledger, *piece) if block.mixed else (piece,)


def _keyed(ledger: Ledger, places: Places, sizes: Sequence[int]) -> Iterator[tuple[Ints, Sequence[Tokens | None]]]:
    many_plans = bool(ledger.names.get("plans"))
    for block, place, chosen in blocks(ledger, places):
        rows = slice(block.first, block.first + block.rows) if chosen is None else chosen
        plan = ledger["plan"][rows] + 1 if many_plans else 0
        columns = [ledger[name][rows] if size > 1 else 0 for name, size in zip(_KEYS, sizes[:3], strict=True)]
        key: Ints = np.zeros(block.rows, dtype=np.int64)
        for column, size in zip((*columns, plan, place, block.uncached_meter, block.purpose), sizes, strict=True):
            if size > 1:
                key *= size
                key += column
        yield key, block.parts


_KEYS = ("replication", "account", "agent")


def _names(ledger: Ledger, kind: str, otherwise: str) -> Sequence[str]:
    return ledger.names.get(kind, ()) or (otherwise,)


def _sold_key(ledger: Ledger, rows: slice, tiers: int, regions: int) -> Tokens:
    key: Tokens = ledger["offer"][rows]
    if tiers > 1:
        key = key.astype(np.int64) * tiers + ledger["service_tier"][rows]
    return key.astype(np.int64) * regions + ledger["region"][rows] if regions > 1 else key


class _Finding:
    """Finds the stretch and the bands of the rows of a block, with as few looks at each row as it takes."""

    def __init__(self, ledger: Ledger, places: Places) -> None:
        self.ledger, self.places = ledger, places
        self.tiers = len(_names(ledger, "service_tiers", STANDARD))
        self.regions = len(_names(ledger, "regions", ""))
        served = present(_sold_key(ledger, slice(0, len(ledger)), self.tiers, self.regions))
        self.sold = np.zeros(int(served.max(initial=0)) + 1, dtype=np.int64)
        self.sold[served] = np.arange(len(served))
        self.firsts = places.table[..., 0].reshape(-1)

    def at(self, block: Block, rows: slice) -> tuple[Tokens | int, ...]:
        """Return what of `places.table` the rows fall at, but for the segment; a number where all rows agree."""
        sold: Tokens | int = 0
        if len(self.places.sold) > 1:
            sold = self.sold[_sold_key(self.ledger, rows, self.tiers, self.regions)]
        return sold, self._stretch(rows), *(self._band(block, compared) for compared in COMPARED)

    def place(self, at: Sequence[Tokens | int]) -> Tokens | int:
        """Return the place of the first segment of what `at` returned."""
        index: Tokens | int = 0
        for each, size in zip(at, self.places.table.shape, strict=False):
            index = index * size + each
        place: Tokens | int = self.firsts.take(index)
        return place

    def _stretch(self, rows: slice) -> Tokens | int:
        edges = self.places.edges_us
        if len(edges) == 1:
            return 0
        utc_us = self.ledger["grant_us"][rows] + self.ledger.start_utc_us
        begun = reached(edges[1:], (utc_us.min(), utc_us.max()))  # what was not granted has no tokens
        return int(begun[0]) if begun[0] == begun[1] else reached(edges[1:], utc_us)

    def _band(self, block: Block, compared: Compared) -> Tokens | int:
        bounds = self.places.bounds[COMPARED.index(compared)]
        if not bounds.size:
            return 0
        tokens = block.sum_of(_COMPARED_PARTS[compared])
        if tokens.max(initial=0) <= bounds[0]:
            return 0
        return reached(bounds + 1, tokens)


_COMPARED_PARTS = {
    Compared.PROMPT: range(PROMPT_PARTS),
    Compared.UNCACHED: range(2, PROMPT_PARTS),
    Compared.CONTEXT: range(PROMPT_PARTS + 2),
}


def _cut(block: Block, place: Tokens | int, at: tuple[Tokens | int, ...], places: Places) -> Iterator[Placed]:
    """Yield a block without what is above the bounds of excess prices, then each segment above one of them."""
    over = np.flatnonzero(places.cut[place] & (block.prompt() > places.excess[0]))
    if not over.size:
        yield block, place, None
        return
    whole = [np.zeros(len(over), dtype=np.int64) if part is None else part[over] for part in block.parts]
    ends = np.cumsum(whole[:PROMPT_PARTS], axis=0)
    lows, highs = (0, *places.excess.tolist()), (*places.excess.tolist(), np.iinfo(np.int64).max)
    kept = [None if part is None else part.astype(np.int64) for part in block.parts]
    for number, part in enumerate(_piece(ends, lows[0], highs[0])):
        column = kept[number]
        if column is not None:
            column[over] = part
    yield replace(block, parts=tuple(kept)), place, None
    rows = over + block.first
    places_over = [each if isinstance(each, int) else each[over] for each in at]
    purpose, meter = (each if isinstance(each, int) else each[over] for each in (block.purpose, block.uncached_meter))
    for segment, (low, high) in enumerate(zip(lows[1:], highs[1:], strict=True), start=1):
        parts = (*_piece(ends, low, high), *(None,) * (len(PARTS) - PROMPT_PARTS))
        piece = Block(block.first, len(over), parts, purpose, meter, block.mixed, low)
        yield piece, places.table[*places_over, segment], rows


def _unmixed(ledger: Ledger, block: Block, place: Tokens | int, chosen: Ints | None) -> Iterator[Placed]:
    """Yield a block without the uncached tokens of rows that have several meters of them, then those by meter.

    A prompt is sent in this order: what is read from the cache, what is written for an hour, for five minutes,
    and the rest.
    """
    rows = np.arange(block.first, block.first + block.rows) if chosen is None else chosen
    read, hour, short, rest = (ledger[name][rows].astype(np.int64) for name in _AS_SENT)
    at = np.flatnonzero((hour > 0).astype(np.int8) + (short > 0) + (rest > 0) > 1)
    parts = [np.zeros(len(at), dtype=np.int64) if part is None else part[at] for part in block.parts[:PROMPT_PARTS]]
    ends = np.cumsum(parts, axis=0)
    kept = [part if part is None or number in _READS else part.copy() for number, part in enumerate(block.parts)]
    for part in kept[len(_READS) : PROMPT_PARTS]:
        if part is not None:
            part[at] = 0
    yield replace(block, parts=tuple(kept)), place, chosen
    found = [each if isinstance(each, int | np.integer) else each[at] for each in (place, block.purpose)]
    bounds = np.maximum(np.cumsum((read[at], hour[at], short[at]), axis=0) - block.begins, 0)
    for name, low, high in zip(_AS_SENT[1:], bounds, (*bounds[1:], np.iinfo(np.int64).max), strict=True):
        pieces = (
            *(None,) * len(_READS),
            *_piece(ends, low, high)[len(_READS) :],
            *(None,) * (len(PARTS) - PROMPT_PARTS),
        )
        yield Block(block.first, len(at), pieces, found[1], UNCACHED_METERS.index(name)), found[0], rows[at]


_AS_SENT = ("cache_read", "cache_write_1h", "cache_write_5m", "input")
_READS = range(2)  # of PARTS


def _piece(ends: Tokens, low: int | Ints, high: int | Ints) -> Tokens:
    """Return how much of each prompt part lies between two counts of tokens from the front of the prompt."""
    reached = np.clip(ends, low, high)
    begun = np.clip(np.vstack([np.zeros_like(ends[:1]), ends[:-1]]), low, high)
    pieces: Tokens = reached - begun
    return pieces
