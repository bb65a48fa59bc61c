"""A small right scenario for the tests of the format, and a way to read changed copies of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from burncurve.errors import InputError, Problem
from burncurve.scenario import read
from burncurve.scenario.models import Scenario

RIGHT = """\
name: small
start: 2026-11-02T09:00
time_zone: Europe/Berlin
horizon: 8h
agents:
  lead:
    role: lead
    base: 20k
    turns: {lognormal: {median: 5, sigma: 0.5}, clip: [1, 40]}
    window: 200k
    compact: {at: 160k, keep: 20k, summary: 3k}
    tools: {mix: {shell: 0.7, web: 0.3}}
    spawn: [{agent: worker, on_turn: 1, count: 3, join: announce}]
  worker: {role: worker, base: 10k, turns: 4, result: 1k}
tools:
  shell: {result: 500, time: 2s}
  web: {result: 2k, time: {quantiles: {0.5: 3s, 1: 60s}}}
triggers:
  - {agent: lead, session: main, every: 30m, hours: 09:30-16:00, days: mon-fri, overlap: skip}
deployments:
  d: {roles: {lead: anthropic/claude-opus-4.6, worker: minimax/minimax-m2.5}, cache: {lead: 1h}}
thresholds: [p95(bill_usd) < 40]
"""


@pytest.fixture
def right() -> str:
    return RIGHT


@pytest.fixture
def scenario_of(tmp_path: Path) -> Callable[..., Scenario]:
    """Return a reader of a text by way of a file."""

    def of(text: str, settings: Sequence[str] = ()) -> Scenario:
        path = tmp_path / "scenario.yaml"
        path.write_text(text, encoding="utf-8")
        return read(path, settings)

    return of


@pytest.fixture
def problems_of(scenario_of: Callable[..., Scenario]) -> Callable[..., list[Problem]]:
    """Return a reader that must fail, giving its problems with places from the file's name on."""

    def of(text: str, settings: Sequence[str] = ()) -> list[Problem]:
        with pytest.raises(InputError) as caught:
            scenario_of(text, settings)
        assert caught.value.exit_code == 2
        return [Problem(p.where.rpartition("/")[2], p.what, p.remedy) for p in caught.value.problems]

    return of
