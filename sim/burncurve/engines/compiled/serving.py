"""From a task to its answer: making room, writing, asking until it is served (twins of the reference's room and task).

Every step takes the slot of a task and returns the label where the task goes on.
"""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import account, cache, call, context, labels, moments, tasks
from burncurve.engines.compiled.draws import derive, draw, drawn
from burncurve.engines.compiled.jit import inlined, kernel
from burncurve.engines.compiled.layout import NONE
from burncurve.engines.compiled.rules import backoff_us, scaled, threshold
from burncurve.engines.compiled.salts import BACKOFF, COMPACTION, FLUSH
from burncurve.ledger import Kind, Status

KIND_TURN, KIND_COMPACTION, KIND_FLUSH = int(Kind.TURN), int(Kind.COMPACTION), int(Kind.FLUSH)
OK, OVERFLOW = int(Status.OK), int(Status.OVERFLOW)
LARGEST_WINDOW = 1 << 40


@inlined
def wanted(task: Any, kind: Any, key: Any, number: Any, after: Any) -> Any:
    """Remember the call to be made once there is room for it, and where to go on after it."""
    task.wanted_kind, task.wanted_key, task.wanted_number, task.after_call = kind, key, number, after
    return labels.CALL


@inlined
def start_call(s: Any, w: Any, slot: Any) -> Any:
    """Give up at a timeout, make room, then make the wanted call."""
    task, agent = w.tasks[slot], s.agents[w.tasks[slot].agent]
    if 0 < agent.timeout <= w.clock[0].now - task.started:
        return labels.FAIL
    task.window = _window(agent.window, s.offers[task.offer].window)
    session = w.sessions[task.session]
    if agent.clears or agent.slides:
        _clear_and_slide(s, w, slot)
    if agent.compacts and _due(agent, agent.compact_at, session.tokens + agent.reserve, task.window):
        return _start_compaction(s, w, slot)
    return fit(s, w, slot)


@inlined
def _window(declared: Any, offered: Any) -> Any:
    if declared and offered:
        return min(declared, offered)
    return max(declared, offered) or LARGEST_WINDOW


@inlined
def _due(agent: Any, at_tokens: Any, tokens: Any, window: Any) -> Any:
    return tokens > threshold(at_tokens, agent.window, window)


@kernel
def _clear_and_slide(s: Any, w: Any, slot: Any) -> None:
    task, agent = w.tasks[slot], s.agents[w.tasks[slot].agent]
    session = w.sessions[task.session]
    if agent.clears and _due(agent, agent.clear_at, session.tokens, task.window):
        unchanged = context.clear(w, session, context.TOOLS, agent.clear_keep, agent.clear_least)
        cache.cut(w, s, task.session, unchanged)
    if agent.slides and _due(agent, agent.slide_at, session.tokens, task.window):
        cache.cut(w, s, task.session, context.slide(w, session, agent.slide_to))


@kernel
def _start_compaction(s: Any, w: Any, slot: Any) -> Any:
    task = w.tasks[slot]
    task.compactions += 1
    _lose_excess(s, w, task)
    if not s.agents[task.agent].flush:
        return labels.COMPACT
    call.full(s, w, task, KIND_FLUSH, derive(task.key, FLUSH, 0), task.compactions)
    task.after_served, task.after_full = labels.WRITTEN, labels.COMPACT
    return labels.ASK


@kernel
def _lose_excess(s: Any, w: Any, task: Any) -> None:
    """No prompt is longer than the window: the oldest history of a context that has outgrown it is lost unread."""
    session = w.sessions[task.session]
    if session.tokens > task.window:
        cache.cut(w, s, task.session, context.slide(w, session, task.window))


