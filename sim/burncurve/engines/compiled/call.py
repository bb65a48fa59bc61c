"""One API call: what it needs, what it reads, how long it takes, and the row it leaves (the twin of the reference's)."""

from __future__ import annotations

from typing import Any

from burncurve.deployment import NO_LIMIT, BrokenBills, CacheKind, Retention
from burncurve.engines.compiled import cache, context, layout, moments, sessions
from burncurve.engines.compiled.draws import draw, drawn, drawn_from, happens, hits
from burncurve.engines.compiled.jit import inlined, kernel
from burncurve.engines.compiled.layout import NONE
from burncurve.engines.compiled.rules import decode_us, first_token_us, ordinal_of, read_tokens, scaled, share_of
from burncurve.engines.compiled.salts import BASE_MISS, BREAK_AT, BROKEN, HISTORY_MISS, LIFE, TIME
from burncurve.ledger import Kind, Status

LARGEST_RUN = 5_000_000
# plain integers: Numba treats members of an enumeration as a type of their own
OK, ERROR, REFUSED = int(Status.OK), int(Status.ERROR), int(Status.REFUSED)
EXPLICIT, AUTOMATIC = int(CacheKind.EXPLICIT), int(CacheKind.AUTOMATIC)
KIND_TURN, KIND_JUDGE = int(Kind.TURN), int(Kind.JUDGE)
OFF, LONG = int(Retention.OFF), int(Retention.LONG)
BILLS_NOTHING, BILLS_ALL = int(BrokenBills.NOTHING), int(BrokenBills.ALL)


@inlined
def output_for(s: Any, offer: Any, tokens: Any) -> Any:
    """Return what an offer makes of output given in reference tokens."""
    return min(scaled(tokens, s.offers[offer].output_ppm), s.offers[offer].longest)


@inlined
def made(w: Any, task: Any, kind: Any, key: Any, number: Any, output: Any, reasoning: Any) -> None:
    """Make the task's next call: with the whole context as prompt, cached, and growing the context.

    `call_attempt` is the caller's to set: a call that is made anew for another offer counts on.
    """
    task.kind, task.call_key, task.call_number = kind, key, number
    task.output, task.reasoning = output, reasoning
    task.prompt, task.is_side = w.sessions[task.session].tokens, 0
    task.cached = task.grows = 1
    task.after = NONE
    task.tries = task.warm = task.read = 0
    task.call_role = task.role


@inlined
def full(s: Any, w: Any, task: Any, kind: Any, key: Any, number: Any) -> None:
    """Make a call with drawn output and reasoning, reasoning first held to the offer's longest output."""
    agent = s.agents[task.agent]
    reasoning = output_for(s, task.offer, drawn(s, agent.reasoning, task, key, number))
    output = output_for(s, task.offer, drawn(s, agent.output, task, key, number))
    made(w, task, kind, key, number, min(output, s.offers[task.offer].longest - reasoning), reasoning)


@inlined
def addressed(s: Any, w: Any, task: Any, leg: Any) -> None:
    """Turn to a leg with the next try."""
    task.call_leg, task.call_offer, task.account = leg, s.legs[leg].offer, s.legs[leg].account
    task.asked, task.retry_after = w.clock[0].now, 0
    task.ordinal = ordinal_of(task.call_number, task.call_attempt)
    kind = s.offers[task.call_offer].cache_kind
    task.uses_cache = task.cached and (kind == AUTOMATIC or (kind == EXPLICIT and task.retention != OFF))


@inlined
def look(s: Any, w: Any, task: Any) -> None:
    """Look up how much of the prompt is warm right now."""
    offer = s.offers[task.call_offer]
    task.warm = _warm(s, w, task) if task.uses_cache else 0
    task.read = read_tokens(task.warm, offer.cache_block, offer.cache_minimum)


@inlined
def _warm(s: Any, w: Any, task: Any) -> Any:
    node = sessions.node_of(s, w, task.session, s.legs[task.call_leg].node)
    warm = cache.warm_prefix(w, node, task.prompt, w.clock[0].now)
    return _hit(s, w, task, warm) if warm else 0


