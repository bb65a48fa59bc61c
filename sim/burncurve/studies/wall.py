"""What a scenario's constraints cost: the cheapest deployment that keeps them beside the cheapest of all."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from burncurve.studies import constraints, figures, pairs
from burncurve.studies.pairs import Side
from burncurve.studies.spend import dollars
from burncurve.studies.study import Result, Study
from burncurve.words import US_PER_S


def wall(study: Study, results: Sequence[Result], sides: Sequence[Side]) -> dict[str, Any] | None:
    """Return who is excluded and what that costs; None without constraints.

    `sides` are the deployments that may be compared: priced, and not leaving undone what others finish.
    """
    limits = study.scenario.constraints
    if limits is None:
        return None
    barred = constraints.by_deployment(study.breaches)
    ranked = pairs.ordered(sides)
    by_rule = {
        rule: [name for name, broken in barred.items() if any(breach.rule == rule for breach in broken)]
        for rule in constraints.RULES
    }
    allowed = [result for result in results if result.name not in barred]
    order = _order(limits.sort, allowed, ranked)
    return {
        "excluded": [
            {"name": name, "breaches": [_plain(breach) for breach in broken]} for name, broken in barred.items()
        ],
        "cheapest": ranked[0].name if ranked else None,
        "premium": _premium(ranked, barred),
        "by_rule": [
            {"rule": rule, "excludes": names, "premium": _premium(ranked, names)}
            for rule, names in by_rule.items()
            if names
        ],
        "sort": limits.sort,
        "order": order,
        "choice": order[0]["name"] if order else None,
    }


def _plain(breach: constraints.Breach) -> dict[str, Any]:
    return {name: value for name, value in asdict(breach).items() if name != "deployment"}


def _premium(ranked: Sequence[Side], barred: Mapping[str, Any] | Sequence[str]) -> dict[str, Any] | None:
    """Return what the cheapest that is not barred costs beyond the cheapest; None where none is left."""
    left = [side for side in ranked if side.name not in barred]
    if not left:
        return None
    pair = pairs.paired(left[0], ranked[0])
    return {
        "name": left[0].name,
        "cost_usd": dollars(left[0].cost),
        "premium_usd": dollars(pair.difference),
        "premium_usd_ci95": pair.difference_ci95(),
        "ratio": pair.ratio(),
    }


def _order(sort: str, allowed: Sequence[Result], ranked: Sequence[Side]) -> list[dict[str, Any]]:
    """Return the allowed deployments, the one to choose first: by what the scenario sorts by, then by price."""
    place = {side.name: number for number, side in enumerate(ranked)}
    cost = {side.name: dollars(side.cost) for side in ranked}
    found = [
        {
            "name": result.name,
            "cost_usd": cost[result.name],
            "answer_s": figures.ratio(_answer_us(result), _sum(result, "answers") * US_PER_S),
            "tokens_per_s": figures.ratio(_written(result) * US_PER_S, _answer_us(result)),
        }
        for result in sorted((each for each in allowed if each.name in place), key=lambda each: place[each.name])
    ]
    keys: Mapping[str, Callable[[dict[str, Any]], float]] = {
        "price": lambda each: place[each["name"]],
        "latency": lambda each: math.inf if each["answer_s"] is None else each["answer_s"],
        "throughput": lambda each: -(each["tokens_per_s"] or 0),
    }
    return sorted(found, key=keys[sort])


def _written(result: Result) -> int:
    return _sum(result, "output") + _sum(result, "reasoning")


def _sum(result: Result, column: str) -> int:
    return int(result.totals.columns[column].sum())


def _answer_us(result: Result) -> int:
    return _sum(result, "answer_us")
