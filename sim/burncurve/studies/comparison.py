"""The comparison of a study's deployments: each against a baseline, the order of all, and what is not settled yet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

from burncurve.errors import InputError, Problem, did_you_mean
from burncurve.studies import months, pairs
from burncurve.studies.figures import finished_share
from burncurve.studies.pairs import Pair, Side
from burncurve.studies.spend import dollars
from burncurve.studies.study import Result, Study
from burncurve.studies.switching import switching
from burncurve.studies.wall import wall
from burncurve.words import US_PER_DAY

BILL, REQUEST = "bill", "request"
UNDONE = 0.1  # a share of finished root tasks so far below the best is not the same work


def baseline_of(study: Study) -> str:
    """Return the deployment that others are held against: the one chosen, else the one in use, else the first.

    The one in use is the baseline of the scenario's migration.
    """
    migration = study.scenario.migration
    named = study.choices.baseline or (migration.baseline if migration else "")
    return _found(study, named) or (study.deployments[0].name if study.deployments else "")


def _found(study: Study, name: str) -> str | None:
    from burncurve.deploy import names_of

    return next((each.name for each in study.deployments if name in names_of(each.name)), None)


def held_against(study: Study, baseline: str | None) -> Study:
    """Return the study with its baseline; raises InputError where that, or a migration's, is not compared."""
    migration, known = study.scenario.migration, [deployment.name for deployment in study.deployments]
    if baseline is not None and _found(study, baseline) is None:
        raise InputError(
            Problem("--baseline", f"no deployment {baseline!r} is compared", did_you_mean(baseline, known))
        )
    where = study.scenario.where("migration", "baseline")
    if migration and _found(study, migration.baseline) is None:
        what = f"migration.baseline: {migration.baseline} is not compared, so no switch from it has a saving"
        raise InputError(Problem(where, what, f"compare it too, or switch from one of: {', '.join(known)}"))
    if migration and baseline is not None and _found(study, baseline) != _found(study, migration.baseline):
        what = f"--baseline {baseline}: the migration is one from {migration.baseline}"
        raise InputError(Problem(where, what, f"leave out --baseline, or add --set migration.baseline={baseline}"))
    return replace(study, choices=replace(study.choices, baseline=baseline))


def comparison(study: Study, results: Sequence[Result]) -> dict[str, Any] | None:
    """Return the comparison as a part of the document; None for a single deployment.

    Costs are per request where the deployments did not serve equally many, else per replication. What has
    no price or served nothing is left out by name.
    """
    if len(results) < 2:
        return None
    basis = REQUEST if _unequal(results) else BILL
    sides = [side for result in results if (side := _side(result, basis))]
    baseline = baseline_of(study)
    base = next((side for side in sides if side.name == baseline), None)
    finished = {result.name: finished_share(result.totals.columns) for result in results}
    fair = [side for side in sides if not _left_undone(finished, side.name)] or sides
    against = [pairs.paired(side, base) for side in sides if side is not base] if base else []
    return {
        "baseline": baseline,
        "basis": basis,
        "replication_is": "day" if months.days_us(study.scenario) == US_PER_DAY else "run",
        "pairs": [pairs.record(pair) for pair in against],
        "migration": switching(study.scenario, against),
        **_order(sides, finished),
        "constraints": wall(study, results, fair),
        "left_out": [_left_out(result) for result in results if result.name not in {side.name for side in sides}],
    }


def _unequal(results: Sequence[Result]) -> bool:
    return len({int(result.totals.columns["requests"].sum()) for result in results if result.spend}) > 1


def _side(result: Result, basis: str) -> Side | None:
    """Return a deployment as a side of pairs; None where it has no price, or no request to share its bill among."""
    if result.spend is None:
        return None
    requests = tuple(result.totals.columns["requests"].tolist())
    units = requests if basis == REQUEST else (1,) * len(result.spend.totals)
    return Side(result.name, result.spend.totals, units) if any(units) else None


def _left_out(result: Result) -> dict[str, str]:
    return {"name": result.name, "why": "no price" if result.spend is None else "no request served"}


def _left_undone(finished: Mapping[str, float | None], name: str) -> bool:
    """Say whether a deployment leaves undone what another finishes."""
    mine, best = finished[name], max((share for share in finished.values() if share is not None), default=0.0)
    return mine is not None and mine < best - UNDONE


def _order(sides: Sequence[Side], finished: Mapping[str, float | None]) -> dict[str, Any]:
    """Return all sides from the cheapest on, each beside the next, and every pair that is not resolved."""
    ranked = pairs.ordered(sides)
    nexts = [pairs.paired(side, other) for side, other in pairwise(ranked)]
    wrong = [0.0 if pair.always_equal else 1 - (pair.certainty or 0.0) for pair in nexts]
    known = all(pair.squared_error is not None for pair in nexts)
    open_pairs = [pair for one, other in combinations(ranked, 2) if not (pair := pairs.paired(one, other)).resolved]
    return {
        "order": [_place(side, pair, finished) for side, pair in zip(ranked, [*nexts, None], strict=True)]
        if ranked
        else [],
        # Boole's inequality: all neighbours are in order unless one pair of them is not
        "order_certainty_at_least": max(0.0, 1 - math.fsum(wrong)) if known else None,
        "unresolved": [_unresolved(pair) for pair in open_pairs],
    }


def _place(side: Side, following: Pair | None, finished: Mapping[str, float | None]) -> dict[str, Any]:
    return {
        "name": side.name,
        "cost_usd": dollars(side.cost),
        "finished_share": finished[side.name],
        "left_undone": _left_undone(finished, side.name),
        "against_next": None if following is None else pairs.judged(following),
    }


def _unresolved(pair: Pair) -> dict[str, Any]:
    return {"cheaper": pair.side.name, "dearer": pair.base.name, **pairs.judged(pair)}
