"""The children of one task: how many, how many at once, and their way back (mechanics M7)."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from simpy import Event

from burncurve.draws import derive
from burncurve.engines.reference import luck
from burncurve.engines.reference.clock import Moment
from burncurve.engines.reference.context import Origin
from burncurve.workload import Spawn

if TYPE_CHECKING:
    from burncurve.engines.reference.task import Task


class Family:
    """Keeps count of a task's children; each rule lets `active` of them work at once."""

    def __init__(self, parent: Task) -> None:
        self.parent = parent
        self.born = 0
        self.away: dict[Task, None] = {}  # children not yet back, in order of birth
        self.abandoned = False
        self.pending: dict[int, deque[Task]] = {}
        self.active: dict[int, int] = {}

    def spawn(self, rule: Spawn) -> Sequence[Task]:
        """Bring the children of a rule into being, if it fires on this turn, and start as many as may work at once."""
        parent = self.parent
        if parent.depth >= rule.depth or (rule.on_turns and parent.turn not in rule.on_turns):
            return ()
        if not luck.happens(rule.probability, parent.keys, rule.salt, parent.turn):
            return ()
        count = parent.draw(rule.count, parent.turn)
        if parent.agent.children_cap:
            count = max(min(count, parent.agent.children_cap - self.born), 0)
        children = [self._child(rule, slot) for slot in range(count)]
        self.pending.setdefault(rule.salt, deque()).extend(children)
        self.away.update(dict.fromkeys(children))
        self._start(rule)
        return children

    def _child(self, rule: Spawn, slot: int) -> Task:
        parent, world = self.parent, self.parent.world
        key = derive(derive(parent.key, rule.salt, parent.turn), luck.CHILD, slot)
        session_key = derive(key, luck.SESSION, 0)
        if rule.fork:
            session = parent.session.fork(rule.child, session_key)
        else:
            session = world.new_session(rule.child, session_key, world.first_leg(rule.child))
        session.requests = 1  # the brief is its request
        child = type(parent)(world, rule.child, session, key, parent=parent, attempt=parent.attempt)
        self.born += 1
        child.sibling, child.rule = self.born, rule
        child.receive(Origin.AGENTS, child.draw(rule.brief))
        return child

    def _start(self, rule: Spawn) -> None:
        pending = self.pending[rule.salt]
        while pending and not self.abandoned and (not rule.active or self.active.get(rule.salt, 0) < rule.active):
            child = pending.popleft()
            self.active[rule.salt] = self.active.get(rule.salt, 0) + 1
            child.world.clock.process(child.life_as_child(child.world.behaviour_of(child)))

    def expect(self, child: Task) -> None:
        """Let the child's result reach the parent."""
        world = self.parent.world
        happening = world.clock.at(world.clock.now_us, Moment.CHILD_RESULT, self.parent.number, child.number, child)
        happening.callbacks.append(self._back)

    def _back(self, happening: Event) -> None:
        child = cast("Task", happening.value)
        del self.away[child]
        self.active[child.rule.salt] -= 1
        if not self.abandoned:
            self._start(child.rule)
            self.parent.back(child)

    def abandon(self) -> None:
        """The parent has failed: children not yet started never start, results of the others reach nobody."""
        self.abandoned = True
