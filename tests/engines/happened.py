"""What happened when a drawn case was played, by name: for Hypothesis to look for more, and to leave nothing out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import event, target

from burncurve.ledger import KIND_NAMES, STATUS_NAMES, Kind, Ledger, Status
from burncurve.workload import NEVER, Join, Reset

from .strategies import Case


def mechanisms(case: Case, ledger: Ledger) -> set[str]:
    """Name what happened: kinds and statuses of calls, and the mechanisms that can be seen in the rows."""
    found = {f"kind {KIND_NAMES[kind]}" for kind in set(ledger["kind"])}
    found |= {f"status {STATUS_NAMES[status]}" for status in set(ledger["status"])}
    for outcome in ledger.outcomes:
        counts = ("finished", "unfinished", "failed", "skipped", "succeeded")
        found |= {f"outcome {name}" for name in counts if getattr(outcome, name) > 0}
    happened = _seen_in_rows(case, ledger) | _asked_for(case)
    return found | {name for name, yes in happened.items() if yes}


def _seen_in_rows(case: Case, ledger: Ledger) -> dict[str, bool]:
    ok, prompt = ledger["status"] == Status.OK, ledger.prompt
    calls = ok & (ledger["kind"] != Kind.SIDE)
    names = ("cache_read", "cache_write_5m", "cache_write_1h", "reasoning", "web_searches", "from_summary")
    return {name: bool(ledger[name].any()) for name in names} | {
        "miss": bool((calls & (ledger["fresh"] + ledger["cache_read"] < prompt)).any()),
        "wait": bool((ok & (ledger["grant_us"] > ledger["request_us"])).any()),
        "no time": bool((ok & (ledger["grant_us"] == ledger["end_us"])).any()),
        "tie": len(set(ledger["request_us"].tolist())) < len(ledger),
        "retry": bool((ledger["attempt"] > 0).any()),
        "failover": bool((ledger["attempt"] > case.deployment.retry.retries).any()),
        "task tried again": bool((ledger["task_attempt"] > 0).any()),
        "child": bool((ledger["depth"] == 1).any()),
        "grandchild": bool((ledger["depth"] == 2).any()),
        "late request": bool((ledger["request"] > 1).any()),
        "past the horizon": bool((ledger["end_us"] > ledger.horizon_us).any()),
        "broken and billed": bool(((ledger["status"] == Status.ERROR) & (prompt > 0)).any()),
        "nothing": len(ledger) == 0,
        "context cut": _cuts(ledger),
    }


def _cuts(ledger: Ledger) -> bool:
    """Say whether a call sent less than the context its session had after the call before."""
    chosen = np.flatnonzero((ledger["status"] == Status.OK) & ~np.isin(ledger["kind"], (Kind.SIDE, Kind.COMPACTION)))
    order = chosen[np.lexsort((ledger["request_us"][chosen], ledger["session"][chosen], ledger["replication"][chosen]))]
    same = np.diff(ledger["session"][order]) == 0
    return bool((same & (ledger.prompt[order][1:] < ledger["context_after"][order][:-1])).any())


def _asked_for(case: Case) -> dict[str, bool]:
    some, starts = case.workload.agents, case.workload.triggers
    rules = [rule for agent in some for rule in agent.spawns]
    policies = ("compaction", "slide", "clear", "loop", "timeout_us", "window_tokens", "first_turns")
    return {
        **{f"with {name}": any(getattr(agent, name) for agent in some) for name in policies},
        **{f"with join {join.name.lower()}": any(rule.join == join for rule in rules) for join in Join},
        "with fork": any(rule.fork for rule in rules),
        "with fork of another effort": any(
            rule.fork and some[rule.child].effort != agent.effort for agent in some for rule in agent.spawns
        ),
        "with active": any(rule.active for rule in rules),
        "with base change": any(agent.base_change is not NEVER for agent in some),
        "with places": case.workload.places > 0,
        "with people": bool(case.workload.users),
        "with renewal": any(trigger.renewal for trigger in starts),
        "with shared session": any(trigger.session for trigger in starts),
        "with reset": any(trigger.reset != Reset() for trigger in starts),
        "with output cached": any(offer.cache.caches_output and offer.cache.kind for offer in case.deployment.offers),
    }


def told(case: Case, ledger: Ledger) -> Sequence[str]:
    """Tell Hypothesis what happened and let it look for examples in which more does."""
    found = sorted(mechanisms(case, ledger))
    for name in found:
        event(name)
    target(float(len(found)))
    return found
