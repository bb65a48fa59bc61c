"""How work arrives: triggers, and people in a closed loop (the twin of the reference's arrivals)."""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import labels, layout, moments, roots, sessions, tasks
from burncurve.engines.compiled.draws import derive, draw, drawn_at
from burncurve.engines.compiled.jit import kernel
from burncurve.engines.compiled.layout import NONE
from burncurve.engines.compiled.rules import most, share_of
from burncurve.engines.compiled.salts import ARRIVAL, DAY, PERSON, SESSION, START
from burncurve.workload import Overlap

SKIP, COALESCE = int(Overlap.SKIP), int(Overlap.COALESCE)
NEXT_SESSION, OPENING, ASKING, ASKED = range(4)  # what a person does next
SAFE = 1 << 31  # a product of two numbers below this fits
LIMB_BITS, LIMBS = 8, 7


@kernel
def schedule(s: Any, w: Any, number: Any) -> None:
    """Let a trigger's next arrival happen, if there is one."""
    trigger, source = s.triggers[number], w.sources[number]
    if trigger.renewal:
        at_us = _renewed(s, w, number)
    else:
        at_us = s.numbers[trigger.first_time + source.next] if source.next < trigger.times else NONE
    source.next += 1
    if at_us != NONE:
        moments.at(w, at_us, moments.ARRIVAL, number, 0, 0)


@kernel
def _renewed(s: Any, w: Any, number: Any) -> Any:
    """Return the next arrival of a renewal process: the sum of drawn gaps, mapped to the clock; NONE after the last."""
    trigger, source, clock = s.triggers[number], w.sources[number], w.clock[0]
    key = derive(clock.run_key, trigger.salt, 0)
    source.operational += drawn_at(s, trigger.gap, key, key, key, clock.parameters_key, source.next)
    operational, first = source.operational, trigger.first_knot
    low, high = 0, trigger.knots - 1
    if operational >= s.numbers[first + 2 * high]:
        return NONE
    while high - low > 1:
        middle = (low + high) >> 1
        if operational >= s.numbers[first + 2 * middle]:
            low = middle
        else:
            high = middle
    at, after = first + 2 * low, first + 2 * high
    span, width = s.numbers[after] - s.numbers[at], s.numbers[after + 1] - s.numbers[at + 1]
    return s.numbers[at + 1] + _portion(operational - s.numbers[at], width, span)


@kernel
def _portion(part: Any, width: Any, span: Any) -> Any:
    """Return part x width // span without exceeding an int64; part < span < 2**54, width < 2**56."""
    if width == span:  # the clock goes as work comes
        return part
    if part < SAFE and width < SAFE:
        return part * width // span
    quotient = rest = 0
    for limb in range(LIMBS - 1, -1, -1):
        partial = (rest << LIMB_BITS) + part * ((width >> (LIMB_BITS * limb)) & ((1 << LIMB_BITS) - 1))
        quotient = (quotient << LIMB_BITS) + partial // span
        rest = partial % span
    return quotient


@kernel
def arrive(s: Any, w: Any, number: Any) -> None:
    """Let a trigger's arrival begin a task, wait in line, or be skipped; then schedule the next."""
    trigger, clock, source = s.triggers[number], w.clock[0], w.sources[number]
    key = derive(derive(clock.run_key, trigger.salt, 0), ARRIVAL, source.next - 1)
    if trigger.line >= 0 and w.lines[trigger.line].busy and (
        trigger.overlap == SKIP or (trigger.overlap == COALESCE and source.waiting > 0)
    ):  # fmt: skip
        clock.skipped += 1
    else:
        clock.requests += 1
        own = trigger.line < 0
        kind, label = (roots.ISOLATED, labels.OPEN) if own else (roots.SHARED, labels.LINE_UP)
        moments.soon(w, roots.announced(s, w, kind, number, tasks.next_number(w), key, label))
    schedule(s, w, number)


@kernel
def attempts_of(s: Any, task: Any) -> Any:
    """Return how often a root task may be tried."""
    if task.source == roots.PERSONAL:
        return s.users[s.people[task.origin].users].attempts
    if task.source == roots.LITERAL:
        return 1
    return s.triggers[task.origin].attempts


