"""Bytes and text of a file, or one problem that says why there are none."""

from __future__ import annotations

from pathlib import Path

from burncurve.documents.form import Form
from burncurve.errors import InputError, Problem, nearest

SUFFIXES = (".yaml", ".yml")


def read_bytes(path: Path, form: Form) -> bytes:
    """Return the bytes of a file of at most `form.most_bytes`; raises InputError."""
    try:
        if path.is_dir():
            raise _refusal(path, f"is a folder and not {form.name}", _within(path, form))
        if not path.exists():
            raise _refusal(path, "no such file", _near(path, form))
        if not path.is_file():
            raise _refusal(path, "is not a regular file", f"save {form.name} as a .yaml file")
        with path.open("rb") as file:
            content = file.read(form.most_bytes + 1)
            size = path.stat().st_size
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise _refusal(path, f"cannot be read: {why}", "check path and rights") from None
    if len(content) > form.most_bytes:
        what = f"has {max(size, len(content)):,} bytes; {form.name} has at most {form.most_bytes:,}"
        raise _refusal(path, what, f"is this {form.name}? name another file, or split it")
    return content


def decoded(content: bytes, name: str) -> str:
    """Return the text of a file's bytes; raises InputError with line and column of what is not text."""
    where = content.find(b"\0")
    if where < 0:
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            where = error.start
    before = content[:where]
    place = f"{name}:{before.count(10) + 1}:{where - before.rfind(10)}"
    what = f"is not UTF-8 text (byte {content[where]:#04x})"
    raise InputError(Problem(place, what, "name a YAML text file, saved as UTF-8"))


def _refusal(path: Path, what: str, remedy: str) -> InputError:
    return InputError(Problem(str(path), what, remedy))


def _within(path: Path, form: Form) -> str:
    """Return a remedy for a folder."""
    there = any(entry.suffix in SUFFIXES for entry in path.iterdir())
    return "name one of the .yaml files in it" if there else form.begin


def _near(path: Path, form: Form) -> str:
    """Return a remedy for a path that does not exist."""
    try:
        names = [entry.name for entry in path.parent.iterdir() if entry.suffix in SUFFIXES]
    except OSError:
        return f"the folder {path.parent} does not exist or cannot be read"
    near = nearest(path.name, names, likeness=0.5)
    return f"did you mean {path.parent / near[0]}?" if near else form.begin
