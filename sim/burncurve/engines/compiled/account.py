"""An account at a provider: its limits and its queue (the twin of the reference's Account)."""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import call, moments, stages, tasks, treasury
from burncurve.engines.compiled.buckets import debited
from burncurve.engines.compiled.jit import frequent, inlined, kernel, usual
from burncurve.engines.compiled.layout import BUCKETS, MINUTE_US, NONE
from burncurve.engines.compiled.rules import most, refilled, wait_units

DAY_MS = 86_400_000
DAILY = BUCKETS - 1
SAFE = 1 << 30  # of time that has passed; the product with a modest limit, added to a level, fits
MISSING = 1 << 62  # a slot, not a bucket, is what is missing
UNWANTED = MISSING + 1


@inlined
def _refill(queue: Any, bucket: Any, limit: Any, now: Any) -> None:
    """Add what has flowed into a bucket since the last time; those of a minute are looked at together."""
    period, elapsed = MINUTE_US, now - queue.units[0]
    if bucket == DAILY:
        period, elapsed = DAY_MS, now // 1000 - queue.units[1]
    if limit and elapsed > 0:
        queue.levels[bucket] = refilled(queue.levels[bucket], limit, elapsed, period)


@inlined
def _ready_us(queue: Any, bucket: Any, limit: Any, need: Any, now: Any) -> Any:
    """Return the time at which a bucket can give what is needed: now, or later."""
    period, unit_us = (DAY_MS, 1000) if bucket == DAILY else (MINUTE_US, 1)
    if queue.levels[bucket] >= need * period:
        return now
    wait = wait_units(queue.levels[bucket], limit, need, period)
    return now if wait == 0 else (now // unit_us + wait) * unit_us


@kernel
def _held_back(s: Any, w: Any, slot: Any) -> Any:
    """Return 0, UNWANTED where budgets or plans want a call not made, MISSING, or minus the time of the next month."""
    task, now = w.tasks[slot], w.clock[0].now
    if s.terms[0].counts:
        at_us, _, _ = treasury.verdict(s, w, slot, task.call_leg)
        leg = tasks.leg_of(s, w, slot, task.call_role)
        if at_us > now or s.legs[leg].node != s.legs[task.call_leg].node:
            return UNWANTED
        month_us = treasury.next_month_us(s, w, task.account)
        if month_us > now:
            return -month_us
    return MISSING if 0 < s.accounts[task.account].slots <= w.accounts[task.account].at_work else 0


@inlined
def _serve(s: Any, w: Any, slot: Any) -> Any:
    """Grant a call if it fits; return 0, or when it may fit, or what `_held_back` says."""
    task, now = w.tasks[slot], w.clock[0].now
    queue, terms = w.accounts[task.account], s.accounts[task.account]
    if not terms.quiet:
        held_back = _held_back(s, w, slot)
        if held_back:
            return held_back
    call.look(s, w, task)
    if terms.limited:
        ready = _debited(s, queue, terms, task, now)
        if ready > now:
            return ready
    queue.at_work += 1
    call.grant(s, w, slot)
    return 0


@inlined
def _debited(s: Any, queue: Any, terms: Any, task: Any, now: Any) -> Any:
    """Take from every bucket what the call needs, if all can give it now; return when they can."""
    elapsed = now - queue.units[0]
    if not terms.modest or elapsed >= SAFE:
        return _debited_each(s, queue, terms, task, now)
    requests, prompt, output, tokens = (
        call.need(s, task, 0), call.need(s, task, 1), call.need(s, task, 2), call.need(s, task, 3)
    )  # fmt: skip
    levels, limits, full, units = queue.levels, terms.limits, terms.full, terms.units
    if not usual(debited(levels, limits, full, units, elapsed, requests, prompt, output, tokens)):
        return _debited_each(s, queue, terms, task, now)
    queue.units[0] = now
    return now


@kernel
def _debited_each(s: Any, queue: Any, terms: Any, task: Any, now: Any) -> Any:
    """Do the same bucket by bucket: where there is a daily one, a large one, or one that cannot give."""
    ready = now
    for bucket in range(BUCKETS):
        _refill(queue, bucket, terms.limits[bucket], now)
    queue.units[0], queue.units[1] = now, now // 1000
    for bucket in range(BUCKETS):
        limit = terms.limits[bucket]
        if limit:
            ready = most(ready, _ready_us(queue, bucket, limit, call.need(s, task, bucket), now))
    if ready > now:
        return ready
    for bucket in range(BUCKETS):
        if terms.limits[bucket]:
            queue.levels[bucket] -= call.need(s, task, bucket) * (DAY_MS if bucket == DAILY else MINUTE_US)
    return now


@kernel
def _turned_away(s: Any, w: Any, slot: Any, ready: Any) -> Any:
    """Refuse the head, give it back or let it wait; say whether it has left the queue."""
    task, now = w.tasks[slot], w.clock[0].now
    terms = s.accounts[task.account]
    if ready == UNWANTED:
        call.withdraw(w, slot)
        return True
    if terms.refuses:
        seconds = -((now - ready) // 1_000_000) if 0 < ready < MISSING and terms.says_retry_after else 0
        call.refuse(s, w, slot, seconds * 1_000_000)
        return True
    if ready != MISSING:
        look_at(w, task.account, stages.waited_us(s, w, most(ready, -ready)))
    return False


@inlined
def served(s: Any, w: Any, slot: Any) -> Any:
    """Look at a call at the head of the queue; say whether it has left."""
    ready = _serve(s, w, slot)
    return usual(ready == 0) or _turned_away(s, w, slot, ready)


@inlined
def request(s: Any, w: Any, slot: Any) -> None:
    """Serve the call if nobody waits and it fits, else let it wait for its turn."""
    queue = w.accounts[w.tasks[slot].account]
    if queue.first >= 0:
        w.tasks[queue.last].next = slot
        queue.last = slot
    elif not served(s, w, slot):
        queue.first = queue.last = slot


@inlined
def look_at(w: Any, account: Any, at_us: Any) -> None:
    """Look at the head of the queue at a time, unless a look at least as early is due."""
    queue, clock = w.accounts[account], w.clock[0]
    round_ = clock.round + 1 if at_us == clock.now else 0
    if queue.look_at != NONE and (queue.look_at, queue.look_round) <= (at_us, round_):
        return
    queue.look_at, queue.look_round = at_us, round_
    moments.at(w, at_us, moments.GRANT, account + 1, 0, 0)


@frequent
def look(s: Any, w: Any, account: Any) -> None:
    """Serve from the head of the queue for as long as it fits."""
    queue, clock = w.accounts[account], w.clock[0]
    if queue.look_at != clock.now or queue.look_round != clock.round:
        return  # an earlier look has taken over
    queue.look_at = NONE
    while queue.first >= 0 and not clock.full and served(s, w, queue.first):
        head = w.tasks[queue.first]
        queue.first, head.next = head.next, NONE


@inlined
def release(s: Any, w: Any, slot: Any) -> None:
    """A call has ended: if it was granted, it is booked and its slot is free."""
    if not s.accounts[w.tasks[slot].account].quiet:
        _release(s, w, slot)


@kernel
def _release(s: Any, w: Any, slot: Any) -> None:
    task = w.tasks[slot]
    queue = w.accounts[task.account]
    if task.status == call.REFUSED or task.status == call.STOPPED:
        return
    if s.terms[0].counts:
        treasury.book(s, w, slot, w.clock[0].now)
    if s.accounts[task.account].slots == 0:
        return
    queue.at_work -= 1
    if queue.first >= 0:
        look_at(w, task.account, w.clock[0].now)
