"""Triggers and users: what starts root tasks, as literal times, renewal processes and working windows (M1, M2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from burncurve.draws import LARGEST_VALUE, salt_of
from burncurve.errors import InputError
from burncurve.prepare.calendars import MOST_ARRIVALS, Calendar, Window, cut, every_us, knots, paces
from burncurve.prepare.quantities import Preparer
from burncurve.prepare.tables import table_of
from burncurve.scenario.distributions import Clipped
from burncurve.scenario.fields import ALL_DAY, EVERY_DAY, After, HoursOfDay, ResetRule
from burncurve.scenario.kinds import Gamma
from burncurve.scenario.models import Bursty, Poisson, Scenario
from burncurve.scenario.models import Trigger as TriggerModel
from burncurve.scenario.models import Users as UsersModel
from burncurve.words import US_PER_DAY, US_PER_HOUR
from burncurve.workload import Overlap, Per, Quantity, Renewal, Reset, Trigger, Users

OVERLAPS = {"queue": Overlap.QUEUE, "skip": Overlap.SKIP, "coalesce": Overlap.COALESCE}
Path = tuple[str | int, ...]


def names(parts: Sequence[TriggerModel] | Sequence[UsersModel]) -> Iterator[str]:
    """Yield a name of its own for each part: its name, or its agent's, numbered from the second of a name on."""
    seen: Counter[str] = Counter(part.name for part in parts if part.name)
    for part in parts:
        name = part.name or part.agent
        seen[name] += 0 if part.name else 1
        yield name if part.name or seen[name] == 1 else f"{name}-{seen[name]}"


def triggers(
    scenario: Scenario, calendar: Calendar, agents: Mapping[str, int], preparer: Preparer
) -> tuple[Trigger, ...]:
    """Return the workload's triggers; what is wrong with one is noted in the preparer."""
    named = zip(scenario.triggers, names(scenario.triggers), strict=True)
    return tuple(
        _trigger(given, name, ("triggers", place), calendar, agents, preparer)
        for place, (given, name) in enumerate(named)
    )


def _trigger(
    given: TriggerModel, name: str, path: Path, calendar: Calendar, agents: Mapping[str, int], preparer: Preparer
) -> Trigger:
    salt = f"triggers/{name}"
    random = given.poisson or given.bursty
    return Trigger(
        name=name,
        salt=salt_of(salt),
        agent=agents[given.agent],
        times_us=() if random else _times_us(given, path, calendar, preparer),
        renewal=_renewal(given, random, salt, path, calendar, preparer) if random else None,
        session=given.session or "",
        overlap=OVERLAPS[given.overlap],
        reset=_reset(given.reset, calendar),
        attempts=given.attempts,
    )


def _reset(rule: ResetRule, calendar: Calendar) -> Reset:
    return Reset(rule.idle or 0, () if rule.daily_us is None else calendar.daily_us(rule.daily_us))


def _times_us(given: TriggerModel, path: Path, calendar: Calendar, preparer: Preparer) -> tuple[int, ...]:
    if given.every is None:
        return (0,) if given.once else tuple(sorted(_moments_us(given, path, calendar, preparer)))
    try:
        return every_us(_windows(given.hours, given.days, calendar), given.every, calendar.horizon_us)
    except InputError as error:
        for problem in error.problems:
            preparer.wrong((*path, "every"), problem.what, problem.remedy)
        return ()


def _moments_us(given: TriggerModel, path: Path, calendar: Calendar, preparer: Preparer) -> Iterator[int]:
    """Yield the moments within the horizon; arrivals end there (M20b), but one before the start is a mistake."""
    for place, moment in enumerate(given.at):
        us = moment.after if isinstance(moment, After) else calendar.since_start_us(_local(moment))
        if us < 0:
            preparer.wrong((*path, "at", place), f"{moment} lies before the start", "move it, or start earlier")
        elif us < calendar.horizon_us:
            yield us


def _local(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


def _windows(hours: HoursOfDay, days: Sequence[int], calendar: Calendar) -> list[Window]:
    """Return the windows, uncut; without hours and days a single one, from the start to the horizon."""
    if hours == ALL_DAY and tuple(days) == EVERY_DAY:
        return [(0, calendar.horizon_us)]
    return list(calendar.windows(hours.opens_us, hours.closes_us, days))


def _renewal(
    given: TriggerModel, random: Poisson | Bursty, salt: str, path: Path, calendar: Calendar, preparer: Preparer
) -> Renewal:
    windows = cut(_windows(given.hours, given.days, calendar), calendar.horizon_us)
    operational_us, clock_us = knots(list(paces(calendar, windows, random.hourly, random.weekly)))
    mean_us = US_PER_HOUR / random.per_hour
    shape = random.shape if isinstance(random, Bursty) else 1.0
    if operational_us[-1] / mean_us > MOST_ARRIVALS:
        what = f"expects more than {MOST_ARRIVALS:,} arrivals"
        preparer.wrong((*path, "bursty" if given.bursty else "poisson"), what, "lower per_hour or the horizon")
    return Renewal(_gap(mean_us, shape, operational_us[-1], salt), operational_us, clock_us)


def _gap(mean_us: float, shape: float, length_us: int, salt: str) -> Quantity:
    """Return the gaps between arrivals; one longer than all operational time may as well end just behind it."""
    law = Clipped(Gamma[float](mean=mean_us, shape=shape), 0.0, float(min(length_us + 1, LARGEST_VALUE)))
    return Quantity(table_of(law), Per.TURN, salt_of(f"{salt}/gap"))


def users(scenario: Scenario, calendar: Calendar, agents: Mapping[str, int], preparer: Preparer) -> tuple[Users, ...]:
    """Return the workload's groups of people; what is wrong with one is noted in the preparer."""
    named = zip(scenario.users, names(scenario.users), strict=True)
    return tuple(
        _users(given, name, ("users", place), calendar, agents, preparer) for place, (given, name) in enumerate(named)
    )


def _users(
    given: UsersModel, name: str, path: Path, calendar: Calendar, agents: Mapping[str, int], preparer: Preparer
) -> Users:
    salt = f"users/{name}"
    windows = _working_days(given, calendar)
    visits = given.count * len(windows) * given.sessions_per_day.expected() * given.requests.expected()
    if visits > MOST_ARRIVALS:
        what = f"expects {visits:,.0f} requests, more than {MOST_ARRIVALS:,}"
        preparer.wrong(path, what, "lower count, sessions_per_day, requests or the horizon")
    return Users(
        name=name,
        salt=salt_of(salt),
        agent=agents[given.agent],
        count=given.count,
        windows_us=windows,
        sessions=preparer.whole((*path, "sessions_per_day"), f"{salt}/sessions", given.sessions_per_day, Per.REQUEST),
        requests=preparer.whole((*path, "requests"), f"{salt}/requests", given.requests, Per.SESSION),
        think_us=preparer.whole((*path, "think"), f"{salt}/think", given.think, Per.REQUEST),
        attempts=given.attempts,
    )


def _working_days(given: UsersModel, calendar: Calendar) -> tuple[Window, ...]:
    """Return each working day's window; people who work round the clock have days of 24 hours from the start."""
    if given.hours == ALL_DAY and tuple(given.days) == EVERY_DAY:
        windows: Sequence[Window] = [(us, us + US_PER_DAY) for us in range(0, calendar.horizon_us, US_PER_DAY)]
    else:
        windows = _windows(given.hours, given.days, calendar)
    return cut(windows, calendar.horizon_us)
