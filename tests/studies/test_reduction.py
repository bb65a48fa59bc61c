"""The kernel that adds up a ledger at once is held against NumPy's way, to the byte."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burncurve import engines
from burncurve.errors import InternalError
from burncurve.ledger import Kind, Ledger, Status
from burncurve.prices import contracted
from burncurve.studies.bins import as_array
from burncurve.studies.curves import PICO, BillCurve, Grid, as_ints
from burncurve.studies.encoding import decoded, encoded
from burncurve.studies.reduction.one_pass import found
from burncurve.studies.study import Choices, Study, open_study
from burncurve.studies.totals import reduced
from burncurve.words import NO_TERMS

pytest.importorskip("numba")
SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))
STOCK_MONITOR, AGENT_TREE = (
    next(p for p in SCENARIOS if p.stem == name) for name in ("openclaw-stock-monitor", "agent-tree")
)
FIRST = range(4)


def ledgers(path: Path) -> list[tuple[Study, str, Ledger]]:
    study = open_study(path, Choices(replications=len(FIRST)))
    return [(study, each.name, engines.play(study.workload, each, FIRST, "compiled")) for each in study.deployments]


def both(study: Study, name: str, ledger: Ledger) -> list[bytes | str]:
    """Return what both ways come to, or the error that they end in."""
    (terms,) = (each.terms for each in study.deployments if each.name == name)
    results: list[bytes | str] = []
    for compiled in (False, True):
        try:
            results.append(encoded(reduced(ledger, study.book, name, None, terms, compiled=compiled)))
        except InternalError as error:
            results.append(str(error))
    return results


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_shipped_scenario_comes_to_the_same(path: Path) -> None:
    for study, name, ledger in ledgers(path):
        by_column, at_once = both(study, name, ledger)
        assert at_once == by_column
        one_pass = found(ledger, contracted(study.book, NO_TERMS), None)
        assert (one_pass is None) == bool(ledger.names["plans"])  # but for plans it was not NumPy that did both


DEAR = """
checked: 2026-11-21
offers:
  anthropic/claude-opus-4.6:
    - {valid_from: 2026-01-01, source: made up, per_mtok: {input: 999, cache_read: 999, output: 999}}
"""


def test_money_beyond_64_bits_is_not_wrapped(tmp_path: Path) -> None:
    (tmp_path / "dear.yaml").write_text(DEAR)
    study = open_study(STOCK_MONITOR, Choices(book=str(tmp_path / "dear.yaml"), deployments=("opus",)))
    ledger = engines.play(study.workload, study.deployments[0], range(60), "compiled")
    by_column, at_once = (reduced(ledger, study.book, "opus", compiled=compiled) for compiled in (False, True))
    assert encoded(by_column) == encoded(at_once)
    exact = sum(by_column.bill.per_replication)
    assert exact > 1 << 63
    assert sum(by_column.hours) == pytest.approx(exact, rel=1e-9)
    assert sum(map(sum, by_column.bins.apart)) == pytest.approx(exact, rel=1e-9)
    assert encoded(decoded(encoded(by_column))) == encoded(by_column)


def test_curves_of_sums_beyond_64_bits_are_not_wrapped() -> None:
    bins = 1 << 61, 1 << 62, (1 << 63) + 5
    curve = BillCurve(Grid(1, 3), (0, 1), as_array([bins, (0, 0, 1)], 3))
    assert curve.cumulative()[:, -1].tolist() == curve.totals().tolist() == [sum(bins) / PICO, 1 / PICO]
    narrow = BillCurve(Grid(1, 2), (0,), as_array([((1 << 62) - 1, (1 << 62) - 1)], 2))
    assert narrow.totals().tolist() == narrow.cumulative()[:, -1].tolist() == [((1 << 63) - 2) / PICO]
    assert as_ints([1 << 70, -1]).tolist() == [1 << 70, -1]


CHANGES = {
    "status": st.sampled_from([int(status) for status in Status]),
    "kind": st.sampled_from([int(kind) for kind in Kind]),
    "attempt": st.integers(0, 3),
    "task_attempt": st.integers(0, 2),
    "end_us": st.integers(-1, 10**11),
    "grant_us": st.integers(0, 10**11),
    "cache_write_1h": st.integers(0, 1000),
    "web_searches": st.integers(0, 5),
    "output": st.integers(-1, 300_000),
    "input": st.integers(0, 600_000),
    "reasoning": st.integers(0, 1000),
    "fresh": st.integers(0, 1000),
    "fresh_agents": st.integers(0, 1000),
    "from_base": st.integers(0, 50_000),
    "context_after": st.integers(0, 900_000),
    "parent": st.integers(-1, 0),
    "depth": st.integers(0, 3),
    "session": st.integers(0, 3),
}
PLAYED = [one for path in (STOCK_MONITOR, AGENT_TREE) for one in ledgers(path)[:2]]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_what_no_engine_plays_comes_to_the_same_or_is_refused_alike(data: st.DataObject) -> None:
    study, name, ledger = data.draw(st.sampled_from(PLAYED))
    changed = {column: ledger[column].copy() for column in CHANGES}
    for _ in range(data.draw(st.integers(1, 8))):
        column = data.draw(st.sampled_from(sorted(CHANGES)))
        changed[column][data.draw(st.integers(0, len(ledger) - 1))] = data.draw(CHANGES[column])
    by_column, at_once = both(study, name, replace(ledger, columns={**ledger.columns, **changed}))
    assert at_once == by_column


def test_calls_on_two_meters_are_left_to_numpy() -> None:
    study, name, ledger = PLAYED[0]
    row = int(np.argmax(ledger["cache_write_5m"] > 1))
    columns = {column: ledger[column].copy() for column in ("input", "cache_write_5m")}
    columns["input"][row] += 1
    columns["cache_write_5m"][row] -= 1
    mixed = replace(ledger, columns={**ledger.columns, **columns})
    assert found(mixed, contracted(study.book, NO_TERMS), None) is None
    by_column, at_once = both(study, name, mixed)
    assert at_once == by_column
