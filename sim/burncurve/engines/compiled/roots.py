"""Root tasks: opening their session, the request, trying again, and who goes on afterwards (mechanics M2, M9)."""

from __future__ import annotations

from typing import Any

from burncurve.deployment import UNKNOWN
from burncurve.engines.compiled import cache, context, labels, moments, sessions, tasks, treasury
from burncurve.engines.compiled.draws import derive, draw, drawn, happens, hits
from burncurve.engines.compiled.jit import frequent, inlined, kernel
from burncurve.engines.compiled.layout import NONE
from burncurve.engines.compiled.salts import ATTEMPT, BASE_CHANGE, SESSION, SUCCESS
from burncurve.words import Reasoning

ISOLATED, SHARED, PERSONAL = range(3)  # where a root task comes from: `origin` is a trigger, or a person
LITERAL = 4  # it comes from a conversation of a trace (3 are children)
UNTIL_USER = int(Reasoning.UNTIL_USER)
TRIES_AGAIN, GOES_ON = -1, -2


@frequent
def announced(s: Any, w: Any, source: Any, origin: Any, number: Any, key: Any, label: Any) -> Any:
    """Return the slot of a root task that is still to begin; `key` is the source of its luck."""
    slot = tasks.new_slot(s, w)
    task = w.tasks[slot]
    task.source, task.origin, task.request_key, task.label = source, origin, key, label
    task.number, task.parent_number = number, NONE
    return slot


@inlined
def begun(s: Any, w: Any, slot: Any, agent: Any, session: Any) -> None:
    """Begin an attempt in a session."""
    task = w.tasks[slot]
    tasks.begin(s, w, slot, agent, session, derive(task.request_key, ATTEMPT, task.attempt))
    if task.number < 0:
        task.number = tasks.next_number(w)
    if s.terms[0].counts:
        treasury.open_purse(s, w, slot, 1 + task.origin if task.source == PERSONAL else 0)


@kernel
def open_isolated(s: Any, w: Any, slot: Any) -> Any:
    """Begin an attempt in a session of its own."""
    task = w.tasks[slot]
    agent = s.triggers[task.origin].agent
    key = derive(derive(task.request_key, SESSION, 0), ATTEMPT, task.attempt)
    begun(s, w, slot, agent, sessions.open_session(s, w, agent, key, True))
    return labels.REQUEST


@kernel
def line_up(s: Any, w: Any, slot: Any) -> Any:
    """Take a turn at a shared session, or wait for it."""
    task = w.tasks[slot]
    line = w.lines[s.triggers[task.origin].line]
    task.label = labels.LINE
    if not line.busy:
        line.busy = 1
        moments.soon(w, slot)
        return labels.WAIT
    if line.first < 0:
        line.first = slot
    else:
        w.tasks[line.last].next = slot
    line.last = slot
    w.sources[task.origin].waiting += 1
    return labels.WAIT


@kernel
def open_shared(s: Any, w: Any, slot: Any) -> Any:
    """Begin in the shared session, a new one if it was never opened or its reset is due."""
    trigger = s.triggers[w.tasks[slot].origin]
    line, now = w.lines[trigger.line], w.clock[0].now
    if line.session < 0 or _reset_due(s, trigger, w.sessions[line.session].last_active, now):
        key = derive(derive(w.clock[0].run_key, trigger.session_salt, 0), SESSION, line.openings)
        line.session = sessions.open_session(s, w, trigger.agent, key, line.openings == 0)
        line.openings += 1
    begun(s, w, slot, trigger.agent, line.session)
    return labels.REQUEST


@inlined
def _reset_due(s: Any, trigger: Any, last: Any, now: Any) -> Any:
    if 0 < trigger.idle <= now - last:
        return True
    for i in range(trigger.first_reset, trigger.first_reset + trigger.resets):  # noqa: SIM110  not for Numba
        if last < s.numbers[i] <= now:
            return True
    return False


@kernel
def _leave_line(w: Any, line: Any) -> None:
    """Hand the session to the next in line."""
    slot = line.first
    line.busy = slot >= 0
    if slot >= 0:
        line.first, w.tasks[slot].next = w.tasks[slot].next, NONE
        w.sources[w.tasks[slot].origin].waiting -= 1
        moments.soon(w, slot)


@frequent
def request(s: Any, w: Any, slot: Any) -> Any:
    """Bring the message to the session."""
    task, agent = w.tasks[slot], s.agents[w.tasks[slot].agent]
    session = w.sessions[task.session]
    session.requests += task.attempt == 0
    task.request = session.requests
    if task.kept == UNTIL_USER:
        cache.cut(w, s, task.session, context.strip(w, session, context.REASONING))
    if happens(s, agent.base_change, task, task.key, BASE_CHANGE, 0):
        sessions.change_base(s, w, session.base_agent)
    tasks.receive(s, w, task, context.USER, drawn(s, agent.message, task, task.key, 0))
    return labels.ENTER


@frequent
def returned(s: Any, w: Any, slot: Any, attempts: Any) -> Any:
    """End an attempt; return the slot of the next one, NONE if the task is over."""
    task, clock = w.tasks[slot], w.clock[0]
    w.sessions[task.session].last_active = clock.now
    success = s.offers[task.offer].success
    if success == UNKNOWN:
        clock.success_known = 0
    lucky = success == UNKNOWN or hits(draw(task.key, SUCCESS, 0), success)
    succeeded = lucky and not task.failed
    if not succeeded and task.attempt + 1 < attempts and not task.out_of_money:
        return _next_attempt(s, w, slot)
    clock.failed += task.failed
    clock.finished += not task.failed
    clock.succeeded += succeeded
    if task.source == SHARED:
        _leave_line(w, w.lines[s.triggers[task.origin].line])
    return NONE


@kernel
def _next_attempt(s: Any, w: Any, slot: Any) -> Any:
    task = w.tasks[slot]
    following = announced(s, w, task.source, task.origin, NONE, task.request_key, labels.REQUEST)
    w.tasks[following].attempt, w.tasks[following].purse = task.attempt + 1, task.purse
    if task.source == ISOLATED:
        open_isolated(s, w, following)
    else:
        begun(s, w, following, task.agent, task.session)
    return following
