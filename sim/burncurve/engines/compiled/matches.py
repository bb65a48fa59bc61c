"""A match of the calendar: the earliest of eight times, in one long register.

Time by time it would be seven steps, each waiting for the one before.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from burncurve.engines.compiled.layout import IN_A_MATCH
from burncurve.engines.compiled.tables import WORD
from burncurve.engines.compiled.vectors import read, spread, words, write


@intrinsic  # type: ignore[untyped-decorator]
def earliest(typing: Any, times: Any, place: Any, at_us: Any) -> Any:
    """Put a time at its place among others; return the earliest of all, and as bits the places where it stands."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place, at_us = (spread(builder, value, IN_A_MATCH) for value in values[1:])
        is_here = builder.icmp_signed("==", ir.Constant(words(IN_A_MATCH), list(range(IN_A_MATCH))), place)
        now = builder.select(is_here, at_us, read(builder, values[0], times, IN_A_MATCH))
        write(builder, now, values[0], times)
        kind = ir.FunctionType(WORD, [now.type])
        least = cgutils.get_or_insert_function(builder.module, kind, f"llvm.vector.reduce.smin.v{IN_A_MATCH}i64")
        first = builder.call(least, [now])
        wins = builder.icmp_signed("==", now, spread(builder, first, IN_A_MATCH))
        winners = builder.zext(builder.bitcast(wins, ir.IntType(IN_A_MATCH)), WORD)
        return context.make_tuple(builder, signature.return_type, [first, winners])

    return types.UniTuple(types.int64, 2)(times, types.int64, types.int64), generate
