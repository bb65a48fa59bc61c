"""Seats of a plan: what each has used up of its quotas (the twin of the reference's Seats)."""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import layout
from burncurve.engines.compiled.jit import inlined, kernel
from burncurve.engines.compiled.layout import METERS
from burncurve.engines.compiled.rules import least, most, weighted
from burncurve.words import PPM


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


@inlined
def _weight(s: Any, quota: Any, offer: Any) -> Any:
    return s.numbers[quota.first_weight + offer] if quota.weights else PPM


@kernel
def ready_us(s: Any, w: Any, plan: Any, seat: Any, offer: Any, now: Any, charged: Any) -> Any:
    """Return when the seat's quotas leave room for a call: now, or when the last of the full windows closes.

    A quota from which a call takes nothing does not hold it.
    """
    ready, first = now, s.plans[plan].first_quota
    for i in range(s.plans[plan].quotas):
        quota, window = s.quotas[first + i], w.windows[_window(s, w, plan, seat, i)]
        takes = _weight(s, quota, offer) and (quota.per_call or quota.counts_tokens or not charged)
        if now < window.closes and window.used >= quota.limit and takes and _in_force(quota, now):
            ready = most(ready, least(window.closes, quota.ends))
    return ready


@kernel
def open_windows(s: Any, w: Any, plan: Any, seat: Any, now: Any) -> None:
    """A call is covered: windows that are closed open."""
    first = s.plans[plan].first_quota
    for i in range(s.plans[plan].quotas):
        quota, window = s.quotas[first + i], w.windows[_window(s, w, plan, seat, i)]
        if now >= window.closes and _in_force(quota, now):
            window.closes, window.used = now + quota.length, 0


@kernel
def book(s: Any, w: Any, plan: Any, seat: Any, offer: Any, first_of_request: Any, now: Any) -> None:
    """A covered call has ended, whose meters are laid out: it counts in the windows that are open now."""
    first = s.plans[plan].first_quota
    for i in range(s.plans[plan].quotas):
        quota, window = s.quotas[first + i], w.windows[_window(s, w, plan, seat, i)]
        if now < window.closes:
            use = quota.per_call + (quota.per_request if first_of_request else 0)
            for place in range(METERS):
                use += w.meters[place] * quota.per_token[place]
            window.used += weighted(use, _weight(s, quota, offer))
            if window.used < 0:
                w.clock[0].error = layout.SPENT
