"""Renderings of tables: nothing cut, nothing rounded in files, nothing that moves a cursor."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from burncurve.report import tables
from burncurve.report.tables import Grid, Heading
from burncurve.studies.stored import as_json

GRID = Grid("Bills", (Heading("name", "name"), Heading("usd", "dollars", tables.usd)), [("a|b", 1234.5), ("c", None)])


@pytest.mark.parametrize(
    ("show", "value", "text"),
    [
        (tables.usd, 0, "$0"),
        (tables.usd, 1234.567, "$1,234.57"),
        (tables.usd, 0.0000125, "$0.0000125"),
        (tables.usd, 0.237, "$0.237"),
        (tables.usd, -2.5, "-$2.50"),
        (tables.usd, None, ""),
        (tables.usd, "unpriced", "unpriced"),
        (tables.tokens, 950, "950"),
        (tables.tokens, 999.9, "1 k"),
        (tables.tokens, 12_340, "12.3 k"),
        (tables.tokens, 4_560_000, "4.6 M"),
        (tables.tokens, 7e9, "7 B"),
        (tables.count, 12345, "12,345"),
        (tables.count, 2.5, "2.5"),
        (tables.percent, 0.1234, "12.3%"),
        (tables.factor, 17.123, "17.1×"),
        (tables.factor, 0.0461, "0.0461×"),
        (tables.duration, 28800, "8 h"),
        (tables.duration, 90, "1.5 min"),
        (tables.duration, 432000, "5 days"),
    ],
)
def test_cells_as_people_read_them(show, value: tables.Cell, text: str) -> None:
    assert show(value) == text


def test_csv_keeps_numbers_and_leaves_the_unknown_empty() -> None:
    assert tables.comma_separated(GRID) == "name,usd\na|b,1234.5\nc,\n"


def test_markdown_escapes_its_own_signs() -> None:
    assert tables.markdown([GRID]).splitlines()[2:] == [
        "| name | dollars |",
        "| --- | ---: |",
        "| a\\|b | $1,234.50 |",
        "| c |  |",
    ]


def test_a_name_cannot_move_the_cursor_or_style_the_table() -> None:
    page = io.StringIO()
    tables.write_text([Grid("\x1b[2Jtitle", (Heading("name", "name"),), [("\x1b[31m[red]x",)])], page)
    assert "\x1b" not in page.getvalue()
    assert "[red]x" in page.getvalue()


def test_a_file_is_as_wide_as_its_table() -> None:
    names = [f"a-rather-long-name-of-an-offer-{number:02}" for number in range(12)]
    page = io.StringIO()
    tables.write_text([Grid("wide", tuple(Heading(name, name) for name in names), [names])], page)
    assert all(page.getvalue().count(name) == 2 for name in names)


def test_columns_that_say_nothing_are_left_out_for_people() -> None:
    headings = (Heading("a", "a"), Heading("b", "b"), Heading("c", "c"))
    grid = tables.filled(Grid("t", headings, [(1, None, 0), (2, "", 0)]), keep=("c",))
    assert [heading.name for heading in grid.headings] == ["a", "c"]
    assert grid.rows == [[1, 0], [2, 0]]


def test_no_number_that_is_none() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        as_json({"usd": float("nan")})


def test_a_narrow_terminal_gets_pieces_with_the_first_column_each() -> None:
    headings = tuple(Heading(name, name) for name in "abcdefgh")
    grid = Grid("t", headings, [tuple("12345678")])
    parts = tables.pieces(grid, 40)
    assert [[heading.name for heading in part.headings] for part in parts] == [
        ["a", *pair] for pair in ("bc", "de", "fg", "h")
    ]
    assert [part.title for part in parts] == ["t", "", "", ""]
    assert tables.pieces(grid, 200)[0].headings == headings
    assert len(tables.pieces(grid, 1)) == 7


def test_plans_of_a_day_are_those_in_force(call) -> None:
    told = call("models", "--plans", "max-20x", "--on", "2026-03-01", "--format", "csv")
    assert told.exit_code == 0
    assert "claude-max-20x,price per month,200 USD,2025-08-28" in told.stdout
    assert 'claude-max-20x,clients,"claude-code, claude-apps",2026-02-18,2026-04-04' in told.stdout
    assert "any" not in [row.split(",")[2] for row in told.stdout.splitlines()]


def test_a_plan_of_another_name_is_asked_back(call) -> None:
    told = call("models", "--plans", "claude-maxi")
    assert told.exit_code == 2
    assert "Did you mean claude-max-5x" in told.stderr or "Did you mean claude-max-20x" in told.stderr


def test_prices_of_a_tier_and_of_a_region(call) -> None:
    flex = call("prices", "openai/gpt-5.2", "--service-tier", "flex", "--format", "json")
    assert '"input": 0.875' in flex.stdout
    us = call("prices", "anthropic/claude-opus-5.5", "--region", "us", "--format", "json")
    assert '"input": 4.4' in us.stdout
    assert call("prices", "openai/gpt-5.2", "--service-tier", "flexi").exit_code == 2


def test_what_each_offer_did_is_shown_where_there_are_several(call) -> None:
    title = "What each offer did"
    mix = call("run", "six-developers", "--replications", 2, "--engine", "reference", "--no-pictures", "--out", "mix")
    assert title in mix.stdout
    (part,) = json.loads(Path("mix/summary.json").read_text())["deployments"]
    assert [each["offer"] for each in part["by_offer"]] == ["anthropic/claude-opus-4.6", "minimax/minimax-m2.5"]
    shown = mix.stdout[mix.stdout.index(title) :]
    assert all(each["offer"] in shown for each in part["by_offer"])
    alone = call("run", "blackboard", "--replications", 2, "--engine", "reference", "--no-pictures", "--format", "json")
    (part,) = json.loads(alone.stdout)["deployments"]
    assert len(part["by_offer"]) == 1
    assert title not in call("run", "blackboard", "--replications", 2, "--engine", "reference", "--no-pictures").stdout


def test_what_did_not_change_is_said(call) -> None:
    for words in (("prices", "anthropic/claude-opus-4.6"), ("models", "anthropic/claude-opus-4.6")):
        told = call(*words, "--from", "2026-11-20")
        assert told.exit_code == 0, told.stderr
        assert told.stdout.splitlines()[1:] == ["nothing changed"], "and no table of nothing"
        shown = call(*words, "--from", "2026-11-20", "--format", "markdown").stdout
        assert shown.splitlines()[1:] == ["", "nothing changed"]
        assert call(*words, "--from", "2026-11-20", "--format", "csv").stdout.count("\n") == 1, "the names of columns"
        assert "nothing changed" not in call(*words, "--from", "2026-01-01").stdout


def test_hours_of_prices_are_shown_in_every_form(call) -> None:
    """V4 Pro became off-peak at weekends on 2026-08-22 at 16:00 UTC, at the rates it had."""
    weekdays = "01:00-04:00, 06:00-10:00 UTC on mon, tue, wed, thu, fri"
    model = ("prices", "deepseek-v4-pro")
    for words in (("--on", "2026-11-18"), ("--from", "2026-08-20", "--to", "2026-08-30")):
        for form in ("table", "markdown", "csv", "json"):
            told = call(*model, *words, "--format", form)
            text = " ".join(told.stdout.split())  # a table breaks long texts into lines
            assert (weekdays in text, "2026-08-22T16:00" in text) == (True, True), (words, form)
    (off, peak) = json.loads(call(*model, "--format", "json").stdout)
    assert (off["when"], peak["when"][: len(weekdays)]) == ("", weekdays)
