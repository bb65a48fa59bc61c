"""A study's figures against sums done by hand, and against another order of the same replications."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from burncurve.ledger import Kind, Ledger, Outcome, Status
from burncurve.studies import figures, files, spend
from burncurve.studies.document import document
from burncurve.studies.simulation import simulated
from burncurve.studies.spend import PICO, Part, Spend
from burncurve.studies.stored import as_json
from burncurve.studies.study import Choices, Study, open_study, results

ROOT = Path(__file__).parents[2]
BLACKBOARD = ROOT / "scenarios" / "blackboard.yaml"
PROJECT = ROOT / "scenarios" / "code-review-bot.yaml"


@pytest.fixture(scope="module")
def study() -> Study:
    return open_study(PROJECT, Choices(replications=3, settings=("horizon=2h",), pictures=False))


def test_an_added_deployment_leaves_the_others_as_they_were(study: Study) -> None:
    alone = document(study, results(study.with_deployments(study.deployments[:1])))["deployments"][0]
    assert alone == document(study, results(study))["deployments"][0]


def test_figures_of_two_calls(two_calls: Ledger) -> None:
    found = figures.of_ledger(two_calls)
    assert found["calls"] == 2
    assert found["prompt_tokens"] == 2500
    assert found["reread_factor"] == pytest.approx(2500 / 1500)
    assert found["peak_context_tokens"] == 1560
    assert found["makespan_s"] == 3600
    assert found["per_request_tokens"] == (1000 + 100 + 1500 + 60) / 2
    assert found["per_hour_tokens"] == 2660 / 8
    assert found["per_day_tokens"] == 2660 * 3  # no scenario says that these 8 hours are all of a day
    assert found["succeeded"] is None, "unknown stays unknown"


def test_what_was_not_sent_is_no_call_and_a_retry_no_second_one(make_ledger, make_row) -> None:
    ledger = make_ledger(
        make_row(status=Status.REFUSED),
        make_row(attempt=1, input=10, fresh=10),
        make_row(task=1, status=Status.STOPPED, grant_us=-1, end_us=-1),
        make_row(task=2, status=Status.OVERFLOW, grant_us=-1, end_us=-1),
        make_row(task=3, kind=Kind.COMPACTION, input=10, fresh=10),
    )
    found = figures.of_ledger(ledger)
    counts = {name: found[name] for name in ("calls", "attempts", "refused", "stopped", "overflows", "compactions")}
    assert counts == {"calls": 2, "attempts": 3, "refused": 1, "stopped": 1, "overflows": 1, "compactions": 1}


def test_means_are_per_replication_and_nothing_is_divided_by_nothing(make_ledger, make_row) -> None:
    none = Outcome(0, 0, 0, 0, 0, 0, 0, 0, 0)
    ledger = make_ledger(make_row(input=100, fresh=0, context_after=100), outcomes=(none, replace(none, replication=1)))
    found = figures.of_ledger(ledger)
    assert (found["calls"], found["tokens"]["input"], found["peak_context_tokens"]) == (0.5, 50, 50)
    assert (found["reread_factor"], found["per_request_tokens"], found["succeeded"]) == (None, None, 0)


def paid(*totals: int, hours: tuple[int, ...] = ()) -> Spend:
    parts = (Part("a", "output", 10, sum(totals)), Part("b", "miss", 4, 0))
    return Spend(totals, parts, {"output": sum(totals)}, hours)


def test_money_is_exact_until_it_is_a_number() -> None:
    assert spend.dollars(10**24 + 1) == 10**12
    assert spend.dollars(1, 3) == 1 / (3 * PICO)
    assert spend.dollars(5, 0) is None


def test_the_bill_as_time_goes_by() -> None:
    hours = tuple(n * PICO for n in (1, 2, 3, 4, 5))
    assert spend.after(paid(15 * PICO, hours=hours), 4) == {"1h": 1, "2h": 3, "4h": 10, "8h": None}
    assert spend.peak_hour(paid(15 * PICO, hours=hours)) == {"hour": 5, "usd": 5}
    assert spend.peak_hour(paid(0)) == {"hour": None, "usd": 0}


def test_differences_are_paired() -> None:
    found = spend.differences(paid(3 * PICO, 6 * PICO), paid(PICO, 2 * PICO))
    assert found["ratio"] == 3
    assert found["difference_usd"]["by_replication"] == [2, 4]
    assert found["difference_usd"]["mean"] == 3


def test_a_bill_of_nothing_has_no_shares() -> None:
    assert [part["share"] for part in spend.shares(paid(0))] == [None, None]


@pytest.mark.parametrize(
    ("pico", "text"), [(1, "0.000000000001"), (-15 * 10**11, "-1.500000000000"), (0, "0.000000000000")]
)
def test_exact_decimals(pico: int, text: str) -> None:
    assert files.exact(pico) == text


def test_work_of_different_size_is_said(study: Study) -> None:
    found = list(results(study))
    columns = {**found[0].totals.columns, "requests": np.zeros(3, np.int64), "failed": np.ones(3, np.int64)}
    less = replace(found[0], totals=replace(found[0].totals, columns=columns))
    notes = document(study, [less, *found[1:]])["notes"]
    assert any("did not serve the same number of requests" in note for note in notes)
    assert any("root tasks failed" in note for note in notes)


def test_the_document_is_what_json_can_say() -> None:
    study = open_study(BLACKBOARD, Choices())
    made = document(study, results(study))
    assert json.loads(as_json(made)) == made


def test_one_value_set_in_two_ways_is_one_run_with_the_same_bytes(tmp_path: Path) -> None:
    edited = tmp_path / "edited.yaml"
    edited.write_text(BLACKBOARD.read_text().replace("horizon: 1h", "horizon: 2h"))
    assert edited.read_text() != BLACKBOARD.read_text()
    ways = {"edited": open_study(edited, Choices()), "set": open_study(BLACKBOARD, Choices(settings=("horizon=2h",)))}
    assert ways["edited"].run_id == ways["set"].run_id
    for name, study in ways.items():
        (tmp_path / name).mkdir()
        found = simulated(study)
        files.write(tmp_path / name, study, found, document(study, found.results))
    for path in (tmp_path / "edited").iterdir():
        assert path.read_bytes() == (tmp_path / "set" / path.name).read_bytes(), path.name


def test_beats_that_were_skipped_are_work_left_undone() -> None:
    columns = {"finished": np.array([3, 1]), "requests": np.array([3, 1]), "skipped": np.array([5, 7])}
    assert figures.finished_share(columns) == 4 / 16
    assert figures.finished_share({name: np.zeros(2, dtype=np.int64) for name in columns}) is None
