"""How likely offers are to end a task well, from dated benchmark figures of the catalogue; unknown stays unknown.

The share of SWE-bench Verified that a model solves stands in for the chance of its root tasks: work of the same
kind, at best. A deployment of several models is put between the weakest and the strongest of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from burncurve.deployment import UNKNOWN, Deployment
from burncurve.draws import CERTAIN

if TYPE_CHECKING:
    from burncurve.catalogue import Catalogue

FACT = "swe_bench_verified_percent"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One figure of one offer: per cent solved, who says so, and since when (ISO date, empty if undated)."""

    offer: str
    percent: float
    source: str
    date: str


@dataclass(frozen=True, slots=True)
class Quality:
    """A deployment's chance of success from `low` to `high`, 0 to 1, None where an offer has no figure.

    `why` says what it rests on, or which offers have no figure.
    """

    low: float | None
    high: float | None
    why: str
    rests_on: tuple[Benchmark, ...] = ()


def benchmarks(catalogue: Catalogue, on: date) -> Mapping[str, Benchmark]:
    """Return the figures of the offers that have one, as they stood on a day; none later than what is known."""
    known, last = {}, catalogue.as_of or date.max
    for name, offer in catalogue.offers.items():
        fact = offer.fact(FACT, on)
        if isinstance(fact.value, int | float) and (fact.date or date.min) <= last:
            dated = "" if fact.date is None else fact.date.isoformat()
            known[name] = Benchmark(name, float(fact.value), fact.source, dated)
    return known


def quality(deployment: Deployment, known: Mapping[str, Benchmark], served: Collection[str] = ()) -> Quality:
    """Return the chance that a root task succeeds: the catalogue's own where it states one, else by benchmark.

    It is that of the first offer of each role, and of those that took over and `served` calls.
    """
    first = {route.legs[0].offer for route in deployment.routes}
    used = [offer for place, offer in enumerate(deployment.offers) if place in first or offer.name in served]
    stated = [offer.success / CERTAIN for offer in used if offer.success != UNKNOWN]
    if len(stated) == len(used):
        return Quality(min(stated), max(stated), "success probability of the catalogue")
    missing = [offer.name for offer in used if offer.name not in known]
    if missing:
        return Quality(None, None, f"no figure for {', '.join(missing)}")
    return _between(known[offer.name] for offer in used)


def _between(found: Iterable[Benchmark]) -> Quality:
    figures = tuple(found)
    shares = [figure.percent / 100 for figure in figures]
    return Quality(min(shares), max(shares), "share of SWE-bench Verified", figures)
