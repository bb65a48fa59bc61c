"""Compiled twins of `burncurve.draws` and of the reference's `luck`: the same bits in unsigned 64-bit arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.cpython.unsafe.numbers import leading_zeros

from burncurve import draws
from burncurve.draws import FIRST_BITS, FRACTION_BITS, HALF_FRACTION, THRESHOLD_SHIFT
from burncurve.engines.compiled.jit import either, frequent, inlined
from burncurve.engines.compiled.rules import least, most
from burncurve.words import PPM

# Mixing an unsigned with a signed integer gives a float in Numba, so every constant has its type.
GOLDEN = np.uint64(draws.GOLDEN)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
BITS_30, BITS_27, BITS_31, BITS_2 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(2)
FRACTION_SHIFT = np.uint64(64 - FRACTION_BITS)
NEAREST = np.uint64(1 << FIRST_BITS)  # the distance at which octave 1 begins


@inlined
def derive(key: Any, salt: Any, ordinal: Any) -> Any:
    """Return 64 mixed bits (uint64) for key and salt (uint64) and an ordinal (int64)."""
    x = (key ^ salt) + np.uint64(ordinal + 1) * GOLDEN
    x = (x ^ (x >> BITS_30)) * FIRST
    x = (x ^ (x >> BITS_27)) * SECOND
    return x ^ (x >> BITS_31)


@inlined
def draw(key: Any, salt: Any, ordinal: Any) -> Any:
    """Return a uniform int64 in [0, 2**62)."""
    return np.int64(derive(key, salt, ordinal) >> BITS_2)


@inlined
def hits(u: Any, probability: Any) -> Any:
    """Say whether the draw u falls below a probability counted in 2**-30."""
    return u < probability << THRESHOLD_SHIFT


@inlined
def look_up(s: Any, table: Any, luck: Any) -> Any:
    """Return the value of a table for 64 mixed bits."""
    if table.cell_bits:
        return _interpolated(s, table, luck)
    if table.steps:
        u = np.int64(luck >> BITS_2)
        return _value(s, table, table.first + step_of(s.thresholds, table.first_step, table.steps, u))
    return _value(s, table, table.first)


@inlined
def _value(s: Any, table: Any, number: Any) -> Any:
    """Return a value of a table; most stand in half the memory, so that more of them are at hand."""
    return s.values[number] if table.wide else s.narrow[number]


@inlined
def drawn_from(s: Any, table: Any, key: Any, salt: Any, ordinal: Any) -> Any:
    """Return the value of a table for an entity; constants need no luck."""
    if table.cell_bits or table.steps:
        return look_up(s, table, derive(key, salt, ordinal))
    return _value(s, table, table.first)


@inlined
def step_of(thresholds: Any, first: Any, count: Any, u: Any) -> Any:
    """Return the index of the first threshold above u, among `count` from `first` (the last index if none is).

    Both halves are taken equally long, overlapping if need be: so the steps depend on `count` alone, not on luck.
    """
    low, size = 0, count - 1
    while size > 0:
        half = size >> 1
        low = either(u >= thresholds[first + low + half], low + size - half, low)
        size = half
    return low


@inlined
def _interpolated(s: Any, table: Any, luck: Any) -> Any:
    """Return a smooth table's value; the twin of `draws.look_up` without its branches, each of which is a coin's throw.

    The first bit says which half; turned over where it is set, the others are the distance. Octaves 0 and 1 are
    equally wide, so both are treated as distances of the bits of octave 1. What depends on the table alone is packed:
    `half`, and that octave 1 is the first to be counted, in `first`.
    """
    upper = np.int64(luck) >> 63  # 0 or -1
    distance = np.uint64(np.int64(luck) ^ upper) >> BITS_2
    top = 63 - leading_zeros(distance | NEAREST)
    width_bits = top - table.cell_bits
    knot = table.first + (table.half & upper) + (top << table.cell_bits) + np.int64(distance >> np.uint64(width_bits))
    fraction = np.int64((distance << np.uint64(64 - width_bits)) >> FRACTION_SHIFT)
    near = _value(s, table, knot)
    return near + (((_value(s, table, knot + 1) - near) * fraction + HALF_FRACTION) >> FRACTION_BITS)


@frequent
def drawn_at(s: Any, quantity: Any, turn: Any, request: Any, session: Any, run: Any, ordinal: Any) -> Any:
    """Return a quantity for the keys of the four levels: its table's value, times its factors, within bounds."""
    value = quantity.value
    if quantity.plain:
        return value
    if quantity.varies:
        per = quantity.per
        key = turn if per == 0 else (request if per == 1 else (session if per == 2 else run))
        value = look_up(s, quantity.table, derive(key, quantity.salt, 0 if per else ordinal))
    for i in range(quantity.first_factor, quantity.first_factor + quantity.factors):
        factor = s.factors[i]
        per = factor.per
        key = turn if per == 0 else (request if per == 1 else (session if per == 2 else run))
        value = _scaled(value, look_up(s, factor.table, derive(key, factor.salt, 0 if per else ordinal)))
    return _held(quantity, value)


@inlined
def _scaled(value: Any, ppm: Any) -> Any:
    """Return value x ppm / 1e6 as the rule says; before it is held within bounds a value may be negative."""
    return (value * ppm + PPM // 2) // PPM


@inlined
def _held(quantity: Any, value: Any) -> Any:
    return least(most(value, quantity.low), quantity.high)


@inlined
def drawn(s: Any, quantity: Any, task: Any, key: Any, ordinal: Any) -> Any:
    """Return a quantity for a call of a task with the key `key`."""
    if quantity.plain:
        return quantity.value
    if quantity.simple:
        return _held(quantity, _interpolated(s, quantity.table, derive(key, quantity.salt, ordinal)))
    return drawn_at(s, quantity, key, task.key, task.session_key, task.parameters_key, ordinal)


@inlined
def happens(s: Any, quantity: Any, task: Any, key: Any, salt: Any, ordinal: Any) -> Any:
    """Say whether something whose probability is a quantity happens."""
    probability = drawn(s, quantity, task, key, ordinal)
    return probability > 0 and hits(draw(key, salt, ordinal), probability)
