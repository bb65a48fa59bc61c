"""What the compiled engine says where sums of money leave its 64 bits; the drawn pairs hold all the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from burncurve.deployment import (
    AtBudget,
    Band,
    Beyond,
    Budget,
    CountsFrom,
    Currency,
    Deployment,
    Plan,
    Quota,
    Rates,
    Scope,
    Tariff,
    Term,
)
from burncurve.engines import BEYOND, play, played
from burncurve.engines.compiled import layout, pools
from burncurve.errors import InputError
from burncurve.ledger import METERS
from burncurve.studies import course, shipped
from burncurve.studies.simulation import simulated
from burncurve.studies.study import Choices, open_study
from burncurve.studies.work import Work
from engines.build import S, agent, at, deployment, workload

from .law import same

DOLLAR = 10**12
WORK = workload(agent(base=1_000_000, turns=4, output=1))  # a prompt token costs a dollar: a million for each call


def spent(limit: int) -> Deployment:
    rates = Rates((0,), (0,), (Tariff((Band(0, (DOLLAR, *(0,) * (len(METERS) - 1))),)),))
    budget = Budget("b", Scope.RUN, limit, reached=AtBudget.STOP)
    return replace(deployment(), rates=(rates,), currencies=(Currency(),), budgets=(budget,))


def test_a_limit_beyond_64_bits_is_never_reached() -> None:
    (came,) = same(WORK, spent(1 << 70)).outcomes[0].budgets
    assert (came.reached_us, came.over, came.stopped) == (-1, 0, 0)


def test_what_is_spent_beyond_64_bits_is_refused_and_not_wrapped() -> None:
    longer = replace(WORK, agents=(agent(base=1_000_000, turns=6, output=1),))
    with pytest.raises(InputError, match=r"4\.6 million"):
        play(longer, spent(1 << 70), engine="compiled")
    assert len(play(longer, spent(1 << 70), engine="reference")) == 6


def test_auto_lets_the_reference_play_what_the_compiled_engine_cannot_count() -> None:
    said: list[str] = []
    longer = replace(WORK, agents=(agent(base=1_000_000, turns=6, output=1),))
    play(WORK, spent(1 << 70), engine="compiled")  # from now on `auto` takes the kernel that is in memory
    ledger, engine = played(longer, spent(1 << 70), range(2), say=said.append)
    assert (len(ledger), engine, said) == (12, "reference", [BEYOND])
    assert played(WORK, spent(1 << 70))[1] == "compiled"


@pytest.mark.parametrize("asked", ["auto", "compiled"])
def test_a_study_goes_on_with_the_reference_engine_unless_the_other_was_asked_for(asked: str, monkeypatch) -> None:
    """The study of one call after the other has the engine chosen once for all of it, here the compiled one."""
    longer = replace(WORK, agents=(agent(base=1_000_000, turns=6, output=1),))
    study = replace(
        open_study(shipped.locate("heartbeat"), Choices(replications=4, engine=asked)),
        workload=longer, deployments=(spent(1 << 70),),
    )  # fmt: skip
    monkeypatch.setattr(course, "engine_chosen", lambda job, _: replace(job, engine="compiled"))
    said: list[str] = []
    if asked == "compiled":
        with pytest.raises(InputError, match=r"4\.6 million"):
            simulated(study, Work(1, 1, say=said.append))
        return
    found = simulated(study, Work(1, 1, say=said.append))
    assert (found.rows, found.engines, said) == (24, ("reference",), [BEYOND])


@pytest.mark.parametrize("beyond", list(Beyond))
def test_more_uses_that_slide_than_the_memory_begins_with(beyond: Beyond) -> None:
    uses = 2 * pools.SIZES[layout.USES]
    quota = Quota("q", 10 * uses * S, (uses + 100) * 10**9, per_call=10**9, counts_from=CountsFrom.EACH_USE)
    plan = Plan("p", (0,), (quota,), (Term(-1, 1 << 62),), beyond)
    work = workload(agent(), at([number * S for number in range(uses + 200)]))
    (came,) = same(work, replace(deployment(), plans=(plan,)), range(1)).outcomes[0].plans
    waits = beyond == Beyond.WAIT
    assert (came.covered, came.paused) == ((uses + 200, 100) if waits else (uses + 100, 0))
