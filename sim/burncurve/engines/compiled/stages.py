"""Stages of a deployment: who serves from when on (the twin of what the reference's World and Session say of them).

They stand behind `s.terms[0].stages`, so that who has none pays nothing for them.
"""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import context
from burncurve.engines.compiled.jit import inlined, kernel
from burncurve.engines.compiled.layout import NONE
from burncurve.engines.compiled.rules import least


@kernel
def stage_at(s: Any, at_us: Any) -> Any:
    """Return how many stages have taken over by a time."""
    stage = 0
    for i in range(s.terms[0].first_stage, s.terms[0].first_stage + s.terms[0].stages):
        stage += s.numbers[i] <= at_us
    return stage


@kernel
def waited_us(s: Any, w: Any, at_us: Any) -> Any:
    """Return a time that is waited for, or the beginning of the next stage if that comes first."""
    for i in range(s.terms[0].first_stage, s.terms[0].first_stage + s.terms[0].stages):
        if s.numbers[i] > w.clock[0].now:
            at_us = least(at_us, s.numbers[i])
    return at_us


@inlined
def route_of(s: Any, w: Any, role: Any) -> Any:
    """Return the number of the route that serves a role now."""
    return role + s.terms[0].roles * stage_at(s, w.clock[0].now) if s.terms[0].stages else role


@inlined
def first_leg(s: Any, w: Any, agent: Any) -> Any:
    """Return who serves an agent's tasks at first."""
    return s.routes[route_of(s, w, s.agents[agent].role)].first_leg


@kernel
def has_begun_since(s: Any, w: Any, at_us: Any) -> Any:
    """Say whether a stage has begun after a time."""
    return stage_at(s, at_us) != stage_at(s, w.clock[0].now)


@kernel
def enter(s: Any, w: Any, number: Any) -> None:
    """Size a session's context as the offer does that serves its agent from now on, if that is another stage's."""
    session, stage = w.sessions[number], stage_at(s, w.clock[0].now)
    if session.stage == stage:
        return
    before, now = _tokenizer(s, session.base_agent, session.stage), _tokenizer(s, session.base_agent, stage)
    session.stage = stage
    if before != now:
        context.resize(w, session, now, before)
        for leg in range(s.terms[0].nodes):
            w.session_nodes[number, leg] = NONE


@kernel
def _tokenizer(s: Any, agent: Any, stage: Any) -> Any:
    route = s.routes[s.agents[agent].role + s.terms[0].roles * stage]
    return s.offers[s.legs[route.first_leg].offer].tokenizer
