"""What one call adds to a bill, and what it costs; twin of `burncurve.billing.tally` and `causes`."""

from __future__ import annotations

from typing import Any

from burncurve.billing.causes import UNCACHED_METERS, WHOLE_CALL
from burncurve.engines.compiled.jit import frequent, inlined
from burncurve.engines.compiled.rules import least, most
from burncurve.ledger import Kind
from burncurve.studies.reduction import layout

KINDS, UNCACHED, PURPOSES = len(Kind), len(UNCACHED_METERS), len(WHOLE_CALL)
FAILED = PURPOSES - 1
LARGEST_PICO = 1 << 48  # up to here the nearest float times 10**12 is the same integer


@inlined
def billed(s: Any, w: Any, i: Any, row: Any, prompt: Any) -> Any:
    """Add a served call to the cells of bills; return pico-dollars, of use only where every meter has a rate."""
    read, short, hour = s.cache_read[row], s.cache_write_5m[row], s.cache_write_1h[row]
    uncached, meter = prompt - read, layout.INPUT
    if short:
        meter = layout.WRITE_5M
    elif hour:
        meter = layout.WRITE_1H
    if _several(s.input[row], short, hour) or _negative(s, row):
        w.state[0].wrong = 1
        return 0
    place = _place_of(s, row, prompt, uncached)
    if s.cut[place] and prompt > s.terms[0].excess:
        w.state[0].wrong = 1
        return 0
    output, reasoning, searches = s.output[row], s.reasoning[row], s.web_searches[row]
    purpose = FAILED if s.task_attempt[row] > 0 else s.purposes[s.kind[row] + KINDS * s.status[row]]
    terms = s.terms[0]
    kind = (s.account[row] * terms.agents + s.agent[row]) * terms.places + place
    cell = (kind * UNCACHED + meter) * PURPOSES + purpose
    _add_parts(s, w, row, cell, uncached)
    w.cells[cell, layout.PART_OUTPUT] += output
    w.cells[cell, layout.PART_REASONING] += reasoning
    w.cells[cell, layout.PART_SEARCHES] += searches
    use = i * terms.places + place
    w.uses[use, layout.READ] += read
    w.uses[use, meter] += uncached
    w.uses[use, layout.OUTPUT] += output
    w.uses[use, layout.REASONING] += reasoning
    w.uses[use, layout.SEARCHES] += searches
    pico = read * s.rates[place, layout.READ] + uncached * s.rates[place, meter]
    pico += output * s.rates[place, layout.OUTPUT] + reasoning * s.rates[place, layout.REASONING]
    pico += searches * s.rates[place, layout.SEARCHES]
    if pico >= LARGEST_PICO:
        w.state[0].wrong = 1
    return pico


@inlined
def _several(rest: Any, short: Any, hour: Any) -> Any:
    """Say whether uncached tokens are on several meters."""
    return (rest > 0 and short + hour > 0) or (short > 0 and hour > 0)


@inlined
def _negative(s: Any, row: Any) -> Any:
    signs = s.input[row] | s.cache_read[row] | s.cache_write_5m[row] | s.cache_write_1h[row] | s.output[row]
    signs |= s.reasoning[row] | s.web_searches[row] | s.fresh[row] | s.fresh_agents[row] | s.from_base[row]
    return signs < 0


@inlined
def _add_parts(s: Any, w: Any, row: Any, cell: Any, uncached: Any) -> None:
    """Add the parts of the prompt, those with a rule of their own where the purpose of the call decides nothing."""
    read = s.cache_read[row]
    if cell % PURPOSES:
        w.cells[cell, layout.READ_HISTORY] += read
        w.cells[cell, layout.NEW] += uncached
        return
    base, brief = least(read, s.from_base[row]), s.fresh_agents[row]
    miss, new = uncached - s.fresh[row], s.fresh[row] - brief
    w.cells[cell, layout.READ_BASE] += base
    w.cells[cell, layout.READ_HISTORY] += read - base
    w.cells[cell, layout.MISS] += miss
    w.cells[cell, layout.BRIEF] += brief
    w.cells[cell, layout.NEW] += new
    if miss < 0 or new < 0:
        w.state[0].wrong = 1


@inlined
def _place_of(s: Any, row: Any, prompt: Any, uncached: Any) -> Any:
    """Return the place at which a call falls, its first segment."""
    terms = s.terms[0]
    place = s.sold[(s.offer[row] * terms.tiers + s.service_tier[row]) * terms.regions + s.region[row]]
    place *= terms.stretches
    if terms.stretches > 1:
        place += _stretch(s, s.grant_us[row] + terms.start_utc_us)
    if terms.bands > 1:
        context = prompt + s.output[row] + s.reasoning[row]
        place = place * (len(s.by_prompt) + 1) + _above(s.by_prompt, prompt)
        place = place * (len(s.by_uncached) + 1) + _above(s.by_uncached, uncached)
        place = place * (len(s.by_context) + 1) + _above(s.by_context, context)
    return s.places[place * terms.segments]


@frequent
def _stretch(s: Any, utc_us: Any) -> Any:
    """Return the last stretch that begins no later."""
    low, high = 0, len(s.edges_us)
    while low < high:
        middle = (low + high) // 2
        if s.edges_us[middle] <= utc_us:
            low = middle + 1
        else:
            high = middle
    return most(0, low - 1)


@inlined
def _above(bounds: Any, tokens: Any) -> Any:
    """Return how many bounds the tokens are above."""
    count = 0
    for number in range(len(bounds)):
        count += tokens > bounds[number]
    return count
