"""The first request of a session takes turns of its own: counted by hand, with both engines."""

from __future__ import annotations

import numpy as np
import pytest

from burncurve.draws import salt_of
from burncurve.ledger import Ledger
from burncurve.workload import Agent, Join, Spawn, Users, fixed

from .build import DAY, HOUR, S, agent, at, chance, played, quantity, workload

BOTH = pytest.mark.parametrize("engine", ["reference", "compiled"])
SIX_THEN_TWO: Agent = agent(turns=2, first_turns=6, message=10)


def calls_of_tasks(ledger: Ledger) -> list[int]:
    return np.bincount(ledger["task"]).tolist()


@BOTH
def test_people_ask_for_more_at_first(engine: str) -> None:
    people = Users("people", 3, 0, count=1, windows_us=((0, DAY),), sessions=quantity(2), requests=quantity(3),
                   think_us=quantity(S))  # fmt: skip
    work = workload(SIX_THEN_TWO, users=[people])
    assert calls_of_tasks(played(work, engine=engine)) == [6, 2, 2, 6, 2, 2]


@BOTH
def test_isolated_sessions_have_nothing_but_first_requests(engine: str) -> None:
    work = workload(SIX_THEN_TWO, at([0, HOUR, 2 * HOUR]))
    assert calls_of_tasks(played(work, engine=engine)) == [6, 6, 6]


@BOTH
def test_a_child_has_its_first_request_in_its_brief(engine: str) -> None:
    child = Spawn(1, salt_of("child"), chance(1), fixed(1), fixed(50), Join.BACKGROUND, on_turns=(1,))
    parent = agent("parent", turns=1, spawns=(child,))
    work = workload([parent, agent("child", turns=2, first_turns=4)])
    ledger = played(work, engine=engine)
    assert int((ledger["depth"] == 1).sum()) == 4


@BOTH
def test_without_them_all_requests_draw_alike(engine: str) -> None:
    plain, same = agent(turns=3), agent(turns=3, first_turns=3)
    one, other = (played(workload(each, at([0, HOUR])), engine=engine) for each in (plain, same))
    assert calls_of_tasks(one) == calls_of_tasks(other) == [3, 3]
