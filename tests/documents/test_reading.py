"""One reader for all kinds of files: what it says fits the kind, and both of PyYAML's parsers give the same."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml

from burncurve.catalogue.reading import CATALOGUE
from burncurve.documents import MOST_PROBLEMS, Form, Reader, compose, first_of, nodes, read_bytes
from burncurve.errors import InputError, Problem
from burncurve.prices.reading import BOOK
from burncurve.scenario.tree import FORM as SCENARIO

FORMS = (SCENARIO, BOOK, CATALOGUE)
SHIPPED = sorted(
    path for folder in ("scenarios", "sim/burncurve") for path in (Path(__file__).parents[2] / folder).rglob("*.yaml")
)
WRONG = ["a: b: c", "\tname: x", "a: 'b", "a: &x\n  - *y", "a: 1\na: 2", "? [a]", "a: %", "@"]


def problem_of(text: str, form: Form) -> Problem:
    with pytest.raises(InputError) as caught:
        Reader(text.encode(), "f", form).finish()
    return caught.value.problems[0]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("text", ["", "a: 1\n---\nb: 1", "[" * 99, "a: !x 1"])
def test_a_remedy_names_no_other_kind_of_file(form: Form, text: str) -> None:
    problem = problem_of(text, form)
    assert problem.remedy
    assert not [other.name for other in FORMS if other is not form and other.name in f"{problem.what} {problem.remedy}"]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_a_file_above_the_bound_is_refused_with_its_size(form: Form, tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    with path.open("wb") as file:
        file.truncate(form.most_bytes)
    assert len(read_bytes(path, form)) == form.most_bytes
    with path.open("wb") as file:
        file.truncate(form.most_bytes + 1)
    with pytest.raises(InputError, match=f"has {form.most_bytes + 1:,} bytes; {form.name} has at most"):
        read_bytes(path, form)


def test_only_who_expands_anchors_takes_them() -> None:
    assert "write the value out" in problem_of("a: &x 1\nb: *x", BOOK).remedy
    root, problems = compose("a: &x 1\nb: *x", "f", SCENARIO)
    assert isinstance(root, nodes.Pairs)
    assert root.entries[0].value is root.entries[1].value
    assert problems == []


def composed(text: str) -> object:
    try:
        return compose(text, "f", SCENARIO)
    except InputError as error:
        return [problem.where for problem in error.problems]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_both_parsers_give_the_same_nodes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = path.read_text(encoding="utf-8")
    given = composed(text)
    monkeypatch.setattr(nodes, "_LOADER", yaml.SafeLoader)
    assert composed(text) == given


@pytest.mark.parametrize("text", WRONG)
def test_both_parsers_refuse_the_same(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = composed(text)
    monkeypatch.setattr(nodes, "_LOADER", yaml.SafeLoader)
    assert composed(text) == given


@pytest.mark.parametrize(
    "unit", ["[", "a: {", "- ", "? ", "[a, ", "{a: b, ", "a: &x ", "!x ", "'", '"\\', "|\n", "a:\n "]
)
def test_no_small_file_takes_long(unit: str) -> None:
    text = (unit * (SCENARIO.most_bytes // len(unit)))[: SCENARIO.most_bytes]
    before = time.perf_counter()
    composed(text)
    assert time.perf_counter() - before < 10


def test_many_problems_end_with_how_many_more() -> None:
    problems = [Problem(f"f:{line}:1", "is wrong") for line in range(MOST_PROBLEMS + 7, 0, -1)]
    shown = first_of(problems)
    assert [problem.where for problem in shown[:2]] == ["f:1:1", "f:2:1"]
    assert shown[-1].what == "and 7 more problems"
    assert len(shown) == MOST_PROBLEMS + 1
