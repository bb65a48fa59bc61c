"""Logs to a fitted scenario: what the frame around the figures takes from the logs, and the document of a fit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from burncurve.deployment import NO_LIMIT
from burncurve.studies.families import Fitted, quantile
from burncurve.studies.fit import AgentFit, Fit, PeopleFit
from burncurve.studies.fit_text import Frame, written
from burncurve.studies.limits import Sizes, disproved, largest_seen
from burncurve.studies.observing import Seen, retentions, standing_alone
from burncurve.words import US_PER_DAY

if TYPE_CHECKING:
    from burncurve.catalogue import Catalogue

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TOKENS = ("history", "message", "turns", "first_turns", "output", "reasoning", "result", "returned")
COUNTED = ("requests", "turns", "first_turns", "sessions per day")
BASE_ALONE = "what is fitted lets them find the base alone there: forecasts of cached shares and dollars miss that"
MOST_DAYS, LEAST_DAYS = 30, 1


def frame(found: Seen, name: str, source: str, deployments: Sequence[str]) -> Frame:
    """Return the frame of a scenario fitted to logs: from their first day on, as many days as they span, up to 30."""
    if not found.dated:
        return Frame(name, source, deployments=tuple(deployments))
    first = EPOCH + timedelta(microseconds=int(found.turns.start_us.min()))
    span = int(found.turns.end_us.max() - found.turns.start_us.min()) // US_PER_DAY + 1
    days = min(max(span, LEAST_DAYS), MOST_DAYS)
    start = first.replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0).isoformat(timespec="minutes")
    return Frame(name, source, start, "UTC", f"{days}d", deployments=tuple(deployments), calendar=" # as the logs")


def as_logged(found: Seen, fit: Fit, known: Catalogue) -> tuple[list[str], list[str]]:
    """Return the deployment that serves each role of a fit as the logs have it, as a line of YAML, and what to know.

    Offers of which nothing is known have the facts and the price of the one that is called most like them; where
    there is none there is no such deployment.
    """
    from burncurve.studies.replay import stand_in

    logged = offers_of(found, fit)
    served = {role: stand_in(offer, known) for role, offer in logged.items()}
    if None in served.values():
        return [], ["a model of the logs is like none in the catalogue: the scenario has no deployment of its own"]
    notes = [f"{offer} is not in the catalogue: {each} stands in for it (assumption)"
             for offer, each in zip(logged.values(), served.values(), strict=True) if offer != each]  # fmt: skip
    kept = {role: kept for role, kept in retentions(found).items() if role in served}
    return [f"as-logged: {json.dumps({'roles': served, 'cache': kept})}"], list(dict.fromkeys(notes))


def disproved_limits(found: Seen, known: Catalogue, frame: Frame) -> tuple[str, ...]:
    """Return a remark for each limit of the offers that serve, on the first day, that the logs show to be larger."""
    from burncurve.deploy.facts import Facts
    from burncurve.studies.replay import stand_in

    day = datetime.fromisoformat(frame.start).date()
    served = {offer: stand_in(offer, known) for offer in found.offers}
    facts = {offer: Facts(known.offers[name], day) for offer, name in served.items() if name}
    limits = {name: Sizes(one.window_tokens, one.whole("max_output_tokens", NO_LIMIT)) for name, one in facts.items()}
    return disproved(limits, largest_seen(found))


def remarks(found: Seen) -> list[str]:
    """Return what a reader of figures fitted to logs must know of these."""
    alone = standing_alone(found)
    return [*([f"{alone}; {BASE_ALONE}"] if alone else []), *found.remarks]


def offers_of(found: Seen, fit: Fit) -> dict[str, str]:
    """Return by role of a fit, in the order of its scenario, the offer that served it in the logs."""
    served = dict(zip(found.turns.agents, found.offers, strict=True))
    return {role: served[role] for role in dict.fromkeys(agent.role for agent in fit.agents)}


def document(fit: Fit, source: str, notes: Sequence[str]) -> dict[str, Any]:
    """Return all figures of a fit, with the quantiles as seen and as drawn from what is written down."""
    return {
        "schema": "burncurve.fit/1",
        "source": source,
        "sessions": fit.sessions,
        "calls": fit.calls,
        "agents": [_agent(agent) for agent in fit.agents],
        "quantities": [*_of_people(fit.people), *_of_agents(fit.agents)],
        "notes": list(notes),
    }


def _agent(agent: AgentFit) -> dict[str, Any]:
    return {
        "name": agent.name,
        "role": agent.role,
        "sessions": agent.sessions,
        "calls": agent.calls,
        "base": agent.base,
        "user_turn_miss": agent.user_miss.value if agent.user_miss.of else None,
        "tool_turn_miss": agent.tool_miss.value if agent.tool_miss.of else None,
        "compacts_at": agent.compacting.at if agent.compacting else None,
        "spawns": [
            {"agent": one.child, "probability": one.probability.value, "turns": one.probability.of,
             "join": "wait" if one.waits else "background"}
            for one in agent.spawns
        ],
    }  # fmt: skip


def _of_people(people: Sequence[PeopleFit]) -> Iterator[dict[str, Any]]:
    for one in people:
        yield _quantity(one.agent, "requests", one.requests)
        yield from [_quantity(one.agent, "think", one.think_us, span=True)] if one.think_us else []
        yield from [_quantity(one.agent, "sessions per day", one.sessions_per_day)] if one.sessions_per_day else []


def _of_agents(agents: Sequence[AgentFit]) -> Iterator[dict[str, Any]]:
    for agent in agents:
        for name in TOKENS:
            found: Fitted | None = getattr(agent, name)
            yield from [_quantity(agent.name, name, found)] if found else []
        yield from [_quantity(agent.name, "tool time", agent.time_us, span=True)] if agent.time_us else []
        if agent.compacting:
            yield _quantity(agent.name, "left after compaction", agent.compacting.left)
        for spawn in agent.spawns:
            yield _quantity(agent.name, f"children ({spawn.child})", spawn.count)
            yield from [_quantity(agent.name, f"brief ({spawn.child})", spawn.brief)] if spawn.brief else []


def _quantity(agent: str, name: str, found: Fitted, span: bool = False) -> dict[str, Any]:
    return {
        "agent": agent,
        "quantity": name,
        "unit": "us" if span else "tokens" if name not in COUNTED else "",
        "family": found.family,
        "written": written(found, span=span),
        "values": found.count,
        "ks": found.ks,
        "mean": {"seen": found.mean, "drawn": found.law.moment(1)},
        "quantiles": [
            {"level": level, "seen": seen, "drawn": quantile(found.law, level)} for level, seen in found.quantiles
        ],
        "rivals": [
            {
                "family": rival.family,
                "aic": rival.aic,
                "ks": rival.ks,
                "parameters": dict(rival.parameters),
                "quantiles": [quantile(rival.law, level) for level, _ in found.quantiles],
            }
            for rival in found.rivals
        ],
    }
