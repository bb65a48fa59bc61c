"""Who pays for a call, and whether it may be made (the twin of the reference's Treasury).

Budgets, plans and monthly limits stand behind `s.terms[0].counts`, or an account that is not `quiet`, so that who has
none pays nothing for them. Pots are counted in purses: one of the run, one for each request, one for each session of
a root task. What came of a budget or a plan is counted right in the outcome of the replication.
"""

from __future__ import annotations

from typing import Any

from burncurve.deployment import AtBudget, Beyond, Scope
from burncurve.engines.compiled import layout, moments, money, seats
from burncurve.engines.compiled.jit import inlined, kernel
from burncurve.engines.compiled.layout import COUNTS, NONE, OF_BUDGET, OF_PLAN
from burncurve.engines.compiled.rules import most

BLOCK, PAY = int(Beyond.BLOCK), int(Beyond.PAY)
STOP, PAUSE, CHEAPER, WARN = int(AtBudget.STOP), int(AtBudget.PAUSE), int(AtBudget.CHEAPER), int(AtBudget.WARN)
TASK, SESSION = int(Scope.TASK), int(Scope.SESSION)
NOW, NEVER = -1, 1 << 62  # when a call may be made
OF_RUN = 0  # the purse of the run
REACHED, OVER, STOPPED, PAUSED, USED_CHEAPER, WARNED = range(OF_BUDGET)  # places in the outcome of a budget
COVERED, PAID = range(2)  # in that of a plan; calls stopped and paused stand where a budget has them


@kernel
def make_ready(s: Any, w: Any) -> None:
    """Empty all pots and windows and the outcome of budgets and plans."""
    clock = w.clock[0]
    clock.purses = clock.uses = 0
    clock.free_use = NONE
    if not s.terms[0].counts:
        return
    new_purse(s, w, 0)
    budgets, plans = s.terms[0].budgets, len(s.plans)
    for place in range(COUNTS, COUNTS + OF_BUDGET * budgets + OF_PLAN * plans):
        w.outcomes[clock.outcome, place] = 0
    for number in range(budgets):
        w.outcomes[clock.outcome, COUNTS + OF_BUDGET * number + REACHED] = NONE
    for i in range(len(w.windows)):
        w.windows[i].used, w.windows[i].first = 0, NONE


@kernel
def new_purse(s: Any, w: Any, seat: Any) -> Any:
    """Return a purse with pots in which nothing is booked."""
    clock, some = w.clock[0], len(s.budgets)
    purse = clock.purses
    if purse >= len(w.purses):
        clock.full = layout.PURSES
        return OF_RUN
    clock.purses = purse + 1
    w.purses[purse].seat = seat
    for number in range(some):
        w.pots[purse * some + number].window = 0
        money.empty(s, w, number, purse * some + number)
    for plan in range(len(s.plans)):
        w.charged[purse * len(s.plans) + plan] = 0
    return purse


@kernel
def open_purse(s: Any, w: Any, slot: Any, seat: Any) -> None:
    """Give a root task that begins what it spends from; another try goes on with the purse of the one before."""
    task = w.tasks[slot]
    session = w.sessions[task.session]
    task.root = slot
    if task.purse < 0:
        task.purse = new_purse(s, w, seat)
    for number in range(s.terms[0].budgets):
        if s.budgets[number].scope == SESSION and session.purse < 0:
            session.purse = new_purse(s, w, 0)


@inlined
def _pot(s: Any, w: Any, root: Any, number: Any) -> Any:
    """Return the place of the pot that a root task's tree spends from under a budget."""
    scope, purse = s.budgets[number].scope, OF_RUN
    if scope == TASK:
        purse = root.purse
    elif scope == SESSION:
        purse = w.sessions[root.session].purse
    return purse * len(s.budgets) + number


@inlined
def _charged(s: Any, root: Any, plan: Any) -> Any:
    return root.purse * len(s.plans) + plan


@inlined
def _of_plan(s: Any, plan: Any) -> Any:
    """Return the place of a plan's outcome."""
    return COUNTS + OF_BUDGET * s.terms[0].budgets + OF_PLAN * plan


@inlined
def count(w: Any, place: Any) -> None:
    """Count one more in a place of the outcome."""
    w.outcomes[w.clock[0].outcome, place] += 1


# Whether a call may be made


@kernel
def verdict(s: Any, w: Any, slot: Any, leg: Any) -> Any:
    """Return when a call on a leg may be made, the outcome of whose word that is, and the plan that covers it."""
    root, now = w.tasks[w.tasks[slot].root], w.clock[0].now
    plan = _plan_of(s, s.legs[leg].offer, now)
    if plan != NONE:
        seat, charged = w.purses[root.purse].seat, w.charged[_charged(s, root, plan)]
        ready, beyond = seats.ready_us(s, w, plan, seat, s.legs[leg].offer, now, charged), s.plans[plan].beyond
        if ready > now and beyond != PAY:
            return NEVER if beyond == BLOCK else ready, _of_plan(s, plan), NONE
        plan = plan if ready <= now else NONE
    latest, word = NOW, NONE
    for number in range(s.terms[0].budgets):
        if _is_reached(s, w, root, number, plan):
            again = _again_us(s, w, root, number)
            if again > latest:
                latest, word = again, COUNTS + OF_BUDGET * number
    return latest, word, plan


