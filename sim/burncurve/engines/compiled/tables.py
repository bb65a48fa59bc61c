"""All arrays behind one pointer, and what the compiler may know of them.

A kernel reads two dozen arrays that are given and six dozen that change. Passed one by one they would be hundreds of
arguments of every function, which costs more time than the work and minutes of compiling. So Python hands over a
table of addresses, and within kernels `s.agents` or `w.tasks` is a pool: `w.tasks[slot]` is a record, `w.to_turn[row]`
a number.

Pools are Numba types of their own because the compiler has to be told what NumPy's arrays cannot say: that pools never
overlap, that two fields of a record are two places (both by type-based alias metadata), that what is given does not
change, and that no index counts from the end. Without that every store makes every value read before it doubtful.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from llvmlite import ir
from numba import from_dtype, types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, AttributeTemplate, infer_global, signature
from numba.extending import (
    infer_getattr,
    intrinsic,
    lower_builtin,
    lower_getattr_generic,
    lower_setattr_generic,
    models,
    register_model,
)

from burncurve.engines.compiled.layout import (
    GIVEN,
    QUANTITY,
    TABLE,
    TOOLS,
    WORDS,
    WORLD,
    Shape,
)

WORD = ir.IntType(64)


class Table(types.Type):  # type: ignore[misc]
    """The Numba type of a table: its pools by name."""

    def __init__(self, name: str, shapes: dict[str, Shape], constant: bool) -> None:
        self.pools = {
            field: Pool(f"{name}.{field}", i, shape, constant) for i, (field, shape) in enumerate(shapes.items())
        }
        super().__init__(name)


class Pool(types.Type):  # type: ignore[misc]
    """The Numba type of one array of a table: of records or of integers, in one dimension or two."""

    def __init__(self, path: str, number: int, shape: Shape, constant: bool) -> None:
        self.path, self.number, self.dimensions, self.constant = path, number, shape.dimensions, constant
        self.size = shape.dtype.itemsize
        self.item = Row(path, shape.dtype, constant) if shape.dtype.names else _number(shape.dtype)
        super().__init__(f"Pool({path})")


class Row(types.Type):  # type: ignore[misc]
    """The Numba type of a record: fields with their offsets; a list or a record within it is a place of its own."""

    def __init__(self, path: str, dtype: np.dtype[Any], constant: bool) -> None:
        self.path, self.size, self.constant = path, dtype.itemsize, constant
        self.fields: dict[str, tuple[int, Any, int]] = {}
        for name, (kind, offset, *_) in (dtype.fields or {}).items():
            self.fields[name] = (offset, _part(f"{path}.{name}", kind, constant), kind.itemsize)
        super().__init__(f"Row({path})")


class Cells(types.Type):  # type: ignore[misc]
    """The Numba type of a list of integers within a record."""

    def __init__(self, path: str, dtype: np.dtype[Any], constant: bool) -> None:
        self.path, self.constant, self.dimensions = path, constant, 1
        self.item, self.length = _number(dtype.base), dtype.shape[0]
        self.size = dtype.base.itemsize
        super().__init__(f"Cells({path})")


PARTS = {TABLE: "table", QUANTITY: "quantity", TOOLS: "tools"}  # records that stand within others, wherever that is


def _part(path: str, dtype: np.dtype[Any], constant: bool) -> Any:
    """Return the type of a field: a number, a list or a record."""
    if dtype.subdtype:
        return Cells(path, dtype, constant)
    return Row(PARTS[dtype], dtype, constant) if dtype.names else _number(dtype)


def _number(dtype: np.dtype[Any]) -> Any:
    """Return the type that kernels calculate with; narrow integers are narrow in memory only."""
    return from_dtype(dtype) if dtype.kind == "u" else types.int64


for _kind in (Table, Pool, Row, Cells):
    register_model(_kind)(models.OpaqueModel)
GIVEN_TABLE, WORLD_TABLE = Table("Given", GIVEN, True), Table("World", WORLD, False)


# What the types of expressions are


@infer_getattr
class _TableAttributes(AttributeTemplate):  # type: ignore[misc]
    key = Table

    def generic_resolve(self, table: Any, name: str) -> Any:
        return table.pools.get(name)


@infer_getattr
class _RowAttributes(AttributeTemplate):  # type: ignore[misc]
    key = Row

    def generic_resolve(self, row: Any, name: str) -> Any:
        return row.fields[name][1] if name in row.fields else None


@infer_global(operator.getitem)
class _GetItem(AbstractTemplate):  # type: ignore[misc]
    def generic(self, args: Any, kws: Any) -> Any:
        pool, _ = args
        return signature(pool.item, pool, _index(pool)) if isinstance(pool, Pool | Cells) else None


@infer_global(operator.setitem)
class _SetItem(AbstractTemplate):  # type: ignore[misc]
    def generic(self, args: Any, kws: Any) -> Any:
        pool, _, value = args
        if not isinstance(pool, Pool | Cells):
            return None
        return signature(types.none, pool, _index(pool), value if isinstance(pool.item, Row) else pool.item)


@infer_global(len)
class _Length(AbstractTemplate):  # type: ignore[misc]
    def generic(self, args: Any, kws: Any) -> Any:
        return signature(types.int64, *args) if isinstance(args[0], Pool) else None


def _index(pool: Any) -> Any:
    return types.UniTuple(types.int64, 2) if pool.dimensions == 2 else types.int64


# How they are carried out


def metadata(instruction: Any, module: Any, path: str, constant: bool) -> None:
    """Say that only accesses of the same path can meet; and, of what is given, that nothing is ever written there.

    A record (`World.tasks`) can meet its own fields (`World.tasks.key`) and nothing else.
    """
    zero = ir.Constant(WORD, 0)
    place = module.add_metadata([ir.MetaDataString(module, "burncurve")])
    for end in [i for i, letter in enumerate(path) if letter == "."] + [len(path)]:
        place = module.add_metadata([ir.MetaDataString(module, path[:end]), place, zero])
    instruction.set_metadata("tbaa", module.add_metadata([place, place, zero]))
    if constant:
        instruction.set_metadata("invariant.load", module.add_metadata([]))


def loaded(builder: Any, pointer: Any, size: int, path: str, constant: bool) -> Any:
    """Load a number; narrow ones become wide."""
    value = builder.load(builder.bitcast(pointer, ir.IntType(8 * size).as_pointer()))
    metadata(value, builder.module, path, constant)
    return value if size == 8 else builder.sext(value, WORD)


def stored(builder: Any, pointer: Any, value: Any, size: int, path: str) -> None:
    """Store a number."""
    narrow = ir.IntType(8 * size)
    value = value if size == 8 else builder.trunc(value, narrow)
    store = builder.store(value, builder.bitcast(pointer, narrow.as_pointer()))
    metadata(store, builder.module, path, False)


def copied(builder: Any, to: Any, path: str, source: Any, source_path: str, size: int) -> None:
    """Copy fields of 32 bits that stand next to each other; a copy of bytes would make all that was read doubtful."""
    kind = ir.VectorType(ir.IntType(32), size // 4).as_pointer()
    items = builder.load(builder.bitcast(source, kind), align=4)
    metadata(items, builder.module, source_path, False)
    metadata(builder.store(items, builder.bitcast(to, kind), align=4), builder.module, path, False)


def word_of(builder: Any, entry: Any, number: int) -> Any:
    """Load a word of a table's entry; it does not change while a kernel runs."""
    words = builder.bitcast(entry, WORD.as_pointer())
    word = builder.load(cgutils.gep_inbounds(builder, words, number))
    metadata(word, builder.module, "table", True)
    return word


