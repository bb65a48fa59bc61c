"""From a task to its answer: making room, writing, asking until it is served (twins of the reference's room and task).

Every step takes the slot of a task and returns the label where the task goes on.
"""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import account, cache, call, context, labels, moments, paying, stages, tasks
from burncurve.engines.compiled.draws import derive, draw, drawn
from burncurve.engines.compiled.jit import inlined, kernel
from burncurve.engines.compiled.layout import NONE
from burncurve.engines.compiled.rules import backoff_us, least, scaled, threshold
from burncurve.engines.compiled.salts import BACKOFF, COMPACTION, FLUSH
from burncurve.ledger import Kind, Status

KIND_COMPACTION, KIND_FLUSH = int(Kind.COMPACTION), int(Kind.FLUSH)
OK, OVERFLOW, STOPPED = int(Status.OK), int(Status.OVERFLOW), int(Status.STOPPED)


@inlined
def wanted(task: Any, kind: Any, key: Any, number: Any, after: Any) -> Any:
    """Remember the call to be made once there is room for it, and where to go on after it."""
    task.wanted_kind, task.wanted_key, task.wanted_number, task.after_call = kind, key, number, after
    task.wanted_tries = 0
    return labels.CALL


@inlined
def start_call(s: Any, w: Any, slot: Any) -> Any:
    """Give up at a timeout, else make room for the wanted call."""
    task, agent = w.tasks[slot], s.agents[w.tasks[slot].agent]
    if 0 < agent.timeout <= w.clock[0].now - task.started:
        return labels.FAIL
    return make_room(s, w, slot)


@inlined
def make_room(s: Any, w: Any, slot: Any) -> Any:
    """Apply the agent's context policies, if the context is large enough for any."""
    task = w.tasks[slot]
    if s.terms[0].counts:
        tasks.retake_leg(s, w, slot)
    return _made(s, w, slot) if w.sessions[task.session].tokens <= task.roomy else _cramped(s, w, slot)


@kernel
def _cramped(s: Any, w: Any, slot: Any) -> Any:
    """Apply the agent's context policies, but not before a flush that a trace has."""
    task, agent = w.tasks[slot], s.agents[w.tasks[slot].agent]
    session = w.sessions[task.session]
    if task.wanted_kind == KIND_FLUSH:
        return _made(s, w, slot)
    if agent.clears or agent.slides:
        _clear_and_slide(s, w, slot)
    window = tasks.window_of(s, task)
    if agent.compacts and session.tokens + agent.reserve > threshold(agent.compact_at, agent.window, window):
        return _start_compaction(s, w, slot)
    return fit(s, w, slot)


@kernel
def _clear_and_slide(s: Any, w: Any, slot: Any) -> None:
    task, agent = w.tasks[slot], s.agents[w.tasks[slot].agent]
    session, window = w.sessions[task.session], tasks.window_of(s, task)
    if agent.clears and session.tokens > threshold(agent.clear_at, agent.window, window):
        unchanged = context.clear(w, session, context.TOOLS, agent.clear_keep, agent.clear_least)
        cache.cut(w, s, task.session, unchanged)
    if agent.slides and session.tokens > threshold(agent.slide_at, agent.window, window):
        to_tokens = threshold(agent.slide_to, agent.window, window)
        cache.cut(w, s, task.session, context.slide(w, session, to_tokens))


@kernel
def _start_compaction(s: Any, w: Any, slot: Any) -> Any:
    task = w.tasks[slot]
    task.compactions += 1
    task.call_attempt = 0
    _lose_excess(s, w, task)
    return labels.FLUSH if s.agents[task.agent].flush else labels.COMPACT


@kernel
def _lose_excess(s: Any, w: Any, task: Any) -> None:
    """No prompt is longer than the window: the oldest history of a context that has outgrown it is lost unread."""
    session, window = w.sessions[task.session], tasks.window_of(s, task)
    if session.tokens > window:
        cache.cut(w, s, task.session, context.slide(w, session, window))


@kernel
def flush(s: Any, w: Any, slot: Any) -> Any:
    """Make the call before a compaction that saves what is to be remembered."""
    task = w.tasks[slot]
    if s.terms[0].counts:
        tasks.retake_leg(s, w, slot)
    call.full(s, w, slot, KIND_FLUSH, derive(task.key, FLUSH, 0), task.compactions)
    task.after_served, task.after_full = labels.WRITTEN, labels.COMPACT
    return labels.ASK


