"""YAML read with our own places and rules: 1.2 core scalars, duplicate keys refused, everything bounded.

PyYAML only cuts the text into events. Its own resolver follows YAML 1.1, where `1e3` is text, `on` is
true and `09:30` is a number in base 60; and its composer recurses as deep as a file asks it to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from burncurve.errors import InputError, Problem

MOST_NODES = 50_000
MOST_DEPTH = 40
MOST_PROBLEMS = 50
MERGE = "<<"

Path = tuple[str | int, ...]

_NULL = re.compile(r"null|Null|NULL|~|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]{1,40}")
_OTHER_BASE = re.compile(r"0o[0-7]{1,40}|0x[0-9a-fA-F]{1,40}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_TEXT_TAG = "tag:yaml.org,2002:str"
_PLAIN_TAGS = ("!", None)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a text: file:line:column, lines and columns from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its place: a scalar, a list of nodes, or a list of (key, place of key, node)."""

    value: Any
    mark: Mark
    kind: type  # str for scalars, list or dict


@dataclass(frozen=True, slots=True)
class Tree:
    """Plain data, and the places of every key and value by path."""

    data: Any
    values: dict[Path, str] = field(default_factory=dict)
    keys: dict[Path, str] = field(default_factory=dict)


def scalar(text: str) -> Any:
    """Return what a plain scalar means in the YAML 1.2 core schema."""
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text):
        return True
    if _FALSE.fullmatch(text):
        return False
    if _INT.fullmatch(text):
        return int(text)
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _NOT_FINITE.fullmatch(text):
        return float(text.replace(".", ""))
    return text


