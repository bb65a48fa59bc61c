"""Scenario -> Workload: the only room where distributions turn into tables and calendars into microseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from burncurve.scenario.models import Scenario
    from burncurve.workload import Workload

__all__ = ["prepare"]


def prepare(scenario: Scenario, seed: int) -> Workload:
    """Return what the scenario asks, in integers; a pure function of both.

    Raises one InputError with every Problem that only shows here: tails too heavy to be drawn, levels
    finer than the use of a quantity, too many arrivals. Imports are late, so that a command that
    prepares nothing does not pay for numpy and pydantic.
    """
    from burncurve.prepare.assembling import assembled

    return assembled(scenario, seed)
