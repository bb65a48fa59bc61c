"""Draws for AHEAD turns at once, written down vector by vector: `draws.derive` and `draws._interpolated` many times."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from burncurve.draws import FIRST_BITS, FRACTION_BITS, GOLDEN, HALF_FRACTION
from burncurve.engines.compiled.draws import FIRST, SECOND
from burncurve.engines.compiled.layout import AHEAD
from burncurve.engines.compiled.tables import WORD, loaded, offset_by, word_of
from burncurve.engines.compiled.vectors import lesser, read, spread, words, write

MANY = words(AHEAD)


@intrinsic  # type: ignore[untyped-decorator]
def draw_many(
    typing: Any, pool: Any, table: Any, key: Any, salt: Any, ordinal: Any, step: Any, low: Any, high: Any, cells: Any
) -> Any:
    """Write into `cells` what a smooth table says at an ordinal and each `step` further, within bounds.

    The pool is the one in which the table's values stand. AHEAD times what `draws.derive` and `draws._interpolated` do.
    """

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        start = builder.inttoptr(word_of(builder, values[0], 0), cgutils.voidptr_t)
        numbers = {name: _field(builder, values[1], table, name) for name in ("first", "cell_bits", "half")}
        knots = _near_and_far if pool.size == 4 else _each_knot
        found = _looked_up(builder, partial(knots, builder, start), numbers, _mixed(builder, *values[2:6]))
        for bound, sign in ((values[6], "<"), (values[7], ">")):
            limit = _all(builder, bound)
            found = builder.select(builder.icmp_signed(sign, found, limit), limit, found)
        write(builder, found, values[8], cells)
        return context.get_dummy_value()

    return types.none(pool, table, key, salt, ordinal, step, low, high, cells), generate


@intrinsic  # type: ignore[untyped-decorator]
def fill(typing: Any, cells: Any, value: Any) -> Any:
    """Write the same number into all cells."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        write(builder, _all(builder, values[1]), values[0], cells)
        return context.get_dummy_value()

    return types.none(cells, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def hold(typing: Any, output: Any, reasoning: Any, longest: Any) -> Any:
    """Hold reasoning to the longest output, and output to what that leaves of it, cell by cell."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        written, thought = read(builder, values[0], output, AHEAD), read(builder, values[1], reasoning, AHEAD)
        most = _all(builder, values[2])
        thought = lesser(builder, thought, most)
        write(builder, thought, values[1], reasoning)
        write(builder, lesser(builder, written, builder.sub(most, thought)), values[0], output)
        return context.get_dummy_value()

    return types.none(output, reasoning, types.int64), generate


def _field(builder: Any, pointer: Any, row: Any, name: str) -> Any:
    offset, _, size = row.fields[name]
    return _all(builder, loaded(builder, offset_by(builder, pointer, ir.Constant(WORD, offset)), size, "table", True))


def _all(builder: Any, number: Any) -> Any:
    return spread(builder, number, AHEAD)


def _same(number: int) -> Any:
    return ir.Constant(MANY, [number] * AHEAD)


def _mixed(builder: Any, key: Any, salt: Any, ordinal: Any, step: Any) -> Any:
    """Return the bits of `draws.derive` for ordinals a step apart."""
    steps = builder.mul(_all(builder, step), ir.Constant(MANY, list(range(AHEAD))))  # known when LLVM compiles
    start = builder.mul(builder.add(ordinal, WORD(1)), WORD(GOLDEN))
    x = builder.add(_all(builder, builder.add(builder.xor(key, salt), start)), builder.mul(steps, _same(GOLDEN)))
    for bits, factor in ((30, int(FIRST)), (27, int(SECOND))):
        x = builder.mul(builder.xor(x, builder.lshr(x, _same(bits))), _same(factor))
    return builder.xor(x, builder.lshr(x, _same(31)))


def _looked_up(builder: Any, knots: Callable[[Any], tuple[Any, Any]], table: dict[str, Any], luck: Any) -> Any:
    """Return the values of a table for 64 mixed bits, line by line as `draws._interpolated` finds them."""
    upper = builder.ashr(luck, _same(63))
    distance = builder.lshr(builder.xor(luck, upper), _same(2))
    top = builder.sub(_same(63), _leading_zeros(builder, builder.or_(distance, _same(1 << FIRST_BITS))))
    width_bits = builder.sub(top, table["cell_bits"])
    knot = builder.add(table["first"], builder.and_(table["half"], upper))
    knot = builder.add(knot, builder.shl(top, table["cell_bits"]))
    knot = builder.add(knot, builder.lshr(distance, width_bits))
    fraction = builder.shl(distance, builder.sub(_same(64), width_bits))
    fraction = builder.lshr(fraction, _same(64 - FRACTION_BITS))
    near, far = knots(knot)
    part = builder.add(builder.mul(builder.sub(far, near), fraction), _same(HALF_FRACTION))
    return builder.add(near, builder.ashr(part, _same(FRACTION_BITS)))


def _leading_zeros(builder: Any, numbers: Any) -> Any:
    kind = ir.FunctionType(MANY, [MANY, ir.IntType(1)])
    count = cgutils.get_or_insert_function(builder.module, kind, f"llvm.ctlz.v{AHEAD}i64")
    return builder.call(count, [numbers, ir.Constant(ir.IntType(1), 0)])


def _near_and_far(builder: Any, narrow: Any, numbers: Any) -> tuple[Any, Any]:
    """Return the narrow values at places, and those next to them: a pair is read as one of twice the width."""
    pairs = ir.Constant(MANY, ir.Undefined)
    for lane in range(AHEAD):
        lane_number = ir.IntType(32)(lane)
        start = builder.mul(builder.extract_element(numbers, lane_number), ir.Constant(WORD, 4))
        place = builder.bitcast(offset_by(builder, narrow, start), WORD.as_pointer())
        pairs = builder.insert_element(pairs, builder.load(place, align=4), lane_number)
    singles = builder.bitcast(pairs, ir.VectorType(ir.IntType(32), 2 * AHEAD))
    return tuple(builder.sext(_every_other(builder, singles, first), MANY) for first in (0, 1))


def _each_knot(builder: Any, wide: Any, numbers: Any) -> tuple[Any, Any]:
    """Return the wide values at places, and those next to them."""
    near = far = ir.Constant(MANY, ir.Undefined)
    for lane in range(AHEAD):
        lane_number = ir.IntType(32)(lane)
        pair = builder.bitcast(wide, WORD.as_pointer())
        place = builder.gep(pair, [builder.extract_element(numbers, lane_number)], inbounds=True)
        near = builder.insert_element(near, builder.load(place), lane_number)
        far = builder.insert_element(far, builder.load(cgutils.gep_inbounds(builder, place, 1)), lane_number)
    return near, far


def _every_other(builder: Any, singles: Any, first: int) -> Any:
    places = ir.Constant(ir.VectorType(ir.IntType(32), AHEAD), list(range(first, 2 * AHEAD, 2)))
    return builder.shuffle_vector(singles, singles, places)
