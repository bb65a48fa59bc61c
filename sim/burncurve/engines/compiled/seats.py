"""Seats of a plan: what each has used up of its quotas, and when that comes back (the twin of the reference's Seats).

The uses of a window are a list, the one that comes back first in front; what has come back is used for others, so
that there are never more than those that count at one time.
"""

from __future__ import annotations

from typing import Any

from burncurve.deployment import CountsFrom
from burncurve.engines.compiled import layout
from burncurve.engines.compiled.jit import inlined, kernel
from burncurve.engines.compiled.layout import METERS, NONE
from burncurve.engines.compiled.money import stretch_at
from burncurve.engines.compiled.rules import least, most, period_end, weighted
from burncurve.words import PPM

FIRST_USE, EACH_USE = int(CountsFrom.FIRST_USE), int(CountsFrom.EACH_USE)


@kernel
def admits(s: Any, number: Any, offer: Any, now: Any) -> Any:
    """Say whether the plan's terms let the client use this offer now."""
    plan, named, in_force = s.plans[number], False, False
    for i in range(plan.first_offer, plan.first_offer + plan.offers):
        named |= s.numbers[i] == offer
    for i in range(plan.first_term, plan.first_term + 2 * plan.terms, 2):
        in_force |= s.numbers[i] <= now < s.numbers[i + 1]
    return named and in_force


@inlined
def _window(s: Any, w: Any, plan: Any, seat: Any, i: Any) -> Any:
    """Return the place of the window of a plan's quota."""
    given = s.plans[plan]
    return given.first_window + (seat * given.quotas if given.per_user else 0) + i


@inlined
def _in_force(quota: Any, now: Any) -> Any:
    return quota.begins <= now < quota.ends


@kernel
def _weight(s: Any, quota: Any, offer: Any, at_us: Any) -> Any:
    if quota.starts == 0:
        return PPM
    place = quota.first_place + stretch_at(s, quota.first_start, quota.starts, at_us)
    return s.numbers[s.numbers[place] + offer]


# Uses


@kernel
def _look(w: Any, window: Any, now: Any) -> None:
    """Give back the uses whose time has come."""
    while window.first != NONE and w.uses[window.first].back <= now:
        use = w.uses[window.first]
        window.used -= use.amount
        gone, window.first = window.first, use.next
        use.next, w.clock[0].free_use = w.clock[0].free_use, gone


@kernel
def _add(w: Any, window: Any, back: Any, amount: Any) -> None:
    """Count a use that comes back no earlier than those before it."""
    if window.first == NONE or w.uses[window.last].back != back:
        place = _new_use(w)
        if place == NONE:
            return
        use = w.uses[place]
        use.back, use.amount, use.next = back, 0, NONE
        if window.first == NONE:
            window.first = place
        else:
            w.uses[window.last].next = place
        window.last = place
    w.uses[window.last].amount += amount
    window.used += amount
    if window.used < 0:
        w.clock[0].error = layout.SPENT


@kernel
def _new_use(w: Any) -> Any:
    """Return a place for a use."""
    clock, place = w.clock[0], w.clock[0].free_use
    if place != NONE:
        clock.free_use = w.uses[place].next
        return place
    if clock.uses >= len(w.uses):
        clock.full = layout.USES
        return NONE
    clock.uses += 1
    return clock.uses - 1


@kernel
def _room_us(w: Any, window: Any, limit: Any, now: Any) -> Any:
    """Return when less than the limit counts, or nothing: now, or when enough has come back."""
    _look(w, window, now)
    left, room, place = window.used, now, window.first
    while place != NONE and left >= limit:
        left, room, place = left - w.uses[place].amount, w.uses[place].back, w.uses[place].next
    return room


# Quotas


