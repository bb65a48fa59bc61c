"""Behaviours of one's own: the debate of docs/behaviours.md against hand computation, their luck, and their errors."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from burncurve.engines import Behaviour, play
from burncurve.engines.behaviours import Kind, Origin, Steps, Task, standard
from burncurve.errors import InputError, Problem
from burncurve.ledger import Ledger
from burncurve.workload import SURE, Agent, Join, Spawn, Workload, fixed

from .build import S, agent, at, deployment, offer, ok, same, steps, tools, workload

PAGE = Path(__file__).parents[2] / "docs" / "behaviours.md"
BLOCK = re.compile(r"^```python\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
SCENARIO = re.compile(r'write_text\("""\\\n(.*?)"""\)', re.DOTALL)

# By hand: base 5,000 and message 1,000; the chair writes 200 per call, looks up 300 per round and is asked 150 after
# it; a speaker gets a brief of 100, writes 400 and returns them. Each prompt is all that its session has heard.
IN_TURN = [
    6_000, 6_600, 6_900, 7_200, 7_500, 7_800, 8_100,  # opening; speaker and chair in turn, three times
    8_450, 9_050, 9_350, 9_650, 9_950, 10_250, 10_550,
    10_900,  # the verdict
]  # fmt: skip
AT_ONCE = [6_000, 6_600, 6_600, 6_600, 7_700, 8_050, 8_650, 8_650, 8_650, 9_750, 10_100]
# Opus 4.6: what is not read is written at 0.625 cents per thousand, reads cost 0.05, output 2.5.
# In turn 11.5 written, 116.75 read, 9 calls of 0.2 and 6 of 0.4; at once 12.7, 74.65, 5 calls of 0.2 and 6 of 0.4.
CENTS = {"debate": Decimal("23.525"), "at_once": Decimal("20.17")}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The names that the examples of the page leave behind."""
    names: dict[str, Any] = {"__name__": "behaviours"}
    with contextlib.chdir(tmp_path_factory.mktemp("page")), contextlib.redirect_stdout(io.StringIO()):
        for code in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
            exec(code, names)
    return names


@pytest.mark.parametrize(("behaviour", "prompts"), [("debate", IN_TURN), ("at_once", AT_ONCE)])
@pytest.mark.parametrize("deployment", ["opus", "minimax"])
def test_the_prompts_of_the_debate_are_those_worked_by_hand(
    page: dict[str, Any], deployment: str, behaviour: str, prompts: list[int]
) -> None:
    ledger = play(page["workload"], page[deployment], behaviours={"debate": page[behaviour]})
    assert ledger.prompt.tolist() == prompts


@pytest.mark.parametrize("behaviour", ["debate", "at_once"])
def test_the_bill_of_the_debate_is_the_one_worked_by_hand(page: dict[str, Any], behaviour: str) -> None:
    ledger = play(page["workload"], page["opus"], behaviours={"debate": page[behaviour]})
    assert page["billing"].bill(ledger, page["book"], deployment="opus").total_pico == CENTS[behaviour] * 10**10


def given(behaviour: str = "", **fields: Any) -> Agent:
    """An agent whose outputs are drawn, from 50 values."""
    return agent("one", base=100, turns=3, output=steps(range(1, 51)), behaviour=behaviour, **fields)


def helpers(join: Join = Join.WAIT) -> tuple[Spawn, ...]:
    return (Spawn(1, 5, SURE, fixed(3), fixed(10), join, on_turns=(1,)),)


def test_the_standard_behaviour_under_a_name_is_the_standard_behaviour() -> None:
    helper = agent("helper", turns=steps([1, 2, 3], salt="turns"), output=steps(range(1, 51)), result=7)
    one = given(tools=tools(30, S), spawns=helpers())
    plain = workload((one, helper))
    named = workload((given("mine", tools=one.tools, spawns=one.spawns), helper))
    same(played_with(named, mine=standard), played_with(plain))


def played_with(work: Workload, **behaviours: Behaviour) -> Ledger:
    served = deployment(offer(first_token_ns=10**9, decode_ns_per_token=10**7), roles=len(work.roles))
    return play(work, served, behaviours=behaviours)


def talkative(task: Task) -> Steps:
    for _ in range(task.drawn_turns()):
        yield from task.next_turn()
        yield from task.call()


def test_a_call_beside_the_turns_has_luck_of_its_own_and_leaves_that_of_the_turns() -> None:
    plain = ok(played_with(workload(given(), seed=3)))["output"].tolist()
    outputs = ok(played_with(workload(given("mine"), seed=3), mine=talkative))["output"].tolist()
    turns, extra = outputs[::2], outputs[1::2]
    assert turns == plain
    assert len(set(extra)) == 3
    assert extra != turns


