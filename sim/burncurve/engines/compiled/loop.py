"""One replication: moments in order, and behind each the tasks that it sets going."""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import (
    account,
    arrivals,
    family,
    labels,
    layout,
    lives,
    moments,
    paying,
    places,
    roots,
    serving,
    steps,
    tasks,
    traces,
    treasury,
)
from burncurve.engines.compiled import turns as of_turns
from burncurve.engines.compiled.jit import frequent, inlined, kernel, usual
from burncurve.engines.compiled.layout import NONE
from burncurve.engines.rules import LAST_ROUND
from burncurve.ledger import Status

ENTITY_MASK = (1 << moments.ENTITY_BITS) - 1
KIND_MASK = (1 << moments.KIND_BITS) - 1
STOPPED = int(Status.STOPPED)


@frequent
def play_one(s: Any, w: Any) -> None:
    """Play one replication in a world made ready; the clock says if a pool was too small or a rule was broken."""
    clock = w.clock[0]
    _begin(s, w)
    while not clock.full and not clock.error:
        if clock.soon_tail:
            _work_off(s, w)
            if clock.full:
                return
        moments.close_hole(w)
        if moments.next_us(w) >= s.terms[0].horizon:
            break
        _moment(s, w)
    if clock.full:
        return
    if clock.moments == 0 and clock.requests > clock.finished + clock.failed and not clock.error:
        clock.error = layout.STUCK
    serving.stop_waiting(s, w, STOPPED)
    if s.terms[0].counts:
        paying.stop_waiting(s, w)
        treasury.close(s, w)


@frequent  # if this were seldom, LLVM would take whatever calls it for seldom too
def _begin(s: Any, w: Any) -> None:
    moments.begin(w, layout.IN_A_MATCH)
    for number in range(len(s.triggers)):
        arrivals.schedule(s, w, number)
    for number in range(len(s.people)):
        moments.soon(w, -1 - number)
    for number in range(len(s.conversations)):
        if not w.clock[0].full:
            traces.schedule(s, w, number, s.conversations[number], NONE)


@frequent
def _work_off(s: Any, w: Any) -> None:
    """Let all go on that are to do so behind the moment being handled."""
    clock = w.clock[0]
    while clock.soon_head < clock.soon_tail and not clock.full:
        process = w.soon[clock.soon_head]
        clock.soon_head += 1
        slot = process if process >= 0 else arrivals.go_on(s, w, -1 - process)
        if slot != NONE:
            _run(s, w, slot, w.tasks[slot].label)
    clock.soon_head = clock.soon_tail = 0


@inlined
def _moment(s: Any, w: Any) -> None:
    """Handle the next moment."""
    clock = w.clock[0]
    at_us, order, value = moments.take(w)
    slot = value & moments.SLOT_MASK
    clock.now, clock.round = at_us, order >> (moments.ENTITY_BITS + moments.KIND_BITS)
    if clock.round > LAST_ROUND:
        clock.error = layout.ROUNDS
    kind = (order >> moments.ENTITY_BITS) & KIND_MASK
    if kind == moments.CALL_END:
        account.release(s, w, slot)
        label = steps.call_ended(s, w, slot)
    elif usual(kind == moments.TOOL_END):
        label = steps.tools_ended(s, w, slot)
    else:
        _other(s, w, kind, order & ENTITY_MASK, slot)
        return
    if label != labels.WAIT:
        _run(s, w, slot, label)


@frequent
def _other(s: Any, w: Any, kind: Any, entity: Any, slot: Any) -> None:
    """Handle a moment that is neither the end of a call nor that of tools."""
    following = NONE
    if kind == moments.RETRY or kind == moments.BUDGET:
        following = slot
    elif kind == moments.CHILD_RESULT:
        if w.tasks[slot].traced >= 0:
            traces.returned(s, w, slot)
        else:
            family.returned(s, w, slot)
    else:
        following = _arrival_or_grant(s, w, kind, entity, slot)
    if following != NONE:
        _run(s, w, following, w.tasks[following].label)


@frequent
def _arrival_or_grant(s: Any, w: Any, kind: Any, entity: Any, slot: Any) -> Any:
    if kind == moments.ARRIVAL:
        if entity >= len(s.triggers) + len(s.people):
            return slot
        if entity >= len(s.triggers):
            return arrivals.go_on(s, w, entity - len(s.triggers))
        arrivals.arrive(s, w, entity)
    elif entity == 0:
        places.look(w)
    else:
        account.look(s, w, entity - 1)
    return NONE


