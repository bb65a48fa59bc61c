"""Everything one replication shares: clock, accounts, places, caches, counters and the rows written so far."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import simpy

from burncurve.deployment import Deployment, Leg, Route
from burncurve.draws import run_key
from burncurve.engines import rules
from burncurve.engines.names import offer_names
from burncurve.engines.reference import luck
from burncurve.engines.reference.account import Account
from burncurve.engines.reference.behaviour import standard
from burncurve.engines.reference.cache import Node
from burncurve.engines.reference.clock import Clock, Moment
from burncurve.engines.reference.context import Context, Origin
from burncurve.engines.reference.room import roomy
from burncurve.engines.reference.session import CacheOf, Line, Session
from burncurve.engines.reference.treasury import Treasury
from burncurve.workload import Agent, Workload

if TYPE_CHECKING:
    from burncurve.engines.reference.task import Steps, Task

LARGEST_WINDOW = 1 << 40


class Places:
    """Agents at work at once: a place each, given first come first served (mechanics M7)."""

    def __init__(self, clock: Clock, number: int) -> None:
        self.clock, self.free = clock, number or LARGEST_WINDOW
        self.queue: deque[simpy.Event] = deque()
        self._look_due = False

    def ask(self) -> simpy.Event:
        """Return the event of getting a place."""
        event = self.clock.event()
        self.queue.append(event)
        self._look_soon()
        return event

    def give_back(self) -> None:
        self.free += 1
        if self.queue:
            self._look_soon()

    def _look_soon(self) -> None:
        if not self._look_due:
            self._look_due = True
            self.clock.at(self.clock.now_us, Moment.GRANT, 0).callbacks.append(self._look)

    def _look(self, _: simpy.Event) -> None:
        self._look_due = False
        while self.queue and self.free:
            self.free -= 1
            self.queue.popleft().succeed()


class World:
    """One replication of a workload on a deployment."""

    def __init__(
        self, workload: Workload, deployment: Deployment, replication: int,
        behaviours: Mapping[str, Callable[[Task], Steps]],
    ) -> None:  # fmt: skip
        self.workload, self.deployment, self.replication = workload, deployment, replication
        self.behaviours = behaviours
        self.run_key = run_key(workload.seed, replication)
        self.parameters_key = run_key(workload.seed, replication - workload.parameters_shift)
        self.clock = Clock()
        self._routes = (deployment.routes, *(stage.routes for stage in deployment.later))
        self._stages_us = [stage.from_us for stage in deployment.later]
        self.places = Places(self.clock, workload.places)
        self.treasury = Treasury(deployment, workload.horizon_us) if _counts(deployment) else None
        self.accounts = [Account(self, i, terms) for i, terms in enumerate(deployment.accounts)]
        self.lines: dict[str, Line] = {}
        self.rows = array("q")  # one after the other, in the order of the ledger's columns
        self.base_versions = [0] * len(workload.agents)
        self.base_seen: set[tuple[int, Leg]] = set()
        self.offer_columns = offer_columns(deployment)
        self.requests = self.finished = self.succeeded = self.failed = self.skipped = self.tasks = 0
        self._sessions = 0
        self._output_ppm = [rules.scaled(offer.verbosity_ppm, offer.tokenizer_ppm) for offer in deployment.offers]
        self.success_known = True
        self._roomy: dict[tuple[int, Leg], int] = {}
        self._bases: dict[tuple[int, int, CacheOf], Node] = {}

    def next_task(self) -> int:
        self.tasks += 1
        return self.tasks - 1

    def next_session(self) -> int:
        self._sessions += 1
        return self._sessions - 1

    def behaviour_of(self, task: Task) -> Callable[[Task], Steps]:
        """Return the generator function an agent names, which is registered, or the standard one."""
        name = task.agent.behaviour
        return self.behaviours[name] if name else standard

    # Stages of the deployment

    @property
    def stage(self) -> int:
        return self.stage_at(self.clock.now_us)

    def stage_at(self, at_us: int) -> int:
        """Return how many stages have taken over by a time."""
        return bisect_right(self._stages_us, at_us)

    def waited_us(self, at_us: int) -> int:
        """Return a time that is waited for, or the beginning of the next stage if that comes first."""
        return min([at_us, *self._stages_us[self.stage :]])

    def route(self, role: int, stage: int | None = None) -> Route:
        """Return how a role is served now, or in a stage."""
        return self._routes[self.stage if stage is None else stage][role]

    def tokenizer_ppm(self, agent: int, stage: int) -> int:
        """Return how the offer that serves an agent first in a stage sizes text."""
        leg = self.route(self.workload.agents[agent].role, stage).legs[0]
        return self.deployment.offers[leg.offer].tokenizer_ppm

    # Sizes: a piece is scaled once, by the offer that serves it

    def tokens_for(self, leg: Leg, tokens: int) -> int:
        return rules.scaled(tokens, self.deployment.offers[leg.offer].tokenizer_ppm)

    def output_for(self, leg: Leg, tokens: int) -> int:
        scaled = rules.scaled(tokens, self._output_ppm[leg.offer])
        longest = self.deployment.offers[leg.offer].max_output_tokens
        return scaled if scaled < longest else longest

    def written(self, leg: Leg, agent: Agent, keys: luck.Keys, number: int) -> tuple[int, int]:
        """Return output and reasoning of a call, reasoning first held to the offer's longest output."""
        reasoning = luck.drawn(agent.reasoning, keys, number)
        if reasoning:
            reasoning = self.output_for(leg, reasoning)
        output = self.output_for(leg, luck.drawn(agent.output, keys, number))
        left = self.deployment.offers[leg.offer].max_output_tokens - reasoning
        return (output if output < left else left), reasoning

    def window(self, leg: Leg, agent: Agent) -> int:
        limits = (agent.window_tokens, self.deployment.offers[leg.offer].window_tokens)
        return min((limit for limit in limits if limit), default=LARGEST_WINDOW)

    def roomy(self, agent: int, leg: Leg) -> int:
        """Return the context up to which an agent has nothing to do before a call."""
        if (agent, leg) not in self._roomy:
            given = self.workload.agents[agent]
            self._roomy[agent, leg] = roomy(given, self.window(leg, given))
        return self._roomy[agent, leg]

    # Sessions and their caches

    def first_leg(self, agent: int) -> Leg:
        return self.route(self.workload.agents[agent].role).legs[0]

    def new_session(self, agent: int, key: int, leg: Leg, *, history: bool = False) -> Session:
        """Open a session with the agent's base and, if it is to have one, its history (origin: user)."""
        keys = (key, key, key, self.parameters_key)
        context = Context(self.tokens_for(leg, luck.drawn(self.workload.agents[agent].base, keys, 0)))
        session = Session(self, agent, key, context, agent)
        if history:
            context.append(Origin.USER, self.tokens_for(leg, luck.drawn(self.workload.agents[agent].history, keys, 0)))
        return session

    def base_node(self, agent: int, where: CacheOf) -> Node:
        """Return the cache entries of an agent's base, shared by all its sessions, until the base changes."""
        key = (agent, self.base_versions[agent], where)
        if key not in self._bases:
            self._bases[key] = Node()
        return self._bases[key]


def _counts(deployment: Deployment) -> bool:
    return bool(deployment.budgets or deployment.plans or deployment.later) or deployment.counts_money


def offer_columns(deployment: Deployment) -> list[tuple[int, int]]:
    """Return, per offer, the numbers of its region and service tier among the deployment's."""
    regions, tiers = offer_names(deployment)
    return [(regions.index(offer.region), tiers.index(offer.service_tier)) for offer in deployment.offers]
