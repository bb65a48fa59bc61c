"""The keyed draws a second time, over whole arrays: so many customers that theory can be held to two percent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from burncurve.draws import (
    ALWAYS,
    FIRST_BITS,
    FRACTION_BITS,
    GOLDEN,
    HALF_BITS,
    HALF_FRACTION,
    OCTAVES,
    Table,
    TableKind,
)

Words = NDArray[np.uint64]
Numbers = NDArray[np.int64]


def derived(key: Words | int, salt: int, ordinal: Words | int) -> Words:
    """Return draws.derive for arrays of keys or ordinals."""
    with np.errstate(over="ignore"):  # arithmetic modulo 2**64 is meant
        x = (np.uint64(key) ^ np.uint64(salt)) + (np.uint64(ordinal) + np.uint64(1)) * np.uint64(GOLDEN)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def looked_up(table: Table, draws: Words) -> Numbers:
    """Return draws.look_up of a constant, stepped or smooth table for an array of 64-bit words shifted to draws."""
    values = np.array(table.values, dtype=np.int64)
    u = draws.astype(np.int64)
    if table.kind == TableKind.CONSTANT:
        return np.full(len(u), values[0])
    if table.kind == TableKind.STEPS:
        return values[np.searchsorted(np.array(table.thresholds, dtype=np.int64), u, side="right")]
    return _interpolated(values, table.cell_bits, u)


def _interpolated(values: Numbers, cell_bits: int, u: Numbers) -> Numbers:
    upper = u >> HALF_BITS != 0
    distance = np.where(upper, ALWAYS - 1 - u, u)
    octave = np.frexp((distance >> FIRST_BITS).astype(np.float64))[1].astype(np.int64)  # exact: at most 40 bits
    doubled = octave > 1
    octave *= doubled
    width_bits = FIRST_BITS - cell_bits + np.where(doubled, octave - 1, 0)
    start = np.where(doubled, np.int64(1) << (FIRST_BITS + octave - 1), 0)
    offset = distance - start
    knot = np.where(upper, (OCTAVES + 1 << cell_bits) + 1, 0) + (octave << cell_bits) + (offset >> width_bits)
    rest, shift = offset & ((np.int64(1) << width_bits) - 1), width_bits - FRACTION_BITS
    fraction = (rest >> np.maximum(shift, 0)) << np.maximum(-shift, 0)
    near = values[knot]
    return near + (((values[knot + 1] - near) * fraction + HALF_FRACTION) >> FRACTION_BITS)
