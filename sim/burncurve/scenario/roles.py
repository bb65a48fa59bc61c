"""The order of a scenario's roles, which workload and deployment share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from burncurve.scenario.models import Scenario


def role_names(scenario: Scenario) -> tuple[str, ...]:
    """Return the roles by first appearance: agent by agent, its own role before those of its side calls."""
    return tuple(dict.fromkeys(_mentioned(scenario)))


def _mentioned(scenario: Scenario) -> Iterator[str]:
    for agent in scenario.agents.values():
        yield agent.role
        yield from (side.role for side in agent.side_calls if side.role is not None)
