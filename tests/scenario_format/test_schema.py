"""The exported JSON Schema is current, accepts what the reader accepts, and refuses what editors should mark."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from burncurve.scenario.distributions import KINDS, Count, Duration, Factor, Probability, Tokens
from burncurve.scenario.schema import schema, schema_text
from burncurve.scenario.tree import parse

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "scenarios").glob("*.yaml"))
SCHEMA = schema()


def _mini_schema() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mini_schema", Path(__file__).with_name("mini_schema.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mini_schema"] = module
    spec.loader.exec_module(module)
    return module


accepts = _mini_schema().accepts


def data(text: str) -> Any:
    return parse(text, "f")[0].data


def test_the_committed_schema_is_current() -> None:
    committed = (ROOT / "docs" / "scenario.schema.json").read_text(encoding="utf-8")
    assert committed == schema_text(), "run: burncurve schema > docs/scenario.schema.json"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_it_accepts_every_shipped_scenario(path: Path) -> None:
    assert accepts(SCHEMA, SCHEMA, data(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("base: 20k", "base: 20q"),
        ("base: 20k", "base: -3"),
        ("base: 20k", "bse: 20k"),
        ("horizon: 8h", "horizn: 8h"),
        ("name: small", "name: 12"),
        ("overlap: skip", "overlap: skp"),
        ("sigma: 0.5", "sigma: 0.5, mu: 3"),
        ("median: 5, ", ""),
        ("{0.5: 3s, 1: 60s}", "{0.5: 3s, 1: 60k}"),
        ("cache: {lead: 1h}", "cache: {lead: 2h}"),
        ("agent: worker", "agent: 5"),
        ("minimax/minimax-m2.5", "minimax-m2.5"),
        ("clip: [1, 40]", "clip: [1]"),
    ],
)
def test_it_refuses_what_the_reader_refuses(right: str, old: str, new: str) -> None:
    assert old in right
    assert accepts(SCHEMA, SCHEMA, data(right))
    assert not accepts(SCHEMA, SCHEMA, data(right.replace(old, new, 1)))


@pytest.mark.parametrize("model", [Tokens, Count, Duration, Probability, Factor])
def test_a_quantity_has_the_fields_of_its_model(model: type[Tokens]) -> None:
    stated = SCHEMA["$defs"][model.__name__]["anyOf"][1]["properties"]
    assert set(stated) == set(model.model_fields)
    for kind in set(KINDS) - {"constant", "quantiles", "range", "mixture"}:
        law = model.model_fields[kind].annotation.__args__[0]  # type: ignore[union-attr]
        assert set(stated[kind]["properties"]) == set(law.model_fields)
        required = {name for name, field in law.model_fields.items() if field.is_required()}
        assert set(stated[kind]["required"]) == required


def test_every_field_has_its_description() -> None:
    for name, part in [("Scenario", SCHEMA), *SCHEMA["$defs"].items()]:
        for field, spec in part.get("properties", {}).items():
            assert "description" in spec or "$ref" in spec, f"{name}.{field}"