def offset_by(builder: Any, pointer: Any, offset: Any) -> Any:
    """Return an address so many bytes further."""
    return builder.gep(builder.bitcast(pointer, cgutils.voidptr_t), [offset], inbounds=True)


def place_of(context: Any, builder: Any, pool: Any, pointer: Any, index: Any) -> Any:
    """Return the address of an item."""
    if isinstance(pool, Cells):
        start, lengths = pointer, [ir.Constant(WORD, pool.length)]
    else:
        start = builder.inttoptr(word_of(builder, pointer, 0), cgutils.voidptr_t)
        lengths = [word_of(builder, pointer, 1 + i) for i in range(pool.dimensions)]
    indices = cgutils.unpack_tuple(builder, index, 2) if pool.dimensions == 2 else [index]
    if context.enable_boundscheck:
        for axis, (one, length) in enumerate(zip(indices, lengths, strict=True)):
            cgutils.do_boundscheck(context, builder, one, length, axis)
            negative = builder.icmp_signed("<", one, ir.Constant(WORD, 0))
            with builder.if_then(negative, likely=False):
                context.call_conv.return_user_exc(builder, IndexError, ("an index counts from the end",))
    number = indices[0]
    if pool.dimensions == 2:
        number = builder.add(builder.mul(number, lengths[1], flags=["nsw"]), indices[1], flags=["nsw"])
    return offset_by(builder, start, builder.mul(number, ir.Constant(WORD, pool.size), flags=["nsw"]))


