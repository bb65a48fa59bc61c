"""YAML as text with places: every number stays as written, every problem names file, line and column."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Protocol

import yaml

from burncurve.errors import InputError, Problem

MAX_BYTES = 2_000_000
MAX_DEPTH = 20
# The C parser where PyYAML was built with it: the same nodes and marks, some ten times faster.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Mark(Protocol):
    """What the marks of both parsers have in common."""

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


def read_bytes(path: Path) -> bytes:
    """Return the content of a file; raises InputError where it cannot be read or is too large."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(Problem(str(path), f"cannot be read: {error.strerror}", "check the path")) from None
    if len(content) > MAX_BYTES:
        raise InputError(Problem(str(path), f"is larger than {MAX_BYTES:,} bytes", "a price book is a small file"))
    return content


def compose(content: bytes, name: str) -> yaml.Node:
    """Return the root node of a YAML document; raises InputError naming the place where it is none."""
    try:
        text = content.decode("utf-8")
        _check_events(text, name)
        node = yaml.compose(text, Loader=_Loader)
    except UnicodeDecodeError as error:
        raise InputError(Problem(name, f"is not text: byte {error.start} is not UTF-8", "save it as UTF-8")) from None
    except yaml.MarkedYAMLError as error:
        raise InputError(Problem(_place(name, error.problem_mark), f"is not YAML: {error.problem}")) from None
    except yaml.YAMLError as error:
        raise InputError(Problem(name, f"is not YAML: {error}")) from None
    if node is None:
        raise InputError(Problem(name, "is empty", "see the shipped book `list` for the fields"))
    return node


def _check_events(text: str, name: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            raise InputError(Problem(_place(name, event.start_mark), "an alias (*name)", "write the value out"))
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise InputError(Problem(_place(name, event.start_mark), f"nested deeper than {MAX_DEPTH} levels"))


def _place(name: str, mark: _Mark | None) -> str:
    return name if mark is None else f"{name}:{mark.line + 1}:{mark.column + 1}"


class Reader:
    """Walks the nodes of one file and collects every problem instead of stopping at the first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []

    def where(self, node: yaml.Node) -> str:
        return _place(self.name, node.start_mark)

    def fail(self, node: yaml.Node, what: str, remedy: str = "") -> None:
        self.problems.append(Problem(self.where(node), what, remedy))

    def text(self, node: yaml.Node, field: str) -> str:
        """Return a scalar as written; "" with a problem for anything else."""
        if isinstance(node, yaml.ScalarNode) and node.value.strip():
            return str(node.value).strip()
        self.fail(node, f"{field}: expected a value")
        return ""

    def items(self, node: yaml.Node, field: str) -> list[yaml.Node]:
        """Return the members of a list; nothing, with a problem, for anything else."""
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        self.fail(node, f"{field}: expected a list", f"write `{field}: [...]`")
        return []

    def fields(
        self, node: yaml.Node, title: str, known: Collection[str], needed: Collection[str]
    ) -> dict[str, yaml.Node]:
        """Return the known fields of a mapping; unknown, doubled and missing ones become problems."""
        found: dict[str, yaml.Node] = {}
        for key, at, value in self.pairs(node, title):
            if key in known:
                found[key] = value
            else:
                self.fail(at, f"{title}: unknown field `{key}`", did_you_mean(key, known))
        for field in needed:
            if field not in found:
                self.fail(node, f"{title}: `{field}` is missing", f"add `{field}: ...`")
        return found

    def pairs(self, node: yaml.Node, title: str) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        """Yield (key, node of the key, node of the value) of a mapping; doubled keys become problems."""
        if not isinstance(node, yaml.MappingNode):
            self.fail(node, f"{title}: expected fields", "write `name: value`, one per line")
            return
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            if not name or name in seen:
                self.fail(key, f"{title}: `{name}` stands here twice" if name else f"{title}: a key must be a word")
                continue
            seen.add(name)
            yield name, key, value

    def finish(self) -> None:
        """Raise InputError with everything found, if anything was."""
        if self.problems:
            raise InputError(*self.problems)


def did_you_mean(word: str, known: Collection[str]) -> str:
    """Return a remedy for a misspelt word."""
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f"did you mean `{close[0]}`?" if close else f"known: {', '.join(sorted(known))}"
