"""The spread of figures over replications against arithmetic by hand."""

from __future__ import annotations

import numpy as np
import pytest

from burncurve.scenario.thresholds import FIGURES, MEANS_ONLY
from burncurve.studies import distributions
from burncurve.studies.figures import COLUMNS


def columns(values: list[int]) -> dict[str, np.ndarray]:
    return {name: np.array(values, dtype=np.int64) for name in COLUMNS}


def test_four_replications() -> None:
    found = distributions.of(columns([4_000_000, 1_000_000, 3_000_000, 2_000_000]))
    assert found is not None
    time = found["makespan_s"]
    assert (time["mean"], time["p50"]) == (2.5, 2.5)
    assert time["p90"] == pytest.approx(3.7)  # 3 + 0.7, between the third and the fourth
    half = 3.182446305283709 * (5 / 3 / 4) ** 0.5  # Student's t of 3 degrees, variance 5/3
    assert time["ci95"] == pytest.approx([2.5 - half, 2.5 + half])
    assert time["ci95_of"]["p99"] == [None, None] or time["ci95_of"]["p99"][1] is None
    assert found["tokens.output"]["p50"] == 2_500_000


def test_one_replication_has_no_spread() -> None:
    assert distributions.of(columns([7])) is None


def test_every_figure_that_a_threshold_may_take_a_quantile_of_has_one() -> None:
    spread = set(FIGURES) - MEANS_ONLY - {"bill_usd"}
    assert spread == set(distributions.COLUMN_OF)