@inlined
def _hit(s: Any, w: Any, task: Any, warm: Any) -> Any:
    """Return what is left of a warm prefix after a miss of the history or of the base."""
    agent, base = s.agents[task.agent], w.sessions[task.session].origins[context.BASE]
    if happens(s, agent.miss_base, task, task.call_key, BASE_MISS, task.ordinal):
        return 0
    first = task.depth == 0 and task.turn == 1 and (task.kind == KIND_TURN or task.kind == KIND_JUDGE)
    often = agent.miss_user if first else agent.miss_tool
    if warm > base and happens(s, often, task, task.call_key, HISTORY_MISS, task.ordinal):
        return base
    return warm


@inlined
def need(s: Any, task: Any, bucket: Any) -> Any:
    """Return what this try takes from a bucket of its account."""
    if bucket == 0:
        return 1
    if bucket == 1:
        return task.prompt if s.accounts[task.account].counts_reads else task.prompt - task.read
    if bucket > 2:
        return task.prompt + task.output + task.reasoning
    longest = s.offers[task.call_offer].longest
    return longest if s.accounts[task.account].debits_longest and longest < NO_LIMIT else task.output + task.reasoning


@kernel
def refuse(s: Any, w: Any, slot: Any, retry_after: Any) -> None:
    """Write the 429 down and let the client know."""
    task, now = w.tasks[slot], w.clock[0].now
    task.retry_after, task.status = retry_after, REFUSED
    write(s, w, task, REFUSED, NONE, NONE, now)
    moments.at(w, now, moments.CALL_END, task.number, 0, slot)


@inlined
def grant(s: Any, w: Any, slot: Any) -> None:
    """Serve the call: fix its times, bill it, touch the cache, and let it end."""
    task, now = w.tasks[slot], w.clock[0].now
    offer = s.offers[task.call_offer]
    factor = drawn_from(s, offer.factor, task.call_key, TIME, task.ordinal)
    first = first_token_us(
        task.prompt - task.read, task.read, offer.first_ns, offer.prefill_ns, offer.cached_ns, factor
    )
    decode = decode_us(task.output + task.reasoning, offer.decode_ns, factor)
    if offer.broken and hits(draw(task.call_key, BROKEN, task.ordinal), offer.broken):
        task.status, end = ERROR, _broken(s, w, task, first, decode)
    else:
        task.status, end = OK, now + first + decode
        write(s, w, task, OK, now, now + first, end)
        _bill(s, w, task, task.output, task.reasoning)
        _touch(s, w, task, now + first, end)
    moments.at(w, end, moments.CALL_END, task.number, 0, slot)


@kernel
def _broken(s: Any, w: Any, task: Any, first: Any, decode: Any) -> Any:
    """Let the call break at a drawn share of its time; return when."""
    now, bills = w.clock[0].now, s.offers[task.call_offer].broken_bills
    cut = share_of(first + decode, draw(task.call_key, BREAK_AT, task.ordinal))
    reached, streamed = cut >= first, 0
    if reached and bills == BILLS_ALL and decode:
        streamed = (task.output + task.reasoning) * (cut - first) // decode
    reasoning = min(streamed, task.reasoning)
    write(s, w, task, ERROR, now, now + first if reached else NONE, now + cut)
    if bills != BILLS_NOTHING:
        _bill(s, w, task, streamed - reasoning, reasoning)
    if reached:
        _touch(s, w, task, now + first, NONE)
    return now + cut


