"""Contexts are cut at the size with which sessions come to the prompt tokens they were seen with."""

from __future__ import annotations

import numpy as np
import pytest

from burncurve.studies.fit_cuts import compacting
from burncurve.studies.turns import Turns


def made(*sessions: list[int]) -> Turns:
    """Return sessions with these prompts, in thousands."""
    prompt = np.concatenate([np.array(each) for each in sessions]) * 1_000
    session = np.repeat(np.arange(len(sessions)), [len(each) for each in sessions])
    zero = np.zeros(len(prompt), dtype=np.int64)
    return Turns(
        session=session, parent=zero - 1, agent=zero, request=zero, kind=zero, start_us=np.arange(len(prompt)),
        end_us=zero, prompt=prompt, read=zero - 1, kept=zero - 1, output=zero, reasoning=zero, agents=("main",),
    )  # fmt: skip


SAW = [20, 30, 40, 50, 60, 70, 80, 90, 100, 20, 30, 40, 50, 60, 70, 80, 90, 100, 20, 30]
EVERY = np.array([True])


def test_a_rule_that_was_kept_is_found() -> None:
    """By hand: growing by 10,000 a call and cut to 20,000, sessions pass 100,000 and never get to 110,000."""
    found = compacting(made(SAW, SAW, SAW), np.repeat(EVERY, 3), np.repeat(EVERY, 3), 5_000)
    assert found is not None
    assert 100_000 <= found.at <= 110_000
    assert (found.seen, found.left.mean) == (6, 15_000)


def test_cuts_at_several_sizes_are_met_in_the_tokens() -> None:
    """By hand: cut at 60,000 or at 100,000, half of the time each, and what comes out is as many tokens."""
    early = [20, 30, 40, 50, 60, 20, 30, 40, 50, 60, 20, 30, 40, 50, 60, 20, 30, 40, 50, 60]
    sessions = np.repeat(EVERY, 4)
    found = compacting(made(early, SAW, early, SAW), sessions, sessions, 0)
    assert found is not None
    assert 60_000 < found.at < 100_000
    drawn = np.arange(20_000, found.at + 10_001, 10_000)[:-1]
    assert np.resize(drawn, 20).sum() == pytest.approx(1_000 * (sum(early) + sum(SAW)) / 2, rel=0.1)


def test_where_no_cut_was_seen_none_comes_at_a_size_that_was_seen() -> None:
    uncut = [150, 200, 250, 300]
    turns = made(SAW, SAW, SAW, uncut)
    mine = np.array([False, False, False, True])
    found = compacting(turns, mine, np.repeat(EVERY, 4), 5_000)
    assert found is not None
    assert found.at >= 300_000
    assert found.seen == 0


def test_too_few_cuts_are_no_rule() -> None:
    sessions = np.repeat(EVERY, 2)
    assert compacting(made(SAW, SAW), sessions, sessions, 5_000) is None