@frequent
def _run(s: Any, w: Any, slot: Any, label: Any) -> None:
    """Let a task go on until it waits, and others that go on in its stead."""
    while label != labels.WAIT and not w.clock[0].full:
        if label == labels.RETURN:
            slot = _returned(s, w, slot)
            if slot == NONE:
                return
            label = w.tasks[slot].label
        else:
            label = _step(s, w, slot, label)
            if label == labels.CALL:
                label = serving.start_call(s, w, slot)
            if label == labels.ASK:
                label = serving.ask(s, w, slot)


@frequent
def _returned(s: Any, w: Any, slot: Any) -> Any:
    task = w.tasks[slot]
    source, origin = task.source, task.origin
    following = roots.returned(s, w, slot, arrivals.attempts_of(s, task))
    if source == roots.LITERAL:
        traces.over(s, w, slot)
    elif following == NONE:
        tasks.forget(w, slot)
    return arrivals.go_on(s, w, origin) if following == NONE and source == roots.PERSONAL else following


@inlined
def _step(s: Any, w: Any, slot: Any, label: Any) -> Any:  # noqa: C901  one line per label: a table, not a decision
    """Go on at a label; return the next one."""
    if label == labels.ANSWERED:
        return serving.answered(s, w, slot)
    if label == labels.WRITTEN:
        return serving.written(w, slot)
    if label == labels.TURN_DONE:
        return of_turns.turn_done(s, w, slot)
    if label == labels.SPAWN:
        return of_turns.spawn(s, w, slot)
    if label == labels.TOOLS_DONE:
        return of_turns.tools_done(s, w, slot)
    if label == labels.JOIN:
        return of_turns.join(s, w, slot)
    if label == labels.NEXT_TURN:
        return of_turns.next_turn(w, slot)
    if label == labels.TURN:
        return of_turns.turn(s, w, slot)
    if label == labels.CALL or label == labels.ASK:
        return label  # goes on in `_run`
    if label == labels.TAKE_IN:
        return of_turns.take_in(s, w, slot)
    if label == labels.ENTER:
        return lives.enter(w, slot, labels.PLACED)
    if label == labels.PLACED:
        return steps.placed(s, w, slot)
    if label == labels.SIDE:
        return of_turns.side_calls(s, w, slot)
    if label == labels.COUNT_TURNS:
        return of_turns.count_turns(s, w, slot)
    if label == labels.BEHAVED:
        return lives.behaved(w, slot)
    if label == labels.LEAVE:
        return lives.leave(s, w, slot)
    if label == labels.RE_ENTER:
        return lives.enter(w, slot, w.tasks[slot].after_wait)
    if label == labels.JOINED:
        return of_turns.joined(s, w, slot)
    if label == labels.AWAIT:
        return of_turns.await_announced(s, w, slot)
    return _rare_step(s, w, slot, label)


@kernel
def _rare_step(s: Any, w: Any, slot: Any, label: Any) -> Any:  # noqa: C901  a table too
    if label == labels.SIDE_CALL:
        return of_turns.side_call(s, w, slot)
    if label == labels.ROOM:
        return serving.make_room(s, w, slot)
    if label == labels.FLUSH:
        return serving.flush(s, w, slot)
    if label == labels.COMPACT:
        return serving.compact(s, w, slot)
    if label == labels.COMPACTED:
        return serving.compacted(s, w, slot)
    if label == labels.FIT:
        return serving.fit(s, w, slot)
    if label == labels.MOVED:
        return serving.made_anew(w, slot)
    if label == labels.FAIL:
        return lives.fail(w, slot)
    if label == labels.OPEN:
        return roots.open_isolated(s, w, slot)
    if label == labels.LINE_UP:
        return roots.line_up(s, w, slot)
    if label == labels.LINE:
        return roots.open_shared(s, w, slot)
    if label == labels.REQUEST:
        return roots.request(s, w, slot)
    return _traced_step(s, w, slot, label)


@kernel
def _traced_step(s: Any, w: Any, slot: Any, label: Any) -> Any:
    if label == labels.CALLED:
        return traces.called(s, w, slot)
    if label == labels.AWAIT_BACK:
        return traces.await_back(s, w, slot)
    if label == labels.PAUSE:
        return traces.pause(s, w, slot)
    if label == labels.NEXT_CALL:
        return traces.next_call(s, w, slot)
    if label == labels.UNDER_WAY:
        return traces.under_way(s, w, slot)
    if label == labels.TRACED:
        return traces.arrive(s, w, slot)
    return traces.awake(s, w, slot) if label == labels.AWAKE else traces.born(w, slot)
