"""Machine code: compiled with Numba once, kept on disk, loaded without it."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any, cast

from burncurve.engines.compiled import kept

FAILED = "compiled code has raised an error; with NUMBA_BOUNDSCHECK it has left its arrays"
Entry = Callable[..., int]


_lock = Lock()  # two threads need not load the same


def play_many() -> Entry:
    """Return the kernel that plays replications: the addresses of two tables in, a code out."""
    with _lock:
        return _play_many()


@cache
def _play_many() -> Entry:
    return loaded(*(kept.read() or _compiled()), (ctypes.c_int64, ctypes.c_int64))


def _compiled() -> tuple[bytes, str]:
    from numba import types

    from burncurve.engines.compiled.jit import APART
    from burncurve.engines.compiled.replications import play_many as entry
    from burncurve.engines.compiled.whole import Part, compiled

    code, symbol = compiled(cast(Part, entry), (types.int64, types.int64), tuple(APART))
    kept.write(code, symbol)
    return code, symbol


def loaded(code: bytes, symbol: str, arguments: tuple[Any, ...]) -> Entry:
    """Return a function of an object file, which takes arguments of these ctypes and returns an int64.

    It is called as Numba's own code would: where results go, where errors go, arguments. Other threads run meanwhile.
    """
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    machine = target.create_target_machine(reloc="static", codemodel="jitdefault", jit=True)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    kind = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *arguments)
    function = kind(engine.get_function_address(symbol))

    def call(*values: int) -> int:
        result, error = ctypes.c_int64(0), ctypes.c_void_p(0)
        if function(ctypes.addressof(result), ctypes.addressof(error), *values):
            raise IndexError(FAILED)
        return result.value

    call.engine = engine  # type: ignore[attr-defined]  # its end would be that of the code
    return call
