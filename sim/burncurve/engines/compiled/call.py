"""One API call: what it needs, what it reads, how long it takes, and the row it leaves (twin of the reference's)."""

from __future__ import annotations

from typing import Any

from burncurve.deployment import NO_LIMIT, BrokenBills, CacheKind, Retention
from burncurve.engines.compiled import cache, context, labels, layout, moments, rows, sessions, tools, treasury
from burncurve.engines.compiled.draws import draw, drawn, drawn_from, happens, hits
from burncurve.engines.compiled.jit import frequent, inlined, kernel, usual
from burncurve.engines.compiled.layout import NONE
from burncurve.engines.compiled.rules import (
    decode_us,
    first_token_us,
    least,
    most,
    ordinal_of,
    read_tokens,
    scaled,
    share_of,
)
from burncurve.engines.compiled.salts import BASE_MISS, BREAK_AT, BROKEN, HISTORY_MISS, LIFE, TIME
from burncurve.engines.compiled.writing import copy_known, copy_origins
from burncurve.ledger import Kind, Status

# plain integers: Numba treats members of an enumeration as a type of their own
OK, ERROR, REFUSED, STOPPED = int(Status.OK), int(Status.ERROR), int(Status.REFUSED), int(Status.STOPPED)
EXPLICIT, AUTOMATIC = int(CacheKind.EXPLICIT), int(CacheKind.AUTOMATIC)
KIND_TURN, KIND_JUDGE = int(Kind.TURN), int(Kind.JUDGE)
OFF, LONG = int(Retention.OFF), int(Retention.LONG)
BILLS_NOTHING, BILLS_ALL = int(BrokenBills.NOTHING), int(BrokenBills.ALL)


@inlined
def output_for(s: Any, offer: Any, tokens: Any) -> Any:
    """Return what an offer makes of output given in reference tokens."""
    return least(scaled(tokens, s.offers[offer].output_ppm), s.offers[offer].longest)


@inlined
def made(w: Any, task: Any, kind: Any, key: Any, number: Any, output: Any, reasoning: Any) -> None:
    """Make the task's next call: with the whole context as prompt, cached, and growing the context.

    `call_attempt` is the caller's to set: a call that is made anew for another offer counts on.
    """
    task.kind, task.call_key, task.call_number = kind, key, number
    task.output, task.reasoning = output, reasoning
    task.prompt, task.is_side = w.sessions[task.session].tokens, 0
    task.cached = task.grows = 1
    task.after, task.call_leg = NONE, task.leg
    task.tries = task.warm = task.read = 0
    task.call_role, task.ahead = task.role, NONE


@inlined
def full(s: Any, w: Any, slot: Any, kind: Any, key: Any, number: Any) -> None:
    """Make a call with drawn output and reasoning, reasoning first held to the offer's longest output."""
    task, sheet = w.tasks[slot], w.sheets[slot]
    if task.traced >= 0:
        _as_traced(s, w, task, kind, key, number)
        return
    at = number - task.drawn_from if _is_turn(kind) else NONE
    if usual(at >= 0) and usual(task.sized_for == task.offer):
        output, reasoning = sheet.output[at], sheet.reasoning[at]
    else:
        output, reasoning = _sized(s, task, key, number)
    made(w, task, kind, key, number, output, reasoning)
    task.ahead = at


@inlined
def _sized(s: Any, task: Any, key: Any, number: Any) -> Any:
    """Return output and reasoning as the offer sizes them, drawn for this call alone."""
    agent, longest = s.agents[task.agent], s.offers[task.offer].longest
    reasoning = output_for(s, task.offer, drawn(s, agent.reasoning, task, key, number))
    output = output_for(s, task.offer, drawn(s, agent.output, task, key, number))
    return least(output, longest - reasoning), reasoning


@inlined
def _is_turn(kind: Any) -> Any:
    return (kind == KIND_TURN) | (kind == KIND_JUDGE)


