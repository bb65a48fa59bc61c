"""The compiled engine where a bucket is debited with an offer's longest output, however long that is."""

from __future__ import annotations

import pytest

from burncurve.deployment import Account
from engines.build import agent, deployment, offer, workload

from .law import same


@pytest.mark.parametrize("longest", [1 << 20, (1 << 31) - 1, 1 << 31, 1 << 32, (1 << 32) + 5])
def test_the_longest_output_is_debited_whole(longest: int) -> None:
    account = Account("account", output_tokens_per_minute=1000, debits_max_output=True)
    work = workload(agent(turns=6, output=10))
    assert len(same(work, deployment(offer(max_output_tokens=longest), account), range(1)))
