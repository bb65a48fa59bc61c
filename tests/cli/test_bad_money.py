"""Wrong prices, routes, constraints, thresholds, budgets, migrations: place, rule, remedy, and nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest

SCENARIO = """\
name: small
start: 2026-02-23T09:30
time_zone: UTC
horizon: 1h
agents:
  a: {role: lead, base: 2k, message: 300, turns: 3, output: 200}
triggers: [{agent: a, once: true}]
deployments:
  opus: {roles: {lead: anthropic/claude-opus-4.6}}
  mini: {roles: {lead: minimax/minimax-m2.5}}
"""
OPUS = "claude-opus-4.6}"
SAME = ", budgets: [{per: run, usd: 5, then: cheaper, offer: anthropic/claude-opus-4.6}]"
RATES = "per_mtok: {input: 1, output: 1}, source: me}"
BOOK = "checked: 2026-11-01\noffers:\n  minimax/minimax-m2.5:\n    - {valid_from: 2026-01-01, "
WHOLE = f"{BOOK}{RATES}\n"

# What a book says, the place, the rule, the remedy.
BOOKS = [
    (f"{BOOK}valid_until: 2026-06-01, {RATES}\n    - {{valid_from: 2026-03-01, {RATES}\n", "5:7", "overlaps", "give"),
    (f"{BOOK}{RATES.replace('1,', '-1,')}\n", "4:50", "`-1` is not a price", "write a decimal number"),
    (f"{BOOK}{RATES.replace(', output: 1', '')}\n", "4:42", "`output` is missing", "write `output: unknown`"),
    (f"{BOOK}currency: CNY, {RATES}\n", "4:7", "no exchange rate", "add `exchange_rates: {CNY:"),
]
# What is written in place of something in the scenario, or after it; the place, the rule, the remedy.
SCENARIOS = [
    ((OPUS, "claude-opus-4.66}"), "9:24", "no offer `anthropic/claude-opus-4.66`", "did you mean"),
    (("{lead: mini", "{laed: mini"), "10:24", "nobody defined the role 'laed'", "did you mean lead?"),
    ((OPUS, OPUS + ", failover: {lead: [zai/glm-55]}"), "9:70", "no offer `zai/glm-55`", "did you mean"),
    (("", "constraints: {only: [openai], zdr: true}"), "11:14", "exclude every deployment", "widen the rules"),
    (("", "constraints: {only: [openai], zdr: true}"), "11:36", "mini: excluded by zdr", "add a deployment"),
    (("", "thresholds: [p95(bil_usd) < 40]"), "11:14", "the unknown figure 'bil_usd'", "did you mean bill_usd?"),
    (("", "thresholds: [p95(bill_usd) ~ 40]"), "11:14", "must read as", "write for example"),
    ((OPUS, OPUS + ", budgets: [{per: run, usd: 0.001}]"), "9:62", "is below one call", "raise it"),
    ((OPUS, OPUS + ", budgets: [{per: day, tokens: 10}]"), "9:62", "is below one call", "raise it"),
    ((OPUS, OPUS + SAME), "9:103", "serves every role before", "name a cheaper offer"),
    (("", "migration: {hours: 3, usd_per_hour: 9}"), "11:1", "needs the field baseline", "add a line baseline"),
    (("", "migration: {baseline: opas, hours: 3, usd_per_hour: 9}"), "11:23", "no deployment 'opas'", "did you mean"),
]


def refused(call, folder: Path, *words: str) -> str:
    before = sorted(folder.iterdir())
    ended = call("compare", "small.yaml", "--replications", "2", "--no-pictures", "--engine", "reference", *words)
    assert ended.exit_code == 2, ended.output
    assert ended.stdout == ""
    assert sorted(folder.iterdir()) == before
    return str(ended.stderr)


@pytest.mark.parametrize(("book", "place", "rule", "remedy"), BOOKS)
def test_a_wrong_book(call, tmp_path: Path, book: str, place: str, rule: str, remedy: str) -> None:
    (tmp_path / "small.yaml").write_text(SCENARIO)
    (tmp_path / "book.yaml").write_text(book)
    told = refused(call, tmp_path, "--book", "book.yaml")
    assert f"book.yaml:{place}: " in told
    assert rule in told
    assert remedy in told


@pytest.mark.parametrize(("change", "place", "rule", "remedy"), SCENARIOS)
def test_a_wrong_scenario(call, tmp_path: Path, change: tuple[str, str], place: str, rule: str, remedy: str) -> None:
    old, new = change
    (tmp_path / "small.yaml").write_text(SCENARIO.replace(old, new, 1) if old else f"{SCENARIO}{new}\n")
    told = refused(call, tmp_path)
    assert f"small.yaml:{place}: " in told
    assert rule in told
    assert remedy in told


def test_a_switch_from_what_is_not_compared(call, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(f"{SCENARIO}migration: {{baseline: opus, hours: 3, usd_per_hour: 9}}\n")
    told = refused(call, tmp_path, "--models", "zai/glm-5")
    assert "small.yaml:11:23: migration.baseline: opus is not compared" in told


def test_a_rate_that_nobody_states_is_said_and_with_strict_nothing_is_written(call, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SCENARIO)
    (tmp_path / "book.yaml").write_text(WHOLE.replace("output: 1", "output: unknown"))
    words = ("run", "small.yaml", "--deployment", "mini", "--book", "book.yaml", "--no-pictures")
    strict = call(*words, "--strict")
    assert (strict.exit_code, (tmp_path / "results").exists()) == (3, False)
    plain = call(*words)
    assert (plain.exit_code, "unpriced" in plain.stdout) == (3, True)
    for told in (strict.stderr, plain.stderr):
        assert "book.yaml:4:7: book book has no price of minimax/minimax-m2.5 for output" in told


def test_a_tier_without_a_price_names_those_that_have_one(call, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SCENARIO.replace("m2.5}", "m2.5}, service_tier: batch"))
    words = ("run", "small.yaml", "--deployment", "mini", "--engine", "reference", "--no-pictures")
    for more in ((), ("--set", "deployments.mini.budgets={per: run, usd: 5}")):
        told = call(*words, *more)
        assert told.exit_code == 3
        assert "has no batch price of minimax/minimax-m2.5" in told.stderr
        assert "known are prices of the tiers standard" in told.stderr