@kernel
def _as_traced(s: Any, w: Any, task: Any, kind: Any, key: Any, number: Any) -> None:
    """Make a call that writes what the trace says, as the offer sizes it."""
    turn = s.traced_turns[task.traced_turn]
    task.stays = output_for(s, task.offer, turn.stays)
    output, reasoning = output_for(s, task.offer, turn.output), output_for(s, task.offer, turn.reasoning)
    made(w, task, kind, key, number, output, reasoning)


@inlined
def addressed(s: Any, w: Any, task: Any, leg: Any) -> None:
    """Turn to a leg with the next try."""
    task.call_leg = leg
    if not usual(task.named_leg == leg):
        _named(s, w, task, leg)
    task.asked, task.retry_after = w.clock[0].now, 0
    task.ordinal = ordinal_of(task.call_number, task.call_attempt)
    rows.reserve(w, task)
    task.uses_cache = task.cached & task.caches


@frequent
def _named(s: Any, w: Any, task: Any, leg: Any) -> None:
    """Remember what all calls of a task have in common while a leg serves them."""
    number = s.legs[leg].offer
    offer, session = s.offers[number], w.sessions[task.session].number
    task.named_leg, task.call_offer, task.account = leg, number, s.legs[leg].account
    task.replication, task.session_number = w.clock[0].replication, session
    task.region, task.tier = offer.region, offer.tier
    automatic = offer.cache_kind == AUTOMATIC
    debits = s.accounts[task.account].debits_longest and offer.longest < NO_LIMIT
    task.debit = offer.longest if debits else 0
    task.caches = automatic or (offer.cache_kind == EXPLICIT and task.retention != OFF)
    narrow = task.depth | task.attempt | offer.tier
    middling = task.agent | number | task.account | offer.region
    numbers = w.clock[0].replication | session | task.number | task.request
    task.wide = (narrow >> 7) | (middling >> 15) | (numbers >> 31) != 0


@inlined
def look(s: Any, w: Any, task: Any) -> None:
    """Look up how much of the prompt is warm right now."""
    offer = s.offers[task.call_offer]
    task.warm = _warm(s, w, task) if task.uses_cache else 0
    task.read = read_tokens(task.warm, offer.cache_block, offer.cache_minimum)


@inlined
def _warm(s: Any, w: Any, task: Any) -> Any:
    task.node = sessions.node_of(s, w, task.session, _cache_of(s, task))
    warm = cache.newest_prefix(w, task.node, w.clock[0].now)
    task.newest = (warm > 0) & (warm <= task.prompt)
    if not usual(task.newest != 0):
        warm = cache.warm_prefix(w, task.node, task.prompt, w.clock[0].now)
    if task.traced >= 0:
        warm = most(warm, least(w.sessions[task.session].found, task.prompt))
        task.newest = 0
    hit = _hit(s, w, task, warm) if warm else 0
    task.newest &= hit == warm
    return hit


@inlined
def _cache_of(s: Any, task: Any) -> Any:
    """Return which cache the call meets: that of its leg for its agent's effort."""
    return s.agents[task.agent].first_node + s.legs[task.call_leg].node


@inlined
def _hit(s: Any, w: Any, task: Any, warm: Any) -> Any:
    """Return what is left of a warm prefix after a miss of the history or of the base."""
    agent, base = s.agents[task.agent], w.sessions[task.session].origins[context.BASE]
    if not agent.misses:
        return warm
    if happens(s, agent.miss_base, task, task.call_key, BASE_MISS, task.ordinal):
        return 0
    first = task.depth == 0 and task.turn == 1 and _is_turn(task.kind)
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
        return task.prompt - (task.read & s.accounts[task.account].free_reads)
    if bucket > 2:
        return task.prompt + task.output + task.reasoning
    return task.debit or task.output + task.reasoning


@kernel
def refuse(s: Any, w: Any, slot: Any, retry_after: Any) -> None:
    """Write the 429 down and let the client know."""
    task, now = w.tasks[slot], w.clock[0].now
    task.retry_after, task.status = retry_after, REFUSED
    write(s, w, task, REFUSED, NONE, NONE, now)
    moments.at(w, now, moments.CALL_END, task.number, 0, slot)


