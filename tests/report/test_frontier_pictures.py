"""Ticks of the pictures of a choice are round in the unit that they are written in."""

from __future__ import annotations

from typing import Any

import pytest

from burncurve.report.plots.frontier import quality, time
from burncurve.report.plots.sheet import look


def document(*answers: tuple[str, float, float, float]) -> dict[str, Any]:
    """Return what the pictures need of deployments, each with its dollars, seconds and chance of success."""
    found = [
        {"name": name, "usd_per_finished_task": usd, "answer_s": answer_s, "success": success, "success_high": success}
        for name, usd, answer_s, success in answers
    ]
    stands = {"frontier": [name for name, *_ in answers], "dominated": [], "off": []}
    return {"scenario": {"name": "work"}, "frontiers": {"deployments": found, "quality": stands, "time": stands}}


@pytest.mark.parametrize(
    ("slow_s", "fast_s", "ticks"),
    [
        (11.7 * 60, 10.3 * 60, ["10.5 min", "11 min", "11.5 min"]),
        (26.0, 21.0, ["22 s", "24 s", "26 s"]),
        (6 * 3600.0, 3 * 3600.0, ["3 h", "4 h", "5 h", "6 h"]),
    ],
)
def test_times_stand_at_round_minutes_and_hours(slow_s: float, fast_s: float, ticks: list[str]) -> None:
    with look():
        axes = time(document(("a", 1.0, slow_s, 0.8), ("b", 9.0, fast_s, 0.8))).figure.axes[0]
        shown = [axes.yaxis.get_major_formatter()(tick) for tick in axes.yaxis.get_majorticklocs()]
    assert shown[: len(ticks)] == ticks
    assert len(shown) <= 8


def test_chances_stand_at_whole_percentages() -> None:
    with look():
        axes = quality(document(("a", 1.0, 1.0, 0.734), ("b", 9.0, 1.0, 0.808))).figure.axes[0]
        shown = [axes.yaxis.get_major_formatter()(tick) for tick in axes.yaxis.get_majorticklocs()]
    assert shown == ["74.0%", "76.0%", "78.0%", "80.0%"]


def test_the_bar_of_a_mix_is_explained_where_there_is_one() -> None:
    made = document(("a", 1.0, 1.0, 0.734), ("b", 9.0, 1.0, 0.808))
    with look():
        plain = [text.get_text() for text in quality(made).figure.texts]
        made["frontiers"]["deployments"][0]["success_high"] = 0.8
        mixed = [text.get_text() for text in quality(made).figure.texts]
    assert [*plain, "bar: a mix, from its weakest model to its strongest"] == mixed
