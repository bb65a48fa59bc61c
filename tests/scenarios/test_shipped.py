"""Every shipped scenario is readable, sourced, playable and billable, and what it yields adds up."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import yaml

from burncurve.catalogue import load as load_catalogue
from burncurve.deploy import deployments
from burncurve.engines import play
from burncurve.ledger import ORIGINS, Ledger
from burncurve.prepare import prepare
from burncurve.scenario import read
from burncurve.scenario.models import Scenario

FOLDER = Path(__file__).resolve().parents[2] / "scenarios"
SHIPPED = sorted(path.stem for path in FOLDER.glob("*.yaml"))
ISSUE_LIST = {
    "agent-tree",
    "best-of-n",
    "blackboard",
    "chat-session",
    "code-review-bot",
    "coding-agent",
    "debate",
    "deep-swarm",
    "generator-verifier",
    "heartbeat",
    "openclaw-stock-monitor",
    "openclaw-stock-monitor-alone",
    "orchestrator-workers",
    "polling-orchestrator",
    "six-developers",
}
SEED = 1
MOST_CALLS = 60_000


@cache
def scenario(name: str) -> Scenario:
    return read(FOLDER / f"{name}.yaml")


@cache
def ledgers(name: str) -> tuple[Ledger, ...]:
    workload = prepare(scenario(name), SEED)
    served = deployments(scenario(name), load_catalogue())
    return tuple(play(workload, one, replications=range(1), engine="reference") for one in served)


def raw(name: str) -> dict[str, object]:
    document = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
    assert isinstance(document, dict)
    return document


def test_the_shipped_scenarios_are_the_ones_promised() -> None:
    assert set(SHIPPED) == ISSUE_LIST


@pytest.mark.parametrize("name", SHIPPED)
def test_the_first_line_names_the_schema_for_editors(name: str) -> None:
    first = (FOLDER / f"{name}.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=../docs/scenario.schema.json"


@pytest.mark.parametrize("name", SHIPPED)
def test_every_number_has_a_source_or_is_marked_as_an_assumption(name: str) -> None:
    assert list(unsourced((FOLDER / f"{name}.yaml").read_text())) == []


NUMBER = re.compile(r"[:\[{ ]\s*\d")
SOURCE = re.compile(
    r"assumption|OpenClaw|TraceLab|Anthropic|Claude Code|WildChat|Kimi|OpenHands|Derived|the exchange|articles"
)


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


def test_the_monitor_alone_is_the_monitor_without_its_subtasks() -> None:
    monitor, alone = raw("openclaw-stock-monitor"), raw("openclaw-stock-monitor-alone")
    del monitor["agents"]["ticker"]
    del monitor["agents"]["assistant"]["spawn"]
    assert alone["agents"] == monitor["agents"]
    for field in ("start", "time_zone", "horizon", "triggers", "thresholds"):
        assert alone[field] == monitor[field]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_scenario_is_valid_and_says_what_it_is_about(name: str) -> None:
    assert scenario(name).name
    assert scenario(name).about or name == "six-developers"


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
        for earlier, later in zip(times, times[1:], strict=False):
            assert np.all((earlier <= later) | (earlier < 0) | (later < 0))
        assert_children_follow(ledger)


def assert_children_follow(ledger: Ledger) -> None:
    first: dict[int, int] = {}
    for task, start in zip(ledger["task"].tolist(), ledger["request_us"].tolist(), strict=True):
        first[task] = min(start, first.get(task, start))
    for task, parent in set(zip(ledger["task"].tolist(), ledger["parent"].tolist(), strict=True)):
        assert parent < 0 or first[parent] <= first[task]