@kernel
def go_on(s: Any, w: Any, number: Any) -> Any:
    """Let a person do what comes next; return the slot of a root task to begin now, NONE if there is none."""
    person = w.people[number]
    while not w.clock[0].full:
        if person.doing == ASKING:
            return _ask(s, w, number)
        if person.doing == OPENING:
            _open(s, w, number)
        elif person.doing == ASKED:
            if not _asks_again(s, w, number):
                person.at, person.doing = person.at + 1, NEXT_SESSION
            else:
                _think(s, w, number)
                return NONE
        elif person.at < person.count:
            person.doing = OPENING
            start = w.starts[person.first + person.at]
            if start > w.clock[0].now:
                _wake(s, w, number, start)
                return NONE
        elif not _next_day(s, w, number):
            return NONE
    return NONE


@kernel
def _wake(s: Any, w: Any, number: Any, at_us: Any) -> None:
    moments.at(w, at_us, moments.ARRIVAL, len(s.triggers) + number, 0, 0)


@kernel
def _next_day(s: Any, w: Any, number: Any) -> Any:
    """Draw when a person opens sessions in the next window; say whether there is one."""
    person, users = w.people[number], s.users[s.people[number].users]
    window, clock = person.window, w.clock[0]
    if window >= users.windows:
        return False
    source = derive(derive(clock.run_key, users.salt, 0), PERSON, s.people[number].person)
    person.day = derive(source, DAY, window)
    person.window, person.at = window + 1, 0
    person.count = drawn_at(s, users.sessions, person.day, person.day, person.day, clock.parameters_key, 0)
    opens = s.numbers[users.first_window + 2 * window]
    _draw_starts(w, person, opens, s.numbers[users.first_window + 2 * window + 1] - opens)
    return True


@kernel
def _draw_starts(w: Any, person: Any, opens: Any, length: Any) -> None:
    clock = w.clock[0]
    if person.count > person.room:
        if clock.starts + person.count > len(w.starts):
            clock.full = layout.STARTS
            return
        person.first, person.room = clock.starts, person.count
        clock.starts += person.count
    for i in range(person.count):
        start = opens + share_of(length, draw(person.day, START, i))
        hole = person.first + i
        while hole > person.first and w.starts[hole - 1] > start:
            w.starts[hole] = w.starts[hole - 1]
            hole -= 1
        w.starts[hole] = start


@kernel
def _open(s: Any, w: Any, number: Any) -> None:
    """Open a person's next session."""
    person, users, shared_key = w.people[number], s.users[s.people[number].users], w.clock[0].parameters_key
    key = derive(person.day, SESSION, person.at)
    person.key = key
    person.session = sessions.open_session(s, w, users.agent, key, True)
    person.requests = most(drawn_at(s, users.requests, key, key, key, shared_key, 0), 1)
    person.asked, person.doing = 0, ASKING


@kernel
def _asks_again(s: Any, w: Any, number: Any) -> Any:
    person = w.people[number]
    person.asked += 1
    return person.asked < person.requests


@kernel
def _think(s: Any, w: Any, number: Any) -> None:
    """Let a person think before the next request."""
    person, users, shared_key = w.people[number], s.users[s.people[number].users], w.clock[0].parameters_key
    source = derive(person.key, ARRIVAL, person.asked)
    think_us = drawn_at(s, users.think, source, source, person.key, shared_key, 0)
    person.doing = ASKING
    _wake(s, w, number, w.clock[0].now + think_us)


@kernel
def _ask(s: Any, w: Any, number: Any) -> Any:
    """Return the slot of a person's next root task."""
    person, users = w.people[number], s.users[s.people[number].users]
    w.clock[0].requests += 1
    person.doing = ASKED
    source = derive(person.key, ARRIVAL, person.asked)
    slot = roots.announced(s, w, roots.PERSONAL, number, NONE, source, labels.REQUEST)
    roots.begun(s, w, slot, users.agent, person.session)
    return slot
