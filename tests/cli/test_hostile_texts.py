"""Names of others can neither steer a terminal, nor begin a formula, nor break a table; few letters are enough."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from burncurve.cli import show
from burncurve.report import tables
from burncurve.report.tables import Grid, Heading
from burncurve.texts import escaped, in_markdown, inert

ESCAPE = "\x1b[2J\x1b]0;owned\x07"


@pytest.mark.parametrize(
    ("raw", "harmless"),
    [
        ("plain é 日本 ×", "plain é 日本 ×"),
        ("two\nlines", "two\nlines"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b31m", "\\x9b31m"),  # the one-byte form of ESC [
        ("a\rb\x08\x00", "a\\rb\\x08\\x00"),
        ("\u202eevil", "\\u202eevil"),  # turns the reading direction
        ("\udcff", "\\udcff"),  # a byte of a file name that is no UTF-8
    ],
)
def test_control_characters_are_written_out(raw: str, harmless: str) -> None:
    assert escaped(raw) == harmless


@pytest.mark.parametrize(
    "words",
    [
        ("run", f"lost{ESCAPE}.yaml"),
        ("run", "blackboard", f"--x{ESCAPE}"),
        (f"rum{ESCAPE}",),
        ("prices", f"nobody{ESCAPE}"),
        ("run", "blackboard", "--models", f"a/{ESCAPE}"),
        ("run", "blackboard", "--book", f"b{ESCAPE}"),
    ],
)
def test_no_error_repeats_an_escape(call, words: tuple[str, ...]) -> None:
    ended = call(*words)
    assert ended.exit_code == 2
    assert "owned" in ended.stderr
    assert "\x1b" not in ended.output
    assert "\x07" not in ended.output


def test_a_name_in_a_file_is_told_without_its_escapes(call) -> None:
    Path("wrong.yaml").write_text('name: x\n"col\\e[31mour": red\n')
    ended = call("validate", "wrong.yaml")
    assert ended.exit_code == 2
    assert "\x1b" not in ended.stderr


def test_notes_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    show.note(f"note: {ESCAPE}", quiet=False)
    assert capsys.readouterr().err == "note: \\x1b[2J\\x1b]0;owned\\x07\n"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_is_no_formula(text: str) -> None:
    grid = Grid("t", (Heading("name", "name"), Heading("usd", "usd")), [(text, -1.5)])
    (_, row) = csv.reader(io.StringIO(tables.comma_separated(grid), newline=""))
    assert row == [f"'{escaped(text)}", "-1.5"]
    assert inert("maker/model-1") == "maker/model-1"


def test_markdown_keeps_its_columns_and_its_page() -> None:
    assert in_markdown("a|b<img src=x>\\|\nc") == "a\\|b&lt;img src=x&gt;\\\\\\| c"
    assert in_markdown("![x](http://e)") == "!\\[x\\](http://e)"
    grid = Grid("<b>", (Heading("n", "<script>"),), [("<script>|",)])
    assert tables.markdown([grid]).splitlines() == [
        "### &lt;b&gt;", "", "| &lt;script&gt; |", "| --- |", "| &lt;script&gt;\\| |",
    ]  # fmt: skip


def test_standard_output_may_know_few_letters(tmp_path: Path) -> None:
    """The table has a ×; where it cannot be shown there is a question mark, not a refusal after all is done."""
    paths = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "sim"), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "burncurve", "compare", "blackboard", "--no-pictures", "--quiet"]
    ended = subprocess.run(command, cwd=tmp_path, env=paths, capture_output=True)
    assert ended.returncode == 0, ended.stderr
    assert b"?" in ended.stdout
    assert b"\xc3" not in ended.stdout


def test_which_filter_is_refused_does_not_depend_on_chance(tmp_path: Path) -> None:
    """Sets of texts are walked in an order that the seed of their hash decides."""
    code = (
        "from burncurve.cli.calls import _filtered\nfrom burncurve.errors import InputError\nimport pyarrow as pa\n"
        "table = pa.table({name: ['x'] for name in ('deployment', 'agent', 'offer')})\n"
        "try:\n    _filtered(table, {'offer': 'a', 'agent': 'b', 'deployment': 'c'})\n"
        "except InputError as error:\n    print(error.problems[0].where)\n"
    )
    paths = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "sim")}
    told = {
        subprocess.run(
            [sys.executable, "-c", code], env={**paths, "PYTHONHASHSEED": str(seed)}, capture_output=True, text=True
        ).stdout
        for seed in range(4)
    }
    assert told == {"--deployment\n"}
