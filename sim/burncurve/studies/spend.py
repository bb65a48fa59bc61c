"""What a deployment's bill comes to, as exact integers by replication, by agent and cause, by meter and hour."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from burncurve.billing import Bill, Cause
from burncurve.studies import bins, figures, statistics

PICO = 10**12
SEATS = "plan"  # the meter of seats, which are paid at a moment of their own
QUANTILES = {"p50": Fraction("0.5"), "p90": Fraction("0.9"), "p95": Fraction("0.95"), "p99": Fraction("0.99")}
STEPS_H = (1, 2, 4, 8)
MOST_LISTED = 1000


@dataclass(frozen=True, slots=True)
class Part:
    """What one agent was charged for one cause over all replications."""

    agent: str
    cause: str
    tokens: int
    pico: int


@dataclass(frozen=True, slots=True)
class Spend:
    """Pico-dollars: `totals` by replication, `parts` and `meters` over all, `hours` by clock hour of the run.

    A call counts in the hour in which it ended, and what is charged on it beside (tax, for example) with it.
    """

    totals: tuple[int, ...]
    parts: tuple[Part, ...]
    meters: Mapping[str, int]
    hours: tuple[int, ...]


def of(bill: Bill, hours: Sequence[int]) -> Spend:
    """Return what a priced bill comes to; `hours` are pico-dollars of calls and seats by clock hour."""
    parts: dict[tuple[str, str], tuple[int, int]] = {}
    meters: dict[str, int] = {}
    for line in bill.lines:
        key = (line.agent, line.cause.value)
        tokens, pico = parts.get(key, (0, 0))
        counted = 0 if line.meter == "web_searches" else line.tokens
        parts[key] = (tokens + counted, pico + line.amount_pico)
        meters[line.meter] = meters.get(line.meter, 0) + line.amount_pico
    split = tuple(Part(agent, cause, *sums) for (agent, cause), sums in sorted(parts.items()))
    spread = bins.grown(hours, sum(bill.per_replication)) if charged_beside(bill) else tuple(hours)
    return Spend(bill.per_replication, split, dict(sorted(meters.items())), spread)


def charged_beside(bill: Bill) -> bool:
    """Say whether a bill has charges that belong to no moment: fees on purchases, minimums, tax."""
    return any(line.cause is Cause.FEES and line.meter != SEATS for line in bill.lines)


def dollars(pico: int | Fraction, count: int = 1) -> float | None:
    """Return pico-dollars, shared among `count`, as the nearest number; None where there is nothing to share among."""
    if count == 0:
        return None
    exact = Fraction(pico) / (count * PICO)
    return exact.numerator / exact.denominator


def distribution(totals: Sequence[int]) -> dict[str, Any]:
    """Return mean, quantiles and their 95% intervals; what so few replications cannot say is None."""
    figures: dict[str, Any] = {"mean": dollars(statistics.mean(totals))}
    several = len(totals) > 1
    ordered = sorted(totals)
    for name, probability in QUANTILES.items():
        figures[name] = dollars(statistics.quantile(ordered, probability)) if several else None
    figures["ci95"] = _interval(totals) if several else None
    figures["ci95_of"] = {name: _between(ordered, p) for name, p in QUANTILES.items()} if several else None
    return figures


def _interval(values: Sequence[int]) -> list[float | None]:
    centre, half = statistics.mean(values), statistics.half_width(values)
    return [dollars(centre - half), dollars(centre + half)]


def _between(ordered: Sequence[int], probability: Fraction) -> list[float | None]:
    """The 95% interval of a quantile; None for an end that lies beyond the smallest or the largest seen."""
    ranks = statistics.quantile_ranks(len(ordered), float(probability))
    return [None if rank is None else dollars(ordered[rank - 1]) for rank in ranks]


def shares_above(totals: Sequence[int], amounts_pico: Sequence[int]) -> list[dict[str, Any]]:
    """Return, for each amount, the share of the replications whose bill is above it, with its 95% interval."""
    found = []
    for amount in amounts_pico:
        above = sum(total > amount for total in totals)
        found.append(
            {
                "usd": dollars(amount),
                "share": figures.ratio(above, len(totals)),
                "ci95": statistics.share_interval(above, len(totals)),
            }
        )
    return found


def by(parts: Sequence[Part], field: str) -> dict[str, int]:
    """Return pico-dollars summed by agent or by cause, the largest first."""
    sums: dict[str, int] = {}
    for part in parts:
        name = getattr(part, field)
        sums[name] = sums.get(name, 0) + part.pico
    return dict(sorted(sums.items(), key=lambda item: (-item[1], item[0])))


def shares(spend: Spend) -> list[dict[str, Any]]:
    """Return one record per agent and cause, the dearest first: tokens and dollars per replication, and the share."""
    n, total = len(spend.totals), sum(spend.totals)
    ordered = sorted(spend.parts, key=lambda part: (-part.pico, part.agent, part.cause))
    return [
        {
            "agent": part.agent,
            "cause": part.cause,
            "tokens": figures.ratio(part.tokens, n),
            "usd": dollars(part.pico, n),
            "share": part.pico / total if total else None,
        }
        for part in ordered
    ]


def after(spend: Spend, horizon_h: Fraction) -> dict[str, float | None]:
    """Return dollars after 1, 2, 4 and 8 hours and the last of the horizon, mean per replication; None beyond it."""
    n, last = len(spend.totals), math.ceil(horizon_h)
    steps = sorted({*STEPS_H, last})
    return {f"{h}h": dollars(sum(spend.hours[:h]), n) if h <= last else None for h in steps}


def peak_hour(spend: Spend) -> dict[str, float | int | None]:
    """Return the dearest clock hour of the run, counted from 1, and its dollars, mean per replication."""
    most = max(spend.hours, default=0)
    return {"hour": spend.hours.index(most) + 1 if most else None, "usd": dollars(most, len(spend.totals))}


def differences(spend: Spend, base: Spend) -> dict[str, Any]:
    """Return this bill against another one: ratio of the means, and what differs replication by replication."""
    gaps = [mine - other for mine, other in zip(spend.totals, base.totals, strict=True)]
    total = sum(base.totals)
    return {
        "ratio": sum(spend.totals) / total if total else None,
        "difference_usd": {
            **distribution(gaps),
            "by_replication": [dollars(gap) for gap in gaps] if len(gaps) <= MOST_LISTED else None,
        },
    }
