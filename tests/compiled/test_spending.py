"""What the compiled engine says where sums of money leave its 64 bits; the drawn pairs hold all the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from burncurve.deployment import AtBudget, Band, Budget, Currency, Deployment, Rates, Scope, Tariff
from burncurve.engines import play
from burncurve.errors import InputError
from burncurve.ledger import METERS
from engines.build import agent, deployment, workload

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
