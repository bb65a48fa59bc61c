"""A task's turns, tools and children's results (the twin of the reference's standard behaviour).

Every step takes the slot of a task and returns the label where the task goes on.
"""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import ahead, call, context, family, labels, moments, places, stages, tasks, tools
from burncurve.engines.compiled.draws import derive, drawn, happens
from burncurve.engines.compiled.jit import frequent, inlined, kernel
from burncurve.engines.compiled.rules import least, scaled, turns_of
from burncurve.engines.compiled.salts import ANNOUNCE, LOOP
from burncurve.engines.compiled.serving import wanted
from burncurve.ledger import Kind
from burncurve.workload import Each

KIND_TURN, KIND_ANNOUNCE, KIND_SIDE, KIND_JUDGE = int(Kind.TURN), int(Kind.ANNOUNCE), int(Kind.SIDE), int(Kind.JUDGE)
EACH_REQUEST, EACH_TURN = int(Each.REQUEST), int(Each.TURN)
BEFORE_TURN, OF_TURN, AT_END = range(3)  # when results are taken in


@kernel
def side_calls(s: Any, w: Any, slot: Any) -> Any:
    """Make the next small call that goes with the request or the turn."""
    task, agent = w.tasks[slot], s.agents[w.tasks[slot].agent]
    while task.side_at < agent.sides:
        side = s.sides[agent.first_side + task.side_at]
        task.side_at += 1
        if side.each == task.side_each:
            task.side_route = stages.route_of(s, w, side.role)
            task.side_before = tasks.position(s, w, slot, task.side_route)
            task.call_attempt = 0
            return labels.SIDE_CALL
    return labels.COUNT_TURNS if task.side_each == EACH_REQUEST else labels.SPAWN


@kernel
def side_call(s: Any, w: Any, slot: Any) -> Any:
    """Make a small call for the offer that serves it now."""
    task = w.tasks[slot]
    side = s.sides[s.agents[task.agent].first_side + task.side_at - 1]
    key, leg = derive(task.key, side.salt, 0), tasks.leg_of(s, w, slot, side.role)
    offer = s.legs[leg].offer
    output = call.output_for(s, offer, drawn(s, side.output, task, key, task.turn))
    call.made(w, task, KIND_SIDE, key, task.turn, output, 0)
    task.prompt = scaled(drawn(s, side.prompt, task, key, task.turn), s.offers[offer].tokenizer)
    task.is_side, task.cached, task.grows, task.call_leg = 1, 0, 0, leg
    task.call_role, task.after_served = side.role, labels.SIDE
    return labels.ASK


@frequent
def count_turns(s: Any, w: Any, slot: Any) -> Any:
    """Draw the number of turns of the request, a loop included."""
    task, agent = w.tasks[slot], s.agents[w.tasks[slot].agent]
    extra = 0
    if agent.loops and happens(s, agent.loop_probability, task, task.key, LOOP, 0):
        extra = least(drawn(s, agent.loop_extra, task, task.key, 0), agent.loop_guard)
    turns = drawn(s, agent.turns if task.request > 1 else agent.first_turns, task, task.key, 0)
    task.turns = turns_of(turns, s.offers[task.offer].turns_ppm, extra, agent.step_cap)
    return labels.TURN if task.turns and task.results_first < 0 else labels.NEXT_TURN


@inlined
def next_turn(w: Any, slot: Any) -> Any:
    """Begin a turn, take in results before it, or end with the last."""
    task = w.tasks[slot]
    if task.turn >= task.turns:
        return labels.BEHAVED
    if task.results_first < 0:
        return labels.TURN
    task.take_in_for = BEFORE_TURN
    return labels.TAKE_IN


@inlined
def turn(s: Any, w: Any, slot: Any) -> Any:
    """Make the call of the next turn."""
    task = w.tasks[slot]
    task.turn += 1
    ahead.prepare(s, w, slot)
    kind = KIND_JUDGE if s.agents[task.agent].judge else KIND_TURN
    return wanted(task, kind, task.key, task.turn, labels.TURN_DONE)


