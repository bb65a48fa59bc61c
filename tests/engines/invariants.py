"""What must hold in the ledger of any workload on any deployment, whatever engine wrote it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from burncurve.deployment import NO_LIMIT, Account, BrokenBills, CacheKind, Retention
from burncurve.ledger import METERS, ORIGINS, PROMPT_METERS, SCHEMA, Kind, Ledger, Outcome, Status
from burncurve.words import Reasoning
from burncurve.workload import Agent, Spawn

from .build import DAY, MINUTE
from .strategies import Case

Rows = Mapping[str, NDArray[np.int64]]
OWN_PROMPT = (Kind.TURN, Kind.ANNOUNCE, Kind.FLUSH, Kind.JUDGE)  # calls whose output joins the context


def hold(case: Case, ledger: Ledger) -> None:
    """Assert all that must hold, replication by replication where it matters."""
    rows = {name: ledger[name].astype(np.int64) for name in SCHEMA.names}
    order(rows)
    meters(rows)
    statuses(rows, case)
    caches(rows, case)
    for outcome in ledger.outcomes:
        own = {name: values[rows["replication"] == outcome.replication] for name, values in rows.items()}
        counts(own, case, outcome)
        sessions(own)
        reads(own, case)
        freshness(own, case)
        places(own, case)
        families(own, case)
        for number, terms in enumerate(case.deployment.accounts):
            account(own, number, terms, case)


def chosen(rows: Rows, which: NDArray[np.bool_]) -> Rows:
    return {name: values[which] for name, values in rows.items()}


def served(rows: Rows) -> Rows:
    """Return the rows that were granted, also those that broke later."""
    return chosen(rows, rows["grant_us"] >= 0)


def order(rows: Rows) -> None:
    keys = list(zip(rows["replication"], rows["request_us"], rows["task"], strict=True))
    assert keys == sorted(keys)


def meters(rows: Rows) -> None:
    """Every meter adds up: prompt = meters = origins = fresh + re-read; a read is never of something fresh."""
    prompt = sum(rows[name] for name in PROMPT_METERS)
    assert np.array_equal(prompt, sum(rows[name] for name in ORIGINS))
    for column in SCHEMA:
        assert (rows[column.name] >= (-1 if column.nullable else 0)).all(), column.name
    assert (rows["cache_read"] <= prompt - rows["fresh"]).all()
    assert (rows["fresh_agents"] <= np.minimum(rows["fresh"], rows["from_agents"])).all()
    grown = (rows["status"] == Status.OK) & np.isin(rows["kind"], OWN_PROMPT)
    longer = (rows["context_after"] - prompt - rows["output"])[grown]
    assert ((longer == 0) | (longer == rows["reasoning"][grown])).all()
    own = chosen(rows, rows["kind"] == Kind.SIDE)
    assert np.array_equal(own["from_user"], sum(own[name] for name in PROMPT_METERS))


def statuses(rows: Rows, case: Case) -> None:
    """Times come in order and only where something happened; what was not served bills nothing."""
    status, request, grant, first, end = (
        rows[name] for name in ("status", "request_us", "grant_us", "first_token_us", "end_us")
    )
    billed = sum(rows[name] for name in METERS)
    good, broken = status == Status.OK, status == Status.ERROR
    assert (request <= np.where(good | broken, grant, request)).all()
    assert ((grant <= first) & (first <= end))[good].all()
    assert ((grant <= end) & ((first == -1) | ((grant <= first) & (first <= end))))[broken].all()
    assert (billed[~good & ~broken] == 0).all()
    assert (grant[~good & ~broken] == -1).all()
    assert (first[~good & ~broken] == -1).all()
    assert (end[status == Status.STOPPED] == -1).all()
    assert (end == request)[status == Status.OVERFLOW].all()
    assert (end >= request)[status == Status.REFUSED].all()
    bills = np.array([offer.broken_bills for offer in case.deployment.offers])[rows["offer"]]
    assert (billed[broken & (bills == BrokenBills.NOTHING)] == 0).all()
    assert ((rows["output"] + rows["reasoning"])[broken & (bills == BrokenBills.INPUT)] == 0).all()
    assert (rows["web_searches"][~good] == 0).all()
    assert (request < case.workload.horizon_us).all()
    assert (grant < case.workload.horizon_us).all()


def caches(rows: Rows, case: Case) -> None:
    """Reads and writes are those the offer and the retention allow; reads are whole blocks above the minimum."""
    rules = [offer.cache for offer in case.deployment.offers]
    kind, block, least = (
        np.array([getattr(rule, name) for rule in rules])[rows["offer"]]
        for name in ("kind", "block_tokens", "minimum_tokens")
    )
    retention = np.array([case.deployment.routes[agent.role].retention for agent in case.workload.agents])[
        rows["agent"]
    ]
    read, short, long = (rows[name] for name in ("cache_read", "cache_write_5m", "cache_write_1h"))
    assert (read[kind == CacheKind.NONE] == 0).all()
    assert ((short + long)[kind != CacheKind.EXPLICIT] == 0).all()
    assert (long[retention != Retention.LONG] == 0).all()
    assert (short[retention != Retention.SHORT] == 0).all()
    assert ((read + short + long)[(kind == CacheKind.EXPLICIT) & (retention == Retention.OFF)] == 0).all()
    assert (read % block == 0).all()
    assert ((read == 0) | (read >= least)).all()
    assert ((read + short + long)[rows["kind"] == Kind.SIDE] == 0).all()
    assert (rows["input"] * (short + long) == 0).all()  # an explicit cache writes all of the rest, or nothing


def counts(rows: Rows, case: Case, outcome: Outcome) -> None:
    """Arrivals are conserved, and an endless run leaves nothing undone."""
    if len(rows["task"]):
        assert outcome.tasks > rows["task"].max()
        assert outcome.makespan_us == max(rows["end_us"].max(), 0)
    assert outcome.requests == outcome.finished + outcome.failed + outcome.unfinished
    assert outcome.succeeded <= outcome.finished
    work = case.workload
    if not work.users and not any(trigger.renewal for trigger in work.triggers):
        arrivals = sum(at_us < work.horizon_us for trigger in work.triggers for at_us in trigger.times_us)
        assert outcome.requests + outcome.skipped == arrivals
    if work.horizon_us >= 1 << 50:
        assert outcome.unfinished == 0
        assert not (rows["status"] == Status.STOPPED).any()


def intervals_within(start: NDArray[np.int64], end: NDArray[np.int64], most: int) -> bool:
    """Say whether at most so many of the half-open intervals hold at any moment."""
    moments = sorted([(at_us, 1) for at_us, to_us in zip(start, end, strict=True) if to_us > at_us]
                     + [(to_us, -1) for at_us, to_us in zip(start, end, strict=True) if to_us > at_us])  # fmt: skip
    level = np.cumsum([step for _, step in moments])  # ends (-1) sort before starts of the same moment
    return not len(level) or int(level.max()) <= most


def groups(rows: Rows, *names: str) -> Iterator[tuple[tuple[int, ...], Rows]]:
    found: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for i, key in enumerate(zip(*(rows[name].tolist() for name in names), strict=True)):
        found[key].append(i)
    for key, places_of in found.items():
        yield key, {name: values[places_of] for name, values in rows.items()}


def sessions(rows: Rows) -> None:
    """A session asks for one thing at a time, and a task belongs to one session."""
    ended = chosen(rows, rows["end_us"] >= 0)
    for _, own in groups(ended, "session"):
        assert intervals_within(own["request_us"], own["end_us"], 1)
    for _, own in groups(rows, "task"):
        for name in ("session", "parent", "depth", "agent", "request", "task_attempt"):
            assert len(set(own[name].tolist())) == 1, name


def reads(rows: Rows, case: Case) -> None:
    """A root's session reads no more than its base or what it sent (or got back) before, on that offer and account.

    Or what a fork of it sent there: what a fork inherited its parent may read too.
    """
    own = chosen({**rows, "head": _heads(rows, case)}, rows["grant_us"] >= 0)
    prompt = sum(own[name] for name in PROMPT_METERS)
    for _, calls in groups({**own, "longest": np.maximum(prompt, own["context_after"])}, "head", "offer", "account"):
        # rows of one moment may stand in another order than they came
        for i in np.flatnonzero((calls["cache_read"] > 0) & (calls["depth"] == 0)):
            before = (calls["request_us"] <= calls["request_us"][i]) & (np.arange(len(calls["task"])) != i)
            known = max(calls["from_base"][i], calls["longest"][before].max(initial=0))
            assert calls["cache_read"][i] <= known


def _heads(rows: Rows, case: Case) -> NDArray[np.int64]:
    """Return the session each row's context began in: its own, or, of a fork, that of its parent."""
    names = ("task", "parent", "agent", "session")
    agents: dict[int, int] = {}
    heads: dict[int, int] = {}
    for task, parent, agent, session in sorted(set(zip(*(rows[name].tolist() for name in names), strict=True))):
        rules = case.workload.agents[agents[parent]].spawns if parent >= 0 else ()
        forked = any(rule.fork and rule.child == agent for rule in rules)
        agents[task], heads[task] = agent, heads[parent] if forked else session
    return np.array([heads[task] for task in rows["task"].tolist()], dtype=np.int64)


