"""The pass itself: every row is looked at once, for all that is asked of it."""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled.jit import frequent, inlined, kernel
from burncurve.engines.compiled.rules import least, most
from burncurve.ledger import Kind, Status
from burncurve.studies.reduction import layout
from burncurve.studies.reduction.bill import billed
from burncurve.studies.reduction.families import close_families, of_task
from burncurve.studies.reduction.layout import BEYOND, DONE
from burncurve.studies.reduction.tables import given_of, sums_of

OK, ERROR, REFUSED, STOPPED, OVERFLOW = (int(status) for status in Status)
COMPACTION, SIDE = int(Kind.COMPACTION), int(Kind.SIDE)


@frequent
def reduce(given: Any, sums: Any) -> Any:
    """Add up a ledger, or find first what the sums need room for; BEYOND where this is for others to do."""
    s, w = given_of(given), sums_of(sums)
    if w.state[0].asked == layout.SURVEYS:
        _survey(s, w)
        return DONE
    for i in range(len(s.ends) - 1):
        for row in range(s.ends[i], s.ends[i + 1]):
            _add(s, w, i, row)
        close_families(w, i)
        if w.state[0].wrong:
            return BEYOND
    return DONE


@frequent
def _survey(s: Any, w: Any) -> None:
    """Find the largest of what numbers and times there are, and who sells."""
    state, terms = w.state[0], s.terms[0]
    for row in range(len(s.task)):
        end_us = s.end_us[row]
        state.latest_end_us = most(state.latest_end_us, end_us)
        state.latest_us = most(state.latest_us, end_us if end_us >= 0 else s.request_us[row])
        state.granted_us = most(state.granted_us, s.grant_us[row])
        state.last_task = most(state.last_task, s.task[row])
        state.last_session = most(state.last_session, s.session[row])
        state.attempts += s.attempt[row] != 0
        w.there[(s.offer[row] * terms.tiers + s.service_tier[row]) * terms.regions + s.region[row]] = 1


@inlined
def _add(s: Any, w: Any, i: Any, row: Any) -> None:
    status = s.status[row]
    fresh = s.fresh[row]
    w.counted[i, layout.FRESH] += fresh
    w.counted[i, layout.PEAK] = most(w.counted[i, layout.PEAK], s.context_after[row])
    if status != STOPPED and status != OVERFLOW:
        w.counted[i, layout.ATTEMPTS] += 1
        if s.attempt[row] == 0:
            w.counted[i, layout.CALLS] += 1
    if status == OK:
        w.answered[s.offer[row]] += 1
        if s.kind[row] == COMPACTION:
            w.counted[i, layout.COMPACTIONS] += 1
    else:
        _count_trouble(w, i, status)
    prompt = s.input[row] + s.cache_read[row] + s.cache_write_5m[row] + s.cache_write_1h[row]
    pico = 0
    if status <= ERROR:  # it was served
        pico = billed(s, w, i, row, prompt)
        of_task(s, w, row, prompt)
    elif prompt or s.output[row] or s.reasoning[row] or s.web_searches[row] or fresh:
        w.state[0].wrong = 1
    _curves(s, w, i, row, pico)
    _answer(s, w, row)
    if s.terms[0].fails_over and status == OK and s.kind[row] != SIDE:
        _changed(s, w, i, row, prompt)


@inlined
def _count_trouble(w: Any, i: Any, status: Any) -> None:
    if status == ERROR:
        w.counted[i, layout.ERRORS] += 1
    elif status == REFUSED:
        w.counted[i, layout.REFUSED] += 1
    elif status == STOPPED:
        w.counted[i, layout.STOPPED] += 1
    else:
        w.counted[i, layout.OVERFLOWS] += 1


@inlined
def _curves(s: Any, w: Any, i: Any, row: Any, pico: Any) -> None:
    """Count into the bin and the clock hour of the end; most rows are in those of the row before."""
    state, end_us = w.state[0], s.end_us[row]
    at_us = end_us if end_us >= 0 else s.request_us[row]
    if at_us < state.bin_from or at_us >= state.bin_to:
        width_us = s.terms[0].bin_us
        state.bin = at_us // width_us
        state.bin_from = state.bin * width_us
        state.bin_to = state.bin_from + width_us
    if end_us >= 0 and (end_us < state.hour_from or end_us >= state.hour_to):
        hour_us = s.terms[0].hour_us
        state.hour = end_us // hour_us
        state.hour_from = state.hour * hour_us
        state.hour_to = state.hour_from + hour_us
    if end_us >= 0:
        w.hours[state.hour] += pico
    w.pico[i, state.bin] += pico
    w.tokens[state.bin, 0] += s.input[row]
    w.tokens[state.bin, 1] += s.cache_read[row]
    w.tokens[state.bin, 2] += s.cache_write_5m[row]
    w.tokens[state.bin, 3] += s.cache_write_1h[row]
    w.tokens[state.bin, 4] += s.output[row]
    w.tokens[state.bin, 5] += s.reasoning[row]


@inlined
def _answer(s: Any, w: Any, row: Any) -> None:
    if s.depth[row] == 0 and s.end_us[row] >= 0:
        task = w.tasks[s.task[row]]
        if task.last_us < 0:
            task.first_us = s.request_us[row]
        task.last_us = s.end_us[row]
        w.state[0].tasks = most(w.state[0].tasks, s.task[row] + 1)


@kernel
def _changed(s: Any, w: Any, i: Any, row: Any, prompt: Any) -> None:
    """Count a call that another offer serves than the one before it in its session."""
    session = w.sessions[s.session[row]]
    if session.replication == i and session.offer != s.offer[row]:
        w.counted[i, layout.FAILOVERS] += 1
        w.counted[i, layout.FAILOVER_TOKENS] += most(0, least(session.prompt, prompt) - s.cache_read[row])
    session.replication, session.offer, session.prompt = i, s.offer[row], prompt
