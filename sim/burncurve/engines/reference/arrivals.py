"""How work arrives: triggers, and people in a closed loop (mechanics M1-M3, M9)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from burncurve.deployment import UNKNOWN
from burncurve.draws import derive, draw, hits, salt_of
from burncurve.engines import rules
from burncurve.engines.reference import luck
from burncurve.engines.reference.call import NONE
from burncurve.engines.reference.clock import Moment
from burncurve.engines.reference.context import Origin
from burncurve.engines.reference.session import Line, Session
from burncurve.engines.reference.task import Steps, Task
from burncurve.engines.reference.treasury import Purse
from burncurve.words import Reasoning
from burncurve.workload import Overlap, Renewal, Reset, Trigger, Users

if TYPE_CHECKING:
    from burncurve.engines.reference.world import World


def start_all(world: World) -> None:
    """Let every trigger and every person begin; their numbers order simultaneous arrivals."""
    for number, trigger in enumerate(world.workload.triggers):
        world.clock.process(_fire(world, number, trigger))
    number = len(world.workload.triggers)
    for users in world.workload.users:
        for person in range(users.count):
            world.clock.process(_person(world, number, users, person))
            number += 1


def _fire(world: World, number: int, trigger: Trigger) -> Steps:
    source = derive(world.run_key, trigger.salt, 0)
    times = trigger.times_us if trigger.renewal is None else _renewals(trigger.renewal, source, world.parameters_key)
    for n, at_us in enumerate(times):
        yield world.clock.at(at_us, Moment.ARRIVAL, number, n)
        _arrive(world, number, trigger, derive(source, luck.ARRIVAL, n))


def _renewals(renewal: Renewal, source: int, run: int) -> Iterator[int]:
    """Yield arrival times until the last knot: sums of drawn gaps, mapped to the clock."""
    operational, n, keys = 0, 0, (source, source, source, run)
    while True:
        operational += luck.drawn(renewal.gap_us, keys, n)
        n += 1
        if operational >= renewal.knots_operational_us[-1]:
            return
        i = bisect_right(renewal.knots_operational_us, operational) - 1
        span = renewal.knots_operational_us[i + 1] - renewal.knots_operational_us[i]
        rest = (operational - renewal.knots_operational_us[i]) * (renewal.knots_us[i + 1] - renewal.knots_us[i])
        yield renewal.knots_us[i] + rest // span


def _arrive(world: World, number: int, trigger: Trigger, key: int) -> None:
    if not trigger.session:
        world.requests += 1
        world.clock.process(_isolated(world, trigger, key, world.next_task()))
        return
    line = world.lines.setdefault(trigger.session, Line(world))
    if line.busy and (
        trigger.overlap == Overlap.SKIP or (trigger.overlap == Overlap.COALESCE and line.waits_already(number))
    ):
        world.skipped += 1
        return
    world.requests += 1
    world.clock.process(_shared(world, line, number, trigger, key, world.next_task()))


def _isolated(world: World, trigger: Trigger, key: int, task: int) -> Steps:
    def opened(attempt: int) -> Session:
        session_key = derive(derive(key, luck.SESSION, 0), luck.ATTEMPT, attempt)
        return world.new_session(trigger.agent, session_key, world.first_leg(trigger.agent), history=True)

    yield from _tried(world, trigger, opened, key, task)


def _shared(world: World, line: Line, number: int, trigger: Trigger, key: int, task: int) -> Steps:
    yield line.turn(number)
    session = _opened(world, line, trigger)
    yield from _tried(world, trigger, lambda _: session, key, task)
    line.leave()


def _tried(
    world: World, starts: Trigger | Users, opened: Callable[[int], Session], key: int, task: int = -1, seat: int = NONE
) -> Steps:
    """Do the work on a request, as often as it may be tried; the first try has the number `task`."""
    purse: Purse | None = None
    for attempt in range(starts.attempts):
        session = opened(attempt)
        root = Task(world, starts.agent, session, derive(key, luck.ATTEMPT, attempt), attempt=attempt, number=task)
        if world.treasury is not None:
            root.purse = purse = world.treasury.purse(session, seat, purse)
        yield from _request(root)
        if not again(root):
            break
        task = -1
    count(world, root)


def _opened(world: World, line: Line, trigger: Trigger) -> Session:
    """Return the line's session, a new one if it was never opened or its reset is due."""
    if line.session is None or _reset_due(trigger.reset, line.session.last_active_us, world.clock.now_us):
        key = derive(derive(world.run_key, salt_of(f"session {trigger.session}"), 0), luck.SESSION, line.openings)
        leg = world.first_leg(trigger.agent)
        line.session = world.new_session(trigger.agent, key, leg, history=line.openings == 0)
        line.openings += 1
    return line.session


def _reset_due(reset: Reset, last_us: int, now_us: int) -> bool:
    if 0 < reset.idle_us <= now_us - last_us:
        return True
    return bisect_right(reset.at_us, now_us) > bisect_right(reset.at_us, last_us)


def _person(world: World, number: int, users: Users, person: int) -> Steps:
    source = derive(derive(world.run_key, users.salt, 0), luck.PERSON, person)
    ordinal = 0
    for window, (opens_us, closes_us) in enumerate(users.windows_us):
        day = derive(source, luck.DAY, window)
        count = luck.drawn(users.sessions, (day, day, day, world.parameters_key), 0)
        draws = (draw(day, luck.START, i) for i in range(count))
        for i, start_us in enumerate(sorted(opens_us + rules.share_of(closes_us - opens_us, u) for u in draws)):
            if start_us > world.clock.now_us:
                yield world.clock.at(start_us, Moment.ARRIVAL, number, ordinal)
                ordinal += 1
            yield from _conversation(world, number, users, derive(day, luck.SESSION, i))


def _conversation(world: World, number: int, users: Users, key: int) -> Steps:
    session = world.new_session(users.agent, key, world.first_leg(users.agent), history=True)
    for request in range(max(luck.drawn(users.requests, (key, key, key, world.parameters_key), 0), 1)):
        source = derive(key, luck.ARRIVAL, request)
        if request:
            think_us = luck.drawn(users.think_us, (source, source, key, world.parameters_key), 0)
            yield world.clock.at(world.clock.now_us + think_us, Moment.ARRIVAL, number, request)
        world.requests += 1
        yield from _tried(world, users, lambda _: session, source, seat=number)


def _request(root: Task) -> Steps:
    """Bring the message to the session and do the work on it."""
    world, session = root.world, root.session
    if root.attempt == 0:
        session.requests += 1
    root.request = session.requests
    if root.reasoning_kept == Reasoning.UNTIL_USER:
        session.cut(session.context.strip(Origin.REASONING))
    if luck.happens(root.agent.base_change, root.keys, luck.BASE_CHANGE, 0):
        world.base_versions[session.base_agent] += 1
    root.receive(Origin.USER, root.draw(root.agent.message))
    yield from root.life(world.behaviour_of(root))
    session.last_active_us = world.clock.now_us


def again(root: Task) -> bool:
    """Say whether the task is to be tried again: it failed, or the offer's success probability says so.

    Not where its money is at an end: another try would be refused its first call.
    """
    success = root.world.deployment.offers[root.leg.offer].success
    root.world.success_known &= success != UNKNOWN
    lucky = success == UNKNOWN or hits(draw(root.key, luck.SUCCESS, 0), success)
    root.succeeded = not root.failed and lucky
    return not root.succeeded and not root.out_of_money


def count(world: World, root: Task) -> None:
    """Count a root task that is over."""
    if root.failed:
        world.failed += 1
    else:
        world.finished += 1
        world.succeeded += root.succeeded
