"""Many replications in one go: the one function that Python calls."""

from __future__ import annotations

from typing import Any

from burncurve.engines.compiled import account, layout, loop, places, rows, treasury
from burncurve.engines.compiled.jit import frequent, kernel
from burncurve.engines.compiled.layout import BROKEN, DONE, GROW, NONE
from burncurve.engines.compiled.tables import given_of, world_of


@frequent
def play_many(given: Any, world: Any) -> Any:
    """Play replications from progress[0] on, their rows from progress[1] on; say what stands in the way, if anything.

    After GROW the pool named by the clock is to be enlarged and the call repeated; BROKEN leaves the reason in
    the clock.
    """
    s, w = given_of(given), world_of(world)
    clock, progress = w.clock[0], w.progress
    for i in range(progress[0], len(w.numbers)):
        clock.first_row, clock.outcome = progress[1], i
        _make_ready(s, w, w.numbers[i], w.keys[i, 0], w.keys[i, 1])
        loop.play_one(s, w)
        if clock.ties and not clock.full:
            rows.put_in_order(w)
        if clock.gone and not clock.full:
            rows.close_up(w)
        if not clock.full:
            rows.write_out(w)
        if clock.full:
            return GROW
        if clock.error:
            return BROKEN
        _count(w, w.outcomes, i)
        progress[0], progress[1] = i + 1, progress[1] + clock.rows
    return DONE


@kernel
def _make_ready(s: Any, w: Any, replication: Any, run_key: Any, parameters_key: Any) -> None:
    clock = w.clock[0]
    clock.replication, clock.run_key, clock.parameters_key = replication, run_key, parameters_key
    clock.now = clock.round = clock.full = clock.error = 0
    clock.moments = clock.lanes = clock.soon_head = clock.soon_tail = clock.tasks = clock.sessions = clock.pieces = 0
    clock.nodes = clock.entries = clock.starts = clock.rows = clock.next_task = clock.look_due = 0
    clock.free = s.terms[0].places or places.LARGEST
    clock.places_first = clock.places_last = clock.hole = clock.free_lane = clock.free_slot = NONE
    clock.requests = clock.finished = clock.succeeded = clock.failed = clock.skipped = 0
    clock.success_known, clock.latest_end = 1, NONE
    clock.ties, clock.gone, clock.last_asked, clock.last_task = 0, 0, NONE, NONE
    _forget_caches(s, w)
    _fill_accounts(s, w)
    treasury.make_ready(s, w)
    for turn in range(len(w.back)):
        w.back[turn] = 0
    for number in range(len(w.lines)):
        line = w.lines[number]
        line.session, line.openings, line.busy, line.first, line.last = NONE, 0, 0, NONE, NONE
    for number in range(len(s.triggers)):
        source = w.sources[number]
        source.next = source.operational = source.waiting = 0
    for number in range(len(s.people)):
        person = w.people[number]
        person.doing = person.window = person.at = person.count = person.first = person.room = 0


@kernel
def _forget_caches(s: Any, w: Any) -> None:
    for agent in range(len(s.agents)):
        w.base_versions[agent] = 0
        for leg in range(s.terms[0].nodes):
            w.base_nodes[agent, leg], w.base_seen[agent, leg] = NONE, 0


@kernel
def _fill_accounts(s: Any, w: Any) -> None:
    for number in range(len(s.accounts)):
        queue, terms = w.accounts[number], s.accounts[number]
        queue.at_work, queue.first, queue.last, queue.look_at = 0, NONE, NONE, NONE
        for bucket in range(layout.BUCKETS):
            period = account.DAY_MS if bucket == account.DAILY else layout.MINUTE_US
            queue.levels[bucket] = terms.limits[bucket] * period
        queue.units[0] = queue.units[1] = 0


@kernel
def _count(w: Any, outcomes: Any, i: Any) -> None:
    clock = w.clock[0]
    outcomes[i, 0], outcomes[i, 1], outcomes[i, 2] = clock.replication, clock.requests, clock.finished
    outcomes[i, 3] = clock.succeeded if clock.success_known else NONE
    outcomes[i, 4] = clock.requests - clock.finished - clock.failed
    outcomes[i, 5], outcomes[i, 6], outcomes[i, 7] = clock.failed, clock.skipped, clock.next_task
    outcomes[i, 8] = clock.latest_end if clock.rows else 0