@kernel
def compact(s: Any, w: Any, slot: Any) -> Any:
    """Ask for the summary."""
    task, agent = w.tasks[slot], s.agents[w.tasks[slot].agent]
    if agent.flush:
        _lose_excess(s, w, task)
    key, number, session = derive(task.key, COMPACTION, 0), task.compactions, w.sessions[task.session]
    task.summary = call.output_for(s, task.offer, drawn(s, agent.summary, task, key, number))
    task.restore = scaled(drawn(s, agent.restore, task, key, number), s.offers[task.offer].tokenizer)
    call.made(w, task, KIND_COMPACTION, key, number, task.summary, 0)
    task.cached, task.grows = agent.reuse_prefix, 0
    base = session.origins[context.BASE]
    task.after = base + min(agent.compact_keep, session.tokens - base) + task.summary + task.restore
    task.after_served = labels.COMPACTED
    return labels.ASK


@kernel
def compacted(s: Any, w: Any, slot: Any) -> Any:
    """Put the summary in the place of what it sums up."""
    task = w.tasks[slot]
    keep = s.agents[task.agent].compact_keep
    unchanged = context.compact(w, w.sessions[task.session], keep, task.summary, task.restore)
    cache.cut(w, s, task.session, unchanged)
    return labels.FIT


@inlined
def fit(s: Any, w: Any, slot: Any) -> Any:
    """Make the wanted call, unless the context still exceeds the window."""
    task = w.tasks[slot]
    if w.sessions[task.session].tokens > task.window:
        return _overflow(s, w, slot)
    call.full(s, w, task, task.wanted_kind, task.wanted_key, task.wanted_number)
    task.after_served, task.after_full = labels.WRITTEN, task.after_call
    return labels.ASK


@kernel
def _overflow(s: Any, w: Any, slot: Any) -> Any:
    task, now = w.tasks[slot], w.clock[0].now
    call.made(w, task, KIND_TURN, task.key, task.turn, 0, 0)
    call.addressed(s, w, task, task.leg)
    call.write(s, w, task, OVERFLOW, NONE, NONE, now)
    return labels.FAIL


@inlined
def written(w: Any, slot: Any) -> Any:
    """Let the context grow by what the call wrote."""
    task, session = w.tasks[slot], w.sessions[w.tasks[slot].session]
    if task.keeps:
        context.append(w, session, context.REASONING, task.reasoning)
    context.append(w, session, context.OUTPUT, task.output)
    session.last_active = w.clock[0].now
    return task.after_full


@inlined
def ask(s: Any, w: Any, slot: Any) -> Any:
    """Ask the account that serves the call's role."""
    task = w.tasks[slot]
    task.label = labels.ANSWERED
    call.addressed(s, w, task, tasks.leg_of(s, w, slot, task.call_role))
    account.request(s, w, slot)
    return labels.WAIT


@inlined
def answered(s: Any, w: Any, slot: Any) -> Any:
    """Go on with an answer; without one try again."""
    task = w.tasks[slot]
    return task.after_served if task.status == OK else _try_again(s, w, slot)


@kernel
def _try_again(s: Any, w: Any, slot: Any) -> Any:
    """Wait for the next try, turn to the next offer, or give up; a side call is let go."""
    task, terms = w.tasks[slot], s.terms[0]
    tries = task.tries
    task.call_attempt += 1
    if tries < terms.retries:
        u = draw(task.call_key, BACKOFF, task.ordinal)
        delay = task.retry_after or backoff_us(tries, terms.retry_first, terms.retry_cap, u)
        task.tries, task.label = tries + 1, labels.ASK
        moments.at(w, w.clock[0].now + delay, moments.RETRY, task.number, 0, slot)
        return labels.WAIT
    task.tries = 0
    if tasks.fail_over(s, w, slot, task.call_role):
        return labels.ASK
    return labels.SIDE if task.after_served == labels.SIDE else labels.FAIL


@kernel
def stop_waiting(s: Any, w: Any, status: Any) -> None:
    """Write down the calls that still wait at the horizon."""
    for number in range(len(s.accounts)):
        slot = w.accounts[number].first
        while slot >= 0 and not w.clock[0].full:
            call.write(s, w, w.tasks[slot], status, NONE, NONE, NONE)
            slot = w.tasks[slot].next


