"""Where our list and genai-prices differ, the entry says so; everywhere else they agree."""

from __future__ import annotations

import pytest

from burncurve.prices import load
from burncurve.prices.extract import SOURCES, differences, main


def test_every_offer_but_alibabas_has_a_counterpart() -> None:
    assert set(load("list").offers) - SOURCES.keys() == {"alibaba/qwen-3.5-plus"}


def test_every_difference_is_explained_by_a_note() -> None:
    book = load("list")
    found = list(differences(book, book.checked))
    assert found  # DeepSeek at least: the comparison does compare
    assert [str(difference) for difference in found if not difference.explained] == []


def test_the_command_prints_and_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    before = load("list").digest
    assert main([]) == 0
    assert "deepseek/deepseek-v3.2 2026-11-21 12:30 input: 0.28 / 0.2288" in capsys.readouterr().out
    assert load("list").digest == before