@inlined
def _touch(s: Any, w: Any, task: Any, readable: Any, end: Any) -> None:
    """Leave the prompt (and the output, where outputs are cached) in the cache, and as seen by the session."""
    session, offer, leg = w.sessions[task.session], s.offers[task.call_offer], s.legs[task.call_leg].node
    if task.is_side:
        return
    session.seen = task.prompt
    w.base_seen[session.base_agent, leg] = 1
    if not task.uses_cache or task.prompt < offer.cache_minimum:
        return
    table = offer.long if offer.cache_kind == EXPLICIT and task.retention == LONG else offer.short
    now = w.clock[0].now
    expiry = now + drawn_from(s, table, task.call_key, LIFE, task.ordinal)
    node = sessions.node_of(s, w, task.session, leg)
    cache.touch(w, node, task.prompt, task.warm, now, readable, expiry)
    if offer.caches_output and task.grows and end >= 0:
        cache.extend(w, w.nodes[node], context_after(w, task), end, expiry)


@inlined
def context_after(w: Any, task: Any) -> Any:
    """Return the context of the session once this call has been answered."""
    if task.after >= 0:
        return task.after
    grown = task.output + task.reasoning if task.keeps else task.output
    return w.sessions[task.session].tokens + (grown if task.grows else 0)


@inlined
def write(s: Any, w: Any, task: Any, status: Any, granted: Any, first_token: Any, end: Any) -> None:
    """Append the row of this try, so far without tokens."""
    clock = w.clock[0]
    if clock.rows > LARGEST_RUN:
        clock.error = layout.CALLS
    if clock.rows >= len(w.rows):
        clock.full = layout.ROWS
        return
    row, session = w.rows[clock.rows], w.sessions[task.session]
    clock.rows += 1
    row.replication, row.session, row.task, row.parent = (
        clock.replication,
        session.number,
        task.number,
        task.parent_number,
    )
    row.depth, row.agent, row.request, row.task_attempt = task.depth, task.agent, task.request, task.attempt
    row.turn, row.attempt, row.kind, row.offer = task.turn, task.call_attempt, task.kind, task.call_offer
    row.account, row.region, row.plan = task.account, s.offers[task.call_offer].region, NONE
    row.service_tier, row.status = s.offers[task.call_offer].tier, status
    row.request_us, row.grant_us, row.first_token_us, row.end_us = task.asked, granted, first_token, end
    row.input = row.cache_read = row.cache_write_5m = row.cache_write_1h = row.output = row.reasoning = 0
    row.from_base = row.from_user = row.from_output = row.from_reasoning = 0
    row.from_tools = row.from_agents = row.from_summary = row.fresh = row.fresh_agents = row.web_searches = 0
    row.context_after = session.tokens
    if status == OK:
        row.context_after = context_after(w, task)
        row.web_searches, task.searches = task.searches, 0


@inlined
def _bill(s: Any, w: Any, task: Any, output: Any, reasoning: Any) -> None:
    """Fill in the tokens of the row just written."""
    if w.clock[0].full:
        return
    row, offer = w.rows[w.clock[0].rows - 1], s.offers[task.call_offer]
    rest = task.prompt - task.read
    row.output, row.reasoning, row.cache_read = output, reasoning, task.read
    if not task.uses_cache or offer.cache_kind != EXPLICIT or task.prompt < offer.cache_minimum:
        row.input = rest
    elif task.retention == LONG:
        row.cache_write_1h = rest
    else:
        row.cache_write_5m = rest
    if task.is_side:
        row.from_user = row.fresh = task.prompt
    else:
        _split(s, w, task, row)


@inlined
def _split(s: Any, w: Any, task: Any, row: Any) -> None:
    """Fill in the prompt by origin, how much of it is fresh, and how much of that came from agents."""
    session = w.sessions[task.session]
    origins, base = session.origins, session.origins[context.BASE]
    row.from_base, row.from_user, row.from_output = base, origins[1], origins[2]
    row.from_reasoning, row.from_tools = origins[3], origins[4]
    row.from_agents, row.from_summary = origins[5], origins[6]
    base_known = w.base_seen[session.base_agent, s.legs[task.call_leg].node]
    known = max(session.seen, base if base_known else 0, task.read)
    tail = session.tokens - max(known, base)
    row.fresh = tail + (base if not base_known and task.read == 0 else 0)
    row.fresh_agents = context.tail_from(w, session, context.AGENTS, tail)
