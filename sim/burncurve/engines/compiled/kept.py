"""Compiled code kept between runs, so that it can never be stale.

Numba looks only at the file of the function it caches, not at the rules that were compiled into it. So the
folder of the cache is named after everything that can change the result: the sources of the kernels, of the rules and
of the nouns, the versions of Python, NumPy and Numba, and the place of this program.
"""

from __future__ import annotations

import os
import platform
import sys
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm
import numpy as np

from burncurve import kept

FILE = "kernel"
SOURCES = ("*.py", "engines/*.py", "engines/compiled/*.py", "engines/reference/luck.py")


@cache
def fingerprint() -> str:
    """Return the hash of all that compiled code depends on."""
    parts = [
        sys.version,
        np.__version__,
        version("numba"),
        llvmlite.__version__,
        os.environ.get("NUMBA_BOUNDSCHECK", ""),
        platform.machine(),
        llvm.get_host_cpu_name(),
        llvm.get_host_cpu_features().flatten(),
    ]
    return blake2b("\n".join(parts).encode() + kept.sources(*SOURCES), digest_size=12).hexdigest()


@cache
def cache_folder() -> Path | None:
    """Return the folder of this very program's compiled code, made if need be; None if nowhere can be written."""
    return kept.folder(f"burncurve-kernels-{fingerprint()}")


def has_kernel() -> bool:
    """Say whether this very program's kernel has been compiled and kept."""
    return read() is not None


def read(name: str = FILE) -> tuple[bytes, str] | None:
    """Return the machine code that was kept and its entry's symbol; None if there is none, or if it was damaged."""
    data = kept.read(_file(name))
    if data is None:
        return None
    symbol, _, code = data.partition(b"\n")
    return code, symbol.decode()


def write(code: bytes, symbol: str, name: str = FILE) -> None:
    """Keep machine code for the next time, where that is possible."""
    kept.write(_file(name), symbol.encode() + b"\n" + code)


def _file(name: str) -> Path | None:
    folder = cache_folder()
    return folder / name if folder else None