def freshness(rows: Rows, case: Case) -> None:
    """Where a context only grows, every token is fresh once; the base perhaps in another session of the agent.

    Unless outputs are cached, or a fork has sent them first: what is read at its first appearance was never fresh.
    """
    if any(offer.cache.caches_output for offer in case.deployment.offers):
        return
    grows = [_only_grows(agent, case) for agent in case.workload.agents]
    own = chosen(rows, (rows["kind"] != Kind.SIDE) & (rows["status"] != Status.STOPPED))
    for _, calls in groups(own, "session"):
        plain = all(grows[agent] for agent in calls["agent"]) and (calls["status"] == Status.OK).all()
        if plain and (calls["depth"] == 0).all() and len(set(zip(calls["offer"], calls["account"], strict=True))) == 1:
            prompt, base = max(sum(calls[name] for name in PROMPT_METERS)), calls["from_base"][0]
            assert calls["fresh"].sum() in (prompt, prompt - base)


def _only_grows(agent: Agent, case: Case) -> bool:
    kept = {offer.reasoning_kept for offer in case.deployment.offers} | {agent.reasoning_kept}
    forks = any(rule.fork for rule in agent.spawns)
    return not (agent.compaction or agent.slide or agent.clear or forks) and Reasoning.UNTIL_USER not in kept


