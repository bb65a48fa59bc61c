"""Every shipped scenario is readable, sourced, playable and billable, and what it yields adds up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from burncurve.billing import Bill, amounts_usd, bill
from burncurve.catalogue import load as load_catalogue
from burncurve.deploy import deployments
from burncurve.engines import play
from burncurve.ledger import ORIGINS, Ledger
from burncurve.prepare import prepare
from burncurve.prices import load as load_book
from burncurve.scenario import read
from burncurve.scenario.models import Scenario

FOLDER = Path(__file__).resolve().parents[2] / "scenarios"
SHIPPED = sorted(path.stem for path in FOLDER.glob("*.yaml"))
PROMISED = {
    "agent-tree",
    "best-of-n",
    "blackboard",
    "chat-session",
    "code-review-bot",
    "coding-agent",
    "debate",
    "deep-swarm",
    "fifty-dollars",
    "generator-verifier",
    "heartbeat",
    "openclaw-plan",
    "openclaw-stock-monitor",
    "openclaw-stock-monitor-alone",
    "openrouter_week",
    "orchestrator-workers",
    "polling-orchestrator",
    "six-developers",
}
SEED = 1
MOST_CALLS = 60_000
PICO = 10**12


@cache
def scenario(name: str) -> Scenario:
    return read(FOLDER / f"{name}.yaml")


@cache
def ledgers(name: str) -> tuple[Ledger, ...]:
    workload = prepare(scenario(name), SEED)
    served = deployments(scenario(name), load_catalogue(), book=load_book("list"))
    return tuple(play(workload, one, replications=range(1), engine="reference") for one in served)


@cache
def bills(name: str) -> tuple[Bill, ...]:
    book = load_book("list")
    served = deployments(scenario(name), load_catalogue(), book=book)
    return tuple(bill(ledger, book, deployment=one.name) for one, ledger in zip(served, ledgers(name), strict=True))


def raw(name: str) -> dict[str, Any]:
    document = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
    assert isinstance(document, dict)
    return document


def test_the_shipped_scenarios_are_the_ones_promised() -> None:
    assert set(SHIPPED) >= PROMISED


@pytest.mark.parametrize("name", SHIPPED)
def test_the_first_line_names_the_schema_for_editors(name: str) -> None:
    first = (FOLDER / f"{name}.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=../docs/scenario.schema.json"


@pytest.mark.parametrize("name", SHIPPED)
def test_every_number_has_a_source_or_is_marked_as_an_assumption(name: str) -> None:
    assert list(unsourced((FOLDER / f"{name}.yaml").read_text())) == []


NUMBER = re.compile(r"[:\[{ ]\s*\d")
MAKERS = r"OpenClaw (?:docs|issue)|TraceLab|Anthropic|Claude Code|WildChat|Kimi|OpenHands|kv-cache-tester"
NAMED = rf"(?:{MAKERS})[ ,:'][^#]*\w{{3}}"
TOLD = r"\bassumption\b|the exchange|the articles|^ *the week\b|CALIBRATED"
SOURCE = re.compile(rf"^ *(?:cap: )?{NAMED}|^ *Derived: .*{NAMED}|{TOLD}")


def unsourced(text: str) -> Iterator[str]:
    """Yield the lines with a number whose comment, beside or directly above, names no source."""
    above = ""
    for line in text.splitlines():
        code, _, comment = line.partition("#")
        if not code.strip():
            above = above + comment if comment else ""
            continue
        if NUMBER.search(code) and not code.startswith(("name:", "about:")) and not SOURCE.search(comment or above):
            yield line
        above = ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 5 # OpenHands, goal judge", 0),
        ("a: 5 # OpenHands", 1),
        ("a: 5 # unlike OpenHands, a guess", 1),
        ("# Derived: 2 x 3, TraceLab, warm append\na: 5", 0),
        ("# Derived from experience\na: 5", 1),
        ("# Derived: felt right\na: 5", 1),
        ("# TraceLab, warm append\na: 5 # of course", 1),
        ("# TraceLab, warm append\nb: x\na: 5", 1),
        ("a: 5 # assumption", 0),
    ],
)
def test_a_source_is_named_and_not_only_mentioned(text: str, found: int) -> None:
    assert len(list(unsourced(text))) == found


def test_the_monitor_alone_is_the_monitor_without_its_subtasks() -> None:
    monitor, alone = raw("openclaw-stock-monitor"), raw("openclaw-stock-monitor-alone")
    del monitor["agents"]["ticker"]
    del monitor["agents"]["assistant"]["spawn"]
    assert alone["agents"] == monitor["agents"]
    for field in ("start", "time_zone", "horizon", "triggers", "thresholds"):
        assert alone[field] == monitor[field]


def test_a_plan_covers_openclaw_until_its_terms_end() -> None:
    plan, _course, api, *_ = ledgers("openclaw-plan")
    ends_us = (datetime(2026, 2, 18, 3, 48, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert 0 < (plan["plan"] == 0).sum() < len(plan)
    assert np.array_equal(plan["plan"] == 0, plan.start_utc_us + plan["grant_us"] < ends_us)
    assert np.array_equal(plan["end_us"], api["end_us"])  # the plan changes who pays and nothing else


def test_the_monitor_on_fifty_dollars_is_the_monitor() -> None:
    monitor, limited = raw("openclaw-stock-monitor"), raw("fifty-dollars")
    for field in ("agents", "start", "time_zone", "horizon", "triggers"):
        assert limited[field] == monitor[field]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_scenario_is_valid_and_says_what_it_is_about(name: str) -> None:
    assert scenario(name).name
    assert scenario(name).about


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_scenario_runs_on_all_its_deployments_in_a_sensible_size(name: str) -> None:
    for ledger in ledgers(name):
        assert 0 < len(ledger) < MOST_CALLS
        assert ledger.outcomes[0].requests > 0


@pytest.mark.parametrize("name", SHIPPED)
def test_origins_and_fresh_fit_the_prompt(name: str) -> None:
    for ledger in ledgers(name):
        granted = ledger["grant_us"] >= 0
        origins = np.sum([ledger[origin].astype(np.int64) for origin in ORIGINS], axis=0)
        assert np.array_equal(ledger.prompt[granted], origins[granted])
        assert np.all(ledger["fresh_agents"] <= ledger["fresh"])
        assert np.all(ledger["fresh"] <= ledger.prompt)


@pytest.mark.parametrize("name", SHIPPED)
def test_times_run_forward_and_children_after_their_parents(name: str) -> None:
    for ledger in ledgers(name):
        served = ledger["end_us"] >= 0
        times = [ledger[column][served] for column in ("request_us", "grant_us", "first_token_us", "end_us")]
        for earlier, later in pairwise(times):
            assert np.all((earlier <= later) | (earlier < 0) | (later < 0))
        assert_children_follow(ledger)


def assert_children_follow(ledger: Ledger) -> None:
    first: dict[int, int] = {}
    for task, start in zip(ledger["task"].tolist(), ledger["request_us"].tolist(), strict=True):
        first[task] = min(start, first.get(task, start))
    for task, parent in set(zip(ledger["task"].tolist(), ledger["parent"].tolist(), strict=True)):
        assert parent < 0 or first[parent] <= first[task]


@pytest.mark.parametrize("name", SHIPPED)
def test_causes_and_calls_add_up_to_the_bill(name: str) -> None:
    for ledger, found in zip(ledgers(name), bills(name), strict=True):
        assert found.unpriced == ()
        assert found.total_pico is not None
        covered = bool(len(ledger)) and bool((ledger["plan"] >= 0).all())  # by a plan, at no price of its own
        assert (found.total_pico > 0) != covered
        assert found.total_pico == sum(line.amount_pico for line in found.lines)
        assert sum(found.by_cause().values()) == pytest.approx(found.total_pico / PICO, rel=1e-9)
        amounts = amounts_usd(ledger, load_book("list"))
        assert float(amounts.sum()) == pytest.approx(found.total_pico / PICO, rel=1e-6)


def test_the_tree_has_the_size_of_its_closed_form() -> None:
    below_root = 3 + 3**2 + 3**3
    inner, leaves = 1 + 3 + 3**2, 3**3
    for ledger in ledgers("agent-tree"):
        assert ledger.outcomes[0].tasks == 1 + below_root
        assert len(ledger) == inner * 3 + leaves * 2  # two turns each, and an announcing call where there are children
        assert int(ledger["depth"].max()) == 3


def test_a_debate_makes_the_calls_one_can_count() -> None:
    for ledger in ledgers("debate"):
        assert len(ledger) == 8 * (4 + 3 + 3 * 3)  # eight hours: turns and announcements of the moderator, the debaters
        assert ledger.outcomes[0].tasks == 8 * (1 + 9)


def test_heartbeats_cost_the_write_price_when_the_cache_is_shorter_than_the_pause() -> None:
    beats, first, growth = 48, 17_600 + 82_400 + 150, 150 + 50
    prompt = beats * first + growth * beats * (beats - 1) // 2
    read = (beats - 1) * first + growth * (beats - 1) * (beats - 2) // 2
    assert (prompt, read) == (5_032_800, 4_923_250)
    output = Fraction(25 * 50 * beats, 10**6)
    cold = Fraction(625, 100) * prompt / 10**6 + output
    warm = Fraction(10) * (prompt - read) / 10**6 + Fraction(1, 2) * read / 10**6 + output
    assert (float(cold), float(warm)) == (31.515, 3.617125)
    totals = {found.deployment: found.total_pico for found in bills("heartbeat")}
    assert totals["five-minutes"] == cold * PICO
    assert totals["an-hour"] == warm * PICO


def test_the_swarm_keeps_to_its_depth_and_its_places() -> None:
    for ledger in ledgers("deep-swarm"):
        assert int(ledger["depth"].max()) <= 5
        assert most_at_once(ledger) <= 8


def most_at_once(ledger: Ledger) -> int:
    served = ledger["end_us"] >= 0
    ends = [(int(at), -1) for at in ledger["end_us"][served]]
    starts = [(int(at), 1) for at in ledger["grant_us"][served]]
    return int(np.cumsum([step for _, step in sorted(ends + starts)]).max())
