"""`check` from outside: exit codes, what is printed first, what is refused."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
from pathlib import Path

import pytest

QUIET = ("--no-pictures", "--quiet")
ONE = ("--replications", "1")


def with_thresholds(*rules: str) -> tuple[str, str]:
    return "--set", f"thresholds={json.dumps(rules)}"


def test_a_kept_threshold_is_a_success_and_stands_first(call) -> None:
    ended = call("check", "blackboard", *with_thresholds("bill_usd < 1"), *ONE, *QUIET)
    assert ended.exit_code == 0, ended.stderr
    assert ended.stdout.startswith("1 threshold held") or ended.stdout.startswith("2 thresholds held")
    assert ended.stdout.index("bill_usd < 1") < ended.stdout.index("prompt")
    assert ended.stdout.count("kept") >= 2
    assert "$0.237" in ended.stdout


def test_a_broken_threshold_is_exit_code_99_in_every_form(call) -> None:
    rules = with_thresholds("bill_usd < 0.1", "minimax: bill < 0.1")
    for form in ("table", "json", "markdown", "csv"):
        ended = call("check", "blackboard", *rules, *ONE, "--format", form, *QUIET)
        assert ended.exit_code == 99, ended.stderr
        assert ended.stderr == ""
        assert "minimax: bill" in ended.stdout


def test_figures_in_files_are_raw(call) -> None:
    rules = with_thresholds("opus: bill_usd < 0.237", "opus: bill_usd <= 0.237", "opus: makespan > 1s")
    document = json.loads(call("check", "blackboard", *rules, *ONE, "--format", "json", *QUIET).stdout)
    assert document["schema"] == "burncurve.check/1"
    assert [part["kept"] for part in document["thresholds"]] == [False, True, True]
    assert document["thresholds"][0]["value"] == document["study"]["deployments"][0]["bill_usd"]["mean"] == 0.237
    rows = list(
        csv.DictReader(io.StringIO(call("check", "blackboard", *rules, *ONE, "--format", "csv", *QUIET).stdout))
    )
    assert [(row["deployment"], row["value"], row["kept"]) for row in rows[:2]] == [
        ("opus", "0.237", "False"),
        ("opus", "0.237", "True"),
    ]


def test_quantiles_over_replications(call) -> None:
    """Of what is drawn the quantiles differ, and a threshold is held against the one that it names."""
    figures = ("p50(bill_usd)", "p95(bill_usd)", "p99(makespan)", "p50(tokens.output)")
    bounds = ("$1000", "$1000", "30d", "1M")
    rules = with_thresholds(*(f"{figure} < {bound}" for figure, bound in zip(figures, bounds, strict=True)))
    words = ("--models", "minimax/minimax-m2.5", "--replications", 20, "--format", "json", *QUIET)
    ended = call("check", "chat-session", *rules, *words)
    assert ended.exit_code == 0, ended.stderr
    document = json.loads(ended.stdout)
    (part,) = document["study"]["deployments"]
    bill, spread = part["bill_usd"], part["distributions"]
    told = [spread[name][at] for name, at in (("makespan_s", "p99"), ("tokens.output", "p50"))]
    assert [rule["value"] for rule in document["thresholds"]] == [bill["p50"], bill["p95"], *told]
    assert bill["p50"] < bill["p95"]
    between = with_thresholds(f"p50(bill_usd) < {bill['mean']}", f"p95(bill_usd) < {bill['mean']}")
    kept = json.loads(call("check", "chat-session", *between, *words).stdout)["thresholds"]
    assert [rule["kept"] for rule in kept] == [bill["p50"] < bill["mean"], False]


def test_a_missing_price_leaves_a_threshold_unheld(call) -> None:
    rules = with_thresholds("bill_usd < 1")
    unpriced = ("--models", "anthropic/claude-opus-4.6,openai/gpt-4o", "--book", "articles-2026-02")
    ended = call("check", "blackboard", *rules, *unpriced, *ONE, *QUIET)
    assert ended.exit_code == 3
    assert "openai/gpt-4o" in ended.stderr
    assert "cannot be held" in ended.stderr
    broken = call("check", "blackboard", *with_thresholds("bill_usd < 0.01"), *unpriced, *ONE, *QUIET)
    assert broken.exit_code == 99


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "has no thresholds"),
        (with_thresholds("p95(bil_usd) < 4"), "did you mean bill_usd?"),
        (with_thresholds("p95(bill_usd) < 4"), "--replications 100"),
        (with_thresholds("opas: bill_usd < 4"), "did you mean opus?"),
        (with_thresholds("makespan < 2"), "has no unit"),
        ((*with_thresholds("opus: bill < 4"), "--models", "minimax/minimax-m2.5"), "not among those simulated"),
    ],
)
def test_what_cannot_be_held_is_refused(call, tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    ended = call("check", "blackboard", *words, *ONE)
    assert ended.exit_code == 2
    assert says in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_exit_code_is_documented(call) -> None:
    assert "99" in call("check", "--help").stdout
    assert "99" in call("--help").stdout


def test_a_full_disk_keeps_no_verdict_back(call, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("burncurve.studies.files.write", full)
    ended = call("check", "blackboard", *with_thresholds("bill_usd < 0.1"), *ONE, *QUIET)
    assert ended.exit_code == 2
    assert "BROKEN" in ended.stdout
    assert "No space left on device" in ended.stderr
