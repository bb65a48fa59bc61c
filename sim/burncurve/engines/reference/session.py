"""A conversation: its context and, per offer, account and effort, its place in the prompt cache (mechanics M2, M13)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import simpy

from burncurve.deployment import Leg
from burncurve.engines.reference.cache import Node
from burncurve.engines.reference.context import Context

if TYPE_CHECKING:
    from burncurve.engines.reference.money import Pot
    from burncurve.engines.reference.world import World


class CacheOf(NamedTuple):
    """Which cache a call meets: that of an offer on an account for an effort setting (mechanics M16)."""

    leg: Leg
    effort: str


class Session:
    """One conversation of one agent; `base_agent` is whose base stands at its head (a fork has its parent's)."""

    def __init__(self, world: World, agent: int, key: int, context: Context, base_agent: int) -> None:
        self.world, self.agent, self.key = world, agent, key
        self.number = world.next_session()
        self.context = context
        self.base_agent = base_agent
        self.base_version = world.base_versions[base_agent]
        self.stage = world.stage  # whose offer has sized the context
        self.nodes: dict[CacheOf, Node] = {}
        self.requests = 0
        self.found = 0  # tokens that the first call finds in the cache at least, whoever left them there
        self.pots: dict[int, Pot] = {}  # of budgets by session, by number of the budget
        self.last_active_us = world.clock.now_us

    def fork(self, agent: int, key: int) -> Session:
        """Return a child session that starts with this context and reads this one's cache entries."""
        child = Session(self.world, agent, key, self.context.fork(), self.base_agent)
        child.base_version, child.stage = self.base_version, self.stage
        child.nodes = {where: Node(node, self.context.tokens) for where, node in self.nodes.items()}
        return child

    def node(self, where: CacheOf) -> Node:
        """Return this session's place in a cache; a changed base makes it a new one."""
        version = self.world.base_versions[self.base_agent]
        if version != self.base_version:
            self.base_version, self.nodes = version, {}
        if where not in self.nodes:
            self.nodes[where] = Node(self.world.base_node(self.base_agent, where), self.context.base)
        return self.nodes[where]

    def enter_stage(self) -> None:
        """Size the context as the offer does that serves its agent from now on, if that is another stage's."""
        if self.stage == self.world.stage:
            return
        before, now = (self.world.tokenizer_ppm(self.base_agent, stage) for stage in (self.stage, self.world.stage))
        self.stage = self.world.stage
        if before != now:
            self.context.resize(now, before)
            self.nodes = {}

    def cut(self, unchanged: int | None) -> None:
        """Let only the first `unchanged` tokens of the history match what caches hold."""
        if unchanged is not None:
            self.nodes = {where: Node(node, unchanged) for where, node in self.nodes.items()}


class Line:
    """Who waits for a shared session: one task at a time, first come first served."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.session: Session | None = None
        self.openings = 0
        self.busy = False
        self.waiting: deque[tuple[simpy.Event, int]] = deque()

    def turn(self, trigger: int) -> simpy.Event:
        """Return the event of having the session to oneself."""
        event = self.world.clock.event()
        if self.busy:
            self.waiting.append((event, trigger))
        else:
            self.busy = True
            event.succeed()
        return event

    def waits_already(self, trigger: int) -> bool:
        return any(waiting == trigger for _, waiting in self.waiting)

    def leave(self) -> None:
        """Hand the session to the next in line."""
        self.busy = bool(self.waiting)
        if self.waiting:
            self.waiting.popleft()[0].succeed()
