"""Engines play a workload on a deployment; for the same two they all give the same ledger, array for array."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from burncurve.errors import InputError, Problem

if TYPE_CHECKING:
    from burncurve.deployment import Deployment
    from burncurve.ledger import Ledger
    from burncurve.workload import Workload

ENGINES = ("auto", "reference", "compiled")
Behaviour = Callable[[Any], Generator[Any, Any, None]]


def play(
    workload: Workload,
    deployment: Deployment,
    replications: range = range(1),
    engine: str = "auto",
    behaviours: Mapping[str, Behaviour] | None = None,
) -> Ledger:
    """Return the ledger of the given replications.

    `behaviours` maps the names that agents of the workload use to generator functions written against
    `burncurve.engines.behaviours`. Raises InputError for an engine that does not exist or that cannot
    play the workload, and for behaviours that agents name and nobody registered.
    """
    behaviours = behaviours or {}
    if engine not in ("auto", "reference"):
        rule = "not there yet; it comes with a later version" if engine == "compiled" else f"not one of {ENGINES}"
        raise InputError(Problem("--engine", f"engine {engine!r} is {rule}", "use --engine reference"))
    unregistered = tuple(_unregistered(workload, behaviours))
    if unregistered:
        raise InputError(*unregistered)
    from burncurve.engines.reference.play import play as play_reference

    return play_reference(workload, deployment, replications, behaviours)


def _unregistered(workload: Workload, behaviours: Mapping[str, Behaviour]) -> Iterator[Problem]:
    known = f"registered are {', '.join(sorted(behaviours))}" if behaviours else "none is registered"
    for agent in workload.agents:
        if agent.behaviour and agent.behaviour not in behaviours:
            what = f"behaviour {agent.behaviour!r} is not registered ({known})"
            remedy = f"play it from Python: engines.play(..., behaviours={{{agent.behaviour!r}: ...}}), or leave it out"
            yield Problem(f"agents.{agent.name}.behaviour", what, remedy)
