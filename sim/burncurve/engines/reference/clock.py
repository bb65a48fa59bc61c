"""A SimPy environment whose moments come in the documented order: (time, round, kind, entity, ordinal)."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

import simpy

from burncurve.engines.rules import LAST_ROUND
from burncurve.errors import InputError, Problem


class Moment(IntEnum):
    """Kinds of moments, in the order in which those of one time and round are handled (mechanics R4)."""

    CALL_END = 0
    TOOL_END = 1
    CHILD_RESULT = 2
    RETRY = 3
    ARRIVAL = 4
    BUDGET = 5
    GRANT = 6


class Happening(simpy.Event):
    """An event that is given a time and a place in the documented order, and remembers its round."""

    __slots__ = ("round",)
    callbacks: list[Callable[[simpy.Event], None]]  # None only once it has happened

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.callbacks.append(clock.entering)

    def happen_at(self, at_us: int, kind: int, entity: int, ordinal: int, value: object = None) -> Happening:
        """Let it happen at `at_us`; work for the current time gets the next round."""
        clock: Clock = self.env  # type: ignore[assignment]
        now = clock.now_us
        self._ok, self._value = True, value
        self.round = clock.round + 1 if at_us == now else 0
        simpy.Environment.schedule(clock, self, (self.round, kind, entity, ordinal), at_us - now)  # type: ignore[arg-type]
        return self


class Clock(simpy.Environment):
    """Integer microseconds; SimPy's own plumbing (starting and ending processes) stays inside the current round."""

    def __init__(self) -> None:
        super().__init__(initial_time=0)
        self.now_us = self.round = 0
        self.entering = self.enter  # one bound method for all happenings

    def schedule(self, event: simpy.Event, priority: object = 1, delay: float = 0) -> None:
        """Schedule with a key of the documented order, or directly behind the moment being handled."""
        key = priority if isinstance(priority, tuple) else (self.round, -1, 0, 0)
        super().schedule(event, key, delay)  # type: ignore[arg-type]

    def at(self, at_us: int, kind: Moment, entity: int, ordinal: int = 0, value: object = None) -> Happening:
        """Return an event that happens at `at_us`."""
        return Happening(self).happen_at(at_us, kind, entity, ordinal, value)

    def enter(self, event: simpy.Event) -> None:
        """Take over the time and the round of the moment that is being handled."""
        self.now_us = self._now  # type: ignore[assignment]
        self.round = event.round  # type: ignore[attr-defined]
        if self.round > LAST_ROUND:
            what = f"more than {LAST_ROUND:,} rounds of work at one time ({self.now_us:,} us)"
            raise InputError(Problem("scenario", what, "give tools, calls or pauses a duration, or cap the loop"))
