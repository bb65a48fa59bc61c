"""The reference pages name everything that they describe."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import click
import pytest

from burncurve.cli.door import COMMANDS, main
from burncurve.ledger import SCHEMA

ROOT = Path(__file__).parents[2]


@pytest.fixture
def references(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    monkeypatch.delitem(sys.modules, "references", raising=False)
    import references

    return references


def test_every_column_has_a_row(references: ModuleType) -> None:
    rows = [line for line in references.ledger_page().splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == list(SCHEMA.names)
    assert all(row.count("|") == 5 for row in rows)


def test_every_field_of_the_schema_has_a_row(references: ModuleType) -> None:
    schema = json.loads((ROOT / "docs" / "scenario.schema.json").read_text(encoding="utf-8"))
    page = references.scenario_page(schema)
    for part in (schema, *schema["$defs"].values()):
        for field in part.get("properties", {}):
            assert f"| `{field}` |" in page


def test_what_may_stand_there_is_said_in_words(references: ModuleType) -> None:
    spec = {"anyOf": [{"$ref": "#/$defs/Size"}, {"type": "array", "items": {"type": "string"}}, {"const": "never"}]}
    page = references.scenario_page({"properties": {"x": spec}, "required": ["x"]})
    assert "| `x` | Size or list of text or `never` | required |" in page


def test_every_command_has_a_section_with_all_its_options(references: ModuleType) -> None:
    sections = references.commands_page().split("\n## ")[1:]
    assert [section.split("\n", 1)[0] for section in sections] == list(COMMANDS)
    for name, section in zip(COMMANDS, sections, strict=True):
        command = main.get_command(click.Context(main), name)
        assert command is not None
        told = [parameter for parameter in command.params if not getattr(parameter, "hidden", False)]
        assert all(option in section for parameter in told for option in parameter.opts if option[0] == "-")
        assert f"Usage: burncurve {name} " in section
