"""What a sweep's tables, findings and pictures say, from documents written by hand."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from burncurve.report import sweeps
from burncurve.report.plots import sheet
from burncurve.report.plots import sweep as pictures
from burncurve.report.style import MARKERS


def document(*vary: tuple[str, list[str]], bill: Any = None) -> dict[str, Any]:
    """Two deployments; the bill is the number of the point, the second deployment's ten times that."""
    points: list[dict[str, str]] = [{}]
    for path, values in vary:
        points = [{**point, path: value} for point in points for value in values]
    return {
        "scenario": {"name": "made", "horizon_s": 3600},
        "replications": 2,
        "currency": "USD",
        "vary": [{"path": path, "values": values} for path, values in vary],
        "figures": [{"name": "bill_usd", "unit": "dollars"}, {"name": "makespan_s", "unit": "seconds"}],
        "points": [
            {
                "values": values,
                "deployments": {
                    name: {
                        "bill_usd": {"value": factor * number, "ci95": [factor * number - 0.5, factor * number + 0.5]},
                        "makespan_s": {"value": 3600 * number, "ci95": None},
                    }
                    for name, factor in (("large", 10), ("small", 1))
                },
            }
            for number, values in enumerate(points, 1)
        ],
    }


BASE, EVERY = ("agents.a.base", ["10k", "20k", "40k"]), ("triggers.0.every", ["5m", "30m"])


def test_tables() -> None:
    grids = sweeps.by_figure(document(BASE, EVERY))
    assert [grid.title for grid in grids] == ["made: bill_usd", "makespan_s"]
    assert grids[0].shown()[1] == ["10k", "30m", "$20.00", "$2.00"]
    assert grids[1].shown()[5] == ["40k", "30m", "6 h", "6 h"]


def test_the_finding_names_the_ends() -> None:
    found = sweeps.finding(document(BASE, EVERY), "bill_usd", "dollars")
    assert (
        found == "bill_usd of large: $10.00 at base 10k and every 5m, $60.00 at base 40k and every 30m, 6.00× as much"
    )
    flat = document(("agents.a.base", ["10k"]))
    assert sweeps.finding(flat, "bill_usd", "dollars") == "bill_usd is the same at every point"
    for parts in flat["points"][0]["deployments"].values():
        parts["bill_usd"]["value"] = None
    assert "not known" in sweeps.finding(flat, "bill_usd", "dollars")


def test_lines_follow_the_first_axis() -> None:
    made = document(BASE, EVERY)
    assert sweeps.rests(made) == [{"triggers.0.every": "5m"}, {"triggers.0.every": "30m"}]
    lines = sweeps.series(made, "bill_usd", {"triggers.0.every": "30m"})
    assert [one["value"] for one in lines["small"] if one] == [2, 4, 6]


@pytest.mark.parametrize(
    ("values", "places", "logarithmic"),
    [
        (["10k", "20k"], [10_000, 20_000], False),
        (["1k", "64k"], [1000, 64_000], True),
        (["1k", "2k", "4k", "8k"], [1000, 2000, 4000, 8000], True),
        (["1k", "2k", "3k", "4k"], [1000, 2000, 3000, 4000], False),
        (["0", "10"], [0, 10], False),
        (["30m", "5m"], [0, 1], False),
        (["opus", "sonnet", "3"], [0, 1, 2], False),
        (["5m", "10k"], [0, 1], False),
    ],
)
def test_places(values: list[str], places: list[float], logarithmic: bool) -> None:
    assert pictures._places(values) == (places, logarithmic)


@pytest.mark.parametrize("vary", [(BASE,), (BASE, EVERY), (("x", ["a"]), ("y", [str(n) for n in range(9)]))])
def test_pictures_are_complete_and_always_the_same(tmp_path: Path, vary: tuple[Any, ...]) -> None:
    (tmp_path / "again").mkdir()
    first = pictures.write_pictures(tmp_path, document(*vary))
    again = pictures.write_pictures(tmp_path / "again", document(*vary))
    assert [path.name for path in first] == ["bill_usd.png", "makespan_s.png"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (["4m", "8m", "16m", "32m", "64m"], ["4m", "8m", "16m", "32m", "64m"]),
        (["1m", "61m", "62m", "63m"], ["1m", "62m"]),
        ([f"{1000 + n}" for n in range(40)], [f"{1000 + n}" for n in range(0, 40, 3)]),
    ],
)
def test_names_of_values_stand_beside_each_other(values: list[str], shown: list[str]) -> None:
    with sheet.look():
        axes = pictures.drawn(document(("x", values)), "bill_usd", "dollars").figure.axes[0]
        ticks = [axes.xaxis.get_major_formatter()(tick) for tick in axes.xaxis.get_majorticklocs()]
        axes.figure.draw_without_rendering()
        boxes = [label.get_window_extent() for label in axes.xaxis.get_majorticklabels() if label.get_text()]
    assert ticks == shown
    assert all(one.x1 < other.x0 for one, other in pairwise(boxes))


def test_drawn_lines_are_the_figures() -> None:
    with sheet.look():
        paper = pictures.drawn(document(BASE), "bill_usd", "dollars")
    lines = [line for line in paper.figure.axes[0].lines if len(line.get_xdata()) == 3 and line.get_marker() in MARKERS]
    assert [list(line.get_ydata()) for line in lines] == [[10, 20, 30], [1, 2, 3]]
    assert list(lines[0].get_xdata()) == [10_000, 20_000, 40_000]