@inlined
def turn_done(s: Any, w: Any, slot: Any) -> Any:
    """Make the turn's side calls."""
    task = w.tasks[slot]
    if s.agents[task.agent].sides == 0:
        return labels.SPAWN
    task.side_each, task.side_at = EACH_TURN, 0
    return labels.SIDE


@inlined
def spawn(s: Any, w: Any, slot: Any) -> Any:
    """Start children, then let the tools run."""
    task, agent = w.tasks[slot], s.agents[w.tasks[slot].agent]
    if agent.spawns:
        family.spawn_all(s, w, slot)
    if not tools.begin(s, w, slot):
        return labels.JOIN
    moments.at(w, w.clock[0].now + tools.lasting_us(s, w, slot), moments.TOOL_END, task.number, 0, slot)
    task.label = labels.TOOLS_DONE
    return labels.WAIT


@inlined
def tools_done(s: Any, w: Any, slot: Any) -> Any:
    """Append the tools' results."""
    tools.results(s, w, slot)
    return labels.JOIN


@inlined
def join(s: Any, w: Any, slot: Any) -> Any:
    """Wait for the children of this turn whose results are taken in together."""
    task = w.tasks[slot]
    if s.agents[task.agent].spawns == 0:
        return labels.NEXT_TURN
    if family.first_born(s, w, task, family.JOIN_WAIT) < 0:
        return labels.AWAIT
    return labels.JOINED if task.waits_out == 0 else wait(w, slot, family.FOR_ALL, labels.JOINED)


@kernel
def joined(s: Any, w: Any, slot: Any) -> Any:
    """Take in the results of all children that were waited for with one call."""
    task = w.tasks[slot]
    _leave_out_waited(s, w, task)
    child = family.first_born(s, w, task, family.JOIN_WAIT)
    number = w.tasks[child].sibling
    while child >= 0:
        tasks.receive(s, w, task, context.AGENTS, w.tasks[child].result)
        child = family.next_born(s, w, w.tasks[child].next_born, family.JOIN_WAIT)
    return wanted(task, KIND_ANNOUNCE, derive(task.key, ANNOUNCE, 0), number, labels.AWAIT)


@kernel
def _leave_out_waited(s: Any, w: Any, task: Any) -> None:
    child = task.results_first
    task.results_first = -1
    while child >= 0:
        following = w.tasks[child].next_result
        if s.spawns[w.tasks[child].rule].join != family.JOIN_WAIT:
            family.add_result(w, task, child)
        child = following


@inlined
def await_announced(s: Any, w: Any, slot: Any) -> Any:
    """Take in, one by one, the results of this turn's children that announce themselves."""
    task = w.tasks[slot]
    if family.first_born(s, w, task, family.JOIN_ANNOUNCE) < 0:
        return labels.NEXT_TURN
    task.take_in_for = OF_TURN
    return labels.TAKE_IN


@inlined
def take_in(s: Any, w: Any, slot: Any) -> Any:
    """Take in the next result with a call of its own; wait for it if need be."""
    task = w.tasks[slot]
    if task.results_first < 0:
        return _without_results(w, slot)
    child = w.tasks[task.results_first]
    task.results_first = child.next_result
    tasks.receive(s, w, task, context.AGENTS, child.result)
    return wanted(task, KIND_ANNOUNCE, derive(task.key, ANNOUNCE, 0), child.sibling, labels.TAKE_IN)


@inlined
def _without_results(w: Any, slot: Any) -> Any:
    task = w.tasks[slot]
    if task.take_in_for == BEFORE_TURN:
        return labels.TURN
    out = task.away if task.take_in_for == AT_END else task.announces_out
    if out:
        return wait(w, slot, family.FOR_RESULT, labels.TAKE_IN)
    return labels.LEAVE if task.take_in_for == AT_END else labels.NEXT_TURN


@frequent
def wait(w: Any, slot: Any, reason: Any, after: Any) -> Any:
    """Give the place back until children return, then queue again to go on."""
    task = w.tasks[slot]
    places.give_back(w)
    task.resume, task.label, task.after_wait = reason, labels.RE_ENTER, after
    return labels.WAIT
