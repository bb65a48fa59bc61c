"""Which deployments nothing else beats: in cost and quality, and in cost and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from burncurve.studies.quality import Quality

QUALITY, TIME = "quality", "time"


@dataclass(frozen=True, slots=True)
class Point:
    """A deployment: dollars, of which less is better, and a merit, of which more is; either None where unknown."""

    name: str
    usd: float | None
    merit: float | None
    why_not: str = ""


def frontier(points: Sequence[Point]) -> dict[str, Any]:
    """Return the frontier from the cheapest on, who dominates each other point, and what stays off it and why.

    One point dominates another that is neither cheaper nor better, and worse in one of the two.
    """
    placed = [point for point in points if _known(point)]
    dominated = {point.name: best.name for point in placed if (best := _dominator(point, placed))}
    on = [point for point in placed if point.name not in dominated]
    return {
        "frontier": [point.name for point in sorted(on, key=lambda point: (point.usd, point.name))],
        "dominated": [{"name": name, "by": by} for name, by in dominated.items()],
        "off": [{"name": point.name, "why": point.why_not} for point in points if not _known(point)],
    }


def _known(point: Point) -> bool:
    return not point.why_not and point.usd is not None and point.merit is not None


def _dominator(point: Point, others: Sequence[Point]) -> Point | None:
    """Return the cheapest point that dominates another one."""
    mine = _rank(point)
    above = [
        other
        for other in others
        if _rank(other) != mine and all(a <= b for a, b in zip(_rank(other), mine, strict=True))
    ]
    return min(above, key=lambda other: (*_rank(other), other.name), default=None)


def _rank(point: Point) -> tuple[float, float]:
    return point.usd or 0.0, -(point.merit or 0.0)


def frontiers(
    parts: Sequence[Mapping[str, Any]], qualities: Mapping[str, Quality], excluded: Mapping[str, str]
) -> dict[str, Any] | None:
    """Return quality and time beside money, for the deployments of a document; None for a single one.

    `excluded` says of deployments why they may not be chosen.
    """
    if len(parts) < 2:
        return None
    by_quality, by_time = [], []
    for part in parts:
        name, usd, found = part["name"], part["per_finished_task_usd"], qualities[part["name"]]
        barred = excluded.get(name) or ("" if usd is not None else _without_cost(part))
        by_quality.append(Point(name, usd, found.low, barred or ("" if found.low is not None else found.why)))
        time_s = part["answer_s"]
        slow = "" if time_s is not None else "nothing was answered"
        by_time.append(Point(name, usd, None if time_s is None else -time_s, barred or slow))
    return {
        "deployments": [_told(part, qualities[part["name"]]) for part in parts],
        QUALITY: frontier(by_quality),
        TIME: frontier(by_time),
    }


def _without_cost(part: Mapping[str, Any]) -> str:
    return "no task was finished" if part["bill_usd"] else "no price"


def _told(part: Mapping[str, Any], found: Quality) -> dict[str, Any]:
    """Return one deployment's figures; a task that is tried until it succeeds takes 1 / chance attempts."""
    usd, chance = part["per_finished_task_usd"], found.low
    simulated = part["succeeded"]
    per_success = usd / chance if usd is not None and chance else None
    return {
        "name": part["name"],
        "usd_per_finished_task": usd,
        "success": chance,
        "success_high": found.high,
        "success_rests_on": found.why,
        "benchmarks": [asdict(figure) for figure in found.rests_on],
        "attempts_per_success": 1 / chance if chance else None,
        "usd_per_success": part["bill_usd"]["mean"] / simulated if simulated and part["bill_usd"] else per_success,
        "answer_s": part["answer_s"],
        "makespan_s": part["makespan_s"],
    }
