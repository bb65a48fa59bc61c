"""All arrays behind one pointer.

A kernel reads two dozen arrays that are given and two dozen that change. Passed one by one they would be three
hundred arguments of every function, which costs more time than the work and minutes of compiling. So Python hands over
a table of addresses and lengths, and within kernels `s.agents` or `w.tasks` is the array that the table describes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from llvmlite import ir
from numba import from_dtype, types
from numba.core import cgutils
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, models, register_model
from numba.np.arrayobj import make_array, populate_array
from numpy.typing import NDArray

from burncurve.engines.compiled.layout import GIVEN, WORLD, Shape

ENTRY = 3  # address, length, width


class Table(types.Type):  # type: ignore[misc]
    """The Numba type of a table: its arrays by name, each with element type and number of dimensions."""

    def __init__(self, name: str, shapes: dict[str, Shape]) -> None:
        self.arrays = {
            field: (number, types.Array(from_dtype(np.dtype(shape.dtype)), shape.dimensions, "C"))
            for number, (field, shape) in enumerate(shapes.items())
        }
        super().__init__(name)


register_model(Table)(models.OpaqueModel)
GIVEN_TABLE, WORLD_TABLE = Table("Given", GIVEN), Table("World", WORLD)


def addresses(arrays: Mapping[str, NDArray[Any]], shapes: dict[str, Shape]) -> NDArray[np.int64]:
    """Return the table of arrays by name, which must outlive it."""
    rows = []
    for name, shape in shapes.items():
        array = arrays[name]
        if array.dtype != shape.dtype or array.ndim != shape.dimensions or not array.flags.c_contiguous:
            raise TypeError(f"{name} is not as its table says")
        rows.append((array.ctypes.data, *array.shape, *(1,) * (2 - array.ndim)))
    return np.array(rows, np.int64)


@infer_getattr
class _Attributes(AttributeTemplate):  # type: ignore[misc]
    key = Table

    def generic_resolve(self, table: Any, name: str) -> Any:
        return table.arrays[name][1] if name in table.arrays else None


@lower_getattr_generic(Table)  # type: ignore[untyped-decorator]
def _array(context: Any, builder: Any, table: Table, pointer: Any, name: str) -> Any:
    number, kind = table.arrays[name]
    word = ir.IntType(64)
    words = builder.bitcast(pointer, word.as_pointer())
    cells = [_constant(builder, cgutils.gep_inbounds(builder, words, number * ENTRY + i)) for i in range(ENTRY)]
    array = make_array(kind)(context, builder)
    size = context.get_abi_sizeof(context.get_data_type(kind.dtype))
    item, shape = word(size), cells[1 : 1 + kind.ndim]
    strides = [item] if kind.ndim == 1 else [builder.mul(cells[2], item), item]
    data = builder.inttoptr(cells[0], array.data.type)
    populate_array(array, data=data, shape=shape, strides=strides, itemsize=item, meminfo=None)
    return array._getvalue()


def _constant(builder: Any, pointer: Any) -> Any:
    """Load a word that does not change while a kernel runs, and say so: one load will do."""
    word = builder.load(pointer)
    word.set_metadata("invariant.load", builder.module.add_metadata([]))
    return word


def _opened(table: Table) -> Any:
    @intrinsic  # type: ignore[untyped-decorator]
    def opened(typing: Any, words: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            data = make_array(signature.args[0])(context, builder, values[0]).data
            return builder.bitcast(data, cgutils.voidptr_t)

        return table(words), generate

    return opened


given_of = _opened(GIVEN_TABLE)
world_of = _opened(WORLD_TABLE)
