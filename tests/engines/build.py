"""Hand-made workloads and deployments: plain values with the fewest words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from burncurve.deployment import Account, Deployment, Leg, Offer, Retry, Route
from burncurve.draws import ALWAYS, CERTAIN, Table, TableKind, salt_of
from burncurve.engines import play
from burncurve.ledger import SCHEMA, Ledger, Status
from burncurve.workload import Agent, Per, Quantity, Tool, Tools, Trigger, Users, Workload, fixed

S = 1_000_000
MINUTE = 60 * S
HOUR = 3_600 * S
DAY = 24 * HOUR


def quantity(value: int | Quantity) -> Quantity:
    """Return the quantity itself, or the one that is always this value."""
    return value if isinstance(value, Quantity) else fixed(value)


def chance(share: float) -> Quantity:
    """Return a probability, counted in 2**-30."""
    return fixed(round(share * CERTAIN))


def steps(values: Sequence[int], shares: Sequence[float] = (), salt: str = "", per: Per = Per.TURN) -> Quantity:
    """Return a discrete quantity; equal shares unless given."""
    weights = list(shares) or [1 / len(values)] * len(values)
    ends = [round(share * ALWAYS) for share in accumulate(weights[:-1])] + [ALWAYS]
    return Quantity(Table(TableKind.STEPS, tuple(values), tuple(ends)), per, salt_of(salt or f"steps {values}"))


def agent(name: str = "worker", *, role: int = 0, **fields: Any) -> Agent:
    """Return an agent of one turn, no base and one token of output, unless told otherwise; integers are constants."""
    plain = {"base": 0, "turns": 1, "output": 1}
    quantities = (
        *plain, "history", "message", "reasoning", "result", "base_change", "first_turns",
    )  # fmt: skip
    given = {**plain, **fields}
    return Agent(name, role, **{k: quantity(v) if k in quantities else v for k, v in given.items()})


def tools(result: int | Quantity, time_us: int | Quantity = 0, calls: int | Quantity = 1, **fields: Any) -> Tools:
    """Return one kind of tool, run once in every turn but the last."""
    tool = Tool("tool", quantity(result), quantity(time_us))
    return Tools(quantity(calls), (tool,), (ALWAYS,), salt_of("which tool"), **fields)


def at(times_us: Iterable[int], agent: int = 0, name: str = "trigger", **fields: Any) -> Trigger:
    """Return a trigger at literal times."""
    return Trigger(name, salt_of(f"trigger {name}"), agent, times_us=tuple(times_us), **fields)


def workload(
    agents: Agent | Sequence[Agent], triggers: Trigger | Sequence[Trigger] = (), *, users: Sequence[Users] = (),
    seed: int = 1, horizon_us: int = 365 * DAY, places: int = 0,
) -> Workload:  # fmt: skip
    """Return a workload; without triggers or users one task of the first agent starts at 0."""
    some = (agents,) if isinstance(agents, Agent) else tuple(agents)
    starts = (triggers,) if isinstance(triggers, Trigger) else tuple(triggers)
    roles = tuple(f"role {i}" for i in range(1 + max(_roles(some))))
    if not starts and not users:
        starts = (at([0]),)
    return Workload("made", seed, 0, horizon_us, roles, some, starts, tuple(users), places)


def _roles(agents: Iterable[Agent]) -> Iterable[int]:
    for each in agents:
        yield each.role
        yield from (side.role for side in each.sides)


def offer(name: str = "maker/model", *, window_tokens: int = 1 << 30, **fields: Any) -> Offer:
    """Return an offer without cache that answers in no time, unless told otherwise."""
    return Offer(name, window_tokens, **fields)


def deployment(
    offers: Offer | Sequence[Offer] | None = None, account: Account | None = None, *, roles: int = 1,
    retry: Retry | None = None, **route: Any,
) -> Deployment:  # fmt: skip
    """Return a deployment that serves every role by the offers in order of failover, all on one account."""
    some = (offers,) if isinstance(offers, Offer) else tuple(offers or (offer(),))
    legs = tuple(Leg(i, 0) for i in range(len(some)))
    return Deployment("made", some, (account or Account("account"),), (Route(legs, **route),) * roles, retry or Retry())


def played(
    work: Workload, served: Deployment | None = None, replications: range = range(1), engine: str = "reference"
) -> Ledger:
    """Play on the reference engine, by default on an offer that has no cache and answers in no time."""
    return play(work, served or deployment(roles=len(work.roles)), replications, engine)


def ok(ledger: Ledger, **where: int) -> dict[str, NDArray[np.int64]]:
    """Return the columns of the calls that ended well, those with the given values in some columns."""
    chosen = ledger["status"] == Status.OK
    for name, value in where.items():
        chosen = chosen & (ledger[name] == value)
    return {name: ledger[name][chosen].astype(np.int64) for name in SCHEMA.names}


def same(one: Ledger, other: Ledger) -> None:
    """Assert that two ledgers agree array for array, with a message that shows the first row that differs."""
    assert one.outcomes == other.outcomes
    assert dict(one.names) == dict(other.names)
    assert len(one) == len(other)
    for name in SCHEMA.names:
        differs = np.flatnonzero(one[name] != other[name])
        assert not len(differs), (
            f"{name} differs first in row {differs[0]}: {row(one, differs[0])} {row(other, differs[0])}"
        )
        assert one[name].dtype == other[name].dtype


def row(ledger: Ledger, i: int) -> Mapping[str, int]:
    """Return one row by name."""
    return {name: int(ledger[name][i]) for name in SCHEMA.names}


__all__ = ["DAY", "HOUR", "MINUTE", "S", "agent", "at", "chance", "deployment", "offer", "ok", "played", "quantity",
           "replace", "row", "same", "steps", "tools", "workload"]  # fmt: skip