@kernel
def ready_us(s: Any, w: Any, plan: Any, seat: Any, offer: Any, now: Any, charged: Any) -> Any:
    """Return when the seat's quotas leave room for a call: now, or when the last of the full ones does.

    A quota from which a call takes nothing does not hold it. Where the terms end before, that time.
    """
    ready, first = now, s.plans[plan].first_quota
    for i in range(s.plans[plan].quotas):
        quota, window = s.quotas[first + i], w.windows[_window(s, w, plan, seat, i)]
        takes = _weight(s, quota, offer, now) and (quota.per_call or quota.counts_tokens or not charged)
        if takes and _in_force(quota, now):
            room = _room_us(w, window, quota.limit, now)
            if room > now:
                ready = most(ready, least(_free_us(s, quota, offer, now, room), quota.ends))
    for i in range(s.plans[plan].first_term, s.plans[plan].first_term + 2 * s.plans[plan].terms, 2):
        if s.numbers[i] <= now < s.numbers[i + 1]:
            ready = least(ready, s.numbers[i + 1])
    return ready


@kernel
def _free_us(s: Any, quota: Any, offer: Any, now: Any, until: Any) -> Any:
    """Return when hours begin in which calls of an offer do not count, if that is before a time; else that time."""
    if quota.starts == 0:
        return until
    place = stretch_at(s, quota.first_start, quota.starts, now) + 1
    while place < quota.starts and s.numbers[quota.first_start + place] < until:
        if s.numbers[s.numbers[quota.first_place + place] + offer] == 0:
            return s.numbers[quota.first_start + place]
        place += 1
    return until


@kernel
def cover(s: Any, w: Any, plan: Any, seat: Any, offer: Any, first_of_request: Any, now: Any) -> None:
    """A call is granted and covered: windows that count from their first use open, and it counts as a call."""
    first = s.plans[plan].first_quota
    for i in range(s.plans[plan].quotas):
        quota, window = s.quotas[first + i], w.windows[_window(s, w, plan, seat, i)]
        if _in_force(quota, now):
            _look(w, window, now)
            if quota.counts_from == FIRST_USE and window.first == NONE:
                _add(w, window, now + quota.length, 0)
            use = quota.per_call + (quota.per_request if first_of_request else 0)
            _count(s, w, plan, quota, window, weighted(use, _weight(s, quota, offer, now)), now)


@kernel
def book(s: Any, w: Any, plan: Any, seat: Any, task: Any, granted: Any, now: Any) -> None:
    """A covered call has ended, whose meters are laid out: what its tokens take counts from now on."""
    first = s.plans[plan].first_quota
    for i in range(s.plans[plan].quotas):
        quota, window = s.quotas[first + i], w.windows[_window(s, w, plan, seat, i)]
        _look(w, window, now)
        use = weighted(_of_tokens(w, quota), _weight(s, quota, task.call_offer, granted))
        _count(s, w, plan, quota, window, use, now)


@kernel
def _count(s: Any, w: Any, plan: Any, quota: Any, window: Any, use: Any, now: Any) -> None:
    """Let a use count until it comes back."""
    if quota.counts_from == FIRST_USE:
        if window.first != NONE:  # it is open
            _add(w, window, w.uses[window.last].back, use)
    elif use and _in_force(quota, now):
        _add(w, window, _back_us(s, plan, quota, now), use)


@inlined
def _of_tokens(w: Any, quota: Any) -> Any:
    """Return what the tokens of a call take before it is weighted."""
    use = 0
    for place in range(METERS):
        use += w.meters[place] * quota.per_token[place]
    return use


@kernel
def _back_us(s: Any, plan: Any, quota: Any, now: Any) -> Any:
    """Return when a use that is booked now comes back."""
    if quota.counts_from == EACH_USE:
        return now + quota.length
    given = s.plans[plan]
    last = stretch_at(s, given.first_purchase, given.purchases, now)
    end = period_end(s.numbers[given.first_purchase + last], quota.length, now)
    return least(end, s.numbers[given.first_purchase + last + 1]) if last + 1 < given.purchases else end
