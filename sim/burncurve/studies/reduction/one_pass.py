"""A ledger of the compiled engine added up by the kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from burncurve.billing import Tally, from_cells, is_in_usd, places_sold, rates_of
from burncurve.billing.causes import METERS, PARTS, PURPOSE, UNCACHED_METERS, WHOLE_CALL
from burncurve.billing.places import COMPARED, Places
from burncurve.engines.compiled.layout import addresses
from burncurve.ledger import Ledger
from burncurve.prices import Book
from burncurve.prices.book import Compared
from burncurve.studies import bins, by_offer, figures
from burncurve.studies.by_offer import ByOffer
from burncurve.studies.curves import TOKEN_METERS, Grid
from burncurve.studies.growth import Growth, Table
from burncurve.studies.reduction import layout
from burncurve.studies.reduction.machine import kernel
from burncurve.words import US_PER_HOUR

MOST_CELLS = 1 << 18
LARGEST_RATES_PICO = (*(10**9,) * 6, 1 << 40)  # by meter: what calls cost then fits 64 bits

Ints = NDArray[np.int64]
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Found:
    """What a ledger comes to: `tokens` by meter and bin, `pico` by replication and bin, `hours` by clock hour of ends.

    `pico` and `hours` are pico-dollars, of use only where the bill has every price.
    """

    tally: Tally
    columns: dict[str, Ints]
    by_offer: ByOffer
    growth: Growth
    level: int
    last_us: int
    tokens: Ints
    pico: Ints
    hours: Ints


def found(ledger: Ledger, book: Book, as_of: date | None, months_us: Sequence[int] = ()) -> Found | None:
    """Return what a ledger comes to under a contracted book; None where the kernel is not made for it.

    It is not for plans, prices in other currencies, and calls of which a part has another price than the rest; nor
    for ledgers that contradict themselves, of which others say what is wrong.
    """
    if not len(ledger) or ledger.names.get("plans"):
        return None
    given = _columns(ledger)
    state, there = _surveyed(ledger, given)
    places = places_sold(ledger, np.flatnonzero(there), int(state["granted_us"]), (book,), as_of, months_us)
    rates = rates_of(places.entries[0])
    cells = _sizes(ledger, places)
    if not is_in_usd(book, places.entries[0]) or (rates > LARGEST_RATES_PICO).any() or np.prod(cells) > MOST_CELLS:
        return None
    last_us = int(state["latest_us"])
    level = bins.level_for(last_us + 1, ledger.horizon_us)
    grid = bins.grid_at(level, ledger.horizon_us, last_us)
    given |= _priced(places, rates) | {"sold": np.cumsum(there) - 1, "terms": _terms(ledger, places, grid)}
    given["terms"]["fails_over"] = int(state["attempts"]) > 0
    sums = _empty(ledger, given, state, grid, int(np.prod(cells)))
    if _run(given, sums) != layout.DONE:
        return None
    return _found(ledger, (book,), places, sums, (level, last_us), cells)


def _run(given: Arrays, sums: Arrays) -> int:
    fixed, changing = addresses(given, layout.GIVEN), addresses(sums, layout.SUMS)
    return kernel()(fixed.ctypes.data, changing.ctypes.data)


def _columns(ledger: Ledger) -> Arrays:
    numbers = [outcome.replication for outcome in ledger.outcomes]
    ends = np.concatenate(([0], np.searchsorted(ledger["replication"], numbers, side="right"))).astype(np.int64)
    columns = {name: np.ascontiguousarray(ledger[name]) for name in layout.READ_COLUMNS}
    return _nothing(layout.GIVEN) | columns | {"ends": ends, "terms": _terms_of_names(ledger)}


def _nothing(shapes: dict[str, Any]) -> Arrays:
    return {name: np.zeros((0,) * shape.dimensions, shape.dtype) for name, shape in shapes.items()}


def _terms_of_names(ledger: Ledger) -> NDArray[np.void]:
    terms = np.zeros(1, layout.TERMS)
    terms["tiers"], terms["regions"] = (
        max(1, len(ledger.names.get(name, ()))) for name in ("service_tiers", "regions")
    )
    terms["agents"], terms["start_utc_us"] = len(ledger.names["agents"]), ledger.start_utc_us
    return terms


def _surveyed(ledger: Ledger, given: Arrays) -> tuple[Any, Ints]:
    """Return the largest of what there is, and which offers at which tiers in which regions have calls."""
    terms = given["terms"][0]
    state = np.zeros(1, layout.STATE)
    state["asked"], state["latest_end_us"] = layout.SURVEYS, -1
    there = np.zeros(len(ledger.names["offers"]) * int(terms["tiers"]) * int(terms["regions"]), np.int64)
    _run(given, _nothing(layout.SUMS) | {"state": state, "there": there})
    return state[0], there


def _sizes(ledger: Ledger, places: Places) -> tuple[int, ...]:
    names = ledger.names
    return len(names["accounts"]), len(names["agents"]), 1, places.count, len(UNCACHED_METERS), len(WHOLE_CALL)


def _terms(ledger: Ledger, places: Places, grid: Grid) -> NDArray[np.void]:
    terms = _terms_of_names(ledger)
    terms["places"], terms["stretches"] = places.count, len(places.edges_us)
    terms["bands"] = sum(len(bounds) for bounds in places.bounds) + 1
    terms["segments"], terms["excess"] = len(places.excess) + 1, places.excess[0] if places.excess.size else 0
    terms["bin_us"], terms["hour_us"] = grid.width_us, US_PER_HOUR
    return terms


_BOUNDS = {Compared.PROMPT: "by_prompt", Compared.UNCACHED: "by_uncached", Compared.CONTEXT: "by_context"}


def _priced(places: Places, rates: Ints) -> Arrays:
    order = [COMPARED.index(compared) for compared in _BOUNDS]
    table = places.table.transpose(0, 1, *(2 + place for place in order), 5)
    return {name: places.bounds[place] for name, place in zip(_BOUNDS.values(), order, strict=True)} | {
        "edges_us": places.edges_us,
        "places": np.ascontiguousarray(table, dtype=np.int64).reshape(-1),
        "cut": places.cut.astype(np.int64),
        "rates": rates,
        "purposes": PURPOSE.astype(np.int64),
    }


def _empty(ledger: Ledger, given: Arrays, survey: Any, grid: Grid, cells: int) -> Arrays:
    """Return room for the sums; what is not touched of it costs nothing."""
    count, longest = len(ledger.outcomes), int(np.diff(given["ends"]).max()) + 1
    places, sessions = int(given["terms"]["places"][0]), int(survey["last_session"]) + 1
    tasks = np.zeros(int(survey["last_task"]) + 1, layout.TASK)
    tasks["last_us"] = -1
    met = np.zeros(sessions if survey["attempts"] else 0, layout.SESSION)
    met["replication"] = -1
    state = np.zeros(1, layout.STATE)
    state["asked"] = layout.REDUCES
    shapes = {
        "counted": (count, len(layout.COUNTED)), "cells": (cells, len(PARTS)), "uses": (count * places, len(METERS)),
        "tokens": (grid.bins, len(TOKEN_METERS)), "pico": (count, grid.bins), "by_calls": (longest, 4),
        "hours": (int(survey["latest_end_us"]) // US_PER_HOUR + 1,), "by_depth": (layout.DEPTHS, 3),
        "by_children": (len(tasks), 3), "there": (0,), "answered": (len(ledger.names["offers"]),),
    }  # fmt: skip
    return {name: np.zeros(shape, np.int64) for name, shape in shapes.items()} | {
        "state": state, "tasks": tasks, "sessions": met,
    }  # fmt: skip


def _found(
    ledger: Ledger, books: Sequence[Book], places: Places, sums: Arrays, end: tuple[int, int], sizes: tuple[int, ...]
) -> Found:
    uses = sums["uses"].reshape(len(ledger.outcomes), places.count, len(METERS))
    state = sums["state"][0]
    columns = dict(zip(layout.COUNTED, np.ascontiguousarray(sums["counted"].T), strict=True))
    by_meter = np.ascontiguousarray(uses.sum(axis=1).T)
    columns |= {meter: by_meter[METERS.index(meter)] for meter in METERS}
    columns["prompt"] = sum((columns[meter] for meter in _PROMPT), np.zeros(len(ledger.outcomes), np.int64))
    columns |= figures.outcomes_of(ledger)
    growth = Growth()
    if state["served"]:
        tables = (sums["by_calls"][: state["most_calls"] + 1], sums["by_depth"])
        growth = Growth(*map(_table, (*tables, sums["by_children"][: state["most_below"] + 1])))
    return Found(
        from_cells(ledger, books, places, sums["cells"], uses, sizes),
        {name: columns[name] for name in figures.COLUMNS},
        _by_offer(ledger, places, sums["answered"], uses),
        growth,
        *end,
        np.ascontiguousarray(sums["tokens"].T),
        sums["pico"],
        sums["hours"],
    )


_PROMPT = ("input", "cache_write_5m", "cache_write_1h", "cache_read")


def _by_offer(ledger: Ledger, places: Places, answered: Ints, uses: Ints) -> ByOffer:
    sold = [entry.sold.offer for entry in places.entries[0]]
    return by_offer.of_places(ledger.names["offers"], answered, sold, uses.sum(axis=0)[:, _TOKENS])


_TOKENS = [METERS.index(meter) for meter in figures.TOKEN_METERS]


def _table(sums: Ints) -> Table:
    return {int(group): tuple(sums[group].tolist()) for group in np.flatnonzero(sums[:, 0])}
