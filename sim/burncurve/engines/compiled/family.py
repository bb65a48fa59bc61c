"""The children of a task: how many, how many at once, and their way back (the twin of the reference's Family)."""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import context, labels, moments, sessions, tasks
from burncurve.engines.compiled.draws import derive, drawn, happens
from burncurve.engines.compiled.jit import frequent, inlined
from burncurve.engines.compiled.layout import NONE
from burncurve.engines.compiled.rules import least, most
from burncurve.engines.compiled.salts import CHILD, SESSION
from burncurve.workload import Join

JOIN_WAIT, JOIN_ANNOUNCE = int(Join.WAIT), int(Join.ANNOUNCE)
AS_CHILD = 3  # a task's source: see roots
FOR_RESULT, FOR_ALL, FOR_TRACED = 1, 2, 3  # what a task that gave its place back waits for


@frequent
def spawn_all(s: Any, w: Any, slot: Any) -> None:
    """Bring this turn's children into being, rule by rule, and start as many as may work at once."""
    task = w.tasks[slot]
    task.born_first = task.born_last = NONE
    agent = s.agents[task.agent]
    for number in range(agent.first_spawn, agent.first_spawn + agent.spawns):
        if _fires(s, task, s.spawns[number]):
            _spawn(s, w, slot, number)


@inlined
def _fires(s: Any, task: Any, spawn: Any) -> Any:
    if task.depth >= spawn.depth:
        return False
    listed = spawn.turns == 0
    for i in range(spawn.first_turn, spawn.first_turn + spawn.turns):
        listed |= s.numbers[i] == task.turn
    return listed and happens(s, spawn.probability, task, task.key, spawn.salt, task.turn)


@inlined
def _spawn(s: Any, w: Any, slot: Any, number: Any) -> None:
    task, spawn = w.tasks[slot], s.spawns[number]
    count = drawn(s, spawn.count, task, task.key, task.turn)
    cap = s.agents[task.agent].children_cap
    if cap:
        count = most(least(count, cap - task.born), 0)
    for i in range(count):
        child = _child(s, w, slot, number, i)
        if w.clock[0].full:
            return
        _append_born(w, task, child)
        _append_pending(s, w, slot, spawn.slot, child)
    _start(s, w, slot, number)


@inlined
def _child(s: Any, w: Any, slot: Any, number: Any, i: Any) -> Any:
    task, spawn = w.tasks[slot], s.spawns[number]
    key = derive(derive(task.key, spawn.salt, task.turn), CHILD, i)
    if spawn.fork:
        session = sessions.fork_session(s, w, task.session, derive(key, SESSION, 0))
    else:
        session = sessions.open_session(s, w, spawn.child, derive(key, SESSION, 0), False)
    w.sessions[session].requests = 1  # the brief is its request
    born = tasks.new_slot(s, w)
    child = w.tasks[born]
    tasks.begin(s, w, born, spawn.child, session, key)
    child.attempt = task.attempt
    child.number, child.source, child.label = tasks.next_number(w), AS_CHILD, labels.ENTER
    child.parent, child.parent_number, child.depth, child.rule = slot, task.number, task.depth + 1, number
    child.root = task.root
    child.elder, task.youngest = task.youngest, born
    task.born += 1
    child.sibling = task.born
    tasks.receive(s, w, child, context.AGENTS, drawn(s, spawn.brief, child, key, 0))
    return born


@inlined
def _append_born(w: Any, task: Any, child: Any) -> None:
    if task.born_first < 0:
        task.born_first = child
    else:
        w.tasks[task.born_last].next_born = child
    task.born_last = child
    task.away += 1


@inlined
def _append_pending(s: Any, w: Any, slot: Any, of_rule: Any, child: Any) -> None:
    rule, join = w.rules[slot * s.terms[0].rules + of_rule], s.spawns[w.tasks[child].rule].join
    if rule.first < 0:
        rule.first = child
    else:
        w.tasks[rule.last].next = child
    rule.last = child
    w.tasks[slot].waits_out += join == JOIN_WAIT
    w.tasks[slot].announces_out += join == JOIN_ANNOUNCE


@frequent
def _start(s: Any, w: Any, slot: Any, number: Any) -> None:
    rule, active = w.rules[slot * s.terms[0].rules + s.spawns[number].slot], s.spawns[number].active
    while rule.first >= 0 and not w.tasks[slot].abandoned and (active == 0 or rule.active < active):
        child = rule.first
        rule.first, w.tasks[child].next = w.tasks[child].next, NONE
        rule.active += 1
        moments.soon(w, child)
        if w.clock[0].full:
            return


@frequent
def returned(s: Any, w: Any, slot: Any) -> None:
    """A child's result reaches its parent."""
    child = w.tasks[slot]
    parent, join = w.tasks[child.parent], s.spawns[child.rule].join
    parent.away -= 1
    parent.waits_out -= join == JOIN_WAIT
    parent.announces_out -= join == JOIN_ANNOUNCE
    w.rules[child.parent * s.terms[0].rules + s.spawns[child.rule].slot].active -= 1
    if parent.abandoned:
        return
    _start(s, w, child.parent, child.rule)
    add_result(w, parent, slot)
    if parent.resume == FOR_RESULT or (parent.resume == FOR_ALL and parent.waits_out == 0):
        parent.resume = 0
        moments.soon(w, child.parent)


@inlined
def add_result(w: Any, parent: Any, slot: Any) -> None:
    """Append a child to those that are back and not yet taken in."""
    w.tasks[slot].next_result = NONE
    if parent.results_first < 0:
        parent.results_first = slot
    else:
        w.tasks[parent.results_last].next_result = slot
    parent.results_last = slot


@inlined
def first_born(s: Any, w: Any, task: Any, join: Any) -> Any:
    """Return the first child of this turn whose results come back in a certain way, NONE if there is none."""
    return next_born(s, w, task.born_first, join)


@inlined
def next_born(s: Any, w: Any, child: Any, join: Any) -> Any:
    """Return the child, or the first after it, whose results come back in a certain way."""
    while child >= 0 and s.spawns[w.tasks[child].rule].join != join:
        child = w.tasks[child].next_born
    return child
