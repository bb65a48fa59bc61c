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
from burncurve.workload import Agent, Clear, Compaction, Slide

if TYPE_CHECKING:
    import simpy

    from burncurve.engines.reference.task import Task


class TaskFailed(Exception):
    """The task cannot go on: retries exhausted, overflow or timeout."""


class OutOfMoney(TaskFailed):
    """A budget or a plan lets the task make no further call."""


def roomy(agent: Agent, window: int) -> int:
    """Return the context up to which no policy sets in: there is nothing to do before a call."""
    policies = (policy for policy in (agent.clear, agent.slide, agent.compaction) if policy)
    return min([_limit(policy, agent, window) for policy in policies] + [window])


def make_room(task: Task, kind: Kind) -> Generator[simpy.Event, Status, None]:
    """Apply the agent's context policies; raises TaskFailed where the context still exceeds the window."""
    agent, session, context = task.agent, task.session, task.session.context
    window = task.world.window(task.leg, agent)
    for policy in (agent.clear, agent.slide, agent.compaction):
        if policy is None or context.tokens <= _limit(policy, agent, window):
            continue
        if isinstance(policy, Clear):
            session.cut(context.clear(Origin.TOOLS, policy.keep_results, policy.at_least_tokens))
        elif isinstance(policy, Slide):
            session.cut(context.slide(rules.threshold(policy.to_tokens, agent.window_tokens, window)))
        else:
            yield from _compact(task, policy)
    if context.tokens > task.world.window(task.leg, agent):
        _overflow(task, kind)


def _limit(policy: Clear | Slide | Compaction, agent: Agent, window: int) -> int:
    reserve = agent.reserve_tokens if isinstance(policy, Compaction) else 0
    return rules.threshold(policy.at_tokens, agent.window_tokens, window) - reserve


def _fit(task: Task) -> None:
    """No prompt is longer than the window: the oldest history of a context that has outgrown it is lost unread."""
    window = task.world.window(task.leg, task.agent)
    if task.session.context.tokens > window:
        task.session.cut(task.session.context.slide(window))


def _compact(task: Task, policy: Compaction) -> Generator[simpy.Event, Status, None]:
    task.compactions += 1
    number, context, world = task.compactions, task.session.context, task.world
    _fit(task)
    if policy.flush:
        yield from task.full_call(Kind.FLUSH, derive(task.key, luck.FLUSH, 0), number)
    key = derive(task.key, luck.COMPACTION, 0)
    keys, tries, served = task.keys_for(key), 0, False
    while not served:
        _fit(task)
        summary = world.output_for(task.leg, luck.drawn(policy.summary, keys, number))
        restore = world.tokens_for(task.leg, luck.drawn(policy.restore, keys, number))
        after = context.base + min(policy.keep_tokens, context.tokens - context.base) + summary + restore
        call = Call(
            task, task.leg, Kind.COMPACTION, key, number, output=summary,
            cached=policy.reuse_prefix, grows=False, after=after, attempt=tries,
        )  # fmt: skip
        served = yield from task.served(call, task.agent.role)
        tries = call.attempt
    task.session.cut(context.compact(policy.keep_tokens, summary, restore))


def _overflow(task: Task, kind: Kind) -> None:
    call, now = Call(task, task.leg, kind, task.key, task.turn, output=0), task.world.clock.now_us
    call.asked_us = now
    call.write(Status.OVERFLOW, (NONE, NONE, now))
    raise TaskFailed
