"""Conversations and their places in the prompt caches (the twin of the reference's Session)."""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import cache, context, layout, stages
from burncurve.engines.compiled.draws import drawn_at
from burncurve.engines.compiled.jit import frequent, inlined, kernel, usual
from burncurve.engines.compiled.layout import NONE
from burncurve.engines.compiled.rules import scaled


@inlined
def _tokenizer(s: Any, w: Any, agent: Any) -> Any:
    """Return how the offer that serves an agent's tasks at first sizes text."""
    return s.offers[s.legs[stages.first_leg(s, w, agent)].offer].tokenizer


@inlined
def _made(s: Any, w: Any, key: Any, base_agent: Any) -> Any:
    """Return the next session, still without context."""
    clock = w.clock[0]
    number = clock.sessions
    if number >= len(w.sessions):
        clock.full = layout.SESSIONS
        return 0
    clock.sessions = number + 1
    session = w.sessions[number]
    session.key, session.number, session.base_agent = key, number, base_agent
    session.base_version = w.base_versions[base_agent]
    session.requests, session.last_active, session.head, session.seen = 0, clock.now, NONE, 0
    session.purse, session.found, session.agents_end = NONE, 0, 0
    session.stage = stages.stage_at(s, clock.now) if s.terms[0].stages else 0
    for leg in range(s.terms[0].nodes):
        w.session_nodes[number, leg] = NONE
    return number


@frequent
def open_session(s: Any, w: Any, agent: Any, key: Any, with_history: Any) -> Any:
    """Return a new session with the agent's base and, if it is to have one, its history."""
    shared_key = w.clock[0].parameters_key
    number = open_with(s, w, agent, key, drawn_at(s, s.agents[agent].base, key, key, key, shared_key, 0))
    if with_history:
        history = drawn_at(s, s.agents[agent].history, key, key, key, shared_key, 0)
        context.append(w, w.sessions[number], context.USER, sized(s, w, agent, history))
    return number


@inlined
def sized(s: Any, w: Any, agent: Any, tokens: Any) -> Any:
    """Return how many tokens so many reference tokens are to the offer that serves an agent's tasks at first."""
    return scaled(tokens, _tokenizer(s, w, agent))


@inlined
def open_with(s: Any, w: Any, agent: Any, key: Any, base: Any) -> Any:
    """Return a new session with a base of so many reference tokens."""
    number = _made(s, w, key, agent)
    session = w.sessions[number]
    for origin in range(layout.ORIGINS + 1):
        session.origins[origin] = 0
    session.origins[context.BASE] = session.tokens = sized(s, w, agent, base)
    return number


@kernel
def fork_session(s: Any, w: Any, parent: Any, key: Any) -> Any:
    """Return a child session that starts with the parent's context and reads its cache entries."""
    number = _made(s, w, key, w.sessions[parent].base_agent)
    session, origin = w.sessions[number], w.sessions[parent]
    session.base_version, session.stage = origin.base_version, origin.stage
    session.tokens = session.seen = origin.tokens
    session.head, session.agents_end = origin.head, origin.agents_end
    for i in range(layout.ORIGINS + 1):
        session.origins[i] = origin.origins[i]
    for leg in range(s.terms[0].nodes):
        node = w.session_nodes[parent, leg]
        if node != NONE:
            w.session_nodes[number, leg] = cache.new_node(w, node, origin.tokens)
    return number


@inlined
def node_of(s: Any, w: Any, number: Any, leg: Any) -> Any:
    """Return a session's place in the cache of a leg and an effort; a changed base makes it a new one."""
    session = w.sessions[number]
    version = w.base_versions[session.base_agent]
    if not usual(version == session.base_version):
        session.base_version = version
        for other in range(s.terms[0].nodes):
            w.session_nodes[number, other] = NONE
    node = w.session_nodes[number, leg]
    if node != NONE:
        return node
    node = cache.new_node(w, base_node(w, session.base_agent, leg), session.origins[context.BASE])
    w.session_nodes[number, leg] = node
    return node


@inlined
def base_node(w: Any, agent: Any, leg: Any) -> Any:
    """Return the cache entries of an agent's base, shared by all its sessions until the base changes."""
    if w.base_nodes[agent, leg] == NONE:
        w.base_nodes[agent, leg] = cache.new_node(w, NONE, 0)
    return w.base_nodes[agent, leg]


@kernel
def change_base(s: Any, w: Any, agent: Any) -> None:
    """Make everything of an agent cold."""
    w.base_versions[agent] += 1
    for leg in range(s.terms[0].nodes):
        w.base_nodes[agent, leg] = NONE
