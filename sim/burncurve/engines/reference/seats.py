"""Seats of a plan: what each has used up of its quotas, and when that comes back (mechanics M22)."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence

from burncurve.deployment import CountsFrom, Plan, Quota, Weights
from burncurve.engines import rules

ONE_FOR_ALL = 0
NEVER = 1 << 62
PPM = 1_000_000


class Window:
    """What counts against a quota: uses and when they come back, the earliest first, no two of them at one time."""

    __slots__ = ("used", "uses")

    def __init__(self) -> None:
        self.used = 0
        self.uses: deque[tuple[int, int]] = deque()

    def look(self, now_us: int) -> None:
        """Give back the uses whose time has come."""
        while self.uses and self.uses[0][0] <= now_us:
            self.used -= self.uses.popleft()[1]

    def add(self, back_us: int, use: int) -> None:
        """Count a use that comes back no earlier than those before it."""
        self.used += use
        if self.uses and self.uses[-1][0] == back_us:
            use += self.uses.pop()[1]
        self.uses.append((back_us, use))

    def room_us(self, limit: int, now_us: int) -> int:
        """Return when less than the limit counts, or nothing: now, or when enough has come back."""
        self.look(now_us)
        left, room_us = self.used, now_us
        for back_us, use in self.uses:
            if left < limit:
                break
            left, room_us = left - use, back_us
        return room_us


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
        """Return when the seat's quotas leave room for a call: now, or when the last of the full ones does.

        A quota from which a call takes nothing does not hold it: another offer's, one of hours in which the offer does
        not count, or one of requests where this request has been charged. Where the terms end before, that time.
        """
        ready_us = now_us
        for quota, window in zip(self.plan.quotas, self._of(seat), strict=True):
            if _in_force(quota, now_us) and _takes(quota, offer, now_us, charged):
                room_us = window.room_us(quota.limit, now_us)
                if room_us > now_us:
                    ready_us = max(ready_us, min(room_us, quota.until_us, _free_us(quota.weights, offer, now_us)))
        return min(ready_us, *(term.until_us for term in self.plan.terms if term.from_us <= now_us < term.until_us))

    def cover(self, seat: int, offer: int, first_of_request: bool, now_us: int) -> None:
        """A call is granted and covered: windows that count from their first use open, and it counts as a call."""
        for quota, window in zip(self.plan.quotas, self._of(seat), strict=True):
            if _in_force(quota, now_us):
                window.look(now_us)
                if quota.counts_from == CountsFrom.FIRST_USE and not window.uses:
                    window.add(now_us + quota.length_us, 0)
                use = quota.per_call + (quota.per_request if first_of_request else 0)
                self._count(quota, window, rules.weighted(use, _weight(quota, offer, now_us)), now_us)

    def uses(self, offer: int, meters: Sequence[int], granted_us: int) -> tuple[int, ...]:
        """Return what the tokens of a call take from each quota, in billionths of the plan's unit."""
        return tuple(_use(quota, offer, meters, granted_us) for quota in self.plan.quotas)

    def book(self, seat: int, uses: Sequence[int], now_us: int) -> None:
        """A covered call has ended: what its tokens take counts from now on."""
        for quota, use, window in zip(self.plan.quotas, uses, self._of(seat), strict=True):
            window.look(now_us)
            self._count(quota, window, use, now_us)

    def _count(self, quota: Quota, window: Window, use: int, now_us: int) -> None:
        """Let a use count until it comes back."""
        if quota.counts_from == CountsFrom.FIRST_USE:
            if window.uses:  # it is open
                window.add(window.uses[-1][0], use)
        elif use and _in_force(quota, now_us):
            window.add(self._back_us(quota, now_us), use)

    def _back_us(self, quota: Quota, now_us: int) -> int:
        """Return when a use that is booked now comes back."""
        if quota.counts_from == CountsFrom.EACH_USE:
            return now_us + quota.length_us
        bought = self.plan.purchases_us
        later = bisect_right(bought, now_us)
        end_us = rules.period_end(bought[max(later, 1) - 1], quota.length_us, now_us)
        return min(end_us, bought[later]) if later < len(bought) else end_us


def _in_force(quota: Quota, now_us: int) -> bool:
    return quota.from_us <= now_us < quota.until_us


def _weight(quota: Quota, offer: int, now_us: int) -> int:
    weights = quota.weights
    if weights is None:
        return PPM
    return weights.by_offer[weights.places[bisect_right(weights.starts_us, now_us) - 1]][offer]


def _free_us(weights: Weights | None, offer: int, now_us: int) -> int:
    """Return when the next hours begin in which calls of an offer do not count."""
    if weights is None:
        return NEVER
    later = range(bisect_right(weights.starts_us, now_us), len(weights.starts_us))
    return next((weights.starts_us[i] for i in later if not weights.by_offer[weights.places[i]][offer]), NEVER)


def _takes(quota: Quota, offer: int, now_us: int, charged: bool) -> bool:
    return bool(_weight(quota, offer, now_us) and (quota.per_call or quota.per_token or not charged))


def _use(quota: Quota, offer: int, meters: Sequence[int], granted_us: int) -> int:
    use = sum(tokens * each for tokens, each in zip(meters, quota.per_token, strict=True)) if quota.per_token else 0
    return rules.weighted(use, _weight(quota, offer, granted_us))
