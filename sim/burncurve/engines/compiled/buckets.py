"""The four buckets of a minute that an account may have, refilled and debited side by side in one long register.

LLVM does not find by itself that the same is done four times; a bucket without a limit takes part and is never short.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from burncurve.engines.compiled.layout import MINUTELY
from burncurve.engines.compiled.vectors import lesser, read, spread, words, write

SIDE_BY_SIDE = words(MINUTELY)


@intrinsic  # type: ignore[untyped-decorator]
def debited(
    typing: Any, levels: Any, limits: Any, full: Any, units: Any, elapsed: Any,
    requests: Any, prompt: Any, output: Any, tokens: Any,
) -> Any:  # fmt: skip
    """Take from each bucket what a call needs, if all can give it now; say whether they can, else nothing changes.

    A bucket holds the least of level + limit x elapsed and what it holds when full, and gives need x unit: in
    tokens x microseconds, as `rules.refilled` counts.
    """
    lists = levels, limits, full, units

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        level, limit, most, unit = (read(builder, *each, MINUTELY) for each in zip(values[:4], lists, strict=True))
        held = builder.add(level, builder.mul(limit, spread(builder, values[4], MINUTELY)))
        left = builder.sub(lesser(builder, held, most), builder.mul(_together(builder, values[5:]), unit))
        short = builder.icmp_signed("<", left, ir.Constant(SIDE_BY_SIDE, [0] * MINUTELY))
        enough = builder.icmp_unsigned("==", builder.bitcast(short, ir.IntType(MINUTELY)), ir.IntType(MINUTELY)(0))
        write(builder, builder.select(enough, left, level), values[0], levels)
        return enough

    return types.boolean(*lists, elapsed, requests, prompt, output, tokens), generate


def _together(builder: Any, numbers: Any) -> Any:
    together = ir.Constant(SIDE_BY_SIDE, ir.Undefined)
    for i, number in enumerate(numbers):
        together = builder.insert_element(together, number, ir.IntType(32)(i))
    return together
