"""Whatever is done to a right file, reading it gives a Scenario or an InputError, never anything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from burncurve.errors import InputError
from burncurve.scenario.models import Scenario
from burncurve.scenario.reading import read_text

FOLDER = Path(__file__).parents[2] / "scenarios"
TEXTS = [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.yaml"))]
ODD = [
    "-1", "0", "1e400", ".nan", "-.inf", "~", "true", "''", "[]", "{}", "[[]]", "5", "5m", "17k", "10%", "200%", "*x",
    "&x 1", "!!binary x", "<<: 5", "lead", "x/y", "09:30", "mon-", "2026-02-30", "1e18", "99999999999999999999",
    "{constant: 1}", "{range: [1, 2]}", "{quantiles: {0.5: 1, 50%: a}}", "{lognormal: {}}", "{mixture: [1]}", "[1, 2]",
]  # fmt: skip
JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(ODD),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def reads_or_is_refused(text: str, given: tuple[str, ...] = ()) -> None:
    try:
        read = read_text(text, "f", given)
    except InputError as error:
        wrong = [str(problem) for problem in error.problems[:50] if not (problem.where and problem.what)]
        if wrong or not error.problems:
            pytest.fail(f"a problem without place or rule: {wrong}")
    else:
        assert isinstance(read, Scenario)


@settings(max_examples=150)
@given(st.sampled_from(TEXTS), st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 40), st.sampled_from(ODD))))
def test_changed_text(text: str, cuts: list[tuple[int, int, str]]) -> None:
    for start, length, new in cuts[:6]:
        text = text[:start] + new + text[start + length :]
    reads_or_is_refused(text)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in inner for place in places(part, (*path, key)))]


@settings(max_examples=150)
@given(st.sampled_from(TEXTS), st.data())
def test_changed_values(text: str, data: st.DataObject) -> None:
    tree = yaml.load(text, yaml.BaseLoader)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(places(tree)[1:] or [()]))
        if not path:
            break
        holder = tree
        for step in path[:-1]:
            holder = holder[step]
        if data.draw(st.booleans()):
            holder[path[-1]] = data.draw(JUNK)
        else:
            del holder[path[-1]]
    reads_or_is_refused(yaml.safe_dump(tree, allow_unicode=True))


@given(st.text(max_size=30), st.sampled_from(ODD) | st.text(max_size=20))
def test_any_setting(path: str, value: str) -> None:
    reads_or_is_refused(TEXTS[0], (f"{path}={value}",))


SETTABLE = ["agents.{}.base", "agents.{}.turns", "agents.{}.spawn", "horizon", "start", "agents", "triggers.0.every"]


@settings(max_examples=200)
@given(st.sampled_from(TEXTS), st.sampled_from(SETTABLE), st.sampled_from(ODD) | JUNK.map(yaml.safe_dump))
def test_any_value_set(text: str, path: str, value: str) -> None:
    agent = next(iter(yaml.load(text, yaml.BaseLoader)["agents"]))
    reads_or_is_refused(text, (f"{path.format(agent)}={value}",))


@given(st.text(alphabet="ab:-[]{}&*!|>'\"%@`#,? \n\t0", max_size=60))
def test_any_text(text: str) -> None:
    reads_or_is_refused(text)