def places(rows: Rows, case: Case) -> None:
    """Whoever asks or is served holds a place."""
    if case.workload.places:
        end = np.where(rows["end_us"] < 0, rows["request_us"], rows["end_us"])
        assert intervals_within(rows["request_us"], end, case.workload.places)


def families(rows: Rows, case: Case) -> None:
    """Children come from a turn that may spawn them and has ended, within depth, number and number at once."""
    of_task = {task[0]: own for task, own in groups(rows, "task")}
    children: dict[tuple[int, int], list[Rows]] = defaultdict(list)
    for own in of_task.values():
        if own["parent"][0] >= 0:
            children[int(own["parent"][0]), int(own["agent"][0])].append(own)
    for (parent, agent), born in children.items():
        rules = [rule for rule in _agent_of(of_task[parent], case) if rule.child == agent]
        for own in born:
            child_of(own, of_task[parent], rules)
        if all(rule.active for rule in rules):
            spans = [(own["request_us"].min(), own["end_us"].max()) for own in born]
            start, end = np.array(spans).T
            assert intervals_within(start, end, sum(rule.active for rule in rules))
    for parent, own in of_task.items():
        cap = case.workload.agents[own["agent"][0]].children_cap
        assert not cap or sum(len(born) for (of, _), born in children.items() if of == parent) <= cap


def _agent_of(own: Rows, case: Case) -> tuple[Spawn, ...]:
    return case.workload.agents[own["agent"][0]].spawns


def child_of(own: Rows, parent: Rows, rules: Iterable[Spawn]) -> None:
    depth = parent["depth"][0] + 1
    assert (own["depth"] == depth).all()
    fitting = [rule for rule in rules if rule.depth >= depth]
    assert fitting
    turns = (parent["status"] == Status.OK) & np.isin(parent["kind"], (Kind.TURN, Kind.JUDGE))
    if all(rule.on_turns for rule in fitting):
        turns &= np.isin(parent["turn"], [turn for rule in fitting for turn in rule.on_turns])
    assert turns.any()
    assert own["request_us"].min() >= parent["end_us"][turns].min()


def account(rows: Rows, number: int, terms: Account, case: Case) -> None:
    """Calls are granted in order of asking, within places and buckets."""
    own = served(chosen(rows, rows["account"] == number))
    asked = np.lexsort((own["grant_us"], own["request_us"]))
    assert (np.diff(own["grant_us"][asked]) >= 0).all()
    if terms.concurrent_calls:
        assert intervals_within(own["grant_us"], own["end_us"], terms.concurrent_calls)
    waited = own["grant_us"] > own["request_us"]
    if terms.refuses:
        assert not waited.any()
    elif not any(limit for limit, _, _ in _buckets(own, terms, case)):  # a slot, and nothing else, was waited for
        assert set(own["grant_us"][waited].tolist()) <= set(own["end_us"].tolist())
        assert bool(terms.concurrent_calls) or not waited.any()
    for limit, period_us, needs in _buckets(own, terms, case):
        if limit:
            unit_us = 1_000 if period_us == DAY else 1  # a day is counted in milliseconds
            bucket_holds(limit, period_us // unit_us, own["grant_us"] // unit_us, needs)


def _buckets(own: Rows, terms: Account, case: Case) -> list[tuple[int, int, NDArray[np.int64]]]:
    """Return limit, period and needs; the prompt of a call that broke unbilled is not known, so taken as 0."""
    prompt = sum(own[name] for name in PROMPT_METERS)
    counted = prompt if terms.counts_cache_reads else prompt - own["cache_read"]
    written = own["output"] + own["reasoning"]
    longest = np.array([offer.max_output_tokens for offer in case.deployment.offers], dtype=np.int64)[own["offer"]]
    debited = np.where(longest < NO_LIMIT, longest, written) if terms.debits_max_output else written
    return [
        (terms.requests_per_minute, MINUTE, np.ones_like(prompt)),
        (terms.input_tokens_per_minute, MINUTE, counted),
        (terms.output_tokens_per_minute, MINUTE, debited),
        (terms.tokens_per_minute, MINUTE, prompt + written),
        (terms.tokens_per_day, DAY, prompt + written),
    ]


def bucket_holds(limit: int, period: int, granted: NDArray[np.int64], needs: NDArray[np.int64]) -> None:
    """Replay the debits, in tokens x units of time, so exactly: at each grant the bucket held the need, or was full."""
    level, last = limit * period, 0
    for at, need in sorted(zip(granted.tolist(), needs.tolist(), strict=True)):
        level = min(level + limit * (at - last), limit * period)
        last = at
        assert level >= min(need, limit) * period
        level -= need * period
