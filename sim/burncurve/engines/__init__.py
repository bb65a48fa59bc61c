"""Engines play a workload on a deployment; for the same two they all give the same ledger, array for array."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from burncurve.errors import BeyondCompiled, InputError, Problem

if TYPE_CHECKING:
    from burncurve.deployment import Deployment
    from burncurve.ledger import Ledger
    from burncurve.workload import Workload

ENGINES = ("auto", "reference", "compiled")
# Calls from which the compiled engine is faster, start-up included: the reference plays some 27,000 a second, loading
# kernels takes a fifth of a second, compiling them 15.
WORTH_LOADING, WORTH_COMPILING = 10_000, 450_000
BEYOND = "more is spent than the compiled engine counts ($4.6 million in one pot): the reference engine plays"
COMPILING = "compiling the engine for this machine; it is kept for the next time"
Behaviour = Callable[[Any], Generator[Any, Any, None]]


def play(
    workload: Workload,
    deployment: Deployment,
    replications: range = range(1),
    engine: str = "auto",
    behaviours: Mapping[str, Behaviour] | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Ledger:
    """Return the ledger of the given replications.

    `behaviours` maps the names that agents of the workload use to generator functions written against
    `burncurve.engines.behaviours`. `say` is told what takes long before it begins, and which engine plays behaviours.
    With `auto` the compiled engine plays where that is faster: not what it cannot play, not without Numba, not for few
    calls. Raises InputError for an engine that does not exist or that cannot play the workload, and for behaviours
    that nobody registered.
    """
    return played(workload, deployment, replications, engine, behaviours, say)[0]


def played(
    workload: Workload,
    deployment: Deployment,
    replications: range = range(1),
    engine: str = "auto",
    behaviours: Mapping[str, Behaviour] | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> tuple[Ledger, str]:
    """Return what `play` does, and the name of the engine that played most of it; raises as `play` does."""
    behaviours = behaviours or {}
    problems = tuple(_engine_problems(workload, engine)) or tuple(_unregistered(workload, behaviours))
    if problems:
        raise InputError(*problems)
    if engine == "compiled":
        return _play_compiled(workload, deployment, replications, say), "compiled"
    if engine == "auto" and len(replications) and may_compile(workload):
        try:
            return _play_faster(workload, deployment, replications, say)
        except BeyondCompiled:
            say(BEYOND)
    elif engine == "auto" and (own := _own_behaviours(workload)):
        say(f"the reference engine plays: {', '.join(dict.fromkeys(own))} is a behaviour of one's own")
    from burncurve.engines.reference.play import play as play_reference

    return play_reference(workload, deployment, replications, behaviours), "reference"


def has_compiler() -> bool:
    """Say whether the compiled engine can run here: whether Numba is installed."""
    return find_spec("numba") is not None


def may_compile(workload: Workload) -> bool:
    """Say whether the compiled engine is there and can play this."""
    return has_compiler() and not any(_beyond_compiled(workload))


def told_calls(workload: Workload) -> int:
    """Return how many calls a replication's trace has, which is known before anything is played; 0 without one."""
    return len(workload.trace.turns.kind) if workload.trace else 0


def is_compiling_worth(calls: int) -> bool:
    """Say whether the compiled engine is faster for so many calls, what it takes to have it included."""
    from burncurve.engines import compiled

    return compiled.is_loaded() or calls >= (WORTH_LOADING if compiled.is_kept() else WORTH_COMPILING)


def _play_compiled(
    workload: Workload, deployment: Deployment, replications: range, say: Callable[[str], None]
) -> Ledger:
    from burncurve.engines import compiled

    if not compiled.is_kept():
        say(COMPILING)
    return compiled.play(workload, deployment, replications)


def _play_faster(
    workload: Workload, deployment: Deployment, replications: range, say: Callable[[str], None]
) -> tuple[Ledger, str]:
    """Let the first replication, by the reference, tell how many calls there will be; both engines give the same."""
    from burncurve.engines import compiled

    told = told_calls(workload) * len(replications)
    if compiled.is_loaded() or (told and is_compiling_worth(told)):
        return _play_compiled(workload, deployment, replications, say), "compiled"
    from burncurve.engines.reference.play import play as play_reference
    from burncurve.ledger import merged

    first = play_reference(workload, deployment, replications[:1], {})
    rest = replications[1:]
    if not rest:
        return first, "reference"
    if not is_compiling_worth(len(first) * len(rest)):
        return merged((first, play_reference(workload, deployment, rest, {}))), "reference"
    return merged((first, _play_compiled(workload, deployment, rest, say))), "compiled"


def _engine_problems(workload: Workload, engine: str) -> Iterator[Problem]:
    if engine not in ENGINES:
        yield Problem("--engine", f"engine {engine!r} is not one of {', '.join(ENGINES)}", "use --engine auto")
    elif engine == "compiled":
        if not has_compiler():
            yield Problem(
                "--engine", "the compiled engine needs Numba, which is not installed", "use --engine reference"
            )
        for what in _beyond_compiled(workload):
            yield Problem("--engine", f"the compiled engine cannot play {what}", "use --engine auto or reference")


def _beyond_compiled(workload: Workload) -> Iterator[str]:
    """Yield what only the reference engine plays."""
    yield from (f"a behaviour of one's own ({name!r})" for name in _own_behaviours(workload))


def _own_behaviours(workload: Workload) -> list[str]:
    return [agent.behaviour for agent in workload.agents if agent.behaviour]


def _unregistered(workload: Workload, behaviours: Mapping[str, Behaviour]) -> Iterator[Problem]:
    known = f"registered are {', '.join(sorted(behaviours))}" if behaviours else "none is registered"
    for agent in workload.agents:
        if agent.behaviour and agent.behaviour not in behaviours:
            what = f"behaviour {agent.behaviour!r} is not registered ({known})"
            remedy = f"play it from Python: engines.play(..., behaviours={{{agent.behaviour!r}: ...}}), or leave it out"
            yield Problem(f"agents.{agent.name}.behaviour", what, remedy)
