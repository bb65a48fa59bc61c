"""`--set PATH=VALUE`: one value of the file replaced before it is checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from burncurve.errors import InputError, Problem, did_you_mean, shown
from burncurve.scenario.explaining import dotted, model_at
from burncurve.scenario.tree import Path, Tree, parse

MOST_LETTERS = 10_000


def _key(data: dict[str, Any], fields: Sequence[str], rest: list[str]) -> tuple[str, list[str]] | None:
    """Return the key that the path goes on with and what is left; keys may contain dots (`opus-4.6`)."""
    for length in range(len(rest), 0, -1):
        key = ".".join(rest[:length])
        if key in data or key in fields:
            return key, rest[length:]
    return None


def _index(data: list[Any], text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 9 and int(text) < len(data) else None


class _Wrong(Exception):
    """A path that leads nowhere; carries what is wrong and the remedy."""


def _step(data: Any, path: Path, rest: list[str], root: type[BaseModel]) -> tuple[str | int, list[str]]:
    """Return the next key or index of a path and what is left of it."""
    name = dotted(path) or "the scenario"
    if isinstance(data, list):
        index = _index(data, rest[0])
        if index is None:
            raise _Wrong(f"{name} has no entry {rest[0]!r}", f"it has the entries 0 to {len(data) - 1}")
        return index, rest[1:]
    if not isinstance(data, dict):
        raise _Wrong(f"{name} is {shown(data)}, which has no parts", f"set {name} itself")
    model = model_at(root, path)
    fields = tuple(model.model_fields) if model else ()
    found = _key(data, fields, rest)
    if found is None:
        raise _Wrong(f"{name} has no {rest[0]!r}", did_you_mean(rest[0], {*data, *fields}))
    return found


def _replace(tree: Tree, parts: list[str], value: Any, root: type[BaseModel], where: str) -> Path:
    """Put a value into the data and return the path it has there."""
    data, rest = tree.data, parts
    path: Path = ()
    while True:
        if rest[0] == "0" and isinstance(data, dict) and "0" not in data and len(rest) > 1:
            rest = rest[1:]  # what stands alone may be addressed like the first of a list
        step, rest = _step(data, path, rest, root)
        path = (*path, step)
        if not rest:
            data[step] = value
            return path
        if isinstance(data, dict) and step not in data:
            data[step] = {}
            tree.values[path] = tree.keys[path] = where
        data = data[step]


def apply(tree: Tree, settings: Sequence[str], root: type[BaseModel]) -> list[Problem]:
    """Apply each `PATH=VALUE` to the tree's data and places; return what is wrong with them."""
    found: list[Problem] = []
    for setting in settings:
        found += _apply_one(tree, setting, root)
    return found


def _apply_one(tree: Tree, setting: str, root: type[BaseModel]) -> list[Problem]:
    where = f"--set {shown(setting, 120)[1:-1]}"
    path_text, equals, text = setting.partition("=")
    parts = path_text.strip().split(".")
    if not equals or "" in parts or len(setting) > MOST_LETTERS:
        return [Problem(where, "must be PATH=VALUE", "write for example --set agents.assistant.window=100k")]
    try:
        value, wrong = parse(text, where) if text.strip() else (Tree(None), [])
        path = _replace(tree, parts, value.data, root, where)
    except _Wrong as error:
        return [Problem(where, *error.args)]
    except InputError as error:
        return list(error.problems)
    tree.values[path] = tree.keys[path] = where
    for below in value.values:
        tree.values[(*path, *below)] = tree.keys[(*path, *below)] = where
    return wrong
