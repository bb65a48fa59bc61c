"""Where our list and genai-prices differ, the entry says so; everywhere else they agree."""

from __future__ import annotations

from pathlib import Path

import pytest

from burncurve.prices import load
from burncurve.prices.book import BOOKS
from burncurve.prices.extract import SOURCES, differences, main
from burncurve.prices.timeline import series, timeline


def test_offers_without_a_counterpart_have_another_source() -> None:
    alone = set(load("list").offers) - SOURCES.keys()
    assert {"alibaba/qwen-3.5-plus", "nano-gpt/glm-5", "chutes/minimax-m2.5"} <= alone
    first = {offer: series(load("list"), offer)[0].source for offer in alone}
    assert [offer for offer, source in first.items() if source.startswith("genai-prices")] == []


def test_every_difference_is_explained_by_a_note() -> None:
    book = load("list")
    found = list(differences(book, book.checked))
    assert found  # DeepSeek at least: the comparison does compare
    assert [str(difference) for difference in found if not difference.explained] == []


def test_an_entry_names_the_meters_that_differ_and_no_others() -> None:
    """A wrong figure of any other meter is not passed by the note of another difference."""
    book = load("list")
    found: dict[str, set[str]] = {}
    for difference in differences(book, book.checked):
        found.setdefault(difference.where, set()).add(difference.meter)
    in_force = [period.price for offer in book.offers for period in timeline(series(book, offer))]
    assert {price.where: set(price.differs) for price in in_force if price.differs} == found


def test_a_wrong_figure_is_not_explained_by_a_note(tmp_path: Path) -> None:
    text = (BOOKS / "list.yaml").read_text()
    wrong = text.replace("per_mtok: {input: 3, cache_read: 0.3, output: 15}", "per_mtok: {input: 3, output: 14}")
    assert wrong != text
    (tmp_path / "wrong.yaml").write_text(wrong)
    book = load(str(tmp_path / "wrong.yaml"))
    unexplained = {(d.offer, d.meter) for d in differences(book, book.checked) if not d.explained}
    assert unexplained == {("moonshotai/kimi-k3", "cache_read"), ("moonshotai/kimi-k3", "output")}


def test_the_command_prints_and_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    before = load("list").digest
    assert main([]) == 0
    assert "deepseek/deepseek-v3.2 2026-11-21 12:30 input: 0.28 / 0.2288" in capsys.readouterr().out
    assert load("list").digest == before
