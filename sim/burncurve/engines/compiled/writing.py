"""Rows of the ledger as a whole: what a task knows of them, the memory they go to, and their way into the columns."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from burncurve.engines.compiled.layout import AT_ONCE, COLUMN, KNOWN, SMALLER, TIMES
from burncurve.engines.compiled.tables import WORD, copied, fetched, metadata, offset_by, place_of, pool_of, word_of
from burncurve.engines.compiled.vectors import read

FIRST_ORIGIN, BEHIND_ORIGINS = "from_base", "fresh"  # seven next to each other, in the order of origins, and the next
SQUARE = 32  # bytes of a side of what is turned at once: as many as a register holds


@intrinsic  # type: ignore[untyped-decorator]
def copy_known(typing: Any, row: Any, task: Any) -> Any:
    """Write what a task knows of all its calls into a row."""

    def generate(context: Any, builder: Any, given: Any, values: Any) -> Any:
        (to, size), (source, same) = _run(row, *KNOWN), _run(task, *KNOWN)
        if size != same:
            raise TypeError(f"{KNOWN} is not of the same length in a task")
        places = [offset_by(builder, v, ir.Constant(WORD, o)) for v, o in zip(values, (to, source), strict=True)]
        copied(builder, places[0], row.path, places[1], task.path, size)
        return context.get_dummy_value()

    return types.none(row, task), generate


def _run(row: Any, first: str, last: str) -> tuple[int, int]:
    """Return where fields of a record that stand next to each other begin, and their size."""
    (start, *_), (end, _, size) = row.fields[first], row.fields[last]
    return start, end + size - start


@intrinsic  # type: ignore[untyped-decorator]
def copy_origins(typing: Any, row: Any, origins: Any) -> Any:
    """Write a context by origin into a row; what stands behind that in the row is to be written after it."""

    def generate(context: Any, builder: Any, given: Any, values: Any) -> Any:
        (start, _, size), (behind, *_) = row.fields[FIRST_ORIGIN], row.fields[BEHIND_ORIGINS]
        if behind != start + (origins.length - 1) * size:
            raise TypeError(f"{BEHIND_ORIGINS} does not stand behind the origins")
        narrow = ir.VectorType(ir.IntType(8 * size), origins.length)
        counts = read(builder, values[1], origins, origins.length)
        place = builder.bitcast(offset_by(builder, values[0], ir.Constant(WORD, start)), narrow.as_pointer())
        metadata(builder.store(builder.trunc(counts, narrow), place, align=4), builder.module, row.path, False)
        return context.get_dummy_value()

    return types.none(row, origins), generate


@intrinsic  # type: ignore[untyped-decorator]
def fetch_row(typing: Any, world: Any, row: Any) -> Any:
    """Have the memory of a row of the ledger at hand soon; the row may lie beyond the end."""

    def generate(context: Any, builder: Any, given: Any, values: Any) -> Any:
        for name, pool in world.pools.items():
            if name.startswith(COLUMN):
                start = word_of(builder, pool_of(context, builder, world, values[0], name), 0)
                offset = builder.mul(values[1], ir.Constant(WORD, pool.size))
                fetched(builder, builder.inttoptr(builder.add(start, offset), cgutils.voidptr_t), True)
        return context.get_dummy_value()

    return types.none(world, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def write_rows(typing: Any, world: Any, first: Any, to: Any) -> Any:
    """Write AT_ONCE rows of a replication from `first` on into the columns from `to` on."""

    def generate(context: Any, builder: Any, given: Any, values: Any) -> Any:
        pool = world.pools["rows"]
        start = pool_of(context, builder, world, values[0], "rows")
        for names, size in ((TIMES, 8), (SMALLER, 4)):
            side = SQUARE // size
            for row in range(0, AT_ONCE, side):
                numbers = [builder.add(values[1], ir.Constant(WORD, row + i)) for i in range(side)]
                places = [place_of(context, builder, pool, start, number) for number in numbers]
                target = builder.add(values[2], ir.Constant(WORD, row))
                for at in range(0, len(names), side):
                    some = names[at : at + side]
                    offset = pool.item.fields[some[0]][0]
                    for name, items in zip(some, _turned(builder, places, offset, size), strict=False):
                        column = world.pools[COLUMN + name]
                        pointer = pool_of(context, builder, world, values[0], COLUMN + name)
                        _stored_together(
                            builder, place_of(context, builder, column, pointer, target), items, column.size
                        )
        return context.get_dummy_value()

    return types.none(world, types.int64, types.int64), generate


def _turned(builder: Any, rows: list[Any], offset: int, size: int) -> list[Any]:
    """Return as many fields of rows as there are rows, column by column: a square, of which halves change places.

    Then halves of halves, until single numbers have (Eklundh 1972).
    """
    side, square = len(rows), []
    kind = ir.VectorType(ir.IntType(8 * size), side)
    for row in rows:
        place = builder.bitcast(offset_by(builder, row, ir.Constant(WORD, offset)), kind.as_pointer())
        square.append(builder.load(place, align=size))
    half = side // 2
    while half:
        for upper in range(side):
            if not upper & half:
                pair = square[upper], square[upper | half]
                kept = [n + side - half if n & half else n for n in range(side)]
                square[upper] = _shuffled(builder, *pair, kept)
                square[upper | half] = _shuffled(builder, *pair, [n + half for n in kept])
        half //= 2
    return square


def _shuffled(builder: Any, first: Any, second: Any, places: list[int]) -> Any:
    return builder.shuffle_vector(first, second, ir.Constant(ir.VectorType(ir.IntType(32), len(places)), places))


def _stored_together(builder: Any, place: Any, items: Any, size: int) -> None:
    """Store numbers next to each other in a column, whose numbers may be narrower."""
    kind = ir.VectorType(ir.IntType(8 * size), items.type.count)
    narrow = items if items.type == kind else builder.trunc(items, kind)
    builder.store(narrow, builder.bitcast(place, kind.as_pointer()), align=size)
