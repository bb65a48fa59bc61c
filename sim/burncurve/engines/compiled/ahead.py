"""Draws made ahead: what the next turns of a task need, AHEAD turns at once.

A draw depends on nothing but its key, so it may be made before it is needed; and the same steps for many turns fit into
one long register (see `many`). Other draws are made when they are needed.
"""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled.draws import drawn
from burncurve.engines.compiled.jit import frequent, inlined
from burncurve.engines.compiled.layout import AHEAD, NONE
from burncurve.engines.compiled.many import draw_many, fill, hold
from burncurve.engines.compiled.rules import least, ordinal_of, scaled
from burncurve.engines.compiled.salts import TIME
from burncurve.engines.rules import MAX_TRIES
from burncurve.words import PPM

UNBOUNDED = 1 << 62


@inlined
def prepare(s: Any, w: Any, slot: Any) -> None:
    """See to it that what the task's turn needs has been drawn."""
    task = w.tasks[slot]
    if task.turn - task.drawn_from >= AHEAD:
        _draw(s, w, slot)


@frequent
def _draw(s: Any, w: Any, slot: Any) -> None:
    """Draw for this turn and those after it."""
    task, sheet = w.tasks[slot], w.sheets[slot]
    agent, offer, turn, call = s.agents[task.agent], s.offers[task.offer], task.turn, ordinal_of(task.turn, 0)
    task.drawn_from = turn
    task.sized_for = NONE
    if (agent.output.ahead or agent.output.plain) and (agent.reasoning.ahead or agent.reasoning.plain):
        _fill(s.narrow, sheet.output, agent.output, task.key, turn, 1, UNBOUNDED)
        _fill(s.narrow, sheet.reasoning, agent.reasoning, task.key, turn, 1, UNBOUNDED)
        _size(offer, sheet)
        task.sized_for = task.offer
    if agent.uses_tools:
        _fill(s.narrow, sheet.tools, agent.tools.calls, task.key, turn, 1, MAX_TRIES)
        if agent.tools.choices == 1:
            tool = s.choices[agent.tools.first_choice]
            _fill(s.narrow, sheet.result, tool.result, task.key, call, MAX_TRIES, tool.cap)
            if tool.time.table.wide:  # as are times of more than half an hour
                _fill(s.values, sheet.time, tool.time, task.key, call, MAX_TRIES, UNBOUNDED)
            else:
                _fill(s.narrow, sheet.time, tool.time, task.key, call, MAX_TRIES, UNBOUNDED)
    task.timed_for = NONE
    if offer.factor.cell_bits and not offer.factor.wide:
        task.timed_for = task.offer
        draw_many(s.narrow, offer.factor, task.key, TIME, call, MAX_TRIES, -UNBOUNDED, UNBOUNDED, sheet.factor)


@inlined
def _fill(values: Any, cells: Any, quantity: Any, key: Any, ordinal: Any, step: Any, cap: Any) -> None:
    """Draw a quantity for the next turns, held within its bounds and under a cap."""
    if quantity.ahead:
        high = least(quantity.high, cap)
        draw_many(values, quantity.table, key, quantity.salt, ordinal, step, quantity.low, high, cells)
    elif quantity.plain:
        fill(cells, least(quantity.value, cap))


@inlined
def _size(offer: Any, sheet: Any) -> None:
    """Hold what is written in the next turns to what the offer makes of it; reasoning comes first."""
    if offer.output_ppm != PPM:
        for i in range(AHEAD):
            sheet.output[i] = scaled(sheet.output[i], offer.output_ppm)
            sheet.reasoning[i] = scaled(sheet.reasoning[i], offer.output_ppm)
    hold(sheet.output, sheet.reasoning, offer.longest)


@inlined
def taken(s: Any, cells: Any, at: Any, quantity: Any, task: Any, key: Any, ordinal: Any) -> Any:
    """Return a quantity: what was drawn ahead at a place of `cells`, drawn now if it was not or the place is NONE."""
    if quantity.ahead and at >= 0:
        return cells[at]
    return drawn(s, quantity, task, key, ordinal)
