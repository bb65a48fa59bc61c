"""The work on one request in one session, and the primitives behaviours are written with (mechanics M4-M11).

A behaviour is a generator function of a Task; `burncurve.engines.behaviours` is what its author imports. The
primitives assign the keys of R4, so a behaviour written by a user keeps the documented order.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING

import simpy

from burncurve.deployment import Leg
from burncurve.draws import derive, draw, step_of
from burncurve.engines import rules
from burncurve.engines.reference import luck
from burncurve.engines.reference.call import NONE, Call
from burncurve.engines.reference.clock import Moment
from burncurve.engines.reference.context import Origin
from burncurve.engines.reference.family import Family
from burncurve.engines.reference.room import OutOfMoney, TaskFailed, make_room
from burncurve.engines.reference.treasury import NEVER, Purse, Treasury
from burncurve.ledger import Kind, Status
from burncurve.words import Reasoning
from burncurve.workload import Each, Quantity, SideCall, Spawn

if TYPE_CHECKING:
    from burncurve.engines.reference.session import Session
    from burncurve.engines.reference.world import World

Steps = Generator[simpy.Event, Status, None]


class Task:
    """One task. `number` is its place in the order of creation, `key` the source of its luck."""

    def __init__(
        self, world: World, agent: int, session: Session, key: int, *,
        parent: Task | None = None, attempt: int = 0, number: int = NONE,
    ) -> None:  # fmt: skip
        self.world, self.session, self.parent, self.attempt = world, session, parent, attempt
        self.number = world.next_task() if number < 0 else number
        self.agent_number, self.agent = agent, world.workload.agents[agent]
        self._take_leg(world.first_leg(agent))
        session.enter_stage()
        self.retention = world.route(self.agent.role).retention
        self.key = key
        self.keys: luck.Keys = (key, key, session.key, world.parameters_key)
        self.depth: int = parent.depth + 1 if parent else 0
        self.parent_number = parent.number if parent else NONE
        self.request = session.requests
        self.turn = self.extra_calls = self.compactions = self.searches = 0
        self.started_us = world.clock.now_us
        self.failed = self.out_of_money = False
        self.purse: Purse  # of the whole tree, where the world has a treasury
        if parent is not None and world.treasury is not None:
            self.purse = parent.purse
        self.family = Family(self)
        self.results: dict[Task, None] = {}  # children that are back and not yet taken in, in order of return
        self._missing: set[Task] = set()  # children that a join waits for
        self.positions: dict[tuple[int, int], int] = {}  # stage, role -> place in its failover list
        self._resume: tuple[Callable[[], bool], simpy.Event] | None = None

    # Who serves this task

    def _take_leg(self, leg: Leg) -> None:
        self.leg = leg
        offer, kept = self.world.deployment.offers[leg.offer], self.agent.reasoning_kept
        self.reasoning_kept = offer.reasoning_kept if kept is None else kept
        self.roomy = self.world.roomy(self.agent_number, leg)
        self.keeps_reasoning = self.reasoning_kept != Reasoning.DROP

    def _retake_leg(self) -> None:
        """Let whoever serves the task's role now serve it from now on."""
        self._take_leg(self.leg_of(self.agent.role))
        self.session.enter_stage()

    def leg_of(self, role: int) -> Leg:
        """Return who serves a role for this task, after the failovers it has been through and what budgets say."""
        leg = self.world.route(role).legs[self.positions.get((self.world.stage, role), 0)]
        treasury = self.world.treasury
        return leg if treasury is None else treasury.leg(self.purse, leg, self.world.clock.now_us)

    @property
    def first_of_user(self) -> bool:
        return self.depth == 0 and self.turn == 1

    def keys_for(self, key: int) -> luck.Keys:
        """Return the keys of the levels for a call with a key of its own."""
        return self.keys if key == self.key else (key, *self.keys[1:])

    # Primitives of behaviours

    def draw(self, quantity: Quantity, ordinal: int = 0) -> int:
        """Return a quantity for this task; for another value of the same quantity, count `ordinal` up."""
        return luck.drawn(quantity, self.keys, ordinal)

    def receive(self, origin: Origin, tokens: int) -> None:
        """Append tokens (in reference tokens) to the context."""
        self.session.context.append(origin, self.world.tokens_for(self.leg, tokens))

    def drawn_turns(self) -> int:
        """Return the number of turns of this request, a loop included."""
        extra, loop = 0, self.agent.loop
        if loop and luck.happens(loop.probability, self.keys, luck.LOOP, 0):
            extra = min(self.draw(loop.extra_turns), loop.guard)
        offer = self.world.deployment.offers[self.leg.offer]
        turns = self.agent.turns if self.request > 1 else self.agent.first_turns or self.agent.turns
        return rules.turns_of(self.draw(turns), offer.turns_ppm, extra, self.agent.step_cap)

    def next_turn(self) -> Steps:
        """Make the call of the next turn and its side calls."""
        self.turn += 1
        call = self.call(Kind.JUDGE if self.agent.judge else Kind.TURN, self.key, self.turn)
        return self._and_sides(call) if self.agent.sides else call

    def _and_sides(self, call: Steps) -> Steps:
        yield from call
        yield from self.side_calls(Each.TURN)

    def call(self, kind: Kind = Kind.TURN, key: int | None = None, number: int = NONE) -> Steps:
        """Make room, make one call with the whole context as prompt, and let the context grow by what it wrote.

        Without a key it is a call beside the turns, with luck of its own.
        """
        if key is None:
            self.extra_calls += 1
            key, number = derive(self.key, luck.EXTRA_CALL, 0), self.extra_calls
        if 0 < self.agent.timeout_us <= self.world.clock.now_us - self.started_us:
            raise TaskFailed
        return self.full_call(kind, key, number)

    def full_call(self, kind: Kind, key: int, number: int) -> Steps:
        """Make a call with the whole context as prompt; another offer takes over with its own window and sizes."""
        tries, served = 0, False
        while not served:
            if self.world.treasury is not None:
                self._retake_leg()
            if self.session.context.tokens > self.roomy and kind != Kind.FLUSH:
                yield from make_room(self, kind)
            output, reasoning = self.written(key, number)
            call = Call(self, self.leg, kind, key, number, output=output, reasoning=reasoning, attempt=tries)
            served = yield from self.served(call, self.agent.role)
            tries = call.attempt
        reasoning, output = self.staying(output, reasoning)
        self.session.context.append(Origin.REASONING, reasoning)
        self.session.context.append(Origin.OUTPUT, output)
        self.session.last_active_us = self.world.clock.now_us

    def written(self, key: int, number: int) -> tuple[int, int]:
        """Return output and reasoning of a call, as the offer sizes them."""
        return self.world.written(self.leg, self.agent, self.keys_for(key), number)

    def staying(self, output: int, reasoning: int) -> tuple[int, int]:
        """Return how much reasoning and output of what a call wrote joins the context."""
        return (reasoning if self.keeps_reasoning else 0), output

    def side_calls(self, each: Each) -> Steps:
        """Make the small calls that go with a request or a turn; one that fails is let go."""
        for side in self.agent.sides:
            if side.each == each:
                yield from self._side_call(side, derive(self.key, side.salt, 0))

    def _side_call(self, side: SideCall, key: int) -> Steps:
        keys, stage, tries, served = self.keys_for(key), self.world.stage, 0, False
        before = self.positions.get((stage, side.role), 0)
        try:
            while not served:
                leg = self.leg_of(side.role)
                prompt = self.world.tokens_for(leg, luck.drawn(side.prompt, keys, self.turn))
                output = self.world.output_for(leg, luck.drawn(side.output, keys, self.turn))
                call = Call(
                    self, leg, Kind.SIDE, key, self.turn, output=output, prompt=prompt, cached=False, grows=False,
                    attempt=tries,
                )  # fmt: skip
                served = yield from self.served(call, side.role)
                tries = call.attempt
        except TaskFailed:
            self._fail_over(stage, side.role, before)

    def use_tools(self) -> Steps:
        """Run this turn's tools and append their results; once per turn, for their luck is the turn's."""
        tools = self.agent.tools
        if tools is None:
            return
        used, times = [], []
        for slot in range(min(self.draw(tools.calls, self.turn), rules.MAX_TRIES)):
            ordinal = rules.ordinal(self.turn, slot)
            tool = tools.choices[0]
            if len(tools.choices) > 1:
                tool = tools.choices[step_of(tools.thresholds, draw(self.key, tools.salt, ordinal))]
            used.append(min(self.draw(tool.result, ordinal), tool.cap_tokens))
            times.append(self.draw(tool.time_us, ordinal))
            self.searches += tool.searches
        if used:
            lasting = max(times) if tools.parallel else sum(times)
            yield self.world.clock.at(self.world.clock.now_us + lasting, Moment.TOOL_END, self.number)
            for result in used:
                self.receive(Origin.TOOLS, result)

    def pause(self, duration_us: int) -> Steps:
        """Let so many microseconds pass: a tool, a person, a timer."""
        yield self.world.clock.at(self.world.clock.now_us + duration_us, Moment.TOOL_END, self.number)

    def spawn(self, rule: Spawn) -> Sequence[Task]:
        """Start children by a rule of the agent, if it fires on this turn; return them.

        Once per turn and rule, for their luck is that of the turn, the rule and their place.
        """
        return self.family.spawn(rule)

    def join(self, children: Sequence[Task]) -> Steps:
        """Wait without a place until all these children are back; take in their results with one call."""
        if children:
            yield from self.await_back(children)
            yield from self._announce(children)

    def await_back(self, children: Sequence[Task]) -> Steps:
        """Wait without a place until all these children are back."""
        self._missing = set(children).difference(self.results)
        yield from self._until(lambda: not self._missing)
        for child in children:
            del self.results[child]

    def take_in(self, awaited: Sequence[Task] = ()) -> Steps:
        """Take in results in order of arrival, one call each: those that are there, and all that are awaited."""
        left = set(awaited)
        while self.results or left:
            if not self.results:
                yield from self._until(lambda: bool(self.results))
            child = next(iter(self.results))
            del self.results[child]
            left.discard(child)
            yield from self._announce([child])

    # Behind the primitives

    def _announce(self, children: Sequence[Task]) -> Steps:
        for child in children:
            self.receive(Origin.AGENTS, child.result)
        number = min(child.sibling for child in children)
        yield from self.call(Kind.ANNOUNCE, derive(self.key, luck.ANNOUNCE, 0), number)

    def _until(self, condition: Callable[[], bool]) -> Steps:
        if condition():
            return
        self.world.places.give_back()
        self._resume = (condition, self.world.clock.event())
        yield self._resume[1]
        yield self.world.places.ask()

    def back(self, child: Task) -> None:
        """A child has returned."""
        self.results[child] = None
        self._missing.discard(child)
        if self._resume is not None and self._resume[0]():
            event, self._resume = self._resume[1], None
            event.succeed()

    def served(self, call: Call, role: int) -> Generator[simpy.Event, Status, bool]:
        """Ask the call's offer; say whether it answered: if not, another one takes over, or the task fails."""
        world, retry = self.world, self.world.deployment.retry
        call.role = role
        for tries in range(retry.retries + 1):
            status = (yield call.ask()) if world.treasury is None else (yield from self._asked(call, world.treasury))
            if status is None:
                self._retake_leg()
                return False
            if status == Status.OK:
                return True
            u = draw(call.key, luck.BACKOFF, call.ordinal)
            delay = call.retry_after_us or rules.backoff_us(tries, retry.first_us, retry.cap_us, u)
            call.attempt += 1
            if tries < retry.retries:
                yield world.clock.at(world.clock.now_us + delay, Moment.RETRY, self.number)
        stage, legs = world.stage, world.route(role).legs
        if stage != world.stage_at(call.asked_us):  # another has taken over meanwhile
            self._retake_leg()
            return False
        position = self.positions.get((stage, role), 0)
        if position + 1 >= len(legs) or call.leg != legs[position]:  # nobody takes over from a budget's cheaper offer
            raise TaskFailed
        self._fail_over(stage, role, position + 1)
        return False

    def _asked(self, call: Call, treasury: Treasury) -> Generator[simpy.Event, Status, Status | None]:
        """Make a try once budgets and plans admit it; return its status, None where another offer is to serve."""
        while True:
            call.plan, call.withdrawn = NONE, False
            yield from self._admitted(call, treasury)
            if self.leg_of(call.role) != call.leg:
                return None
            status = yield call.ask()
            if not call.withdrawn:
                return status

    def _admitted(self, call: Call, treasury: Treasury) -> Steps:
        """Wait until budgets and plans let a call be made; raises OutOfMoney where they never will."""
        clock = self.world.clock
        while (verdict := treasury.verdict(self.purse, call.leg, clock.now_us)).at_us > clock.now_us:
            if call in treasury.waiting and self._is_left(call):
                break
            call.asked_us = clock.now_us
            if verdict.by is not None and verdict.at_us == NEVER:
                treasury.waiting.pop(call, None)
                verdict.by.stopped += 1
                call.write(Status.STOPPED, (NONE, NONE, NONE))
                raise OutOfMoney
            if verdict.by is not None and call not in treasury.waiting:
                verdict.by.paused += 1
            treasury.waiting[call] = None
            yield clock.at(self.world.waited_us(verdict.at_us), Moment.BUDGET, self.number)
        treasury.waiting.pop(call, None)

    def _is_left(self, call: Call) -> bool:
        """Say whether a stage that has begun since a call was asked for serves its role by another leg."""
        stages = self.world.stage, self.world.stage_at(call.asked_us)
        return stages[0] != stages[1] and self.leg_of(call.role) != call.leg

    def held(self, call: Call) -> bool:
        """Say whether a call, whose turn has come, may not be made now, or not by its offer."""
        treasury, now_us = self.world.treasury, self.world.clock.now_us
        if treasury is None:
            return False
        return treasury.verdict(self.purse, call.leg, now_us).at_us > now_us or self.leg_of(call.role) != call.leg

    def _fail_over(self, stage: int, role: int, position: int) -> None:
        self.positions[stage, role] = position
        self._retake_leg()

    # Life

    def life(self, behaviour: Callable[[Task], Steps]) -> Steps:
        """Wait for a place, behave, take in what is still out, give the place back."""
        yield self.world.places.ask()
        self.started_us = self.world.clock.now_us
        self.columns = (
            self.world.replication, self.session.number, self.number, self.parent_number, self.depth,
            self.agent_number, self.request, self.attempt,
        )  # fmt: skip
        try:
            yield from behaviour(self)
            yield from self.take_in(tuple(self.family.away))
        except TaskFailed as why:
            self.failed, self.out_of_money = True, isinstance(why, OutOfMoney)
            self.family.abandon()
        self.world.places.give_back()

    # As a child

    result = 0  # reference tokens it returns
    sibling = 0  # 1 for the first child of the parent
    rule: Spawn
    succeeded = False

    def life_as_child(self, behaviour: Callable[[Task], Steps]) -> Steps:
        """Live, then return the result to the parent."""
        yield from self.life(behaviour)
        assert self.parent is not None
        self.result = 0 if self.failed else self.draw(self.agent.result)
        self.parent.family.expect(self)
