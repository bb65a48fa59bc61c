"""The compiled calendar where many moments wait at once: as many as fill its matches, one more, many more."""

from __future__ import annotations

import pytest

from burncurve.engines.compiled import layout, pools
from engines.build import S, agent, at, deployment, steps, tools, workload

from .law import same


@pytest.mark.parametrize("tasks", [8, 9, 64, 65, 513, pools.SIZES[layout.MOMENTS] + 1])
def test_however_many_moments_wait_they_come_in_order(tasks: int) -> None:
    """All tasks come at two times, and their tools take whole seconds: most moments meet others of their time."""
    busy = agent(turns=4, tools=tools(10, steps((1 * S, 2 * S, 3 * S, 90 * S))))
    times = sorted(i % 2 * S for i in range(tasks))
    assert len(same(workload(busy, triggers=(at(times),)), deployment(), range(1))) == 4 * tasks
