"""A scenario's nodes as plain data: YAML 1.2 core scalars, anchors and merge keys expanded within bounds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import isinf
from typing import Any

from burncurve.documents import MOST_PROBLEMS, Form, Items, Node, Pair, Pairs, compose
from burncurve.documents.nodes import MERGE
from burncurve.errors import InputError, Problem

FORM = Form(
    "a scenario",
    "start one with `burncurve new NAME`",
    most_bytes=1_000_000,
    most_depth=40,
    most_values=50_000,
    anchors=True,
)

Path = tuple[str | int, ...]

_NULL = re.compile(r"null|Null|NULL|~|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]{1,40}")
_OTHER_BASE = re.compile(r"0o[0-7]{1,40}|0x[0-9a-fA-F]{1,40}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


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
        number = float(text)
        return text if isinf(number) else number  # told as it was written
    if _NOT_FINITE.fullmatch(text):
        return float(text.replace(".", ""))
    return text


class _Expander:
    """Turns nodes into plain data; every use of an anchor is its own copy, and counts."""

    def __init__(self, tree: Tree, problems: list[Problem]) -> None:
        self.tree = tree
        self.problems = problems
        self.count = 0

    def expand(self, node: Node, path: Path) -> Any:
        self.count += 1
        if self.count > FORM.most_values or len(path) > FORM.most_depth:
            what = f"grows through its anchors beyond {FORM.most_values:,} values or {FORM.most_depth} levels"
            raise InputError(*self.problems, Problem(str(node.mark), what, "write out what is meant, without aliases"))
        self.tree.values[path] = str(node.mark)
        if isinstance(node, Items):
            return [self.expand(item, (*path, place)) for place, item in enumerate(node.entries)]
        if isinstance(node, Pairs):
            return self.mapping(node, path)
        return scalar(node.text) if node.plain else node.text

    def mapping(self, node: Pairs, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        self.add((pair for pair in node.entries if pair.key != MERGE), path, data)
        for pair in node.entries:
            if pair.key != MERGE:
                continue
            for source in pair.value.entries if isinstance(pair.value, Items) else [pair.value]:
                self.add(self.merged(source), path, data)
        return data

    def add(self, pairs: Iterable[Pair], path: Path, data: dict[str, Any]) -> None:
        """Add what the mapping does not say yet."""
        for pair in pairs:
            if pair.key not in data:
                self.tree.keys[*path, pair.key] = str(pair.mark)
                data[pair.key] = self.expand(pair.value, (*path, pair.key))

    def merged(self, source: Node) -> Iterator[Pair]:
        """Yield what `<<` brings."""
        if not isinstance(source, Pairs):
            self.problems.append(Problem(str(source.mark), "follows << and is no mapping", "name a mapping there"))
            return
        for pair in source.entries:
            if pair.key == MERGE:
                self.problems.append(Problem(str(pair.mark), "nests << in <<", "merge once"))
            else:
                yield pair


def parse(text: str, file: str) -> tuple[Tree, list[Problem]]:
    """Return the tree of a YAML text and what is wrong with it (duplicate keys, tags, unknown anchors).

    Raises InputError where reading cannot go on: not YAML, too deep, too large, several documents.
    """
    root, problems = compose(text, file, FORM)
    values: dict[Path, str] = {}
    keys: dict[Path, str] = {}
    data = _Expander(Tree(None, values, keys), problems).expand(root, ())
    return Tree(data, values, keys), problems[:MOST_PROBLEMS]