@kernel
def withdraw(w: Any, slot: Any) -> None:
    """Give the call back to its task, which decides anew; nothing has happened."""
    task = w.tasks[slot]
    rows.give_up(w, task)
    task.status = STOPPED
    moments.at(w, w.clock[0].now, moments.CALL_END, task.number, 0, slot)


@inlined
def grant(s: Any, w: Any, slot: Any) -> None:
    """Serve the call: fix its times, bill it, touch the cache, and let it end."""
    task, now = w.tasks[slot], w.clock[0].now
    offer = s.offers[task.call_offer]
    if usual(task.ahead >= 0) and usual(task.call_attempt == 0) and usual(task.timed_for == task.call_offer):
        factor = w.sheets[slot].factor[task.ahead]
    else:
        factor = drawn_from(s, offer.factor, task.call_key, TIME, task.ordinal)
    first = first_token_us(
        task.prompt - task.read, task.read, offer.first_ns, offer.prefill_ns, offer.cached_ns, factor
    )
    decode = decode_us(task.output + task.reasoning, offer.decode_ns, factor)
    if not usual(offer.broken == 0) and hits(draw(task.call_key, BROKEN, task.ordinal), offer.broken):
        task.status, end = ERROR, _broken(s, w, task, first, decode)
    else:
        task.status, end = OK, now + first + decode
        write(s, w, task, OK, now, now + first, end)
        _bill(s, w, task, task.output, task.reasoning)
        _touch(s, w, task, now + first, end)
        if end > now and usual(_is_known(s, task)) and usual(tools.begin(s, w, slot)):
            _go_ahead(s, w, slot, end)
            return
    if s.terms[0].counts:
        treasury.granted(s, w, slot)
    moments.at(w, end, moments.CALL_END, task.number, 0, slot)


@inlined
def _is_known(s: Any, task: Any) -> Any:
    """Say whether all that the end of a granted call brings about concerns its task alone, but for tools."""
    agent = s.agents[task.agent]
    if not (usual(task.after_served == labels.WRITTEN) and usual(task.after_full == labels.TURN_DONE)):
        return False
    return usual(agent.sides == 0) and usual(agent.spawns == 0) and s.accounts[task.account].quiet


@inlined
def _go_ahead(s: Any, w: Any, slot: Any, end: Any) -> None:
    """Do now what the end of the call would do, and leave that moment out: the next one is the end of the tools."""
    task = w.tasks[slot]
    grow(w, task, end)
    lasting_us = tools.lasting_us(s, w, slot)
    task.label = labels.TOOLS_DONE
    moments.put(w, end + lasting_us, lasting_us == 0, moments.TOOL_END, task.number, 0, slot)


@inlined
def _staying(task: Any) -> Any:
    """Return how much output and reasoning of what a call wrote joins the context."""
    if task.stays >= 0:  # a trace says so
        return least(task.stays, task.output), most(least(task.stays - task.output, task.reasoning), 0)
    return task.output, task.reasoning if task.keeps else 0


@inlined
def grow(w: Any, task: Any, at_us: Any) -> None:
    """Let the context grow by what the call wrote."""
    session = w.sessions[task.session]
    output, reasoning = _staying(task)
    context.append(w, session, context.REASONING, reasoning)
    context.append(w, session, context.OUTPUT, output)
    session.last_active = at_us


