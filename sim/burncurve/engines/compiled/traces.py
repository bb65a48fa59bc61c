"""A trace played again (the twin of the reference's traces): literal values stand where others are drawn.

Every step takes the slot of a task and returns the label where the task goes on; `traced` is the task's number in the
trace, `traced_turn` the turn it is at.
"""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import (
    cache,
    context,
    family,
    labels,
    lives,
    moments,
    roots,
    sessions,
    tasks,
    treasury,
    turns,
)
from burncurve.engines.compiled.draws import derive
from burncurve.engines.compiled.jit import kernel
from burncurve.engines.compiled.layout import NONE
from burncurve.engines.compiled.rules import scaled
from burncurve.engines.compiled.salts import ARRIVAL, SESSION, TRACE
from burncurve.engines.compiled.serving import wanted
from burncurve.ledger import Kind
from burncurve.workload import ALL

KIND_COMPACTION = int(Kind.COMPACTION)


@kernel
def schedule(s: Any, w: Any, number: Any, traced: Any, session: Any) -> None:
    """Let a task of a conversation arrive; `session` is NONE for the first one, which opens it."""
    slot = roots.announced(s, w, roots.LITERAL, number, NONE, _key(w, traced), labels.TRACED)
    task = w.tasks[slot]
    task.traced, task.session = traced, session
    entity = len(s.triggers) + len(s.people) + number
    moments.at(w, w.clock[0].now + s.traced_tasks[traced].wait, moments.ARRIVAL, entity, 0, slot)


@kernel
def _key(w: Any, traced: Any) -> Any:
    return derive(derive(w.clock[0].run_key, TRACE, 0), ARRIVAL, traced)


@kernel
def _opened(s: Any, w: Any, traced: Any) -> Any:
    told = s.traced_tasks[traced]
    number = sessions.open_with(s, w, told.agent, derive(_key(w, traced), SESSION, 0), told.base)
    w.sessions[number].found = sessions.sized(s, w, told.agent, told.warm)
    return number


@kernel
def arrive(s: Any, w: Any, slot: Any) -> Any:
    """Begin a root task."""
    task = w.tasks[slot]
    session = task.session if task.session >= 0 else _opened(s, w, task.traced)
    w.clock[0].requests += 1
    w.sessions[session].requests += 1
    tasks.begin(s, w, slot, s.traced_tasks[task.traced].agent, session, task.request_key)
    task.number = tasks.next_number(w)
    if s.terms[0].counts:
        treasury.open_purse(s, w, slot, 0)  # a log is one seat's
    return lives.enter(w, slot, labels.UNDER_WAY)


@kernel
def over(s: Any, w: Any, slot: Any) -> None:
    """Let the next task of a conversation arrive, if there is one."""
    task = w.tasks[slot]
    following = s.traced_tasks[task.traced].following
    if following >= 0:
        schedule(s, w, task.origin, following, task.session)


@kernel
def _start(s: Any, w: Any, slot: Any, traced: Any) -> None:
    """Start a child."""
    parent, session, born = w.tasks[slot], _opened(s, w, traced), tasks.new_slot(s, w)
    child = w.tasks[born]
    w.sessions[session].requests = 1
    tasks.begin(s, w, born, s.traced_tasks[traced].agent, session, _key(w, traced))
    child.number, child.source, child.traced = tasks.next_number(w), family.AS_CHILD, traced
    child.parent, child.parent_number, child.depth = slot, parent.number, parent.depth + 1
    child.label, child.root = labels.AWAKE, parent.root
    moments.soon(w, born)


@kernel
def awake(s: Any, w: Any, slot: Any) -> Any:
    """Let the time before a child begins pass."""
    return _paused(w, slot, s.traced_tasks[w.tasks[slot].traced].wait, labels.BORN)


@kernel
def _paused(w: Any, slot: Any, wait_us: Any, after: Any) -> Any:
    task = w.tasks[slot]
    if wait_us == 0:
        return after
    task.label = after
    moments.at(w, w.clock[0].now + wait_us, moments.TOOL_END, task.number, 0, slot)
    return labels.WAIT


@kernel
def born(w: Any, slot: Any) -> Any:
    """Begin as a child, unless the parent has failed."""
    task = w.tasks[slot]
    if w.tasks[task.parent].failed:
        moments.at(w, w.clock[0].now, moments.CHILD_RESULT, task.parent_number, task.number, slot)
        return labels.WAIT
    return lives.enter(w, slot, labels.UNDER_WAY)


@kernel
def returned(s: Any, w: Any, slot: Any) -> None:
    """A child's end reaches its parent."""
    child, awaited_by = w.tasks[slot], s.traced_tasks[w.tasks[slot].traced].awaited_by
    parent = w.tasks[child.parent]
    if awaited_by < 0:
        return
    w.back[awaited_by] += 1
    waits = parent.resume == family.FOR_TRACED and parent.traced_turn == awaited_by
    if waits and w.back[awaited_by] == s.traced_turns[awaited_by].awaited:
        parent.resume = 0
        moments.soon(w, child.parent)


@kernel
def under_way(s: Any, w: Any, slot: Any) -> Any:
    """Begin with the first turn."""
    task = w.tasks[slot]
    task.started = w.clock[0].now
    task.traced_turn = s.traced_tasks[task.traced].first_turn
    return labels.AWAIT_BACK


@kernel
def await_back(s: Any, w: Any, slot: Any) -> Any:
    """Wait for the children that a turn waits for; end behind the last turn."""
    task = w.tasks[slot]
    turn = task.traced_turn
    if turn == s.traced_tasks[task.traced].end:
        return labels.LEAVE
    if w.back[turn] < s.traced_turns[turn].awaited:
        return turns.wait(w, slot, family.FOR_TRACED, labels.PAUSE)
    return labels.PAUSE


@kernel
def pause(s: Any, w: Any, slot: Any) -> Any:
    """Let the time before a turn pass."""
    return _paused(w, slot, s.traced_turns[w.tasks[slot].traced_turn].wait, labels.NEXT_CALL)


@kernel
def next_call(s: Any, w: Any, slot: Any) -> Any:
    """Cut the context down to what stands unchanged, append what is new, and call."""
    task = w.tasks[slot]
    turn, session = s.traced_turns[task.traced_turn], w.sessions[task.session]
    if turn.kept != ALL:
        kept = scaled(turn.kept, s.offers[task.offer].tokenizer)
        cache.cut(w, s, task.session, context.keep(w, session, kept))
    tasks.receive(s, w, task, context.SUMMARY, turn.summary)
    tasks.receive(s, w, task, context.USER, turn.user)
    tasks.receive(s, w, task, context.TOOLS, turn.tools)
    tasks.receive(s, w, task, context.AGENTS, turn.agents)
    task.turn += turn.kind != KIND_COMPACTION
    number = task.traced_turn - s.traced_tasks[task.traced].first_turn + 1
    return wanted(task, turn.kind, task.key, number, labels.CALLED)


@kernel
def called(s: Any, w: Any, slot: Any) -> Any:
    """Start the turn's children and go on with the next one."""
    task = w.tasks[slot]
    child = s.traced_turns[task.traced_turn].first_born
    while child >= 0 and not w.clock[0].full:
        _start(s, w, slot, child)
        child = s.traced_tasks[child].next_born
    task.traced_turn += 1
    return labels.AWAIT_BACK
