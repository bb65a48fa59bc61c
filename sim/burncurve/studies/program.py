"""Which program this is, told by its version and by the sources that decide what a piece of work comes to."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path

from burncurve.version import __version__

PACKAGE = Path(__file__).resolve().parents[1]
SOURCES = ("*.py", "engines/**/*.py", "billing/**/*.py", "prices/**/*.py", "studies/**/*.py")


@cache
def mark() -> str:
    """Return the version and the hash of the rules, the same wherever the same program is installed."""
    return f"burncurve {__version__} with rules {_rules(PACKAGE)}"


def _rules(package: Path) -> str:
    digest = blake2b(digest_size=6)
    for path in sorted({path for pattern in SOURCES for path in package.glob(pattern)}):
        source = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{path.relative_to(package).as_posix()}\0{len(source)}\0".encode() + source)
    return digest.hexdigest()