@kernel
def _broken(s: Any, w: Any, task: Any, first: Any, decode: Any) -> Any:
    """Let the call break at a drawn share of its time; return when."""
    now, bills = w.clock[0].now, s.offers[task.call_offer].broken_bills
    cut = share_of(first + decode, draw(task.call_key, BREAK_AT, task.ordinal))
    reached, streamed = cut >= first, 0
    if reached and bills == BILLS_ALL and decode:
        streamed = (task.output + task.reasoning) * (cut - first) // decode
    reasoning = least(streamed, task.reasoning)
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
    if not usual(task.is_side == 0):
        return
    session.seen, session.found = task.prompt, 0
    w.base_seen[session.base_agent, leg] = 1
    if not task.uses_cache or task.prompt < offer.cache_minimum:
        return
    table = offer.long if offer.cache_kind == EXPLICIT and task.retention == LONG else offer.short
    now = w.clock[0].now
    expiry = now + drawn_from(s, table, task.call_key, LIFE, task.ordinal)
    node = task.node  # found when the call was looked up, just now
    cache.touch(w, node, task.prompt, task.warm, task.newest, now, readable, expiry)
    if offer.caches_output and task.grows and end >= 0:
        cache.extend(w, w.nodes[node], context_after(w, task), end, expiry)


@inlined
def context_after(w: Any, task: Any) -> Any:
    """Return the context of the session once this call has been answered."""
    if task.after >= 0:
        return task.after
    output, reasoning = _staying(task)
    return w.sessions[task.session].tokens + (output + reasoning if task.grows else 0)


@inlined
def write(s: Any, w: Any, task: Any, status: Any, granted: Any, first_token: Any, end: Any) -> None:
    """Fill in the row of this try, so far without tokens."""
    clock, row = w.clock[0], w.rows[task.row]
    clock.latest_end = most(clock.latest_end, end)
    copy_known(row, task)
    row.status = status
    row.request_us, row.grant_us, row.first_token_us, row.end_us = task.asked, granted, first_token, end
    after, searches = w.sessions[task.session].tokens, 0
    if status == OK:
        after, searches = context_after(w, task), task.searches
        task.searches = 0
    row.context_after, row.web_searches = after, searches
    if ((searches | task.turn) >> 15) | (task.call_attempt >> 7) | (after >> 31) | task.wide:
        clock.error = layout.WIDE
    if status != OK:
        _write_nothing(row)


@kernel
def _write_nothing(row: Any) -> None:
    row.input = row.cache_read = row.cache_write_5m = row.cache_write_1h = 0
    row.output = row.reasoning = row.fresh = row.fresh_agents = 0
    row.from_base = row.from_user = row.from_output = row.from_reasoning = 0
    row.from_tools = row.from_agents = row.from_summary = 0


@inlined
def _bill(s: Any, w: Any, task: Any, output: Any, reasoning: Any) -> None:
    """Fill in the tokens of the row just written."""
    clock, offer, rest = w.clock[0], s.offers[task.call_offer], task.prompt - task.read
    row = w.rows[task.row]
    row.output, row.reasoning, row.cache_read = output, reasoning, task.read
    plain = not task.uses_cache or offer.cache_kind != EXPLICIT or task.prompt < offer.cache_minimum
    long = task.retention == LONG
    row.input = rest if plain else 0
    row.cache_write_5m = 0 if plain or long else rest
    row.cache_write_1h = 0 if plain or not long else rest
    _split(s, w, task, row)
    if (task.prompt | output | reasoning) >> 31:
        clock.error = layout.WIDE


@inlined
def _split(s: Any, w: Any, task: Any, row: Any) -> None:
    """Fill in the prompt by origin, how much of it is fresh, and how much of that came from agents."""
    if not usual(task.is_side == 0):
        row.from_base = row.from_output = row.from_reasoning = row.from_tools = 0
        row.from_agents = row.from_summary = row.fresh_agents = 0
        row.from_user = row.fresh = task.prompt
        return
    session = w.sessions[task.session]
    origins, base = session.origins, session.origins[context.BASE]
    copy_origins(row, origins)
    base_known = w.base_seen[session.base_agent, s.legs[task.call_leg].node]
    known = most(most(session.seen, task.read), base if base_known else 0)
    tail = session.tokens - most(known, base)
    row.fresh = tail + (base if not base_known and task.read == 0 else 0)
    row.fresh_agents = context.from_agents(w, session, tail)
