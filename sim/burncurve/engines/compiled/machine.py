"""Machine code: compiled with Numba once, kept on disk, loaded without it."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from typing import Any

from burncurve.engines.compiled import kept

FAILED = "compiled code has raised an error; with NUMBA_BOUNDSCHECK it has left its arrays"
Entry = Callable[[int, int], int]


@cache
def play_many() -> Entry:
    """Return the kernel that plays replications: the addresses of two tables in, a code out."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    code, symbol = kept.read() or _compiled()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine(llvm))
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return _callable(engine, symbol)


def _machine(llvm: Any) -> Any:
    return llvm.Target.from_default_triple().create_target_machine(reloc="static", codemodel="jitdefault", jit=True)


def _compiled() -> tuple[bytes, str]:
    from numba import types

    from burncurve.engines.compiled.jit import RARE
    from burncurve.engines.compiled.replications import play_many as entry
    from burncurve.engines.compiled.whole import compiled

    code, symbol = compiled(entry, (types.int64, types.int64), tuple(RARE))
    kept.write(code, symbol)
    return code, symbol


def _callable(engine: Any, symbol: str) -> Entry:
    """Return a Python function over Numba's own calling convention: where results go, where errors go, arguments."""
    kind = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
    function = kind(engine.get_function_address(symbol))

    def call(given: int, world: int) -> int:
        result, error = ctypes.c_int64(0), ctypes.c_void_p(0)
        if function(ctypes.addressof(result), ctypes.addressof(error), given, world):
            raise IndexError(FAILED)
        return result.value

    call.engine = engine  # type: ignore[attr-defined]  # whose end would be that of the code
    return call
