"""YAML cut into places and values: the 1.2 core schema, duplicate keys, bounds."""

from __future__ import annotations

import math
from typing import Any

import pytest

from burncurve.errors import InputError
from burncurve.scenario.tree import FORM, parse


def data(text: str) -> Any:
    tree, problems = parse(text, "f")
    assert problems == []
    return tree.data


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e3", 1000.0),  # YAML 1.1 as PyYAML reads it: text
        ("on", "on"),  # 1.1: true
        ("no", "no"),  # 1.1: false
        ("off", "off"),
        ("09:30", "09:30"),
        ("12:30:45", "12:30:45"),  # 1.1: 45045 in base 60
        ("2026-02-23", "2026-02-23"),  # 1.1: a date
        ("2026-02-23T09:30", "2026-02-23T09:30"),
        ("010", 10),  # 1.1: 8
        ("0o10", 8),
        ("0xff", 255),
        ("1_000", "1_000"),  # 1.1: 1000
        ("true", True),
        ("~", None),
        (".5", 0.5),
        ("-.inf", -math.inf),
        ("'5'", "5"),
        ("!!str 5", "5"),
        ("=", "="),
    ],
)
def test_plain_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    read = data(f"a: {text}")["a"]
    assert read == value
    assert type(read) is type(value)


def test_not_a_number_is_read_as_one() -> None:
    assert math.isnan(data("a: .nan")["a"])


def test_keys_are_text() -> None:
    assert data("{0: a, 0.5: b, true: c}") == {"0": "a", "0.5": "b", "true": "c"}


def test_places_count_lines_and_columns_from_one() -> None:
    tree, _ = parse("a:\n  - b: 5\n    c: [6, 7]\n", "f.yaml")
    assert tree.keys["a", 0, "c"] == "f.yaml:3:5"
    assert tree.values["a", 0, "b"] == "f.yaml:2:8"
    assert tree.values["a", 0, "c", 1] == "f.yaml:3:12"


def test_anchors_and_merges() -> None:
    text = "a: &x {p: 1, q: 2}\nb: *x\nc: {<<: *x, q: 3}\nd: {<<: [{p: 4}, *x]}"
    assert data(text) == {
        "a": {"p": 1, "q": 2},
        "b": {"p": 1, "q": 2},
        "c": {"q": 3, "p": 1},
        "d": {"p": 4, "q": 2},
    }


def test_each_use_of_an_anchor_is_its_own_copy() -> None:
    tree = data("a: &x {p: 1}\nb: *x")
    assert tree["a"] is not tree["b"]


def test_every_duplicate_key_is_named_with_its_first() -> None:
    _, problems = parse("a: 1\nb: {c: 1, c: 2}\na: 3\n", "f")
    assert [(p.where, p.what) for p in problems] == [
        ("f:2:11", "repeats the key 'c', first given in line 2"),
        ("f:3:1", "repeats the key 'a', first given in line 1"),
    ]


def bomb() -> str:
    lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 10)]
    return "\n".join(lines)


def chain() -> str:
    return "\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 200))])


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (bomb(), "grows through its anchors"),
        (chain(), "grows through its anchors"),
        ("[" * 100_000, "nested more than"),
        ("a: {" * 100_000, "nested more than"),
        ("- " * 100_000, "nested more than"),
        ("? " * 100_000, "nested more than"),
        ("[" + "a, " * 60_000 + "]", "holds more than"),
        ("a: b: c", "is not YAML"),
        ("a: [1,", "is not YAML"),
        ("\tname: x", "is not YAML"),
        ("a: 1\n---\nb: 2", "second document"),
        ("", "is empty"),
        ("# only a comment", "is empty"),
        ("a: \x01", "control character"),
        ("? [a]\n: b", "key that is no plain text"),
    ],
)
def test_what_cannot_be_read_is_refused_at_once(text: str, what: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text, "f")
    (problem,) = caught.value.problems
    assert what in problem.what
    assert problem.remedy
    assert problem.where.startswith("f")


@pytest.mark.parametrize(
    "text", ["a: !!python/object:os.system x", "a: !mine [1]", "a: &r [*r]", "a: *nope", "{<<: 5}"]
)
def test_what_is_no_plain_data_is_a_problem(text: str) -> None:
    _, problems = parse(text, "f")
    assert len(problems) == 1
    assert problems[0].where.startswith("f:1:")
    assert problems[0].remedy


def test_depth_up_to_the_bound_is_read() -> None:
    assert data("[" * (FORM.most_depth - 1) + "]" * (FORM.most_depth - 1)) is not None
