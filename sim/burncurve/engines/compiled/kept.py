"""Where compiled code is kept between runs, so that it can never be stale.

Numba looks only at the file of the function it caches, not at the rules that were compiled into it. So the
folder of the cache is named after everything that can change the result: the sources of the kernels, of the rules and
of the nouns, the versions of Python, NumPy and Numba, and the place of this program.
"""

from __future__ import annotations

import contextlib
import os
import platform
import stat
import sys
import tempfile
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

from burncurve.aside import written_aside

PACKAGE = Path(__file__).resolve().parents[2]
FILE = "kernel"
SOURCES = ("*.py", "engines/*.py", "engines/compiled/*.py", "engines/reference/luck.py")


@cache
def fingerprint() -> str:
    """Return the hash of all that compiled code depends on."""
    parts = [
        sys.version,
        version("numpy"),
        version("numba"),
        version("llvmlite"),
        os.environ.get("NUMBA_BOUNDSCHECK", ""),
        platform.machine(),
        _processor(),
    ]
    digest = blake2b("\n".join(parts).encode(), digest_size=12)
    for pattern in SOURCES:
        for path in sorted(PACKAGE.glob(pattern)):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _processor() -> str:
    """Return the processor's name and abilities, which machine code is made for."""
    import llvmlite.binding as llvm

    return f"{llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"


@cache
def cache_folder() -> Path | None:
    """Return the folder of this very program's compiled code, made if need be; None if nowhere can be written."""
    for parent in _parents():
        folder = parent / f"burncurve-kernels-{fingerprint()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if not (_is_safe(parent) and _is_safe(folder)):
                continue
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return None


def _is_safe(folder: Path) -> bool:
    """Say whether nobody else can put a file there: what is found is run, and a temporary folder is shared."""
    if not hasattr(os, "getuid"):
        return True
    for seen in (folder.lstat(), folder.stat()):
        if seen.st_uid not in (os.getuid(), 0):
            return False
    return not seen.st_mode & stat.S_IWOTH or bool(seen.st_mode & stat.S_ISVTX)


def _parents() -> list[Path]:
    """Return where compiled code may be kept: as Numba is told, the user's cache folder, the temporary one."""
    told = os.environ.get("NUMBA_CACHE_DIR", "")
    return [*([Path(told)] if told else []), *_of_user(), Path(tempfile.gettempdir()) / f"burncurve-{_user()}"]


def _of_user() -> list[Path]:
    try:
        home = Path.home()
    except RuntimeError:
        return []
    if sys.platform == "win32":
        return [Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local")) / "burncurve"]
    if sys.platform == "darwin":
        return [home / "Library" / "Caches" / "burncurve"]
    return [Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "burncurve"]


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else "user"


def has_kernel() -> bool:
    """Say whether this very program's kernel has been compiled and kept."""
    return read() is not None


def read(name: str = FILE) -> tuple[bytes, str] | None:
    """Return the machine code that was kept and its entry's symbol; None if there is none, or if it was damaged."""
    folder = cache_folder()
    try:
        kept = (folder / name).read_bytes() if folder else b""
    except OSError:
        return None
    check, _, rest = kept.partition(b"\n")
    symbol, _, code = rest.partition(b"\n")
    return (code, symbol.decode()) if _check(symbol, code) == check else None


def write(code: bytes, symbol: str, file_name: str = FILE) -> None:
    """Keep machine code for the next time, where that is possible."""
    folder = cache_folder()
    if folder is None:
        return
    name = symbol.encode()
    with contextlib.suppress(OSError), written_aside(folder / file_name, overwrite=True) as file:
        file.write(b"\n".join((_check(name, code), name, code)))


def _check(symbol: bytes, code: bytes) -> bytes:
    return blake2b(symbol + code, digest_size=16).hexdigest().encode()
