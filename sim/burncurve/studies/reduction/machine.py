"""The kernel's machine code: compiled once, kept beside that of the engine, loaded without Numba."""

from __future__ import annotations

import ctypes
from functools import cache
from threading import Lock
from typing import cast

from burncurve.engines.compiled import kept
from burncurve.engines.compiled.machine import Entry, loaded
from burncurve.kept import sources

SOURCES = ("studies/reduction/*.py", "studies/growth.py", "billing/causes.py")
_lock = Lock()  # two threads need not compile the same


def kernel() -> Entry:
    """Return the kernel: the addresses of two tables in, a code out."""
    with _lock:
        return _kernel()


@cache
def _kernel() -> Entry:
    return loaded(*(kept.read(file_name()) or _compiled()), (ctypes.c_int64, ctypes.c_int64))


@cache
def file_name() -> str:
    """Return the name of the file of the machine code: it changes with the sources, its folder with everything else."""
    return f"reduction-{sources(*SOURCES).hex()}"


def _compiled() -> tuple[bytes, str]:
    from numba import types

    from burncurve.engines.compiled.jit import APART
    from burncurve.engines.compiled.whole import Part, compiled
    from burncurve.studies.reduction.kernel import reduce

    code, symbol = compiled(cast(Part, reduce), (types.int64, types.int64), tuple(APART))
    kept.write(code, symbol, file_name())
    return code, symbol
