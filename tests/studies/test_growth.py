"""The growth law against sums done by hand, and exactly on the closed form where the work is regular."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from burncurve.ledger import Kind, Outcome, Status
from burncurve.studies import growth


def outcome(replication: int = 0) -> Outcome:
    return Outcome(replication, 1, 1, -1, 0, 0, 0, 1, 1)


def regular(make_row, task: int, calls: int, base: int = 1000, step: int = 200, **cells: int):
    return [make_row(task=task, turn=n + 1, input=base + n * step, output=10, **cells) for n in range(calls)]


def test_regular_work_lies_on_the_closed_form(make_ledger, make_row) -> None:
    """3 calls of 1,000 + 200: 3,000 + 200 x 3 = 3,600; 6 calls: 6,000 + 200 x 15 = 9,000."""
    ledger = make_ledger(*regular(make_row, 0, 3), *regular(make_row, 1, 6), *regular(make_row, 2, 1))
    law = growth.law(growth.of_ledger(ledger), 1)
    assert (law["base_tokens"], law["growth_tokens_per_call"]) == (1000, 200)
    assert law["growth_outweighs_base_after_calls"] == 1 + 2 * 1000 / 200
    rows = [(row["calls_to"], row["tasks"], row["prompt_tokens"], row["closed_form_tokens"]) for row in law["by_calls"]]
    assert rows == [(1, 1, 1000, 1000), (3, 1, 3600, 3600), (6, 1, 9000, 9000)]


def test_a_cut_context_falls_below_the_closed_form(make_ledger, make_row) -> None:
    """Prompts 1,000, 3,000, 1,500: grown by 250 a call on the whole, 5,500 sent, 3,750 by the closed form."""
    rows = [make_row(task=0, turn=n, input=size) for n, size in enumerate((1000, 3000, 1500), start=1)]
    (row,) = growth.law(growth.of_ledger(make_ledger(*rows)), 1)["by_calls"]
    assert (row["prompt_tokens"], row["closed_form_tokens"]) == (5500, 3 * 1000 + 250 * 3)


def test_side_calls_compactions_and_failures_are_no_turns(make_ledger, make_row) -> None:
    rows = [
        make_row(task=0, input=100),
        make_row(task=0, input=9, kind=Kind.SIDE),
        make_row(task=0, input=9, kind=Kind.COMPACTION),
        make_row(task=0, input=9, status=Status.ERROR),
        make_row(task=0, status=Status.REFUSED),
        make_row(task=0, input=150, turn=2),
    ]
    (row,) = growth.law(growth.of_ledger(make_ledger(*rows)), 1)["by_calls"]
    assert (row["calls_to"], row["prompt_tokens"]) == (2, 250)


def family(make_row, replication: int, first: int, children: int):
    """A root task of 100 tokens, its children of 30, the first of which has a child of 7."""
    rows = [make_row(replication=replication, task=first, input=90, output=10)]
    rows += [
        make_row(replication=replication, task=first + n, parent=first, depth=1, input=20, output=10)
        for n in range(1, children + 1)
    ]
    if children:
        rows.append(make_row(replication=replication, task=first + 50, parent=first + 1, depth=2, input=7))
    return rows


def test_families_and_depths_are_counted(make_ledger, make_row) -> None:
    """Families of 0, 1 and 2 children: 0, 2 and 3 tasks below; 3 x 30 + 2 x 7 tokens below the three roots."""
    rows = [*family(make_row, 0, 0, 0), *family(make_row, 0, 100, 2), *family(make_row, 1, 0, 1)]
    ledger = make_ledger(*rows, outcomes=(outcome(0), outcome(1)))
    law = growth.law(growth.of_ledger(ledger), 2)
    each = (3 * 30 + 2 * 7) / 5
    found = [(row["children_to"], row["tasks"], row["tokens"]) for row in law["by_children"]]
    assert found == [(0, 1, 100), (2, 1, 100 + 37), (3, 1, 100 + 67)]
    closed = [row["closed_form_tokens"] for row in law["by_children"]]
    assert closed == pytest.approx([100, 100 + 2 * each, 100 + 3 * each])
    depths = [(row["depth"], row["tasks"], row["calls"], row["tokens"]) for row in law["by_depth"]]
    assert depths == [(0, 1.5, 1.5, 150), (1, 1.5, 1.5, 45), (2, 1, 1, 7)]
    assert [row["closed_form_tasks"] for row in law["by_depth"]] == [1.5, 1.5, 1.5]


def test_parts_add_up_in_any_order(make_ledger, make_row) -> None:
    one = make_ledger(*family(make_row, 0, 0, 2), *regular(make_row, 60, 4))
    two = make_ledger(*family(make_row, 1, 0, 1), outcomes=(outcome(1),))
    both = make_ledger(
        *family(make_row, 0, 0, 2), *regular(make_row, 60, 4), *family(make_row, 1, 0, 1),
        outcomes=(outcome(0), outcome(1)),
    )  # fmt: skip
    whole = growth.of_ledger(both)
    assert growth.of_ledger(one) + growth.of_ledger(two) == growth.of_ledger(two) + growth.of_ledger(one) == whole


def test_no_calls_have_no_law(make_ledger) -> None:
    law = growth.law(growth.of_ledger(make_ledger()), 1)
    assert law["base_tokens"] is None
    assert law["growth_outweighs_base_after_calls"] is None
    assert (law["by_calls"], law["by_children"], law["by_depth"]) == ([], [], [])


@given(st.lists(st.tuples(*[st.integers(0, 6) | st.integers(0, 1 << 40)] * 3), min_size=1, max_size=60))
def test_counting_and_sorting_find_the_same_groups(rows: list[tuple[int, ...]]) -> None:
    keys = [np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)]
    assert growth._order(keys).tolist() == sorted(range(len(rows)), key=lambda row: (rows[row], row))
    found, first, place = growth._groups(keys[0])
    plain = [row[0] for row in rows]
    assert found.tolist() == sorted(set(plain))
    assert [plain.index(value) for value in found.tolist()] == first.tolist()
    assert found[place].tolist() == plain
