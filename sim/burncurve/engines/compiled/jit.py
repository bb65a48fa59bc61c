"""How kernels are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from burncurve.engines.compiled.whole import Part

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

# No reference counts: kernels never make an array, and the counting costs more than the work it guards.
OPTIONS: dict[str, Any] = {
    "nopython": True, "error_model": "numpy", "_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True,
}  # fmt: skip
RARE: list[Any] = []  # parts


def kernel(function: Kernel) -> Kernel:
    """Compile a function; LLVM decides whether it is copied into its callers."""
    return cast(Kernel, Part(function, targetoptions=dict(OPTIONS)))


def inlined(function: Kernel) -> Kernel:
    """Compile a small function that is always copied into its callers."""
    return cast(Kernel, Part(function, targetoptions=OPTIONS | {"forceinline": True}))


def rare(function: Kernel) -> Kernel:
    """Compile a function that is called seldom, and is never copied: it would be in the way of what is called often."""
    part = kernel(function)
    RARE.append(part)
    return part
