"""How kernels are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit
from numba.core import config

from burncurve.engines.compiled.kept import cache_folder

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

# No reference counts: kernels never make an array, and the counting costs more than the work it guards.
OPTIONS: dict[str, Any] = {"error_model": "numpy", "_nrt": False, "nogil": True}
INNER = OPTIONS | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}  # what only kernels call


def kernel(function: Kernel) -> Kernel:
    """Compile a function that other kernels call."""
    compiled: Kernel = njit(**INNER)(function)
    return compiled


def inlined(function: Kernel) -> Kernel:
    """Compile a small function, or a step that every call takes: one that is best compiled into its callers."""
    compiled: Kernel = njit(**INNER)(function)
    return compiled


def entry(function: Kernel) -> Kernel:
    """Compile a function that Python calls; it is kept on disk where that is possible."""
    folder = cache_folder()
    if folder is None:
        uncached: Kernel = njit(**OPTIONS)(function)
        return uncached
    before, config.CACHE_DIR = config.CACHE_DIR, str(folder)
    try:
        compiled: Kernel = njit(cache=True, **OPTIONS)(function)
    finally:
        config.CACHE_DIR = before
    return compiled