@kernel
def compact(s: Any, w: Any, slot: Any) -> Any:
    """Ask for the summary."""
    task, agent = w.tasks[slot], s.agents[w.tasks[slot].agent]
    _lose_excess(s, w, task)
    key, number, session = derive(task.key, COMPACTION, 0), task.compactions, w.sessions[task.session]
    task.summary = call.output_for(s, task.offer, drawn(s, agent.summary, task, key, number))
    task.restore = scaled(drawn(s, agent.restore, task, key, number), s.offers[task.offer].tokenizer)
    call.made(w, task, KIND_COMPACTION, key, number, task.summary, 0)
    task.cached, task.grows = agent.reuse_prefix, 0
    base = session.origins[context.BASE]
    task.after = base + least(agent.compact_keep, session.tokens - base) + task.summary + task.restore
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


@kernel
def fit(s: Any, w: Any, slot: Any) -> Any:
    """Make the wanted call, unless the context still exceeds the window."""
    task = w.tasks[slot]
    if w.sessions[task.session].tokens > tasks.window_of(s, task):
        return _overflow(s, w, slot)
    return _made(s, w, slot)


@inlined
def _made(s: Any, w: Any, slot: Any) -> Any:
    """Make the wanted call."""
    task = w.tasks[slot]
    task.call_attempt = task.wanted_tries
    call.full(s, w, slot, task.wanted_kind, task.wanted_key, task.wanted_number)
    task.after_served, task.after_full = labels.WRITTEN, task.after_call
    return labels.ASK


@kernel
def _overflow(s: Any, w: Any, slot: Any) -> Any:
    task, now = w.tasks[slot], w.clock[0].now
    task.call_attempt = 0
    call.made(w, task, task.wanted_kind, task.key, task.turn, 0, 0)
    call.addressed(s, w, task, task.leg)
    if not w.clock[0].full:
        call.write(s, w, task, OVERFLOW, NONE, NONE, now)
    return labels.FAIL


@inlined
def written(w: Any, slot: Any) -> Any:
    """Let the context grow by what the call wrote."""
    task = w.tasks[slot]
    call.grow(w, task, w.clock[0].now)
    if task.kind == KIND_FLUSH:
        task.call_attempt = 0
    return task.after_full


@inlined
def ask(s: Any, w: Any, slot: Any) -> Any:
    """Ask the account that serves the call's role."""
    task = w.tasks[slot]
    if s.terms[0].counts:
        return paying.ask(s, w, slot)
    task.label = labels.ANSWERED
    call.addressed(s, w, task, tasks.leg_of(s, w, slot, task.call_role))
    if not w.clock[0].full:
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
    if task.status == STOPPED:
        return labels.ASK  # it was not made, and is to be decided anew
    task.call_attempt += 1
    if tries < terms.retries:
        u = draw(task.call_key, BACKOFF, task.ordinal)
        delay = task.retry_after or backoff_us(tries, terms.retry_first, terms.retry_cap, u)
        task.tries, task.label = tries + 1, labels.ASK
        moments.at(w, w.clock[0].now + delay, moments.RETRY, task.number, 0, slot)
        return labels.WAIT
    task.tries = 0
    if terms.stages and stages.has_begun_since(s, w, task.asked):
        tasks.retake_leg(s, w, slot)
        return made_anew(w, slot)
    if tasks.fail_over(s, w, slot, task.call_role):
        return made_anew(w, slot)
    if task.after_served != labels.SIDE:
        return labels.FAIL
    tasks.move_to(s, w, slot, task.side_route, task.side_before)
    return labels.SIDE


@kernel
def made_anew(w: Any, slot: Any) -> Any:
    """Return where the call is made again: another offer takes over with its own window and sizes."""
    task = w.tasks[slot]
    if task.after_served == labels.SIDE:
        return labels.SIDE_CALL
    if task.after_served == labels.COMPACTED:
        return labels.COMPACT
    if task.after_full == labels.COMPACT:
        return labels.FLUSH
    task.wanted_tries = task.call_attempt
    return labels.ROOM


@kernel
def stop_waiting(s: Any, w: Any, status: Any) -> None:
    """Write down the calls that still wait at the horizon."""
    for number in range(len(s.accounts)):
        slot = w.accounts[number].first
        while slot >= 0 and not w.clock[0].full:
            call.write(s, w, w.tasks[slot], status, NONE, NONE, NONE)
            slot = w.tasks[slot].next
