"""A YAML text cut into nodes with places: scalars as written, duplicate keys refused, everything bounded.

PyYAML only gives the events. Its own composer recurses as deep as a file asks it to, and its resolver
follows YAML 1.1, where `1e3` is text, `on` is true and `09:30` is a number in base 60.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn, TypeAlias

import yaml

from burncurve.documents.form import Form
from burncurve.errors import InputError, Problem, shown

MERGE = "<<"

# The C parser where PyYAML was built with it: the same events and marks, some ten times faster.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOT_PRINTABLE = yaml.reader.Reader.NON_PRINTABLE  # YAML 1.2, 5.1
_TEXT_TAG = "tag:yaml.org,2002:str"


class Mark(NamedTuple):
    """A place in a text: file:line:column, lines and columns from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Scalar(NamedTuple):
    """A single value as written; `plain` without quotes or tag, so that it may mean a number, a truth or nothing."""

    mark: Mark
    text: str
    plain: bool


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    mark: Mark
    entries: list[Node] = field(default_factory=list)


class Pair(NamedTuple):
    """A key, its place and its value."""

    key: str
    mark: Mark
    value: Node


@dataclass(frozen=True, slots=True)
class Pairs:
    """A mapping; no key stands in it twice, but for the merge key `<<`."""

    mark: Mark
    entries: list[Pair] = field(default_factory=list)


Node: TypeAlias = Scalar | Items | Pairs


def compose(text: str, name: str, form: Form) -> tuple[Node, list[Problem]]:
    """Return the root node of a YAML text and what is wrong with it (duplicate keys, tags, unknown anchors).

    Raises InputError where reading cannot go on: not YAML, empty, too deep, too large, several documents.
    """
    builder = _Builder(name, form)
    for event in _events(text, name):
        builder.take(event)
    if builder.root is None:
        raise InputError(Problem(name, "is empty", form.begin))
    return builder.root, builder.problems


def _events(text: str, name: str) -> Iterator[Any]:
    """Yield PyYAML's events; what it cannot read becomes an InputError with our place."""
    odd = _NOT_PRINTABLE.search(text)
    if odd:
        before = text[: odd.start()]
        where = f"{name}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
        raise InputError(Problem(where, "holds a control character", "save it as plain UTF-8 text"))
    try:
        loader = _LOADER(text)
        while loader.check_event():
            yield loader.get_event()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        remedy = "check indentation, colons, quotes and brackets on this line and the one before"
        raise InputError(Problem(where, f"is not YAML: {error.problem or error.context}", remedy)) from None


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come: its anchor, the key that waits for a value, the lines of its keys."""

    node: Items | Pairs
    anchor: str | None
    key: tuple[str, Mark] | None = None
    lines: dict[str, int] = field(default_factory=dict)


class _Builder:
    """Turns events into nodes without recursion, so that depth is our decision."""

    def __init__(self, name: str, form: Form) -> None:
        self.name = name
        self.form = form
        self.open: list[_Open] = []
        self.anchors: dict[str, Node] = {}
        self.problems: list[Problem] = []
        self.documents = 0
        self.count = 0
        self.root: Node | None = None

    def take(self, event: Any) -> None:
        """Take the next event."""
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self.scalar(event)
        elif kind is yaml.MappingStartEvent:
            self.begin(event, Pairs(self.mark(event)))
        elif kind is yaml.SequenceStartEvent:
            self.begin(event, Items(self.mark(event)))
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            ended = self.open.pop()
            self.add(ended.node, ended.anchor)
        elif kind is yaml.AliasEvent:
            self.alias(event)
        elif kind is yaml.DocumentStartEvent:
            self.documents += 1
            if self.documents > 1:
                self.stop(self.mark(event), "starts a second document", f"one file holds one: {self.form.name}")

    def mark(self, event: Any) -> Mark:
        start = event.start_mark
        return Mark(self.name, start.line + 1, start.column + 1)

    def stop(self, mark: Mark, what: str, remedy: str) -> NoReturn:
        raise InputError(*self.problems, Problem(str(mark), what, remedy))

    def fail(self, mark: Mark, what: str, remedy: str) -> None:
        self.problems.append(Problem(str(mark), what, remedy))

    def check_tag(self, mark: Mark, tag: str | None, *known: str) -> None:
        if tag not in (None, "!", *known):
            self.fail(mark, f"has the tag {shown(tag)}", f"{self.form.name} is plain data: remove it")

    def begin(self, event: Any, node: Items | Pairs) -> None:
        if len(self.open) >= self.form.most_depth:
            what = f"is nested more than {self.form.most_depth} levels deep"
            self.stop(node.mark, what, f"{self.form.name} needs fewer; flatten it")
        self.check_tag(node.mark, event.tag)
        self.open.append(_Open(node, event.anchor))

    def scalar(self, event: Any) -> None:
        mark = self.mark(event)
        if event.tag is not None:
            self.check_tag(mark, event.tag, _TEXT_TAG)
        self.add(Scalar(mark, event.value, event.implicit[0] and not event.style), event.anchor)

    def alias(self, event: Any) -> None:
        mark = self.mark(event)
        if not self.form.anchors:
            self.stop(mark, f"is an alias (*{event.anchor}); {self.form.name} has none", "write the value out")
        known = self.anchors.get(event.anchor)
        if known is None:
            what = f"uses the anchor {shown(event.anchor)}, which no finished value before it carries"
            self.fail(mark, what, f"put &{event.anchor} before the value that is meant")
        self.add(known or Scalar(mark, "", True), None)

    def add(self, node: Node, anchor: str | None) -> None:
        self.count += 1
        if self.count > self.form.most_values:
            self.stop(node.mark, f"holds more than {self.form.most_values:,} values", f"split {self.form.name}")
        if anchor is not None:
            self.anchors[anchor] = node
        if not self.open:
            self.root = node
            return
        around = self.open[-1]
        if isinstance(around.node, Items):
            around.node.entries.append(node)
        elif around.key is None:
            around.key = self.key(node)
        else:
            self.add_pair(around, around.node.entries, Pair(*around.key, node))

    def key(self, node: Node) -> tuple[str, Mark]:
        if not isinstance(node, Scalar):
            self.stop(node.mark, "is a key that is no plain text", "use a name as the key")
        return node.text, node.mark

    def add_pair(self, around: _Open, entries: list[Pair], pair: Pair) -> None:
        around.key = None
        first = around.lines.get(pair.key)
        if first is not None and not (pair.key == MERGE and self.form.anchors):
            self.fail(
                pair.mark, f"repeats the key {shown(pair.key)}, first given in line {first}", "keep one of the two"
            )
            return
        around.lines[pair.key] = pair.mark.line
        entries.append(pair)
