"""Kernels compiled as one program.

Numba optimises every function by itself, and again in each that calls it, and looks into none that is too large to be
copied. Here it only translates: the functions are linked, all but the one that Python calls become private, and
LLVM optimises them together once. That takes a third of the time and lets it see through all calls. What comes
out is an object file with nothing of Python in it, which is loaded without Numba.
"""

from __future__ import annotations

import re
from typing import Any

import llvmlite.binding as llvm
from numba import _dynfunc
from numba.core import cpu
from numba.core.codegen import CPUCodeLibrary, JITCPUCodegen
from numba.core.descriptors import TargetDescriptor
from numba.core.dispatcher import Dispatcher
from numba.core.registry import cpu_target

NAME = "burncurve"
SPEED = 3  # of LLVM's levels
SPARING, SPARING_ON = "preserve_mostcc", ("x86_64", "aarch64", "arm64")  # LLVM's name of a convention, and where it is


class _Translated(CPUCodeLibrary):  # type: ignore[misc]
    """What Numba made of one function, as it is; and what that function calls."""

    def add_llvm_module(self, module: Any) -> None:
        self._final_module.link_in(module)

    def add_linking_library(self, library: Any) -> None:
        self._linking_libraries.append(library)

    def finalize(self) -> None:
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        return 0  # there is no such thing before all is linked

    def into(self, program: Any, seen: set[int]) -> None:
        """Link this and all it needs into a program, once."""
        if id(self) not in seen:
            seen.add(id(self))
            for library in self._linking_libraries:
                library.into(program, seen)
            program.link_in(self._final_module, preserve=True)


class _Codegen(JITCPUCodegen):  # type: ignore[misc]
    _library_class = _Translated

    def _customize_tm_options(self, options: dict[str, Any]) -> None:
        """Let functions of the program call each other directly: it is small, and stands in one place."""
        super()._customize_tm_options(options)
        if options["reloc"] == "static":
            options |= {"reloc": "pic", "codemodel": "small"}

    def empty(self) -> Any:
        """Return a program without functions."""
        program = llvm.parse_assembly(str(self._create_empty_module(NAME)))
        program.data_layout = self._data_layout
        return program

    def optimised(self, program: Any) -> bytes:
        """Return the object file of a program, which is optimised in place."""
        tuning = llvm.create_pipeline_tuning_options(SPEED)
        tuning.loop_vectorization = tuning.slp_vectorization = tuning.loop_unrolling = False  # loops are short
        passes = llvm.create_pass_builder(self._tm, tuning)
        passes.getModulePassManager().run(program, passes)
        code: bytes = self._tm.emit_object(program)
        return code


def _executable(library: Any, description: Any, environment: Any) -> Any:
    name = description.qualname.split(".")[-1]
    return _dynfunc.make_function(description.lookup_module(), name, "", 0, environment, (library,))


class _Target(TargetDescriptor):  # type: ignore[misc]
    """The processor, with a code generator that only collects."""

    options = cpu.CPUTargetOptions

    def __init__(self) -> None:
        super().__init__("cpu")
        self._context: Any = None

    @property
    def typing_context(self) -> Any:
        return cpu_target.typing_context

    @property
    def target_context(self) -> Any:
        if self._context is None:
            self._context = cpu_target.target_context.subtarget(_internal_codegen=_Codegen(NAME))
            self._context.get_executable = _executable
            self._context.post_lowering = lambda module, library: None
        return self._context


class Part(Dispatcher):
    """A function that is compiled as a part of a program."""

    targetdescr = _Target()
    is_seldom = False  # called


def compiled(entry: Part, arguments: tuple[Any, ...], apart: tuple[Part, ...]) -> tuple[bytes, str]:
    """Return the object file of a function with all it calls, and its symbol; `apart` are never copied into callers."""
    cpu_target.typing_context.refresh()
    cpu_target.target_context.refresh()
    entry.compile(arguments)
    result = entry.overloads[arguments]
    codegen = Part.targetdescr.target_context.codegen()
    program = codegen.empty()
    result.library.into(program, set())
    symbol: str = result.fndesc.llvm_func_name
    parts = {known.fndesc.llvm_func_name: part for part in apart for known in part.overloads.values()}
    program = _sparing(program, {name for name, part in parts.items() if part.is_seldom and name != symbol})
    _close(program, symbol, parts)
    return codegen.optimised(program), symbol


def _sparing(program: Any, names: set[str]) -> Any:
    """Return the program with these functions leaving all registers as they find them.

    By the usual convention whoever calls gives most of them up, so that what is called seldom would keep numbers out of
    registers on the way that is gone often. llvmlite sets a convention only in a program's text.
    """
    if not program.triple.startswith(SPARING_ON):
        return program
    functions = re.compile(r'i32 @"?([^"(]+)"?\(')
    return llvm.parse_assembly(functions.sub(lambda f: (f"{SPARING} " if f[1] in names else "") + f[0], str(program)))


def _close(program: Any, symbol: str, parts: dict[str, Part]) -> None:
    """Make all but the entry private, so that what is not called can go and what is called once moves in."""
    for function in program.functions:
        if not function.is_declaration and function.name != symbol:
            function.linkage = "internal"
        if function.name in parts:
            function.add_function_attribute("noinline")
            if parts[function.name].is_seldom:
                function.add_function_attribute("cold")
    for variable in program.global_variables:
        if not variable.is_declaration:
            variable.linkage = "internal"