@kernel
def _plan_of(s: Any, offer: Any, now: Any) -> Any:
    for plan in range(len(s.plans)):
        if seats.admits(s, plan, offer, now):
            return plan
    return NONE


@inlined
def _is_reached(s: Any, w: Any, root: Any, number: Any, plan: Any) -> Any:
    """Say whether a budget has been reached; one in dollars has no say where a plan covers the call."""
    reached = money.is_reached(s, w, number, _pot(s, w, root, number), w.clock[0].now)
    return reached and (plan == NONE or s.budgets[number].in_tokens)


@inlined
def _again_us(s: Any, w: Any, root: Any, number: Any) -> Any:
    reached = s.budgets[number].reached
    if reached == STOP:
        return NEVER
    return money.next_turn_us(s, w, number, _pot(s, w, root, number)) if reached == PAUSE else NOW


@kernel
def cheaper_leg(s: Any, w: Any, slot: Any, leg: Any) -> Any:
    """Return who serves instead of a leg: the cheaper offer of the first budget that names one and is reached."""
    root = w.tasks[w.tasks[slot].root]
    _, _, plan = verdict(s, w, slot, leg)
    for number in range(s.terms[0].budgets):
        cheaper = s.budgets[number].cheaper
        if cheaper != NONE and s.budgets[number].reached == CHEAPER and _is_reached(s, w, root, number, plan):
            return cheaper
    return leg


@kernel
def next_month_us(s: Any, w: Any, account: Any) -> Any:
    """Return when an account may spend again: now, or when the month turns."""
    number, now = s.accounts[account].month, w.clock[0].now
    if number == NONE or not money.is_reached(s, w, number, number, now):
        return now
    return money.next_turn_us(s, w, number, number)


# What is booked


@kernel
def granted(s: Any, w: Any, slot: Any) -> None:
    """Find out who pays for a call that is granted, and whose row has been written; it is booked when it ends."""
    task = w.tasks[slot]
    root, now = w.tasks[task.root], w.clock[0].now
    _, _, plan = verdict(s, w, slot, task.call_leg)
    for number in range(s.terms[0].budgets):
        if _is_reached(s, w, root, number, plan):
            _count_beyond(s, w, task, number)
    if plan == NONE:
        admitted = _plan_of(s, task.call_offer, now)
        if admitted != NONE:
            count(w, _of_plan(s, admitted) + PAID)
        return
    count(w, _of_plan(s, plan) + COVERED)
    charged = _charged(s, root, plan)
    seats.cover(s, w, plan, w.purses[root.purse].seat, task.call_offer, w.charged[charged] == 0, now)
    w.charged[charged] = 1
    w.rows[task.row].plan = plan
    if plan >> 7:
        w.clock[0].error = layout.WIDE


@inlined
def _count_beyond(s: Any, w: Any, task: Any, number: Any) -> None:
    budget, place = s.budgets[number], COUNTS + OF_BUDGET * number
    if budget.reached == WARN:
        count(w, place + WARNED)
    if budget.cheaper != NONE and s.legs[budget.cheaper].node == s.legs[task.call_leg].node:
        count(w, place + USED_CHEAPER)


@kernel
def book(s: Any, w: Any, slot: Any, now: Any) -> None:
    """A granted call has ended: its row tells what it costs and who pays."""
    task = w.tasks[slot]
    root, row, pico, currency = w.tasks[task.root], w.rows[task.row], 0, 0
    plan = row.plan
    money.read_meters(w, row)
    if plan != NONE:
        seats.book(s, w, plan, w.purses[root.purse].seat, task, row.grant_us, now)
    elif len(s.rates):
        tariff = money.tariff_at(s, task.call_offer, row.grant_us)
        pico, currency = money.cost_of(s, w, tariff), s.tariffs[tariff].currency
    count, month = money.tokens(w), s.accounts[task.account].month
    if month != NONE:
        money.book(s, w, month, month, count, pico, currency, now)
    for number in range(s.terms[0].budgets):
        over = money.book(s, w, number, _pot(s, w, root, number), count, pico, currency, now)
        if over >= 0:
            _count_over(w, COUNTS + OF_BUDGET * number, over, now)


@inlined
def _count_over(w: Any, place: Any, over: Any, now: Any) -> None:
    outcomes, i = w.outcomes, w.clock[0].outcome
    outcomes[i, place + OVER] = most(outcomes[i, place + OVER], over)
    if outcomes[i, place + REACHED] == NONE:
        outcomes[i, place + REACHED] = now


@kernel
def close(s: Any, w: Any) -> None:
    """Book the calls that are still at work when the run ends, in the order in which they will end."""
    while w.clock[0].moments and not w.clock[0].full:
        at_us, order, value = moments.take(w)
        kind = (order >> moments.ENTITY_BITS) & ((1 << moments.KIND_BITS) - 1)
        if kind == moments.CALL_END:
            book(s, w, value & moments.SLOT_MASK, at_us)
        moments.close_hole(w)
