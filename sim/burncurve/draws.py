"""Luck without a generator: a keyed integer hash, and quantile tables read by it (mechanics R2, R3).

A draw is a pure function of a key (who), a salt (what for) and an ordinal (the how-manieth), so
adding an agent, a knob or a deployment leaves every other draw as it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from hashlib import blake2b

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15  # 2**64 / golden ratio: SplitMix64's step between ordinals
DRAW_BITS = 62  # so that the thresholds of "never" (0) and "always" (2**62) both fit in an int64
ALWAYS = 1 << DRAW_BITS
PROBABILITY_BITS = 30  # probabilities are counted in 2**-30: finer than any that is known
CERTAIN = 1 << PROBABILITY_BITS
THRESHOLD_SHIFT = DRAW_BITS - PROBABILITY_BITS

OCTAVES = 40  # how often a table halves its distance to an end: the last cell is 2**-41 of the draws
FRACTION_BITS = 20
HALF_FRACTION = 1 << (FRACTION_BITS - 1)
HALF_BITS = DRAW_BITS - 1
FIRST_BITS = HALF_BITS - OCTAVES  # octave 0 of a table spans distances of so many bits
LARGEST_VALUE = 1 << 42  # a table value; times 2**FRACTION_BITS it still fits in an int64


def derive(key: int, salt: int, ordinal: int) -> int:
    """Return 64 mixed bits for (key, salt, ordinal): SplitMix64 (Steele, Lea, Flood 2014) started at key ^ salt."""
    # GOLDEN and MASK in figures: looking names up costs time in what every draw runs.
    x = ((key ^ salt) + (ordinal + 1) * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return x ^ (x >> 31)


def draw(key: int, salt: int, ordinal: int) -> int:
    """Return a uniform integer in [0, 2**62)."""
    return derive(key, salt, ordinal) >> 2


def salt_of(purpose: str) -> int:
    """Return the 64-bit salt of a purpose, from its name alone, so that order and neighbours do not matter."""
    return int.from_bytes(blake2b(purpose.encode(), digest_size=8).digest(), "little")


_OF_SEED, _OF_REPLICATION = salt_of("seed"), salt_of("replication")


def run_key(seed: int, replication: int) -> int:
    """Return the key from which everything in one replication is derived."""
    return run_keys(seed, [replication])[0]


def run_keys(seed: int, replications: Iterable[int]) -> list[int]:
    """Return the keys of replications."""
    of_seed = derive(0, _OF_SEED, seed)
    return [derive(of_seed, _OF_REPLICATION, replication) for replication in replications]


def hits(u: int, probability: int) -> bool:
    """Say whether the draw u falls below a probability counted in 2**-30."""
    return u < probability << THRESHOLD_SHIFT


class TableKind(IntEnum):
    """How a table turns a draw into a value."""

    CONSTANT = 0
    SMOOTH = 1
    STEPS = 2


@dataclass(frozen=True, slots=True)
class Table:
    """An integer quantile function over draws in [0, 2**62).

    CONSTANT: `values` holds the one value.
    SMOOTH: knots with integer interpolation. First the lower half from the lower end to the median,
      then the upper half from the upper end to the median, (OCTAVES + 1) * 2**cell_bits + 1 knots each:
      octave 0 covers distances to the end below 2**(61 - OCTAVES), octave k the next doubling, each
      cut into 2**cell_bits equal cells (cell_bits >= 1). Cells shrink towards both ends, so tails keep their moments.
    STEPS: `values[i]` for draws below `thresholds[i]`; exact, for discrete distributions.
    """

    kind: TableKind
    values: tuple[int, ...]
    thresholds: tuple[int, ...] = ()
    cell_bits: int = 0


def constant(value: int) -> Table:
    """Return the table that always gives `value`."""
    return Table(TableKind.CONSTANT, (value,))


def look_up(table: Table, u: int) -> int:
    """Return the table's value at the draw u, rounded half up."""
    if not table.cell_bits:
        return table.values[step_of(table.thresholds, u) if table.thresholds else 0]
    values, cell_bits = table.values, table.cell_bits
    upper = u >> HALF_BITS
    distance = ALWAYS - 1 - u if upper else u
    knot, start, width_bits, mask, shift = _OCTAVES[cell_bits][distance.bit_length()]
    offset = distance - start
    knot += (offset >> width_bits) + (_HALF_LENGTHS[cell_bits] if upper else 0)
    rest, near = offset & mask, values[knot]
    fraction = rest >> shift if shift >= 0 else rest << -shift
    return near + (((values[knot + 1] - near) * fraction + HALF_FRACTION) >> FRACTION_BITS)


def _octave(cell_bits: int, bits: int) -> tuple[int, int, int, int, int]:
    """Return, for distances of so many bits: first knot, start, bits of a cell, their mask, shift to a fraction."""
    octave = bits - FIRST_BITS
    if octave <= 1:  # octaves 0 and 1 are equally wide
        knot, start, width_bits = 0, 0, FIRST_BITS - cell_bits
    else:
        knot, start, width_bits = octave << cell_bits, 1 << (bits - 1), bits - 1 - cell_bits
    return knot, start, width_bits, (1 << width_bits) - 1, width_bits - FRACTION_BITS


def half_length(cell_bits: int) -> int:
    """Return the number of knots of half a smooth table."""
    return (OCTAVES + 1 << cell_bits) + 1


MOST_CELL_BITS = 12
_OCTAVES = tuple(
    tuple(_octave(cell_bits, bits) for bits in range(DRAW_BITS)) for cell_bits in range(MOST_CELL_BITS + 1)
)
_HALF_LENGTHS = tuple(half_length(cell_bits) for cell_bits in range(MOST_CELL_BITS + 1))


def step_of(thresholds: tuple[int, ...], u: int) -> int:
    """Return the index of the first threshold above u (the last index if none is)."""
    low, high = 0, len(thresholds) - 1
    while low < high:
        middle = (low + high) >> 1
        if u < thresholds[middle]:
            high = middle
        else:
            low = middle + 1
    return low
