"""What the fields one by one cannot know: names that refer to nothing, bounds that contradict each other.

Each check is a small function that yields every Problem it finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from burncurve.errors import InputError, Problem, did_you_mean
from burncurve.scenario import contexts
from burncurve.scenario.deciding import constraint_problems, migration_problems
from burncurve.scenario.growth import growth
from burncurve.scenario.models import Deployment, Scenario, Then, Trigger
from burncurve.scenario.money import budget_problems
from burncurve.scenario.roles import role_names, unserved
from burncurve.scenario.zones import zone
from burncurve.words import US_PER_DAY, US_PER_HOUR

MOST_PER_CHECK = 100
MOST_TOOL_CALLS = 64
MOST_TRIES = 64
MOST_HORIZON_US = 5 * 366 * US_PER_DAY
MOST_ARRIVALS = 10_000_000

Problems = Iterator[Problem]


@dataclass(frozen=True, slots=True)
class Declared:
    """The names a file declares."""

    agents: frozenset[str]
    tools: frozenset[str]
    roles: frozenset[str]


def declared(scenario: Scenario) -> Declared:
    """Return the names a scenario declares."""
    return Declared(frozenset(scenario.agents), frozenset(scenario.tools), frozenset(role_names(scenario)))


def _unknown(scenario: Scenario, path: tuple[str | int, ...], kind: str, name: str, known: frozenset[str]) -> Problem:
    what = f"{'.'.join(map(str, path))}: nobody defined the {kind} {name!r}"
    return Problem(scenario.where(*path), what, did_you_mean(name, known))


def _agents_exist(scenario: Scenario, known: Declared) -> Problems:
    named: list[tuple[tuple[str | int, ...], str]] = []
    named += [(("triggers", place, "agent"), trigger.agent) for place, trigger in enumerate(scenario.triggers)]
    named += [(("users", place, "agent"), users.agent) for place, users in enumerate(scenario.users)]
    for name, agent in scenario.agents.items():
        named += [(("agents", name, "spawn", place, "agent"), rule.agent) for place, rule in enumerate(agent.spawn)]
    for path, agent_name in named:
        if agent_name not in known.agents:
            yield _unknown(scenario, path, "agent", agent_name, known.agents)


def _tools_exist(scenario: Scenario, known: Declared) -> Problems:
    for name, agent in scenario.agents.items():
        for tool in (agent.tools.mix or {}) if agent.tools else {}:
            if tool not in known.tools:
                yield _unknown(scenario, ("agents", name, "tools", "mix", tool), "tool", tool, known.tools)


def _roles_exist(scenario: Scenario, known: Declared) -> Problems:
    for name, deployment in scenario.deployments.items():
        each = deployment.cache if isinstance(deployment.cache, Mapping) else {}
        named: list[tuple[tuple[str | int, ...], Mapping[str, object]]] = [(("cache",), each)]
        for path, stage in _stages(deployment):
            named += [((*path, "roles"), stage.roles), ((*path, "failover"), stage.failover)]
        for path, roles in named:
            for role in roles:
                if role not in known.roles:
                    yield _unknown(scenario, ("deployments", name, *path, role), "role", role, known.roles)


def _stages(deployment: Deployment) -> list[tuple[tuple[str | int, ...], Deployment | Then]]:
    """Return the stages of a deployment, each with its path below the deployment."""
    return [(("then", number - 1) if number else (), stage) for number, stage in enumerate(deployment.stages)]


def _roles_served(scenario: Scenario) -> Problems:
    needed = role_names(scenario)
    for name, deployment in scenario.deployments.items():
        yield from (unserved(scenario, name, role) for role in needed if role not in deployment.roles)


def _thresholds_meant(scenario: Scenario) -> Problems:
    """Where a file declares no deployments, those that stand in are known only when they are resolved."""
    known = frozenset(scenario.deployments)
    for place, rule in enumerate(scenario.thresholds):
        if known and rule.deployment is not None and rule.deployment not in known:
            yield _unknown(scenario, ("thresholds", place), "deployment", rule.deployment, known)


def _something_starts(scenario: Scenario) -> Problems:
    if not scenario.triggers and not scenario.users:
        remedy = "add for example triggers: [{agent: NAME, once: true}]"
        yield Problem(scenario.where(), "the scenario: has neither triggers nor users, so nothing would start", remedy)


def _zone_known(scenario: Scenario) -> Problems:
    try:
        zone(scenario.time_zone)
    except InputError as error:
        for problem in error.problems:
            yield Problem(scenario.where("time_zone"), f"time_zone: {problem.what}", problem.remedy)


def _horizon_bounded(scenario: Scenario) -> Problems:
    if scenario.horizon > MOST_HORIZON_US:
        yield Problem(scenario.where("horizon"), "horizon: is longer than five years", "simulate a typical part of it")


def _ways(trigger: Trigger) -> list[str]:
    given = {
        "once": trigger.once,
        "at": bool(trigger.at),
        "every": trigger.every is not None,
        "poisson": trigger.poisson is not None,
        "bursty": trigger.bursty is not None,
    }
    return [way for way, is_given in given.items() if is_given]


def _triggers_clear(scenario: Scenario) -> Problems:
    for place, trigger in enumerate(scenario.triggers):
        where, name = scenario.where("triggers", place), f"triggers.{place}"
        ways = _ways(trigger)
        if len(ways) != 1:
            said = f"gives {' and '.join(ways)}" if ways else "says not when it arrives"
            yield Problem(where, f"{name}: {said}", "give exactly one of once, at, every, poisson, bursty")
        for field in sorted({"overlap", "reset"} & trigger.model_fields_set if trigger.session is None else ()):
            what = f"{name}.{field}: acts on a shared session, and none is named"
            yield Problem(scenario.where("triggers", place, field), what, "add session: NAME, or remove it")
        arrivals = _arrivals(trigger, scenario.horizon)
        if arrivals > MOST_ARRIVALS:
            what = f"{name}: would arrive {arrivals:,.0f} times, at most {MOST_ARRIVALS:,} are possible"
            yield Problem(where, what, "arrive less often, or shorten the horizon")


def _sessions_agree(scenario: Scenario) -> Problems:
    """A shared session has one context and one end: every trigger that lands in it must mean the same."""
    first: dict[str, int] = {}
    for place, trigger in enumerate(scenario.triggers):
        if trigger.session is None:
            continue
        other = first.setdefault(trigger.session, place)
        for field, remedy in (("agent", "give each agent a session of its own"), ("reset", "give both the same reset")):
            here, there = getattr(trigger, field), getattr(scenario.triggers[other], field)
            if here != there:
                what = f"triggers.{place}.{field}: the session {trigger.session!r} has another {field} at "
                where = scenario.where("triggers", place, field)
                yield Problem(where, what + scenario.where("triggers", other, field), remedy)


def _failover_elsewhere(scenario: Scenario) -> Problems:
    """Who fails over goes to another offer than the one whose tries are exhausted."""
    for name, deployment in scenario.deployments.items():
        serving: dict[str, str] = {}
        for path, stage in _stages(deployment):
            serving |= stage.roles
            for role, offers in stage.failover.items():
                for place, (one, other) in enumerate(zip((serving.get(role), *offers), offers, strict=False)):
                    if one == other:
                        whole = ("deployments", name, *path, "failover", role, place)
                        what = f"{'.'.join(map(str, whole))}: `{other}` is the offer that failed just before"
                        remedy = "name another offer; `retry: {retries: ...}` tries the same one again"
                        yield Problem(scenario.where(*whole), what, remedy)


def _tries_bounded(scenario: Scenario) -> Problems:
    """Tries of one call are numbered below MOST_TRIES, failover included."""
    for name, deployment in scenario.deployments.items():
        listed = [(path, *each) for path, stage in _stages(deployment) for each in stage.failover.items()]
        for path, role, offers in listed:
            tries = (deployment.retry.retries + 1) * (len(offers) + 1)
            if tries > MOST_TRIES:
                whole = ("deployments", name, *path, "failover", role)
                what = f"{'.'.join(map(str, whole))}: {len(offers) + 1} offers with "
                what += f"{deployment.retry.retries} retries each make {tries} tries of one call, at most {MOST_TRIES}"
                remedy = f"fewer retries, at most {MOST_TRIES // (len(offers) + 1) - 1}, or a shorter list"
                yield Problem(scenario.where(*whole), what, remedy)


def _arrivals(trigger: Trigger, horizon_us: int) -> float:
    """Return how many arrivals to expect at most."""
    if trigger.every:
        return horizon_us / trigger.every
    profile = trigger.poisson or trigger.bursty
    if profile is None:
        return len(trigger.at)
    peak = max(profile.hourly or (1.0,)) * max(profile.weekly or (1.0,))
    return profile.per_hour * peak * horizon_us / US_PER_HOUR


def _users_bounded(scenario: Scenario) -> Problems:
    days = scenario.horizon / US_PER_DAY + 1
    for place, group in enumerate(scenario.users):
        requests = group.count * days * group.sessions_per_day.expected() * group.requests.expected()
        if requests > MOST_ARRIVALS:
            what = f"users.{place}: would ask about {requests:,.0f} times, at most {MOST_ARRIVALS:,} are possible"
            yield Problem(
                scenario.where("users", place), what, "fewer people, sessions or requests, or a shorter horizon"
            )


def _tools_fit(scenario: Scenario) -> Problems:
    for name, agent in scenario.agents.items():
        if agent.tools is None:
            continue
        if agent.tools.calls.expected() > MOST_TOOL_CALLS:
            what = f"agents.{name}.tools.calls: is above {MOST_TOOL_CALLS} in the mean, the most that run in one turn"
            yield Problem(scenario.where("agents", name, "tools", "calls"), what, "spread them over more turns")
        total = sum((agent.tools.mix or {}).values())
        if agent.tools.mix is not None and abs(total - 1) > 1e-3:
            what = f"agents.{name}.tools.mix: adds up to {total:g}, not to 1"
            yield Problem(scenario.where("agents", name, "tools", "mix"), what, "give each tool its share of all calls")


def _contexts_bounded(scenario: Scenario) -> Problems:
    for name, agent in scenario.agents.items():
        for path, what, remedy in contexts.rules(agent):
            yield Problem(scenario.where("agents", name, *path), f"agents.{name}.{'.'.join(path)}: {what}", remedy)


def _spawning_bounded(scenario: Scenario) -> Problems:
    starts = [trigger.agent for trigger in scenario.triggers] + [group.agent for group in scenario.users]
    for path, what, remedy in growth(scenario.agents, starts):
        yield Problem(scenario.where(*path), what, remedy)


BY_NAME: tuple[Callable[[Scenario, Declared], Problems], ...] = (_agents_exist, _tools_exist, _roles_exist)
OF_WHOLE: tuple[Callable[[Scenario], Problems], ...] = (
    _roles_served,
    _thresholds_meant,
    constraint_problems,
    migration_problems,
    _failover_elsewhere,
    _something_starts,
    _horizon_bounded,
    _triggers_clear,
    _sessions_agree,
    _tries_bounded,
    budget_problems,
    _users_bounded,
    _tools_fit,
    _contexts_bounded,
    _spawning_bounded,
)


def names(scenario: Scenario, known: Declared) -> list[Problem]:
    """Return a problem for every name that refers to nothing among the known ones."""
    found = [problem for check in BY_NAME for problem in islice(check(scenario, known), MOST_PER_CHECK)]
    return [*found, *_zone_known(scenario)]


def of_whole(scenario: Scenario) -> list[Problem]:
    """Return what contradicts itself between the fields."""
    return [problem for check in OF_WHOLE for problem in islice(check(scenario), MOST_PER_CHECK)]


def everything(scenario: Scenario) -> list[Problem]:
    """Return everything that is wrong with a scenario whose fields are right one by one."""
    return names(scenario, declared(scenario)) + of_whole(scenario)
