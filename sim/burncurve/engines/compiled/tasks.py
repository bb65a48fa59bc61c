"""Tasks: how one begins, and who serves it."""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import context, layout, stages, treasury
from burncurve.engines.compiled.jit import frequent, inlined, kernel
from burncurve.engines.compiled.layout import NONE
from burncurve.engines.compiled.rules import least, most, scaled, threshold
from burncurve.words import Reasoning

DROP = int(Reasoning.DROP)
LARGEST_WINDOW = 1 << 40


@inlined
def next_number(w: Any) -> Any:
    """Return the number of the next task, in order of creation."""
    number = w.clock[0].next_task
    w.clock[0].next_task = number + 1
    return number


@frequent
def new_slot(s: Any, w: Any) -> Any:
    """Return a place among the tasks for one that is blank."""
    clock, rules = w.clock[0], s.terms[0].rules
    slot = clock.free_slot
    if slot >= 0:
        clock.free_slot = w.tasks[slot].next
    else:
        slot = clock.tasks
        if slot >= len(w.tasks):
            clock.full = layout.TASKS
            return 0
        clock.tasks = slot + 1
    w.tasks[slot] = s.blank[0]
    for i in range(slot * rules, slot * rules + rules):
        rule = w.rules[i]
        rule.first, rule.last, rule.active = NONE, NONE, 0
    if s.terms[0].failover:
        for route in range(len(s.routes)):
            w.positions[slot, route] = 0
    return slot


@frequent
def forget(w: Any, slot: Any) -> None:
    """Hand the places of a task that is over and of its family to the next ones, if none of them is still at work."""
    clock, at = w.clock[0], slot
    while at >= 0:
        if w.tasks[at].away:
            return
        at = _next_of_family(w, slot, at)
    at = slot
    while at >= 0:
        following = _next_of_family(w, slot, at)
        w.tasks[at].next, clock.free_slot = clock.free_slot, at
        at = following


@inlined
def _next_of_family(w: Any, eldest: Any, at: Any) -> Any:
    """Return who comes next in a family: first children, then those born before, NONE in the end."""
    if w.tasks[at].youngest >= 0:
        return w.tasks[at].youngest
    while at != eldest and w.tasks[at].elder < 0:
        at = w.tasks[at].parent
    return NONE if at == eldest else w.tasks[at].elder


@inlined
def begin(s: Any, w: Any, slot: Any, agent: Any, session: Any, key: Any) -> None:
    """Set a blank task to work for an agent in a session; its place in the family is the caller's to fill in."""
    task = w.tasks[slot]
    task.agent, task.role, task.session = agent, s.agents[agent].role, session
    task.key, task.session_key, task.parameters_key = key, w.sessions[session].key, w.clock[0].parameters_key
    task.request, task.started = w.sessions[session].requests, w.clock[0].now
    route = s.routes[stages.route_of(s, w, task.role)]
    task.retention = route.retention
    take_leg(s, task, route.first_leg)
    if s.terms[0].stages:
        stages.enter(s, w, session)


@inlined
def take_leg(s: Any, task: Any, leg: Any) -> None:
    """Let a leg serve the task from now on."""
    task.leg, task.offer = leg, s.legs[leg].offer
    task.kept = s.agents[task.agent].kept
    if task.kept == NONE:
        task.kept = s.offers[task.offer].kept
    task.keeps = task.kept != DROP
    task.roomy = _roomy(s, s.agents[task.agent], window_of(s, task))


@inlined
def window_of(s: Any, task: Any) -> Any:
    """Return the window in force: the smaller of the agent's and the offer's."""
    declared, offered = s.agents[task.agent].window, s.offers[task.offer].window
    if declared and offered:
        return least(declared, offered)
    return most(declared, offered) or LARGEST_WINDOW


@kernel
def _roomy(s: Any, agent: Any, window: Any) -> Any:
    """Return up to which context no policy acts and every call fits."""
    roomy = window
    if agent.compacts:
        roomy = least(roomy, threshold(agent.compact_at, agent.window, window) - agent.reserve)
    if agent.clears:
        roomy = least(roomy, threshold(agent.clear_at, agent.window, window))
    if agent.slides:
        roomy = least(roomy, threshold(agent.slide_at, agent.window, window))
    return roomy


@inlined
def position(s: Any, w: Any, slot: Any, route: Any) -> Any:
    """Return the task's place in the failover list of a route."""
    return w.positions[slot, route] if s.terms[0].failover else 0


@inlined
def leg_of(s: Any, w: Any, slot: Any, role: Any) -> Any:
    """Return who serves a role for this task, after the failovers it has been through and what budgets say."""
    route = stages.route_of(s, w, role)
    leg = s.routes[route].first_leg + position(s, w, slot, route)
    return treasury.cheaper_leg(s, w, slot, leg) if s.terms[0].cheaper else leg


@kernel
def retake_leg(s: Any, w: Any, slot: Any) -> None:
    """Let whoever serves the task's role now serve it from now on."""
    take_leg(s, w.tasks[slot], leg_of(s, w, slot, w.tasks[slot].role))
    if s.terms[0].stages:
        stages.enter(s, w, w.tasks[slot].session)


@kernel
def move_to(s: Any, w: Any, slot: Any, route: Any, place: Any) -> None:
    """Let the offer at a place of a route's failover list serve from now on."""
    if s.terms[0].failover:
        w.positions[slot, route] = place
        retake_leg(s, w, slot)


@kernel
def fail_over(s: Any, w: Any, slot: Any, role: Any) -> Any:
    """Turn to the next offer of a role's failover list; say whether there is one."""
    route = stages.route_of(s, w, role)
    place = position(s, w, slot, route) + 1
    leg = s.routes[route].first_leg + place - 1
    if place >= s.routes[route].legs or s.legs[w.tasks[slot].call_leg].node != s.legs[leg].node:
        return False  # nobody takes over from a budget's cheaper offer
    move_to(s, w, slot, route, place)
    return True


@inlined
def receive(s: Any, w: Any, task: Any, origin: Any, tokens: Any) -> None:
    """Append tokens (in reference tokens) to the task's context."""
    context.append(w, w.sessions[task.session], origin, scaled(tokens, s.offers[task.offer].tokenizer))
