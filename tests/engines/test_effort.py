"""Caches of different efforts never meet: forks worked by hand, on both engines."""

from __future__ import annotations

import pytest

from burncurve.deployment import CacheKind, CacheRule
from burncurve.draws import constant, salt_of
from burncurve.workload import SURE, Join, Spawn, Workload, fixed

from .build import HOUR, S, agent, deployment, offer, ok, played, tools, workload

CACHED = offer(cache=CacheRule(CacheKind.EXPLICIT, short_us=constant(HOUR)), first_token_ns=1_000_000_000)
ENGINES = pytest.mark.parametrize("engine", ["reference", "compiled"])


def forked(*efforts: str) -> Workload:
    """A parent of 9,000 + 1,000 tokens forks a child, briefed in 50; each level makes two calls and forks the next."""
    some = []
    for level, effort in enumerate(efforts):
        last = level == len(efforts) - 1
        rules = () if last else (_fork(level + 1),)
        some.append(agent(f"level {level}", base=9_000, message=1_000, output=0, turns=2, spawns=rules,
                          tools=tools(200, 10 * S), effort=effort))  # fmt: skip
    return workload(some)


def _fork(child: int, count: int = 1) -> Spawn:
    """So many forks on the first turn, one after the other."""
    salt = salt_of(f"fork {child}")
    return Spawn(child, salt, SURE, fixed(count), fixed(50), Join.WAIT, on_turns=(1,), active=1, fork=True)


def reads_and_writes(work: Workload, depth: int, engine: str) -> tuple[list[int], list[int]]:
    calls = ok(played(work, deployment(CACHED), engine=engine), depth=depth)
    return calls["cache_read"].tolist(), calls["cache_write_5m"].tolist()


@ENGINES
@pytest.mark.parametrize("effort", ["", "high"])
def test_a_fork_of_the_same_effort_reads_what_its_parent_sent(effort: str, engine: str) -> None:
    """10,000 of the parent and a brief of 50; then a result of 200."""
    assert reads_and_writes(forked(effort, effort), 1, engine) == ([10_000, 10_050], [50, 200])


@ENGINES
@pytest.mark.parametrize("efforts", [("low", "high"), ("", "high"), ("high", "")])
def test_a_fork_of_another_effort_pays_all_it_inherits_and_then_reads_its_own(
    efforts: tuple[str, str], engine: str
) -> None:
    work = forked(*efforts)
    assert reads_and_writes(work, 1, engine) == ([0, 10_050], [10_050, 200])
    fresh = ok(played(work, deployment(CACHED), engine=engine), depth=1)["fresh"].tolist()
    assert fresh == [50, 200]  # what it inherits was sent before: paid again, not new


@ENGINES
def test_a_grandchild_of_the_first_effort_reads_what_that_effort_sent(engine: str) -> None:
    """It inherits the child's 10,050, of which the root sent the first 10,000; a brief of 50 comes to it."""
    work = forked("low", "high", "low")
    assert reads_and_writes(work, 2, engine) == ([10_000, 10_100], [100, 200])


@ENGINES
def test_a_second_fork_of_another_effort_reads_the_base_that_the_first_sent(engine: str) -> None:
    """Both inherit 10,000 and are briefed in 50; they share the base of 9,000."""
    child = agent("child", output=0, effort="high")
    parent = agent("parent", base=9_000, message=1_000, output=0, spawns=(_fork(1, 2),), tools=tools(0))
    assert reads_and_writes(workload([parent, child]), 1, engine) == ([0, 9_000], [10_050, 1_050])


@ENGINES
def test_what_another_effort_sends_keeps_nothing_of_the_parent_warm(engine: str) -> None:
    """The child calls every 50 minutes for 100: only a fork of the parent's effort keeps its entries alive."""
    for effort, read in (("low", 10_000), ("high", 0)):
        child = agent("child", output=0, turns=3, tools=tools(0, 50 * 60 * S), effort=effort)
        parent = agent("parent", base=9_000, message=1_000, output=0, turns=2, spawns=(_fork(1),),
                       tools=tools(0), effort="low")  # fmt: skip
        calls = ok(played(workload([parent, child]), deployment(CACHED), engine=engine), depth=0)
        assert calls["cache_read"].tolist()[1] == read, effort
