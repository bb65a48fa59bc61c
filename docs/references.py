"""Writes the reference pages from what they describe: the scenario's JSON Schema, the ledger's columns, the help."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from burncurve.cli.door import COMMANDS, main
from burncurve.columns import Column
from burncurve.ledger import KIND_NAMES, SCHEMA, STATUS_NAMES

HERE = Path(__file__).parent
WORDS = {"string": "text", "object": "mapping", "boolean": "true or false"}
SCENARIO_HEAD = """# Scenario files

Made from the JSON Schema that `burncurve schema` prints. An editor that understands YAML language servers
completes and checks scenario files by it. A number, a distribution or a range may stand wherever a quantity stands.
"""
LEDGER_HEAD = """# Columns of the ledger

One row per attempt of a call, integers only, no money. "May be missing" columns hold null in files.
Kinds of call: {kinds}. Ends of an attempt: {statuses}.

| column | type | unit | meaning |
|---|---|---|---|
"""


COMMANDS_HEAD = """# Commands

What `burncurve COMMAND --help` prints. {epilog}
"""
HELP_WIDTH = 100


def write() -> None:
    """Write docs/reference/scenario.md, docs/reference/ledger.md and docs/reference/commands.md."""
    folder = HERE / "reference"
    folder.mkdir(exist_ok=True)
    (folder / "ledger.md").write_text(ledger_page(), encoding="utf-8")
    (folder / "commands.md").write_text(commands_page(), encoding="utf-8")
    schema = json.loads((HERE / "scenario.schema.json").read_text(encoding="utf-8"))
    (folder / "scenario.md").write_text(scenario_page(schema), encoding="utf-8")


def ledger_page() -> str:
    """Return the page of the ledger's columns."""
    head = LEDGER_HEAD.format(kinds=", ".join(KIND_NAMES), statuses=", ".join(STATUS_NAMES))
    return head + "".join(_column_row(column) for column in SCHEMA.columns)


def _column_row(column: Column) -> str:
    missing = " (may be missing)" if column.nullable else ""
    return f"| `{column.name}` | {column.dtype} | {column.unit} | {_cell(column.meaning)}{missing} |\n"


def commands_page() -> str:
    """Return one section per command, with its help."""
    settings = {**main.context_settings, "max_content_width": HELP_WIDTH, "terminal_width": HELP_WIDTH}
    root = click.Context(main, info_name="burncurve", **settings)
    head = COMMANDS_HEAD.format(epilog=" ".join((main.epilog or "").replace("\b", "").split()))
    return head + "".join(_command(name, root) for name in COMMANDS)


def _command(name: str, root: click.Context) -> str:
    command = main.get_command(root, name)
    if command is None:
        raise LookupError(name)
    with click.Context(command, parent=root, info_name=name) as context:
        return f"\n## {name}\n\n```text\n{command.get_help(context)}\n```\n"


def scenario_page(schema: Mapping[str, Any]) -> str:
    """Return one section per part of a scenario file, in the schema's own order."""
    parts = {"The file": schema, **schema.get("$defs", {})}
    return SCENARIO_HEAD + "".join(_section(name, part) for name, part in parts.items())


def _section(name: str, part: Mapping[str, Any]) -> str:
    about = " ".join(part.get("description", "").split())
    lines = [f"\n## {name}\n", about, ""]
    if part.get("properties"):
        required = set(part.get("required", ()))
        lines += ["| field | what may stand there | default | meaning |", "|---|---|---|---|"]
        lines += [_row(field, spec, field in required) for field, spec in part["properties"].items()]
    elif not about:
        lines.append(_type(part))
    return "\n".join(lines) + "\n"


def _row(field: str, spec: Mapping[str, Any], required: bool) -> str:
    known = spec.get("default") is not None
    default = "required" if required else f"`{json.dumps(spec['default'])}`" if known else ""
    return f"| `{field}` | {_cell(_type(spec))} | {_cell(default)} | {_cell(spec.get('description', ''))} |"


def _type(spec: Mapping[str, Any]) -> str:
    """Return what may stand there, in words."""
    if "$ref" in spec:
        return str(spec["$ref"]).rpartition("/")[2]
    if "enum" in spec or "const" in spec:
        return ", ".join(f"`{value}`" for value in spec.get("enum", (spec.get("const"),)))
    for union in ("anyOf", "oneOf", "allOf"):
        if union in spec:
            options = [option for option in spec[union] if option != {"type": "null"}]
            return " or ".join(dict.fromkeys(_type(option) for option in options))
    if spec.get("type") == "array":
        return f"list of {_type(spec.get('items', {}))}"
    if "patternProperties" in spec:
        return "names, each to " + " or ".join(_type(value) for value in spec["patternProperties"].values())
    kinds = spec.get("type", "anything")
    return " or ".join(WORDS.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
