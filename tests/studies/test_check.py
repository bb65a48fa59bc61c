"""Thresholds against documents written by hand."""

from __future__ import annotations

import pytest

from burncurve.errors import InputError
from burncurve.scenario.models import Scenario
from burncurve.scenario.thresholds import ThresholdRule, parse
from burncurve.studies import check

BILL = {"mean": 30.0, "p50": 28.0, "p90": 36.0, "p95": 39.5, "p99": 44.0, "ci95": [29.0, 31.0]}
SURE = {"p95": [38.0, 41.0], "p99": [42.0, None]}
OPUS = {
    "name": "opus",
    "bill_usd": {**BILL, "ci95_of": SURE},
    "makespan_s": 7000,
    "distributions": {"makespan_s": {"mean": 7000, "p99": 7300, "ci95": [6900.0, 7100.0]}},
    "tokens": {"output": 1200},
    "succeeded": None,
}
UNPRICED = {"name": "new", "bill_usd": None, "makespan_s": 100, "tokens": {"output": 5}, "succeeded": 3}
DOCUMENT = {"schema": "burncurve.study/1", "deployments": [OPUS, UNPRICED], "unpriced": [{"name": "new"}]}


def verdict(text: str, deployment: str = "opus") -> check.Verdict:
    found = {held.deployment: held for held in check.verdicts(DOCUMENT, [parse(text)])}
    return found[deployment]


@pytest.mark.parametrize(
    ("text", "value", "kept", "sure"),
    [
        ("bill_usd < 40", 30.0, True, True),
        ("bill_usd < 30.5", 30.0, True, False),
        ("bill_usd < 30", 30.0, False, False),
        ("bill_usd <= 30", 30.0, True, False),
        ("bill_usd < 29", 30.0, False, True),
        ("p95(bill_usd) < 40", 39.5, True, False),
        ("p95(bill_usd) < 41.5", 39.5, True, True),
        ("p99(bill_usd) < 50", 44.0, True, False),  # the interval has no upper end
        ("p99(bill_usd) < 41", 44.0, False, True),  # wherever that end is, it is above
        ("p99(bill_usd) < 43", 44.0, False, False),
        ("p99(bill_usd) > 41", 44.0, True, True),
        ("p90(bill_usd) > 36", 36.0, False, None),
        ("makespan < 2h", 7000, True, True),
        ("p99(makespan) < 2h", 7300, False, None),
        ("tokens.output >= 1.2k", 1200, True, None),
        ("p95(tokens.output) < 2k", None, None, None),
        ("succeeded > 1", None, None, None),
        ("finished > 1", None, None, None),
    ],
)
def test_figures_against_bounds(text: str, value: float | None, kept: bool | None, sure: bool | None) -> None:
    held = verdict(text)
    assert (held.value, held.kept, held.sure) == (value, kept, sure)


def test_a_rule_is_held_against_each_deployment_or_the_one_it_names() -> None:
    rules = [parse("bill_usd < 40"), parse("new: makespan < 1h")]
    held = check.verdicts(DOCUMENT, rules)
    assert [(one.deployment, one.kept) for one in held] == [("opus", True), ("new", None), ("new", True)]


def test_the_document_counts_what_is_broken_and_what_is_not_known() -> None:
    rules = [parse("bill_usd < 40"), parse("opus: bill_usd < 1")]
    made = check.document(DOCUMENT, check.verdicts(DOCUMENT, rules))
    assert (made["passed"], made["broken"], made["unknown"]) == (False, 1, 1)
    assert made["thresholds"][2]["threshold"] == "opus: bill_usd < 1"
    assert made["study"] == DOCUMENT
    kept = check.document(DOCUMENT, check.verdicts(DOCUMENT, [parse("opus: bill_usd < 40")]))
    assert kept["passed"] is True


def scenario(*thresholds: str) -> Scenario:
    agent = {"base": "1k", "turns": 1, "output": 10}
    fields = {"name": "t", "start": "2026-02-23", "horizon": "1h", "triggers": [{"agent": "a", "once": True}]}
    return Scenario.model_validate({**fields, "agents": {"a": agent}, "thresholds": list(thresholds)})


def refusal(given: Scenario, replications: int | None = 100) -> str:
    with pytest.raises(InputError) as caught:
        check.holdable(given, ["opus", "kimi"], replications)
    return str(caught.value)


def test_what_cannot_be_held_is_said_at_once() -> None:
    assert "p95(bill_usd) < 40" in refusal(scenario())
    said = refusal(scenario("opas: bill < 1", "p99(makespan) < 2h", "kimi: p50(bill) < 1"), replications=1)
    assert "did you mean opus?" in said
    assert said.count("--replications 100") == 2
    given = scenario("p95(bill_usd) < 40", "opus: bill < 1")
    assert check.holdable(given, ["opus"], 2) == check.holdable(given, ["opus"], None) == given.thresholds


def test_one_replication_has_a_mean() -> None:
    rules = check.holdable(scenario("bill_usd < 40"), ["opus"], 1)
    assert [type(rule) for rule in rules] == [ThresholdRule]