@lower_getattr_generic(Table)  # type: ignore[untyped-decorator]
def pool_of(context: Any, builder: Any, table: Any, pointer: Any, name: str) -> Any:
    """Return the address of a pool's entry."""
    return offset_by(builder, pointer, ir.Constant(WORD, table.pools[name].number * WORDS * 8))


@lower_getattr_generic(Row)  # type: ignore[untyped-decorator]
def _field_of_row(context: Any, builder: Any, row: Any, pointer: Any, name: str) -> Any:
    offset, item, size = row.fields[name]
    place = offset_by(builder, pointer, ir.Constant(WORD, offset))
    return place if isinstance(item, Cells | Row) else loaded(builder, place, size, f"{row.path}.{name}", row.constant)


@lower_setattr_generic(Row)  # type: ignore[untyped-decorator]
def _set_field_of_row(context: Any, builder: Any, given: Any, values: Any, name: str) -> None:
    row, kind = given.args
    pointer, value = values
    offset, item, size = row.fields[name]
    value = context.cast(builder, value, kind, item)
    stored(builder, offset_by(builder, pointer, ir.Constant(WORD, offset)), value, size, f"{row.path}.{name}")


def _get(context: Any, builder: Any, given: Any, values: Any) -> Any:
    pool = given.args[0]
    place = place_of(context, builder, pool, *values)
    return place if isinstance(pool.item, Row) else loaded(builder, place, pool.size, pool.path, pool.constant)


def _set(context: Any, builder: Any, given: Any, values: Any) -> Any:
    pool, (pointer, index, value) = given.args[0], values
    place = place_of(context, builder, pool, pointer, index)
    if isinstance(pool.item, Row):
        copied(builder, place, pool.path, value, given.args[2].path, pool.size)
    else:
        stored(builder, place, value, pool.size, pool.path)
    return context.get_dummy_value()


for _kind in (Pool, Cells):
    for _one_or_two in (types.Integer, types.BaseTuple):
        lower_builtin(operator.getitem, _kind, _one_or_two)(_get)
        lower_builtin(operator.setitem, _kind, _one_or_two, types.Any)(_set)


@lower_builtin(len, Pool)  # type: ignore[untyped-decorator]
def _length(context: Any, builder: Any, given: Any, values: Any) -> Any:
    return word_of(builder, values[0], 1)


def fetched(builder: Any, pointer: Any, to_write: bool) -> None:
    """Have a line of memory at hand soon."""
    narrow = ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t] + [narrow] * 3)
    fetch = builder.module.declare_intrinsic("llvm.prefetch", [cgutils.voidptr_t], kind)
    keep, data = narrow(3), narrow(1)
    builder.call(fetch, [pointer, narrow(int(to_write)), keep, data])


def opener(table: Table) -> Any:
    """Return the intrinsic that takes the address of such a table for the table itself."""

    @intrinsic  # type: ignore[untyped-decorator]
    def opened(typing: Any, address: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            return builder.inttoptr(values[0], cgutils.voidptr_t)

        return table(types.int64), generate

    return opened


given_of = opener(GIVEN_TABLE)
world_of = opener(WORLD_TABLE)