def test_a_behaviour_changes_nobody_elses_ledger() -> None:
    other = agent("other", base=50, turns=4, output=steps(range(1, 51)), tools=tools(steps([5, 9], salt="t"), S))
    triggers = (at([0], 0, "first"), at([0], 1, "second"))
    before = ok(played_with(workload((given(), other), triggers)), agent=1)
    after = ok(played_with(workload((given("mine"), other), triggers), mine=talkative), agent=1)
    assert {name: column.tolist() for name, column in before.items()} == {
        name: column.tolist() for name, column in after.items()
    }


def interview(task: Task) -> Steps:
    yield from task.next_turn()
    yield from task.pause(5 * S)
    task.receive(Origin.USER, 40)
    yield from task.use_tools()
    yield from task.call(Kind.JUDGE)


def test_the_primitives_take_their_time_and_leave_their_tokens() -> None:
    """100 + 60 tokens, 10 written at 0.01 s each after 1 s; then 5 s and 40 tokens; a tool of 2 s and 30 tokens."""
    one = agent("one", base=100, message=60, output=10, tools=tools(30, 2 * S), behaviour="mine")
    calls = ok(played_with(workload(one), mine=interview))
    assert calls["kind"].tolist() == [Kind.TURN, Kind.JUDGE]
    assert calls["turn"].tolist() == [1, 1]
    assert calls["request_us"].tolist() == [0, 8_100_000]
    origins = [calls[name].tolist() for name in ("from_base", "from_user", "from_output", "from_tools")]
    assert origins == [[100, 100], [60, 100], [0, 10], [0, 30]]


def test_results_are_taken_in_one_by_one_or_together() -> None:
    def one_by_one(task: Task) -> Steps:
        yield from task.next_turn()
        yield from task.take_in(task.spawn(task.agent.spawns[0]))

    def together(task: Task) -> Steps:
        yield from task.next_turn()
        yield from task.join(task.spawn(task.agent.spawns[0]))

    helper = agent("helper", output=steps(range(1, 51)), result=7)
    work = workload((agent("one", output=1, behaviour="mine", spawns=helpers()), helper))
    for behaviour, agents_tokens in ((one_by_one, [0, 7, 14, 21]), (together, [0, 21])):
        assert ok(played_with(work, mine=behaviour), agent=0)["from_agents"].tolist() == agents_tokens


def test_children_that_nobody_waits_for_are_taken_in_before_the_task_ends() -> None:
    def careless(task: Task) -> Steps:
        yield from task.next_turn()
        task.spawn(task.agent.spawns[0])

    helper = agent("helper", output=5, result=7)
    work = workload((agent("one", output=1, behaviour="mine", spawns=helpers()), helper))
    assert ok(played_with(work, mine=careless), agent=0)["from_agents"].tolist() == [0, 7, 14, 21]


def test_every_unregistered_behaviour_is_named_in_one_error_before_anything_is_played() -> None:
    def never(task: Task) -> Iterator[Any]:
        raise AssertionError("nothing may be played")

    agents = (agent("first", behaviour="debat"), agent("second", behaviour="talk"), agent("third", behaviour="debate"))
    with pytest.raises(InputError) as error:
        play(workload(agents), deployment(), behaviours={"debate": never})
    assert [problem.where for problem in error.value.problems] == ["agents.first.behaviour", "agents.second.behaviour"]
    assert "'debat' is not registered (registered are debate)" in str(error.value)


def test_an_error_from_within_a_behaviour_keeps_its_problems() -> None:
    problems = (Problem("here", "is wrong", "mend it"), Problem("there", "is wrong too"))

    def broken(task: Task) -> Steps:
        yield from task.next_turn()
        raise InputError(*problems)

    with pytest.raises(InputError) as error:
        played_with(workload(agent(behaviour="mine")), mine=broken)
    assert error.value.problems == problems
    assert str(error.value) == "here: is wrong\n    mend it\nthere: is wrong too"


def test_a_command_says_that_it_knows_no_such_behaviour(tmp_path: Path, root: Path) -> None:
    (tmp_path / "debate.yaml").write_text(SCENARIO.findall(PAGE.read_text(encoding="utf-8"))[0], encoding="utf-8")
    command = [sys.executable, "-m", "burncurve", "run", "debate.yaml", "--out", "out"]
    environment = {**os.environ, "PYTHONPATH": str(root / "sim")}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == InputError.exit_code
    assert "agents.chair.behaviour: behaviour 'debate' is not registered" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
