"""Workload and Deployment into the arrays that kernels read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from burncurve.deployment import Deployment, Leg, Route
from burncurve.draws import FIRST_BITS, Table, TableKind, half_length, salt_of
from burncurve.engines.compiled import layout
from burncurve.engines.compiled.layout import MINUTE_US, MINUTELY, NONE, Given
from burncurve.engines.compiled.pack_money import cheaper_legs, counts_spending, money_of
from burncurve.engines.compiled.script import script_of
from burncurve.engines.rules import scaled
from burncurve.workload import NEVER, Agent, Misses, Per, Quantity, Spawn, Tools, Trace, Trigger, Users, Workload

NARROW = 1 << 31
Row = dict[str, Any]
Value = TypeVar("Value")


class Lists:
    """Growing lists that end as arrays; a table or quantity that is met again is the same."""

    def __init__(self) -> None:
        self.values: list[int] = []
        self.narrow: list[int] = []
        self.thresholds: list[int] = []
        self.numbers: list[int] = []
        self.rows: dict[str, list[Row]] = {}
        self._known: dict[int, tuple[object, Row]] = {}

    def add(self, kind: str, row: Row) -> int:
        """Append a record of a kind and return its number."""
        rows = self.rows.setdefault(kind, [])
        rows.append(row)
        return len(rows) - 1

    def span(self, name: str, numbers: Iterable[int], count: str) -> Row:
        """Append plain integers; return the fields that say where they stand."""
        first = len(self.numbers)
        self.numbers.extend(numbers)
        return {name: first, count: len(self.numbers) - first}

    def table(self, table: Table) -> Row:
        """Return the fields of a table."""
        if id(table) in self._known:
            return self._known[id(table)][1]
        wide = max(map(abs, table.values)) >= NARROW
        values = self.values if wide else self.narrow
        first, cell_bits = len(values), table.cell_bits
        if cell_bits:
            first -= FIRST_BITS << cell_bits
        row = {"wide": wide, "first": first, "cell_bits": cell_bits, "half": half_length(cell_bits)}
        row |= {"first_step": len(self.thresholds), "steps": len(table.thresholds)}
        values.extend(table.values)
        self.thresholds.extend(table.thresholds)
        return self._remember(table, row)

    def quantity(self, quantity: Quantity) -> Row:
        """Return the fields of a quantity; `plain` and `simple` name the kinds that are drawn with least effort."""
        if id(quantity) in self._known:
            return self._known[id(quantity)][1]
        first = len(self.rows.get("factors", ()))
        for factor in quantity.times:
            self.add("factors", {"table": self.table(factor.table), "per": factor.per, "salt": factor.salt})
        varies, value = quantity.table.kind != TableKind.CONSTANT, quantity.table.values[0]
        smooth, plain = quantity.table.kind == TableKind.SMOOTH, not varies and not quantity.times
        simple, table = smooth and quantity.per == Per.TURN and not quantity.times, self.table(quantity.table)
        row = {
            "plain": plain, "simple": simple, "ahead": simple and not table["wide"], "varies": varies,
            "value": min(max(value, quantity.low), quantity.high) if plain else value,
            "table": table, "per": quantity.per, "salt": quantity.salt,
            "low": quantity.low, "high": quantity.high, "first_factor": first, "factors": len(quantity.times),
        }  # fmt: skip
        return self._remember(quantity, row)

    def _remember(self, value: object, row: Row) -> Row:
        self._known[id(value)] = (value, row)  # the value is kept so that its id stays its own
        return row


def packed(workload: Workload, deployment: Deployment) -> Given:
    """Return both in arrays."""
    lists = Lists()
    lines = _numbered(trigger.session for trigger in workload.triggers if trigger.session)
    nodes = _numbered((*(leg for route in _routes(deployment) for leg in route.legs), *cheaper_legs(deployment)))
    efforts = _numbered(agent.effort for agent in workload.agents)
    for agent in workload.agents:
        lists.add("agents", _agent(lists, agent) | {"first_node": efforts[agent.effort] * len(nodes)})
    for trigger in workload.triggers:
        lists.add("triggers", _trigger(lists, trigger, lines))
    for users in workload.users:
        number = lists.add("users", _users(lists, users))
        for person in range(users.count):
            lists.add("people", {"users": number, "person": person})
    _deployment(lists, deployment, nodes)
    counts = counts_spending(deployment)
    rules = max((len({spawn.salt for spawn in agent.spawns}) for agent in workload.agents), default=0)
    terms = {
        "horizon": workload.horizon_us, "places": workload.places, "retries": deployment.retry.retries,
        "retry_first": deployment.retry.first_us, "retry_cap": deployment.retry.cap_us, "rules": max(rules, 1),
        "nodes": len(nodes) * len(efforts),
        "failover": any(len(route.legs) > 1 for route in deployment.routes) or counts,
        "roles": len(deployment.routes),
    }  # fmt: skip
    terms |= lists.span("first_stage", (stage.from_us for stage in deployment.later), "stages")
    lists.add("terms", terms | money_of(lists, deployment, nodes, seats=1 + len(lists.rows.get("people", ()))))
    return _given(lists, workload.trace)


def _routes(deployment: Deployment) -> list[Route]:
    """Return the routes of all stages, one stage after the other."""
    return [route for routes in (deployment.routes, *(stage.routes for stage in deployment.later)) for route in routes]


def _numbered(names: Iterable[Value]) -> dict[Value, int]:
    return {name: i for i, name in enumerate(dict.fromkeys(names))}


def _agent(lists: Lists, agent: Agent) -> Row:
    quantities = ("base", "turns", "output", "history", "message", "reasoning", "result", "base_change")
    row: Row = {name: lists.quantity(getattr(agent, name)) for name in quantities}
    row |= {
        "role": agent.role, "window": agent.window_tokens, "reserve": agent.reserve_tokens,
        "step_cap": agent.step_cap, "children_cap": agent.children_cap, "timeout": agent.timeout_us,
        "kept": NONE if agent.reasoning_kept is None else agent.reasoning_kept, "judge": agent.judge,
        "uses_tools": agent.tools is not None, "tools": _tools(lists, agent.tools) if agent.tools else {},
        "first_side": len(lists.rows.get("sides", ())), "sides": len(agent.sides),
        "first_spawn": len(lists.rows.get("spawns", ())), "spawns": len(agent.spawns),
        "miss_user": lists.quantity(agent.misses.user_turn), "miss_tool": lists.quantity(agent.misses.tool_turn),
        "miss_base": lists.quantity(agent.misses.base), "misses": _may_miss(agent.misses),
        "first_turns": lists.quantity(agent.first_turns or agent.turns),
    }  # fmt: skip
    for side in agent.sides:
        sizes = {"prompt": lists.quantity(side.prompt), "output": lists.quantity(side.output)}
        lists.add("sides", {"role": side.role, "each": side.each, "salt": side.salt} | sizes)
    slots = _numbered(spawn.salt for spawn in agent.spawns)
    for spawn in agent.spawns:
        lists.add("spawns", _spawn(lists, spawn, slots[spawn.salt]))
    return row | _policies(lists, agent)


def _may_miss(misses: Misses) -> bool:
    """Say whether a miss of any kind has a probability at all."""
    kinds = (misses.user_turn, misses.tool_turn, misses.base)
    return any(kind.low > 0 or kind.table.values != (0,) for kind in kinds)


def _policies(lists: Lists, agent: Agent) -> Row:
    loop, compaction, slide, clear = agent.loop, agent.compaction, agent.slide, agent.clear
    row: Row = {
        "loops": loop is not None, "compacts": compaction is not None,
        "slides": slide is not None, "clears": clear is not None,
    }  # fmt: skip
    if loop:
        row |= {"loop_probability": lists.quantity(loop.probability), "loop_guard": loop.guard}
        row |= {"loop_extra": lists.quantity(loop.extra_turns)}
    if compaction:
        row |= {"compact_at": compaction.at_tokens, "compact_keep": compaction.keep_tokens, "flush": compaction.flush}
        row |= {"summary": lists.quantity(compaction.summary), "restore": lists.quantity(compaction.restore)}
        row |= {"reuse_prefix": compaction.reuse_prefix}
    if slide:
        row |= {"slide_at": slide.at_tokens, "slide_to": slide.to_tokens}
    if clear:
        row |= {"clear_at": clear.at_tokens, "clear_keep": clear.keep_results, "clear_least": clear.at_least_tokens}
    return row


def _tools(lists: Lists, tools: Tools) -> Row:
    first = len(lists.rows.get("choices", ()))
    for choice in tools.choices:
        time = lists.quantity(choice.time_us)
        drawn: Row = {"result": lists.quantity(choice.result), "time": time | {"ahead": time["simple"]}}
        lists.add("choices", drawn | {"cap": choice.cap_tokens, "searches": choice.searches})
    first_step = len(lists.thresholds)
    lists.thresholds.extend(tools.thresholds)
    calls, tool = lists.quantity(tools.calls), lists.rows["choices"][first]
    ahead = all(tool[name]["ahead"] or tool[name]["plain"] for name in ("result", "time"))
    return {
        "calls": calls, "first_choice": first, "choices": len(tools.choices),
        "first_step": first_step, "parallel": tools.parallel, "salt": tools.salt,
        "single": ahead and len(tools.choices) == 1 and calls["plain"] and calls["value"] == 1,
    }  # fmt: skip


def _spawn(lists: Lists, spawn: Spawn, slot: int) -> Row:
    row: Row = {name: lists.quantity(getattr(spawn, name)) for name in ("probability", "count", "brief")}
    row |= {"child": spawn.child, "join": spawn.join, "active": spawn.active, "depth": spawn.depth}
    row |= {"fork": spawn.fork, "salt": spawn.salt, "slot": slot}
    return row | lists.span("first_turn", spawn.on_turns, "turns")


def _trigger(lists: Lists, trigger: Trigger, lines: dict[str, int]) -> Row:
    row: Row = {
        "salt": trigger.salt, "session_salt": salt_of(f"session {trigger.session}"), "agent": trigger.agent,
        "line": lines.get(trigger.session, NONE), "overlap": trigger.overlap, "idle": trigger.reset.idle_us,
        "attempts": trigger.attempts, "renewal": trigger.renewal is not None, "gap": lists.quantity(NEVER),
    }  # fmt: skip
    row |= lists.span("first_time", trigger.times_us, "times")
    row |= lists.span("first_reset", trigger.reset.at_us, "resets")
    if trigger.renewal is None:
        return row
    knots = zip(trigger.renewal.knots_operational_us, trigger.renewal.knots_us, strict=True)
    row |= {"gap": lists.quantity(trigger.renewal.gap_us)} | lists.span("first_knot", sum(knots, ()), "knots")
    return row | {"knots": row["knots"] // 2}


def _users(lists: Lists, users: Users) -> Row:
    row: Row = {"agent": users.agent, "attempts": users.attempts, "salt": users.salt}
    row |= {"sessions": lists.quantity(users.sessions), "requests": lists.quantity(users.requests)}
    row |= {"think": lists.quantity(users.think_us)}
    row |= lists.span("first_window", sum(users.windows_us, ()), "windows")
    return row | {"windows": row["windows"] // 2}


def _deployment(lists: Lists, deployment: Deployment, nodes: dict[Leg, int]) -> None:
    regions = _numbered(offer.region for offer in deployment.offers)
    tiers = _numbered(offer.service_tier for offer in deployment.offers)
    for offer in deployment.offers:
        cache = offer.cache
        lists.add("offers", {
            "tokenizer": offer.tokenizer_ppm, "output_ppm": scaled(offer.verbosity_ppm, offer.tokenizer_ppm),
            "turns_ppm": offer.turns_ppm, "longest": offer.max_output_tokens, "kept": offer.reasoning_kept,
            "window": offer.window_tokens, "cache_kind": cache.kind, "cache_minimum": cache.minimum_tokens,
            "cache_block": cache.block_tokens, "caches_output": cache.caches_output,
            "short": lists.table(cache.short_us), "long": lists.table(cache.long_us),
            "first_ns": offer.first_token_ns, "prefill_ns": offer.prefill_ns_per_token,
            "cached_ns": offer.cached_prefill_ns_per_token, "decode_ns": offer.decode_ns_per_token,
            "factor": lists.table(offer.time_factor), "broken": offer.broken, "broken_bills": offer.broken_bills,
            "success": offer.success, "region": regions[offer.region], "tier": tiers[offer.service_tier],
        })  # fmt: skip
    for account in deployment.accounts:
        limits = (
            account.requests_per_minute, account.input_tokens_per_minute, account.output_tokens_per_minute,
            account.tokens_per_minute, account.tokens_per_day,
        )  # fmt: skip
        modest = max(limits) < layout.MODEST and not account.tokens_per_day
        lists.add("accounts", {
            "slots": account.concurrent_calls, "limits": limits, "limited": any(limits), "modest": modest,
            "full": [limit * MINUTE_US for limit in limits[:MINUTELY]] if modest else 0,
            "units": [MINUTE_US if limit else 0 for limit in limits[:MINUTELY]],
            "free_reads": 0 if account.counts_cache_reads else -1,  # a mask of what counts as nothing
            "debits_longest": account.debits_max_output,
            "refuses": account.refuses, "says_retry_after": account.says_retry_after,
            "month": NONE, "quiet": not (account.concurrent_calls or counts_spending(deployment)),
        })  # fmt: skip
    for route in _routes(deployment):
        first = len(lists.rows.get("legs", ()))
        for leg in route.legs:
            lists.add("legs", {"offer": leg.offer, "account": leg.account, "node": nodes[leg]})
        lists.add("routes", {"first_leg": first, "legs": len(route.legs), "retention": route.retention})


def _fill(record: Any, row: Row) -> None:
    for name, value in row.items():
        if isinstance(value, dict):
            _fill(record[name], value)
        else:
            record[name] = value


def _given(lists: Lists, trace: Trace | None = None) -> Given:
    def records(kind: str, dtype: np.dtype[np.void]) -> NDArray[np.void]:
        rows = lists.rows.get(kind, [])
        array = np.zeros(max(len(rows), 1) if kind != "people" else len(rows), dtype)
        for i, row in enumerate(rows):
            _fill(array[i], row)
        return array[: len(rows)]

    def integers(values: Sequence[int]) -> NDArray[np.int64]:
        return np.array(values or (0,), dtype=np.int64)

    script = script_of(trace)
    return Given(
        values=integers(lists.values), narrow=np.array(lists.narrow or (0,), np.int32),
        thresholds=integers(lists.thresholds), factors=records("factors", layout.FACTOR),
        numbers=integers(lists.numbers), agents=records("agents", layout.AGENT),
        choices=records("choices", layout.TOOL), sides=records("sides", layout.SIDE),
        spawns=records("spawns", layout.SPAWN), triggers=records("triggers", layout.TRIGGER),
        users=records("users", layout.USERS), people=records("people", layout.PERSON),
        offers=records("offers", layout.OFFER), accounts=records("accounts", layout.ACCOUNT),
        routes=records("routes", layout.ROUTE), legs=records("legs", layout.LEG),
        terms=records("terms", layout.TERMS), currencies=records("currencies", layout.CURRENCY),
        rates=records("rates", layout.RATES), tariffs=records("tariffs", layout.TARIFF),
        bands=records("bands", layout.BAND), budgets=records("budgets", layout.BUDGET),
        plans=records("plans", layout.PLAN), quotas=records("quotas", layout.QUOTA), blank=_blank(),
        traced_tasks=script.tasks, traced_turns=script.turns, conversations=script.conversations,
    )  # fmt: skip


def _blank() -> NDArray[np.void]:
    """Return a task that has nothing yet: links to no one, no place in a trace."""
    blank = np.zeros(1, layout.TASK)
    links = "parent next youngest elder born_first born_last next_born results_first results_last next_result traced"
    for name in f"{links} purse plan named_leg stays".split():
        blank[name] = NONE
    blank["drawn_from"] = -layout.AHEAD
    return blank
