"""The methods that dataclasses write for a class, compiled once and kept: each time anew, they take an eighth of a run.

`dataclasses` writes them as texts and has each compiled. What a text compiles to depends on the text and on Python
alone, so that what was kept of a text cannot be stale.
"""

from __future__ import annotations

import dataclasses
import marshal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import CodeType
from typing import Any

MOST_KEPT = 5_000  # texts; a program that was changed often leaves some behind


@contextmanager
def remembered(name: str) -> Iterator[None]:
    """Within the block, take methods from those kept under this name; those that were not there are kept at its end."""
    from burncurve import kept

    folder = kept.here()
    file = folder / f"methods-{name}" if folder else None
    found = kept.read(file)
    known: dict[str, CodeType] = marshal.loads(found) if found else {}
    new: dict[str, CodeType] = {}

    def run(text: str, of: dict[str, Any] | None = None, names: Mapping[str, object] | None = None) -> None:
        code = known.get(text)
        if code is None:
            code = new[text] = compile(text, "<string>", "exec")
        exec(code, of, names)

    vars(dataclasses)["exec"] = run
    try:
        yield
    finally:
        del vars(dataclasses)["exec"]
        if new:
            kept.write(file, marshal.dumps(new if len(known) > MOST_KEPT else known | new))
