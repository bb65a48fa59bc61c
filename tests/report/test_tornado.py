"""What the tables and the tornado of a sensitivity analysis say, from a document written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from burncurve.report import sensitivities
from burncurve.report.plots import sheet, tornado


def record(path: str, low: float, high: float, sobol: float | None) -> dict[str, Any]:
    effect = {"mean": high - low, "size": abs(high - low), "size_half": 0.1, "deviation": 0.0}
    index = None if sobol is None else {"first": sobol, "first_half": 0.02, "total": sobol, "total_half": 0.03}
    swing = abs(high - low)
    return {"path": path, "at_low": low, "at_high": high, "swing": swing, "effect": effect, "sobol": index}


def document() -> dict[str, Any]:
    records = [record("a.base", 9, 11, 0.25), record("every", 14, 6, 0.75), record("a.idle", 10, 10, None)]
    ends = [("10k", "20k", "given"), ("5m", "10m", "range"), ("-25%", "+25%", "assumed")]
    return {
        "scenario": {"name": "made", "horizon_s": 3600},
        "replications": 3,
        "points": 7,
        "figure": {"name": "bill_usd", "unit": "dollars"},
        "knobs": [
            {"path": one["path"], "low": low, "high": high, "origin": origin}
            for one, (low, high, origin) in zip(records, ends, strict=True)
        ],
        "deployments": [{"name": name, "value": 10.0, "knobs": records} for name in ("opus", "kimi")],
        "notes": [],
    }


def test_the_largest_swing_stands_first() -> None:
    grid, other = sensitivities.by_deployment(document())
    assert [row[0] for row in grid.shown()] == ["every", "a.base", "a.idle"]
    assert grid.shown()[0] == ["every", "5m", "10m", "range", "$14.00", "$6.00", "$8.00", "$0", "75% ± 2", "75% ± 3"]
    assert grid.shown()[2][-2:] == ["", ""]
    assert grid.title.startswith("opus: bill_usd $10.00 · 3 replications at each of 7 points")
    assert other.title == "kimi: bill_usd $10.00"


def test_the_finding() -> None:
    made = document()
    found = sensitivities.finding(made, made["deployments"][0])
    assert found == ("every moves bill_usd of opus most: $14.00 at 5m, $6.00 at 10m; of 3 knobs, 1 hardly move it")
    for one in made["deployments"][0]["knobs"]:
        one["swing"] = 0
    assert sensitivities.finding(made, made["deployments"][0]) == "No knob moves bill_usd of opus"


def test_bars_reach_from_the_value_to_both_ends(tmp_path: Path) -> None:
    with sheet.look():
        axes = tornado.drawn(document()).figure.axes[0]
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in axes.patches]
    assert ends == [(10, 14), (10, 6), (10, 9), (10, 11), (10, 10), (10, 10)]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["every", "a.base", "a.idle"]
    assert sorted(text.get_text() for text in axes.texts if text.get_text() != "opus") == ["10k", "10m", "20k", "5m"]
    (tmp_path / "again").mkdir()
    first, again = (tornado.write_picture(folder, document()) for folder in (tmp_path, tmp_path / "again"))
    assert first.read_bytes() == again.read_bytes()


def test_a_file_has_every_number_raw() -> None:
    grid = sensitivities.whole(document())
    names = [heading.name for heading in grid.headings]
    assert len(grid.rows) == 6
    assert dict(zip(names, grid.rows[1], strict=True))["at_low"] == 14
    assert dict(zip(names, grid.rows[2], strict=True))["first"] is None
