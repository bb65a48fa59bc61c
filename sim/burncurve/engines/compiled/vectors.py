"""Numbers side by side in one long register: how they are read, written and spread.

LLVM does not find by itself that the same is done to several numbers; what is written vector by vector it makes into
what the processor has: long registers, short ones, or one number after the other.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from burncurve.engines.compiled.tables import WORD, metadata


def words(count: int) -> Any:
    """Return the type of so many words side by side."""
    return ir.VectorType(WORD, count)


def spread(builder: Any, number: Any, count: int) -> Any:
    """Return a number so many times."""
    first = builder.insert_element(ir.Constant(words(count), ir.Undefined), number, ir.IntType(32)(0))
    return builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(ir.IntType(32), count), [0] * count))


def read(builder: Any, pointer: Any, cells: Any, count: int) -> Any:
    """Read the first numbers of a list within a record."""
    numbers = builder.load(builder.bitcast(pointer, words(count).as_pointer()), align=8)
    metadata(numbers, builder.module, cells.path, cells.constant)
    return numbers


def write(builder: Any, numbers: Any, pointer: Any, cells: Any) -> None:
    """Write the first numbers of a list within a record."""
    place = builder.bitcast(pointer, numbers.type.as_pointer())
    metadata(builder.store(numbers, place, align=8), builder.module, cells.path, False)


def lesser(builder: Any, some: Any, others: Any) -> Any:
    """Return the smaller of two numbers, place by place."""
    return builder.select(builder.icmp_signed("<", some, others), some, others)
