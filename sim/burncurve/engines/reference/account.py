"""An account at a provider: its limits, its queue, its caches (mechanics M13-M18)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from simpy import Event

from burncurve import deployment as deployed
from burncurve.engines import rules
from burncurve.engines.reference.clock import Moment

if TYPE_CHECKING:
    from burncurve.engines.reference.call import Call
    from burncurve.engines.reference.world import World

MINUTE_US = 60_000_000
DAY_MS = 86_400_000


class Bucket:
    """A token bucket that refills continuously, exact in integers; a day is counted in milliseconds."""

    __slots__ = ("last", "level", "limit", "period", "unit_us")

    def __init__(self, limit: int, period: int, unit_us: int) -> None:
        self.limit, self.period, self.unit_us = limit, period, unit_us
        self.level, self.last = limit * period, 0

    def ready_us(self, need: int, now_us: int) -> int:
        """Return the time at which the need can be taken: now, or later."""
        unit = now_us // self.unit_us
        if unit > self.last:
            self.level = rules.refilled(self.level, self.limit, unit - self.last, self.period)
            self.last = unit
        if self.level >= need * self.period:
            return now_us
        wait = rules.wait_units(self.level, self.limit, need, self.period)
        return now_us if wait == 0 else (unit + wait) * self.unit_us

    def take(self, need: int) -> None:
        self.level -= need * self.period


class Account:
    """Queue, slots and buckets of one account; calls are granted first come first served."""

    def __init__(self, world: World, number: int, terms: deployed.Account) -> None:
        self.world, self.number, self.terms = world, number, terms
        self.clock, self.treasury = world.clock, world.treasury
        self.at_work = 0
        self.queue: deque[Call] = deque()
        self.buckets = _buckets(terms)
        self._next_look_us: tuple[int, int] | None = None

    def request(self, call: Call) -> None:
        """Serve the call if nobody waits and it fits, else let it wait for its turn."""
        if self.queue or not self._serve(call):
            self.queue.append(call)

    def look_at(self, at_us: int) -> None:
        """Look at the head of the queue at a time, unless a look at least as early is due."""
        due = (at_us, self.clock.round + 1 if at_us == self.clock.now_us else 0)
        if self._next_look_us is not None and self._next_look_us <= due:
            return
        self._next_look_us = due
        self.clock.at(at_us, Moment.GRANT, self.number + 1, 0, due).callbacks.append(self._look)

    def _look(self, happening: Event) -> None:
        if happening.value != self._next_look_us:
            return  # an earlier look has taken over
        self._next_look_us = None
        while self.queue and self._serve(self.queue[0]):
            self.queue.popleft()

    def _serve(self, call: Call) -> bool:
        """Grant, refuse or give back the call whose turn it is, or say that it has to wait."""
        now = self.clock.now_us
        if self.treasury is not None:
            if call.is_held:
                call.withdraw()
                return True
            month_us = self.treasury.next_month_us(self.number, now)
            if month_us > now:
                return self._turned_away(call, month_us, says_when=False)
        if 0 < self.terms.concurrent_calls <= self.at_work:
            return self._turned_away(call, 0)
        needs = call.needs(self.terms)
        ready_us = now
        for i, bucket in self.buckets:
            at_us = bucket.ready_us(needs[i], now)
            if at_us > ready_us:
                ready_us = at_us
        if ready_us > now:
            return self._turned_away(call, ready_us)
        for i, bucket in self.buckets:
            bucket.take(needs[i])
        self.at_work += 1
        call.grant()
        return True

    def _turned_away(self, call: Call, ready_us: int, says_when: bool = True) -> bool:
        """Refuse the call or let it wait (for a slot if ready_us is 0); say whether it is done with."""
        if self.terms.refuses:
            call.refuse(self._retry_after_us(ready_us - self.clock.now_us) if ready_us and says_when else 0)
            return True
        if ready_us:
            self.look_at(self.world.waited_us(ready_us))
        return False

    def _retry_after_us(self, wait_us: int) -> int:
        return -(-wait_us // 1_000_000) * 1_000_000 if self.terms.says_retry_after else 0

    def release(self, _: Event) -> None:
        """A granted call has ended: its slot is free."""
        self.at_work -= 1
        if self.queue:
            self.look_at(self.clock.now_us)


def _buckets(terms: deployed.Account) -> list[tuple[int, Bucket]]:
    per_minute = (
        terms.requests_per_minute,
        terms.input_tokens_per_minute,
        terms.output_tokens_per_minute,
        terms.tokens_per_minute,
    )
    buckets = [(i, Bucket(limit, MINUTE_US, 1)) for i, limit in enumerate(per_minute) if limit]
    if terms.tokens_per_day:
        buckets.append((3, Bucket(terms.tokens_per_day, DAY_MS, 1000)))
    return buckets
