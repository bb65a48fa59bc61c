"""The order of a scenario's roles, which workload and deployment share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from burncurve.errors import Problem

if TYPE_CHECKING:
    from burncurve.scenario.models import Scenario


def role_names(scenario: Scenario) -> tuple[str, ...]:
    """Return the roles by first appearance: agent by agent, its own role before those of its side calls."""
    return tuple(dict.fromkeys(_mentioned(scenario)))


def unserved(scenario: Scenario, deployment: str, role: str) -> Problem:
    """Return the problem of a deployment of the scenario that names no offer for a role."""
    what = f"deployments.{deployment}.roles lack {role}: an agent has this role, and no offer serves it"
    return Problem(scenario.where("deployments", deployment, "roles"), what, f"add `{role}: provider/model`")


def _mentioned(scenario: Scenario) -> Iterator[str]:
    for agent in scenario.agents.values():
        yield agent.role
        yield from (side.role for side in agent.side_calls if side.role is not None)
