"""What happens before a call so that the context fits: clear, slide, compact, or give up (mechanics M11, M12)."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from burncurve.draws import derive
from burncurve.engines import rules
from burncurve.engines.reference import luck
from burncurve.engines.reference.call import NONE, Call
from burncurve.engines.reference.context import Origin
from burncurve.ledger import Kind, Status
from burncurve.workload import Compaction

if TYPE_CHECKING:
    import simpy

    from burncurve.engines.reference.task import Task


class TaskFailed(Exception):
    """The task cannot go on: retries exhausted, overflow or timeout."""


def make_room(task: Task) -> Generator[simpy.Event, Status, None]:
    """Apply the agent's context policies; raises TaskFailed where the context still exceeds the window."""
    agent, session, context = task.agent, task.session, task.session.context
    if agent.clear and context.tokens > agent.clear.at_tokens:
        session.cut(context.clear(Origin.TOOLS, agent.clear.keep_results, agent.clear.at_least_tokens))
    if agent.slide and context.tokens > agent.slide.at_tokens:
        session.cut(context.slide(agent.slide.to_tokens))
    policy = agent.compaction
    if policy and rules.compaction_due(context.tokens, agent.reserve_tokens, policy.at_tokens):
        yield from _compact(task, policy)
    if context.tokens > task.world.window(task.leg, agent):
        _overflow(task)


def _compact(task: Task, policy: Compaction) -> Generator[simpy.Event, Status, None]:
    task.compactions += 1
    number, context, world = task.compactions, task.session.context, task.world
    if policy.flush:
        yield from task.full_call(Kind.FLUSH, derive(task.key, luck.FLUSH, 0), number)
    key = derive(task.key, luck.COMPACTION, 0)
    keys = (key, *task.keys[1:])
    summary = world.output_for(task.leg, luck.drawn(policy.summary, keys, number))
    restore = world.tokens_for(task.leg, luck.drawn(policy.restore, keys, number))
    after = context.base + min(policy.keep_tokens, context.tokens - context.base) + summary + restore
    call = Call(
        task, Kind.COMPACTION, key, number, output=summary, cached=policy.reuse_prefix, grows=False, after=after
    )
    yield from task.served(call, task.agent.role)
    task.session.cut(context.compact(policy.keep_tokens, summary, restore))


def _overflow(task: Task) -> None:
    call, now = Call(task, Kind.TURN, task.key, task.turn, output=0), task.world.clock.now
    call.leg, call.asked_us = task.leg, now
    call.write(Status.OVERFLOW, (NONE, NONE, now))
    raise TaskFailed
