"""What the compiled engine draws ahead: smooth outputs, tools, times and factors, in tasks of many turns."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from burncurve.draws import ALWAYS, Table, salt_of
from burncurve.engines.compiled.layout import AHEAD
from burncurve.prepare.tables import table_of
from burncurve.scenario.kinds import Gamma
from burncurve.words import PPM
from burncurve.workload import Agent, Per, Quantity, Tool, Tools, fixed
from engines.build import MINUTE, S
from engines.spending import spending
from engines.strategies import Case, Draw, cases, pick

from .law import same

CASES = 300


def smooth(mean: int) -> Table:
    return table_of(Gamma[float](mean=float(mean), shape=0.7))


WRITTEN, SHORT, LONG, FACTOR = smooth(60), smooth(3 * S), smooth(50 * MINUTE), smooth(PPM)


def written(draw: Draw, name: str) -> Quantity:
    low, high = pick(draw, (0, 1 << 40), (0, 80), (50, 100))
    return pick(draw, fixed(40), Quantity(WRITTEN, Per.TURN, salt_of(name), low=low, high=high))


def lasting(draw: Draw) -> Quantity:
    table = pick(draw, SHORT, LONG)  # the longer ones take twice the memory
    return pick(draw, fixed(0), Quantity(table, Per.TURN, salt_of("lasting"), high=1 << 40))


@st.composite
def long_cases(draw: Draw) -> Case:
    case = draw(st.one_of(cases(), spending()))

    def longer(agent: Agent) -> Agent:
        tool = Tool("tool", written(draw, "result"), lasting(draw), pick(draw, 1 << 40, 30, 0), pick(draw, 0, 2))
        calls, parallel = fixed(pick(draw, 1, 1, 2)), pick(draw, True, False)
        return replace(
            agent, turns=fixed(pick(draw, AHEAD - 1, AHEAD, AHEAD + 1, 2 * AHEAD + 3)), step_cap=50,
            output=written(draw, "output"), reasoning=pick(draw, fixed(0), written(draw, "reasoning")),
            tools=Tools(calls, (tool,), (ALWAYS,), salt_of("which"), parallel),
        )  # fmt: skip

    agents = tuple(longer(agent) for agent in case.workload.agents)
    offers = tuple(replace(offer, time_factor=FACTOR) for offer in case.deployment.offers)
    return Case(replace(case.workload, agents=agents), replace(case.deployment, offers=offers))


def test_both_engines_give_the_same_ledger_where_turns_are_drawn_ahead() -> None:
    turns: Counter[int] = Counter()

    @settings(max_examples=CASES)
    @given(long_cases())
    def one(case: Case) -> None:
        turns.update(same(case.workload, case.deployment)["turn"].tolist())

    one()
    assert turns[AHEAD + 1] > CASES  # the second sheet of a task
