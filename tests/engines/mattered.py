"""What mattered in a drawn case: without it the same case comes to another ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from burncurve.deployment import UNKNOWN, CacheRule, Retention
from burncurve.engines import play
from burncurve.ledger import SCHEMA, Ledger
from burncurve.words import PPM
from burncurve.workload import NEVER, Misses, Overlap, Reset

from .strategies import Case

Without = Callable[[Case], Case]


def _of_accounts(**without: Any) -> Without:
    return lambda case: _served(case, accounts=tuple(replace(each, **without) for each in case.deployment.accounts))


def _of_offers(**without: Any) -> Without:
    return lambda case: _served(case, offers=tuple(replace(each, **without) for each in case.deployment.offers))


def _of_caches(**without: Any) -> Without:
    def taken(case: Case) -> Case:
        offers = tuple(replace(each, cache=replace(each.cache, **without)) for each in case.deployment.offers)
        return _served(case, offers=offers)

    return taken


def _of_agents(**without: Any) -> Without:
    return lambda case: _asked(case, agents=tuple(replace(each, **without) for each in case.workload.agents))


def _of_triggers(**without: Any) -> Without:
    return lambda case: _asked(case, triggers=tuple(replace(each, **without) for each in case.workload.triggers))


def _overlap(had: Overlap, instead: Overlap) -> Without:
    def taken(case: Case) -> Case:
        some = case.workload.triggers
        return _asked(
            case, triggers=tuple(replace(each, overlap=instead) if each.overlap == had else each for each in some)
        )

    return taken


def _routes(**without: Any) -> Without:
    def taken(case: Case) -> Case:
        routes = tuple(replace(each, **without) for each in case.deployment.routes)
        later = tuple(
            replace(stage, routes=tuple(replace(each, **without) for each in stage.routes))
            for stage in case.deployment.later
        )
        return _served(case, routes=routes, later=later)

    return taken


def _without_failover(case: Case) -> Case:
    routes = tuple(replace(each, legs=each.legs[:1]) for each in case.deployment.routes)
    return _served(case, routes=routes)


def _without_forks(case: Case) -> Case:
    agents = case.workload.agents
    unforked = tuple(replace(each, spawns=tuple(replace(rule, fork=False) for rule in each.spawns)) for each in agents)
    return _asked(case, agents=unforked)


def _served(case: Case, **changed: Any) -> Case:
    return Case(case.workload, replace(case.deployment, **changed))


def _asked(case: Case, **changed: Any) -> Case:
    return Case(replace(case.workload, **changed), case.deployment)


# each takes one thing out of a case
WITHOUT: dict[str, Without] = {
    **{
        f"limit of {name}": _of_accounts(**{name: 0})
        for name in (
            "concurrent_calls", "requests_per_minute", "input_tokens_per_minute", "output_tokens_per_minute",
            "tokens_per_minute", "tokens_per_day",
        )
    },
    "limit that spares cache reads": _of_accounts(counts_cache_reads=True),
    "limit that debits max output": _of_accounts(debits_max_output=False),
    "limit that refuses": _of_accounts(refuses=False),
    "retry after": _of_accounts(says_retry_after=False),
    "queue": _overlap(Overlap.QUEUE, Overlap.SKIP),
    "skip": _overlap(Overlap.SKIP, Overlap.QUEUE),
    "coalesce": _overlap(Overlap.COALESCE, Overlap.QUEUE),
    "coalesce is not skip": _overlap(Overlap.COALESCE, Overlap.SKIP),
    "shared session": _of_triggers(session=""),
    "reset": _of_triggers(reset=Reset()),
    "attempts": _of_triggers(attempts=1),
    "places": lambda case: _asked(case, places=0),
    "parameters of another replication": lambda case: _asked(case, parameters_shift=0),
    "tokenizer": _of_offers(tokenizer_ppm=PPM),
    "verbosity": _of_offers(verbosity_ppm=PPM),
    "turns of the offer": _of_offers(turns_ppm=PPM),
    "success": _of_offers(success=UNKNOWN),
    "broken": _of_offers(broken=0),
    "retention": _routes(retention=Retention.SHORT),
    "failover": _without_failover,
    "block": _of_caches(block_tokens=1),
    "minimum": _of_caches(minimum_tokens=0),
    "output cached": _of_caches(caches_output=False),
    "time to live": _of_caches(short_us=CacheRule().short_us, long_us=CacheRule().long_us),
    "fork": _without_forks,
    "effort": _of_agents(effort=""),
    "misses": _of_agents(misses=Misses()),
    "base change": _of_agents(base_change=NEVER),
    "loop": _of_agents(loop=None),
    "compaction": _of_agents(compaction=None),
    "slide": _of_agents(slide=None),
    "clear": _of_agents(clear=None),
    "timeout": _of_agents(timeout_us=0),
    "window": _of_agents(window_tokens=0),
    "side calls": _of_agents(sides=()),
    "first turns": _of_agents(first_turns=None),
    "reasoning kept": _of_agents(reasoning_kept=None),
    "step cap": _of_agents(step_cap=250),
    "children cap": _of_agents(children_cap=0),
}  # fmt: skip


def mattered(case: Case, ledger: Ledger, names: Iterable[str]) -> set[str]:
    """Return those of the names in WITHOUT that the ledger of the case, of two replications, is another without."""
    return {name for name in names if _is_other(ledger, case, WITHOUT[name](case))}


def _is_other(ledger: Ledger, case: Case, without: Case) -> bool:
    if without == case:
        return False
    other = play(without.workload, without.deployment, range(2), "compiled")
    differs = any(not np.array_equal(other[name], ledger[name]) for name in SCHEMA.names)
    return differs or other.outcomes != ledger.outcomes
