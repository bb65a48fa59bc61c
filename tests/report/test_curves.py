"""Curves end where the ledger ends, whatever the order and the parts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from burncurve.errors import InternalError
from burncurve.ledger import Kind, Status, merged
from burncurve.studies.bins import bins_of, shown
from burncurve.studies.curves import TOKEN_METERS, Grid, bill_curve, sessions_of, span_for, token_curve

from .made import HOUR_US, Played, ledger, picture_data, row, two_calls

GRID = Grid(HOUR_US // 4, 4)


def test_tokens_stand_in_the_bin_in_which_their_call_ends() -> None:
    curve = token_curve(two_calls(), GRID)
    assert curve.tokens[TOKEN_METERS.index("input")].tolist() == [0, 1_000, 0, 0]
    assert curve.tokens[TOKEN_METERS.index("output")].tolist() == [0, 50, 0, 70]
    assert curve.cumulative("output", "reasoning").tolist() == [0, 0, 50, 50, 150]


def test_a_call_after_the_last_edge_counts_in_the_last_bin() -> None:
    late = ledger(row(end_us=9 * HOUR_US, output=7))
    assert token_curve(late, GRID).cumulative("output").tolist() == [0, 0, 0, 0, 7]


def test_a_row_that_never_ran_counts_when_it_was_asked_for() -> None:
    waiting = ledger(row(end_us=-1, request_us=HOUR_US // 2, status=Status.STOPPED, input=3))
    assert token_curve(waiting, GRID).tokens[0].tolist() == [0, 0, 3, 0]


def test_replications_add_up_and_the_curve_shows_their_mean() -> None:
    both = token_curve(merged([two_calls(1, more=500), two_calls(0)]), GRID)
    assert both.replications == (0, 1)
    assert both.cumulative("input")[-1] == (1_000 + 1_500) / 2


def test_a_replication_without_calls_counts_in_the_mean() -> None:
    quiet = ledger(row(end_us=1, output=10), replications=(0, 1))
    assert token_curve(quiet, GRID).cumulative("output")[-1] == 5


def test_a_bill_has_a_mean_and_quantiles_over_its_replications() -> None:
    both = merged([two_calls(0), two_calls(1)])
    curve = bill_curve(both, np.array([0.25, 0.5, 1.0, 2.0]), GRID)
    assert curve.replications == (0, 1)
    assert curve.cumulative()[:, -1].tolist() == [0.75, 3.0]
    assert curve.mean().tolist() == [0, 0, 0.625, 0.625, 1.875]
    assert curve.fan((0.0, 0.5, 1.0))[:, -1].tolist() == [0.75, 1.875, 3.0]


def test_bins_of_parts_that_end_at_other_times_add_up_to_those_of_the_whole() -> None:
    early, late = two_calls(0), ledger(row(replication=1, end_us=9 * HOUR_US, output=7), replications=(1,))
    parts = bins_of(early, np.array([0.25, 0.5])), bins_of(late, np.array([1.0]))
    assert parts[0].level < parts[1].level
    whole = bins_of(merged([early, late]), np.array([0.25, 0.5, 1.0]))
    assert shown(parts[0] + parts[1], HOUR_US, 9 * HOUR_US) == shown(whole, HOUR_US, 9 * HOUR_US)


@pytest.mark.parametrize("amounts", [np.array([1.0]), np.array([1.0, np.nan])])
def test_a_bill_curve_needs_an_amount_for_each_row(amounts: np.ndarray) -> None:
    with pytest.raises(InternalError, match="finite amount"):
        bill_curve(two_calls(), amounts, GRID)


cells = st.fixed_dictionaries(
    {
        "replication": st.integers(0, 2),
        "end_us": st.integers(-1, 2 * HOUR_US),
        "session": st.integers(0, 5),
        "depth": st.integers(0, 1),
        "kind": st.sampled_from(list(Kind)),
        "status": st.sampled_from(list(Status)),
        **{meter: st.integers(0, 2**31 - 1) for meter in TOKEN_METERS},
    }
)


@given(st.lists(cells, max_size=30), st.randoms(use_true_random=False))
def test_every_token_is_somewhere_on_the_curve_whatever_the_order(rows: list[dict[str, int]], luck: object) -> None:
    calls = ledger(*(row(**cells) for cells in rows), replications=(0, 1, 2))
    mixed = list(rows)
    luck.shuffle(mixed)  # type: ignore[attr-defined]
    curve, other = (token_curve(part, GRID) for part in (calls, ledger(*(row(**c) for c in mixed))))
    assert curve.tokens.sum(axis=1).tolist() == [int(calls[meter].astype(np.int64).sum()) for meter in TOKEN_METERS]
    assert np.array_equal(curve.tokens, other.tokens)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10**15)), min_size=1, max_size=20))
def test_a_bill_of_whole_pico_dollars_is_kept_to_the_last_digit(calls: list[tuple[int, int]]) -> None:
    made = ledger(*(row(end_us=quarter * HOUR_US // 4) for quarter, _ in calls))
    curve = bill_curve(made, np.array([pico / 10**12 for _, pico in calls]), GRID)
    assert int(curve.pico.sum()) == sum(pico for _, pico in calls)


@pytest.mark.parametrize(
    ("horizon_us", "last_us", "span_us"),
    [(1_000, 900, 1_000), (1_000, 500, 1_000), (1_000, 475, 495), (1_000, 1_000, 1_000), (1_000, 1_500, 1_561)],
)
def test_the_grid_spans_the_horizon_unless_the_work_takes_longer_or_far_less(
    horizon_us: int, last_us: int, span_us: int
) -> None:
    assert span_for(horizon_us, last_us) == span_us


def test_titles_speak_of_the_horizon_and_the_last_step_is_drawn_before_the_edge() -> None:
    short = ledger(row(end_us=HOUR_US // 4, output=7), horizon_us=HOUR_US)
    data = picture_data("work", [Played("a", short)])
    assert (data.shown_us, data.ended_us) == (HOUR_US, HOUR_US // 4)
    curve = data.deployments[0].tokens.cumulative("output")
    assert curve[-8:].tolist() == [7.0] * 8


def test_the_grid_of_a_ledger_without_calls_spans_its_horizon() -> None:
    (part,) = picture_data("work", [Played("a", ledger())]).deployments
    grid = part.tokens.grid
    assert grid.span_us - grid.width_us < HOUR_US <= grid.span_us


def _session(number: int, depth: int, contexts: list[int], **more: int) -> list[tuple[int, ...]]:
    return [row(session=number, depth=depth, agent=depth, context_after=size, **more) for size in contexts]


def test_the_main_session_is_the_longest_one_that_holds_a_root_task() -> None:
    rows = _session(0, 0, [10, 20]) + _session(1, 0, [5, 6, 7]) + _session(2, 1, [1, 2, 3, 4])
    found = sessions_of(ledger(*rows))
    assert found.main is not None
    assert found.main.context_tokens.tolist() == [5, 6, 7]
    assert found.main.agent == "lead"
    assert [curve.session for curve in found.others] == [2, 0]
    assert (found.count, found.peak_tokens) == (3, 20)


def test_contexts_skip_side_calls_and_calls_that_were_not_served_and_mark_compactions() -> None:
    rows = [
        row(context_after=10),
        row(context_after=99, kind=Kind.SIDE),
        row(context_after=99, status=Status.REFUSED),
        row(context_after=4, kind=Kind.COMPACTION),
        row(context_after=8),
        row(context_after=77, replication=1),
    ]
    found = sessions_of(ledger(*rows, replications=(0, 1)))
    assert found.main is not None
    assert found.main.context_tokens.tolist() == [10, 4, 8]
    assert found.main.compactions.tolist() == [1]


def test_of_many_sessions_an_even_choice_is_drawn() -> None:
    rows = [call for number in range(200) for call in _session(number, 0, [1] * (200 - number))]
    found = sessions_of(ledger(*rows), drawn=5)
    assert [curve.session for curve in found.others] == [1, 50, 100, 149, 199]
    assert found.count == 200


def test_the_session_with_the_largest_context_is_always_drawn() -> None:
    rows = [call for number in range(200) for call in _session(number, 0, [9 if number == 77 else 1] * (200 - number))]
    found = sessions_of(ledger(*rows), drawn=5)
    assert [curve.session for curve in found.others] == [1, 50, 77, 100, 149, 199]
    assert found.peak_tokens == 9


def test_no_calls_no_sessions() -> None:
    assert sessions_of(ledger()).main is None


def test_pictures_share_one_grid_and_say_what_is_unpriced() -> None:
    data = picture_data("work", [Played("a", two_calls(), np.array([1.0, 2.0])), Played("b", two_calls())])
    first, second = data.deployments
    assert first.tokens.grid == second.tokens.grid
    assert (first.total, second.total) == (3.0, None)
    assert second.bill is None
    assert first.finished == 0.75
    assert data.shown_us == HOUR_US


def test_values_are_frozen() -> None:
    curve = token_curve(two_calls(), GRID)
    with pytest.raises(ValueError, match="read-only"):
        curve.tokens[0, 0] = 1
