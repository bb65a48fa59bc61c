"""A trace played again: literal values stand where others are drawn, everything else is as for any task (R5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from simpy import Event

from burncurve.draws import derive
from burncurve.engines.reference import luck
from burncurve.engines.reference.arrivals import again, count
from burncurve.engines.reference.clock import Moment
from burncurve.engines.reference.context import Context, Origin
from burncurve.engines.reference.session import Session
from burncurve.engines.reference.task import Steps, Task
from burncurve.engines.reference.treasury import NONE
from burncurve.ledger import Kind
from burncurve.workload import ALL, NOBODY, Trace

if TYPE_CHECKING:
    from burncurve.engines.reference.world import World


class Script:
    """A trace with an index of who is spawned and awaited by which turn."""

    def __init__(self, trace: Trace) -> None:
        self.tasks, self.turns = trace.tasks, trace.turns
        self.ends = (*trace.tasks.first_turn[1:], len(trace.turns.kind))
        self.spawned: defaultdict[int, list[int]] = defaultdict(list)
        self.awaited: defaultdict[int, list[int]] = defaultdict(list)
        for task, row in enumerate(trace.tasks.spawned_by):
            if row != NOBODY:
                self.spawned[row].append(task)
                self.awaited[trace.tasks.awaited_by[task]].append(task)

    def conversations(self) -> list[list[int]]:
        """Return the root tasks of each session."""
        found: dict[int, list[int]] = {}
        for task, session in enumerate(self.tasks.session):
            if self.tasks.spawned_by[task] == NOBODY:
                found.setdefault(session, []).append(task)
        return list(found.values())


def start_all(world: World) -> None:
    """Let every conversation of the workload's trace begin, behind triggers and people."""
    if world.workload.trace is None:
        return
    script = Script(world.workload.trace)
    first = len(world.workload.triggers) + sum(users.count for users in world.workload.users)
    for number, tasks in enumerate(script.conversations(), first):
        world.clock.process(_conversation(world, script, number, tasks))


def _conversation(world: World, script: Script, number: int, tasks: Sequence[int]) -> Steps:
    session: Session | None = None
    for ordinal, task in enumerate(tasks):
        yield world.clock.at(world.clock.now_us + script.tasks.wait_us[task], Moment.ARRIVAL, number, ordinal)
        session = session or _opened(world, script, task)
        world.requests += 1
        root = TracedTask(world, script, task, session)
        if world.treasury is not None:
            root.purse = world.treasury.purse(session, NONE, None)  # a log is one seat's
        session.requests += 1
        root.request = session.requests
        yield from root.work()
        session.last_active_us = world.clock.now_us
        again(root)
        count(world, root)


def _opened(world: World, script: Script, task: int) -> Session:
    agent = script.tasks.agent[task]
    leg, tasks = world.first_leg(agent), script.tasks
    base = world.tokens_for(leg, tasks.base_tokens[task])
    session = Session(world, agent, derive(_key(world, task), luck.SESSION, 0), Context(base), agent)
    session.found = world.tokens_for(leg, tasks.warm_tokens[task])
    return session


def _key(world: World, task: int) -> int:
    return derive(derive(world.run_key, luck.TRACE, 0), luck.ARRIVAL, task)


class TracedTask(Task):
    """A task of a trace; `row` is the turn it is at."""

    def __init__(
        self, world: World, script: Script, task: int, session: Session, parent: TracedTask | None = None
    ) -> None:
        super().__init__(world, script.tasks.agent[task], session, _key(world, task), parent=parent)
        self.script, self.task = script, task
        self.row = script.tasks.first_turn[task]
        self.children: dict[int, TracedTask] = {}

    def work(self) -> Steps:
        """Live by the trace."""
        return self.life(lambda _: self._turns())

    def take_in(self, awaited: Sequence[Task] = ()) -> Steps:
        """Take in nothing: what children brought stands in the turns that brought it."""
        yield from ()

    def _turns(self) -> Steps:
        """Make the calls of the trace, start its children, wait for those that were waited for."""
        turns, script = self.script.turns, self.script
        for row in range(self.row, script.ends[self.task]):
            self.row = row
            yield from self.await_back([self.children[child] for child in script.awaited.get(row, ())])
            if turns.wait_us[row]:
                yield from self.pause(turns.wait_us[row])
            self._bring(row)
            self.turn += turns.kind[row] != Kind.COMPACTION
            yield from self.call(Kind(turns.kind[row]), self.key, row - script.tasks.first_turn[self.task] + 1)
            for child in script.spawned.get(row, ()):
                self._start(child)

    def _bring(self, row: int) -> None:
        """Cut the context down to what stands unchanged, and append what is new."""
        turns, context = self.script.turns, self.session.context
        if turns.kept_tokens[row] != ALL:
            self.session.cut(context.keep(self.world.tokens_for(self.leg, turns.kept_tokens[row])))
        self.receive(Origin.SUMMARY, turns.summary_tokens[row])
        self.receive(Origin.USER, turns.user_tokens[row])
        self.receive(Origin.TOOLS, turns.tool_tokens[row])
        self.receive(Origin.AGENTS, turns.agent_tokens[row])

    def _start(self, task: int) -> None:
        session = _opened(self.world, self.script, task)
        session.requests = 1
        child = TracedTask(self.world, self.script, task, session, self)
        self.children[task] = child
        self.world.clock.process(child.live())

    def live(self) -> Steps:
        """Live as a child: wait, work, and let the parent know."""
        wait_us = self.script.tasks.wait_us[self.task]
        if wait_us:
            yield from self.pause(wait_us)
        assert isinstance(self.parent, TracedTask)
        if not self.parent.failed:
            yield from self.work()
        now_us = self.world.clock.now_us
        back = self.world.clock.at(now_us, Moment.CHILD_RESULT, self.parent.number, self.number)
        back.callbacks.append(self._returned)

    def _returned(self, _: Event) -> None:
        assert self.parent is not None
        self.parent.back(self)

    def written(self, key: int, number: int) -> tuple[int, int]:
        """Return what the trace says was written, as the offer sizes it."""
        turns, world = self.script.turns, self.world
        reasoning = world.output_for(self.leg, turns.reasoning_tokens[self.row])
        output = world.output_for(self.leg, turns.output_tokens[self.row])
        return output, reasoning

    def staying(self, output: int, reasoning: int) -> tuple[int, int]:
        """Return what the trace says joined the context: output first, reasoning for the rest."""
        stays = self.world.output_for(self.leg, self.script.turns.stays_tokens[self.row])
        return max(min(stays - output, reasoning), 0), min(stays, output)
