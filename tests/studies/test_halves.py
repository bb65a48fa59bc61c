"""The machinery of docs/accuracy.md: parting, statistics and errors by hand; on the traces, where they are here."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import halves
import traces
from burncurve.ledger import Kind
from burncurve.studies.turns import Turns

PAGE = Path(__file__).resolve().parents[2] / "docs" / "accuracy.md"


def made() -> Turns:
    """Ten sessions of two calls; session 1 is a child of session 0."""
    session = np.repeat(np.arange(10), 2)
    start = np.tile([0, 400_000_000], 10)
    prompt = np.arange(20) * 100 + 1_000
    parent = np.where(session == 1, 0, -1)
    zero, kept = np.zeros(20, dtype=np.int64), np.where(np.arange(20) % 2, prompt - 100, 0)
    return Turns(
        session=session, parent=parent, agent=zero, request=zero, kind=zero, start_us=start, end_us=start,
        prompt=prompt, read=zero - 1, kept=kept, output=zero + 5, reasoning=zero, agents=("main",),
    )  # fmt: skip


def test_halves_are_whole_sessions_with_their_children() -> None:
    one, other = halves.halves(made(), np.random.default_rng(0))
    assert len(one) + len(other) == 20
    assert int((one.parent >= 0).sum()) in (0, 2)
    assert {one.sessions - int((one.parent >= 0).any()), other.sessions - int((other.parent >= 0).any())} == {4, 5}


def test_prompts_are_those_of_sessions_that_nobody_spawned() -> None:
    assert halves.prompts_of(made()).tolist() == [2_100] + [2_100 + 400 * n for n in range(2, 10)]


def test_calls_of_compactions_count_only_where_they_are_asked_for() -> None:
    turns = made()
    one = Turns(**{**turns.columns, "kind": np.where(np.arange(20) == 19, Kind.COMPACTION, 0)}, agents=turns.agents)
    assert halves.prompts_of(one).tolist() == [*halves.prompts_of(turns)[:-1], 2_800]
    assert halves.prompts_of(one, compactions=True).tolist() == halves.prompts_of(turns).tolist()


def test_hashes_imply_reads_only_while_the_cache_lives() -> None:
    prompt = made().prompt
    assert halves.implied(made(), 300) == 0
    assert halves.implied(made(), 3_600) == pytest.approx((prompt[1::2] - 100).sum() / prompt.sum())


def test_a_summary_is_made_of_medians() -> None:
    splits = [
        halves.Split(
            (error, 0.0, -error), (2 * error, 0.0, 0.0), (0.1, 0.2, 0.3), {"5m": (0.9, 0.91), "1h": (0.95, 0.95)}
        )
        for error in (-0.3, 0.1, 0.2)
    ]
    found = halves.summary(splits)
    assert [row["median_absolute"] for row in found["prompt"]] == pytest.approx([0.2, 0, 0.2])
    assert [row["median"] for row in found["prompt"]] == pytest.approx([0.1, 0, -0.1])
    assert [row["counted"] for row in found["prompt"]] == pytest.approx([0.4, 0, 0])
    assert found["cached"][0]["worst"] == pytest.approx(0.01)


def test_the_page_says_what_it_was_fitted_to_and_what_does_not_hold() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for part in ("kv-cache-tester", "TraceLab", "Apache-2.0", "floor", "What is not modelled"):
        assert part in text


@pytest.mark.slow
def test_cached_shares_are_forecast_within_three_points() -> None:
    path = traces.traces_path()
    if path is None:
        pytest.skip(f"the public traces are not here ({traces.VARIABLE}): that fits forecast them is unproven")
    split = halves.split(traces.read(path), 0, os.environ.get("BURNCURVE_ENGINE", "auto"))
    for forecast, came in split.cached.values():
        assert forecast == pytest.approx(came, abs=0.03)
