"""How kernels are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from burncurve.engines.compiled.whole import Part

BIT = ir.IntType(1)
Kernel = TypeVar("Kernel", bound=Callable[..., Any])

# No reference counts: kernels never make an array, and the counting costs more than the work it guards.
OPTIONS: dict[str, Any] = {
    "nopython": True, "error_model": "numpy", "_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True,
    "forceinline": False,  # or a function would take it from its first caller
}  # fmt: skip
APART: list[Any] = []  # parts that are never copied


def kernel(function: Kernel) -> Kernel:
    """Compile a function of its own that is called seldom; it and the way to it stand aside of what is called often."""
    part = _apart(function)
    part.is_seldom = True
    return cast(Kernel, part)


def frequent(function: Kernel) -> Kernel:
    """Compile a function of its own that is called often, but too long to be copied into all its callers."""
    return cast(Kernel, _apart(function))


def _apart(function: Callable[..., Any]) -> Part:
    part = Part(function, targetoptions=dict(OPTIONS))
    APART.append(part)
    return part


def inlined(function: Kernel) -> Kernel:
    """Compile a function that is copied into its callers: what every call goes through, and what is short."""
    return cast(Kernel, Part(function, targetoptions=OPTIONS | {"forceinline": True}))


@intrinsic  # type: ignore[untyped-decorator]
def usual(typing: Any, condition: Any) -> Any:
    """Return a condition that mostly holds; LLVM takes equality for seldom, and what follows for unimportant."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        expect = builder.module.declare_intrinsic("llvm.expect", [BIT], ir.FunctionType(BIT, [BIT, BIT]))
        return builder.call(expect, [values[0], BIT(1)])

    return types.boolean(types.boolean), generate


@intrinsic  # type: ignore[untyped-decorator]
def either(typing: Any, condition: Any, one: Any, other: Any) -> Any:
    """Return one integer where a condition holds, else the other, without a branch: nobody can guess which it will be.

    LLVM would make a branch of it within a loop, and a processor that guesses wrong loses as much as a dozen steps.
    """

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        chosen = builder.select(*values)
        chosen.set_metadata("unpredictable", builder.module.add_metadata([]))
        return chosen

    return types.int64(types.boolean, types.int64, types.int64), generate
