"""Calls of those who count what they spend: asking budgets and plans first, waiting for them, giving up for them.

These are the twins of what the reference's task does where its world has a treasury.
"""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import account, call, labels, moments, rows, stages, tasks, treasury
from burncurve.engines.compiled.jit import kernel
from burncurve.engines.compiled.layout import NONE
from burncurve.ledger import Status

STOPPED = int(Status.STOPPED)


@kernel
def ask(s: Any, w: Any, slot: Any) -> Any:
    """Make a try of a call once budgets and plans admit it; MOVED where another offer is to serve."""
    task = w.tasks[slot]
    at_us, word, _ = treasury.verdict(s, w, slot, task.call_leg)
    if at_us > w.clock[0].now and not _is_left(s, w, slot):
        return _refrain(s, w, slot, at_us, word)
    if task.held_back:
        task.held_back = 0
        rows.give_up(w, task)
    if s.legs[tasks.leg_of(s, w, slot, task.call_role)].node != s.legs[task.call_leg].node:
        tasks.retake_leg(s, w, slot)
        return labels.MOVED
    task.label = labels.ANSWERED
    call.addressed(s, w, task, task.call_leg)
    if not w.clock[0].full:
        account.request(s, w, slot)
    return labels.WAIT


@kernel
def _is_left(s: Any, w: Any, slot: Any) -> Any:
    """Say whether a stage that has begun since a call was held back serves its role by another leg."""
    task = w.tasks[slot]
    if not (s.terms[0].stages and task.held_back and stages.has_begun_since(s, w, task.asked)):
        return False
    return s.legs[tasks.leg_of(s, w, slot, task.call_role)].node != s.legs[task.call_leg].node


@kernel
def _refrain(s: Any, w: Any, slot: Any, at_us: Any, word: Any) -> Any:
    """Wait until budgets and plans let the call be made, or give up where they never will."""
    task = w.tasks[slot]
    if task.held_back:
        rows.give_up(w, task)
    elif at_us != treasury.NEVER:
        treasury.count(w, word + treasury.PAUSED)
    call.addressed(s, w, task, task.call_leg)
    if w.clock[0].full:
        return labels.WAIT
    if at_us == treasury.NEVER:
        task.held_back = 0
        treasury.count(w, word + treasury.STOPPED)
        call.write(s, w, task, STOPPED, NONE, NONE, NONE)
        return _without(s, w, slot)
    task.held_back, task.label = 1, labels.ASK
    moments.at(w, stages.waited_us(s, w, at_us), moments.BUDGET, task.number, 0, slot)
    return labels.WAIT


@kernel
def _without(s: Any, w: Any, slot: Any) -> Any:
    """Go on without a call: a side call is let go, any other ends the task."""
    task = w.tasks[slot]
    if task.after_served == labels.SIDE:
        tasks.move_to(s, w, slot, task.side_route, task.side_before)
        return labels.SIDE
    task.out_of_money = 1
    return labels.FAIL


@kernel
def stop_waiting(s: Any, w: Any) -> None:
    """Write down the calls that budgets or plans still hold back at the horizon."""
    for slot in range(w.clock[0].tasks):
        if w.tasks[slot].held_back and not w.clock[0].full:
            call.write(s, w, w.tasks[slot], STOPPED, NONE, NONE, NONE)
