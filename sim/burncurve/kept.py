"""What is kept on a user's machine from one run to the next, where nobody else can have put it.

What is found is run or trusted as it is. So a folder counts only where it is the user's own, and a file only where it
is as it was written; that it is not stale is for those to see to who write it, by its name or in it.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from pathlib import Path

from burncurve.aside import written_aside

PACKAGE = Path(__file__).resolve().parent


@cache
def folder(name: str) -> Path | None:
    """Return the folder of that name for what is kept, made if need be; None if nowhere can be written."""
    for parent in _parents():
        found = parent / name
        try:
            found.mkdir(parents=True, exist_ok=True)
            if not (_is_safe(parent) and _is_safe(found)):
                continue
            if os.access(found, os.W_OK):
                return found
        except OSError:
            continue
    return None


@cache
def here() -> Path | None:
    """Return the folder for what this place of the program, under this Python, has read and compiled."""
    parts = (sys.version, str(sys.flags.optimize), str(PACKAGE))
    return folder(f"burncurve-files-{blake2b(repr(parts).encode(), digest_size=12).hexdigest()}")


def sources(*patterns: str) -> bytes:
    """Return a hash of the program's files of these patterns."""
    digest = blake2b(digest_size=16)
    for pattern in patterns:
        for path in sorted(PACKAGE.glob(pattern)):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.digest()


def read(path: Path | None) -> bytes | None:
    """Return what was written; None where there is nothing, or where it was damaged."""
    try:
        data = path.read_bytes() if path else b""
    except OSError:
        return None
    check, _, rest = data.partition(b"\n")
    return rest if _check(rest) == check else None


def write(path: Path | None, data: bytes) -> None:
    """Keep data for the next time, where that is possible."""
    if path is not None:
        with contextlib.suppress(OSError), written_aside(path, overwrite=True) as file:
            file.write(_check(data) + b"\n")
            file.write(data)


def _check(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).hexdigest().encode()


def _is_safe(path: Path) -> bool:
    """Say whether nobody else can put a file there: a temporary folder, for one, is shared."""
    if not hasattr(os, "getuid"):
        return True
    for seen in (path.lstat(), path.stat()):
        if seen.st_uid not in (os.getuid(), 0):
            return False
    return not seen.st_mode & stat.S_IWOTH or bool(seen.st_mode & stat.S_ISVTX)


def _parents() -> Iterator[Path]:
    """Yield where to keep it: where Numba is told to, the user's cache folder, the temporary one."""
    if told := os.environ.get("NUMBA_CACHE_DIR", ""):
        yield Path(told)
    yield from _of_user()
    import tempfile

    yield Path(tempfile.gettempdir()) / f"burncurve-{_user()}"


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
