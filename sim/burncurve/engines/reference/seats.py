"""Seats of a plan: what each has used up of its quotas (mechanics M22)."""

from __future__ import annotations

from collections.abc import Sequence

from burncurve.deployment import Plan, Quota
from burncurve.engines import rules

ONE_FOR_ALL = 0
PPM = 1_000_000


class Window:
    """The stretch of time in which a quota is counted: it opens with a covered call."""

    __slots__ = ("closes_us", "used")

    def __init__(self) -> None:
        self.closes_us = self.used = 0


class Seats:
    """The seats of one plan, each with a window for each quota."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._windows: dict[int, list[Window]] = {}

    def _of(self, seat: int) -> list[Window]:
        number = seat if self.plan.per_user else ONE_FOR_ALL
        if number not in self._windows:
            self._windows[number] = [Window() for _ in self.plan.quotas]
        return self._windows[number]

    def admits(self, offer: int, now_us: int) -> bool:
        """Say whether the plan's terms let the client use this offer now."""
        return offer in self.plan.offers and any(term.from_us <= now_us < term.until_us for term in self.plan.terms)

    def ready_us(self, seat: int, offer: int, now_us: int, charged: bool) -> int:
        """Return when the seat's quotas leave room for a call: now, or when the last of the full windows closes.

        A quota from which a call takes nothing does not hold it: another offer's, or one of requests where this
        request has been charged.
        """
        ready_us = now_us
        for quota, window in zip(self.plan.quotas, self._of(seat), strict=True):
            full = now_us < window.closes_us and window.used >= quota.limit
            if full and _takes(quota, offer, charged) and quota.from_us <= now_us < quota.until_us:
                ready_us = max(ready_us, min(window.closes_us, quota.until_us))
        return ready_us

    def open(self, seat: int, now_us: int) -> None:
        """A call is covered: windows that are closed open."""
        for quota, window in zip(self.plan.quotas, self._of(seat), strict=True):
            if now_us >= window.closes_us and quota.from_us <= now_us < quota.until_us:
                window.closes_us, window.used = now_us + quota.length_us, 0

    def uses(self, offer: int, meters: Sequence[int], first_of_request: bool) -> tuple[int, ...]:
        """Return what a call takes from each quota, in billionths of the plan's unit."""
        return tuple(_use(quota, offer, meters, first_of_request) for quota in self.plan.quotas)

    def book(self, seat: int, uses: Sequence[int], now_us: int) -> None:
        """A covered call has ended: it counts in the windows that are open now."""
        for use, window in zip(uses, self._of(seat), strict=True):
            if now_us < window.closes_us:
                window.used += use


def _weight(quota: Quota, offer: int) -> int:
    return quota.weights_ppm[offer] if quota.weights_ppm else PPM


def _takes(quota: Quota, offer: int, charged: bool) -> bool:
    return bool(_weight(quota, offer) and (quota.per_call or quota.per_token or not charged))


def _use(quota: Quota, offer: int, meters: Sequence[int], first_of_request: bool) -> int:
    use = quota.per_call + (quota.per_request if first_of_request else 0)
    if quota.per_token:
        use += sum(tokens * each for tokens, each in zip(meters, quota.per_token, strict=True))
    return rules.weighted(use, _weight(quota, offer))
