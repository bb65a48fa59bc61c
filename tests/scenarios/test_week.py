"""A thousandth of the week of OpenRouter's top ten comes out as counted, as far as so few accounts can tell."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import week
from burncurve import catalogue, deploy, engines, scenario
from burncurve.ledger import Status
from burncurve.prepare import prepare

PLAYED = 100  # of 100,000 accounts
STANDARD_ERRORS = 4  # beyond which one of the thirty figures would be by luck in one of 500 runs


@cache
def accounts() -> NDArray[np.float64]:
    """Return requests, prompt, cached and completion tokens by account and model."""
    read = scenario.read(Path(week.SCENARIO))
    (deployment,) = deploy.deployments(read, catalogue.load())
    ledger = engines.play(prepare(read, 0), deployment, range(PLAYED))
    served = ledger["status"] == Status.OK
    group = ledger["replication"][served].astype(np.int64) * len(week.COUNTED) + ledger["agent"][served]
    completion = ledger["output"][served].astype(np.int64) + ledger["reasoning"][served]
    parts = np.ones(len(group)), ledger.prompt[served], ledger["cache_read"][served], completion
    sums = [np.bincount(group, weights=part, minlength=PLAYED * len(week.COUNTED)) for part in parts]
    return np.stack(sums, axis=-1).reshape(PLAYED, len(week.COUNTED), 4)


@pytest.mark.parametrize("model", week.COUNTED)
def test_each_model_does_what_was_counted(model: str) -> None:
    counted, _ = week.COUNTED[model]
    played = accounts()[:, list(week.COUNTED).index(model)]
    wanted = np.array([counted.requests, counted.prompt, 0, counted.completion]) / week.ACCOUNTS
    error = played.std(axis=0, ddof=1) / np.sqrt(PLAYED)
    for place in (0, 1, 3):
        assert abs(played[:, place].mean() - wanted[place]) < 0.01 * wanted[place] + STANDARD_ERRORS * error[place]
    assert played[:, 2].sum() / played[:, 1].sum() == pytest.approx(counted.share, abs=0.03)


def test_an_account_is_a_hundred_thousandth() -> None:
    requests = sum(counted.requests for counted, _ in week.COUNTED.values())
    assert requests == pytest.approx(517.3e6)
    assert accounts()[..., 0].sum() / PLAYED == pytest.approx(requests / week.ACCOUNTS, rel=0.05)


def test_misses_are_the_same_for_all() -> None:
    read = scenario.read(Path(week.SCENARIO))
    misses = {str(agent.misses) for agent in read.agents.values()}
    assert len(misses) == 1