class _Builder:
    """Turns events into nodes without recursion, so that depth is our decision."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.open: list[Node] = []
        self.pending: list[tuple[str, Mark] | None] = []  # the key that waits for its value, one per open node
        self.anchors: dict[str, Node] = {}
        self.names: list[str | None] = []
        self.problems: list[Problem] = []
        self.count = 0
        self.root: Node | None = None

    def mark(self, event: Any) -> Mark:
        return Mark(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def stop(self, mark: Mark, what: str, remedy: str) -> None:
        raise InputError(*self.problems, Problem(str(mark), what, remedy))

    def begin(self, event: Any, kind: type) -> None:
        mark = self.mark(event)
        if len(self.open) >= MOST_DEPTH:
            self.stop(mark, f"is nested more than {MOST_DEPTH} levels deep", "a scenario needs about eight; flatten it")
        if event.tag not in _PLAIN_TAGS:
            self.refuse_tag(mark, event.tag)
        self.open.append(Node([], mark, kind))
        self.pending.append(None)
        self.names.append(event.anchor)

    def end(self) -> None:
        node, name = self.open.pop(), self.names.pop()
        self.pending.pop()
        self.add(node, name)

    def refuse_tag(self, mark: Mark, tag: str) -> None:
        self.problems.append(Problem(str(mark), f"has the tag {shown(tag)}", "a scenario is plain data: remove it"))

    def read_scalar(self, event: Any) -> None:
        mark = self.mark(event)
        plain = event.implicit[0] and event.style is None
        if event.tag not in (*_PLAIN_TAGS, _TEXT_TAG):
            self.refuse_tag(mark, event.tag)
        is_key = bool(self.open) and self.open[-1].kind is dict and self.pending[-1] is None
        self.add(Node(scalar(event.value) if plain and not is_key else event.value, mark, str), event.anchor)

    def read_alias(self, event: Any) -> None:
        mark = self.mark(event)
        known = self.anchors.get(event.anchor)
        if known is None:
            what = f"uses the anchor {shown(event.anchor)}, which no finished value before it carries"
            self.problems.append(Problem(str(mark), what, f"put &{event.anchor} before the value that is meant"))
        self.add(known or Node(None, mark, str), None)

    def add(self, node: Node, name: str | None) -> None:
        self.count += 1
        if self.count > MOST_NODES:
            self.stop(node.mark, f"holds more than {MOST_NODES:,} values", "split the scenario")
        if name is not None:
            self.anchors[name] = node
        if not self.open:
            self.root = node
        elif self.open[-1].kind is list:
            self.open[-1].value.append(node)
        else:
            self.add_to_mapping(node)

    def add_to_mapping(self, node: Node) -> None:
        key = self.pending[-1]
        if key is not None:
            self.open[-1].value.append((*key, node))
            self.pending[-1] = None
            return
        if node.kind is not str:
            self.stop(node.mark, "is a key that is no plain text", "use a name as the key")
        self.pending[-1] = (str(node.value), node.mark)


def _events(text: str, file: str) -> Iterator[Any]:
    """Yield PyYAML's events; what it cannot read becomes an InputError with our place."""
    try:
        yield from yaml.parse(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else file
        remedy = "check indentation, colons, quotes and brackets on this line and the one before"
        raise InputError(Problem(where, f"is not YAML: {error.problem or error.context}", remedy)) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        where = f"{file}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
        raise InputError(Problem(where, "holds a control character", "save it as plain UTF-8 text")) from None


def _compose(text: str, file: str) -> tuple[Node | None, list[Problem]]:
    builder = _Builder(file)
    documents = 0
    for event in _events(text, file):
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                builder.stop(builder.mark(event), "starts a second document", "one file holds one scenario")
        elif isinstance(event, yaml.MappingStartEvent):
            builder.begin(event, dict)
        elif isinstance(event, yaml.SequenceStartEvent):
            builder.begin(event, list)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            builder.end()
        elif isinstance(event, yaml.ScalarEvent):
            builder.read_scalar(event)
        elif isinstance(event, yaml.AliasEvent):
            builder.read_alias(event)
    return builder.root, builder.problems


class _Expander:
    """Turns nodes into plain data; every use of an anchor is its own copy, and counts."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.count = 0
        self.problems: list[Problem] = []

    def expand(self, node: Node, path: Path) -> Any:
        self.count += 1
        if self.count > MOST_NODES or len(path) > MOST_DEPTH:
            what = f"grows through its anchors beyond {MOST_NODES:,} values or {MOST_DEPTH} levels"
            raise InputError(*self.problems, Problem(str(node.mark), what, "write out what is meant, without aliases"))
        self.tree.values[path] = str(node.mark)
        if node.kind is list:
            return [self.expand(item, (*path, place)) for place, item in enumerate(node.value)]
        if node.kind is dict:
            return self.mapping(node, path)
        return node.value

    def mapping(self, node: Node, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        first: dict[str, Mark] = {}
        for key, mark, value in node.value:
            if key == MERGE:
                continue
            if key in first:
                what = f"repeats the key {shown(key)}, first given in line {first[key].line}"
                self.problems.append(Problem(str(mark), what, "keep one of the two"))
                continue
            first[key] = mark
            self.tree.keys[*path, key] = str(mark)
            data[key] = self.expand(value, (*path, key))
        for key, _, value in node.value:
            if key == MERGE:
                self.merge(value, path, data)
        return data

    def merge(self, node: Node, path: Path, data: dict[str, Any]) -> None:
        """Add what `<<` brings and the mapping does not say itself."""
        for source in node.value if node.kind is list else [node]:
            if source.kind is not dict:
                self.problems.append(Problem(str(source.mark), "follows << and is no mapping", "name a mapping there"))
                continue
            for key, mark, value in source.value:
                if key == MERGE:
                    self.problems.append(Problem(str(mark), "nests << in <<", "merge once"))
                elif key not in data:
                    self.tree.keys[*path, key] = str(mark)
                    data[key] = self.expand(value, (*path, key))


def parse(text: str, file: str) -> tuple[Tree, list[Problem]]:
    """Return the tree of a YAML text and what is wrong with it (duplicate keys, tags, unknown anchors).

    Raises InputError where reading cannot go on: not YAML, too deep, too large, several documents.
    """
    root, problems = _compose(text, file)
    if root is None:
        raise InputError(Problem(file, "is empty", "start from `burncurve new NAME`"))
    values: dict[Path, str] = {}
    keys: dict[Path, str] = {}
    expander = _Expander(Tree(None, values, keys))
    data = expander.expand(root, ())
    return Tree(data, values, keys), [*problems, *expander.problems][:MOST_PROBLEMS]


def shown(value: object, most: int = 60) -> str:
    """Return a value as text for a message, cut to `most` characters."""
    text = _shown_mapping(value) if isinstance(value, Mapping) else repr(value)
    return text if len(text) <= most else f"{text[: most - 3]}..."


def _shown_mapping(value: Mapping[Any, Any]) -> str:
    return "a mapping of " + ", ".join(str(key) for key in list(value)[:5])
