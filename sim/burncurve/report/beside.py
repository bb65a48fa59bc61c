"""Quality and time beside money: a table, and sentences about the two frontiers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from burncurve.report import numbers
from burncurve.report.tables import Cell, Grid, Heading, duration, percent, shown, usd

Document = Mapping[str, Any]
UNKNOWN = "n/a"
RESTS = (
    "success: the share of SWE-bench Verified that the model solves; agents and tasks differ, so take it as a rank",
    "a mix of models lies between the weakest and the strongest of them; it is ranked by the weakest",
    "dollars per success: a task that fails is tried until it succeeds, at the mean cost of a finished one",
)


def beside_money(document: Document) -> Grid:
    """Return one line per deployment: cost, success, time, and where it stands on the two frontiers."""
    found = document.get("frontiers")
    if not found:
        return Grid("", (), ())
    headings = (
        Heading("name", "deployment"),
        Heading("usd", "per finished task", usd),
        Heading("success", "success", percent),
        Heading("success_high", "to", percent),
        Heading("attempts", "attempts per success", shown(lambda number: f"{number:.2f}")),
        Heading("usd_per_success", "per success", usd),
        Heading("answer_s", "time to the answer", duration),
        Heading("makespan_s", "makespan", duration),
        Heading("quality", "cost and quality"),
        Heading("time", "cost and time"),
    )
    rows = [_row(found, each) for each in found["deployments"]]
    below = RESTS if any(each["benchmarks"] for each in found["deployments"]) else ()
    return Grid("Quality and time beside money", headings, rows, (*below, *_sources(found)))


def _row(found: Mapping[str, Any], each: Mapping[str, Any]) -> tuple[Cell, ...]:
    high = each["success_high"] if each["success_high"] != each["success"] else None
    return (
        each["name"], each["usd_per_finished_task"], UNKNOWN if each["success"] is None else each["success"], high,
        each["attempts_per_success"], each["usd_per_success"], each["answer_s"], each["makespan_s"],
        stands(found["quality"], each["name"]), stands(found["time"], each["name"]),
    )  # fmt: skip


def stands(frontier: Mapping[str, Any], name: str) -> str:
    """Return where a deployment stands: on the frontier, under another one, or off it and why."""
    if name in frontier["frontier"]:
        return "frontier"
    by = {each["name"]: f"beaten by {each['by']}" for each in frontier["dominated"]}
    off = {each["name"]: each["why"] for each in frontier["off"]}
    return by.get(name) or off.get(name, "")


def _sources(found: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a line per figure of a benchmark: what, whose, of which day."""
    figures = {one["offer"]: one for each in found["deployments"] for one in each["benchmarks"]}
    return tuple(
        f"{offer}: {one['percent']:g}%, {one['source']}{', ' + one['date'] if one['date'] else ''}"
        for offer, one in figures.items()
    )


def quality_finding(found: Mapping[str, Any]) -> str:
    """Return what more quality costs along the frontier of cost and quality, in one sentence."""
    told = {each["name"]: each for each in found["deployments"]}
    on = [told[name] for name in found["quality"]["frontier"]]
    beaten = _beaten(found["quality"])
    if not on:
        return "No deployment's chance of success is known"
    cheap, best = on[0], on[-1]
    if cheap is best:
        return f"{_short(cheap)} is the cheapest and the best: {_chance(cheap)} at {_cost(cheap)} a task{beaten}"
    more = best["usd_per_finished_task"] / cheap["usd_per_finished_task"] if cheap["usd_per_finished_task"] else None
    times = f"{numbers.times(more)} as much" if more else _cost(best)
    pair = f"{_chance(best)} ({_short(best)}) instead of {_chance(cheap)} ({_short(cheap)})"
    return f"{pair} costs {times} a task{beaten}"


def time_finding(found: Mapping[str, Any]) -> str:
    """Return what a faster answer costs along the frontier of cost and time, in one sentence."""
    told = {each["name"]: each for each in found["deployments"]}
    on = [told[name] for name in found["time"]["frontier"]]
    beaten = _beaten(found["time"])
    if not on:
        return "No deployment answered anything"
    cheap, fast = on[0], on[-1]
    if cheap is fast:
        return f"{_short(cheap)} is the cheapest and the fastest: {_time(cheap)} at {_cost(cheap)} a task{beaten}"
    one, other = f"{_short(fast)} answers in {_time(fast)} at {_cost(fast)} a task", f"{_time(cheap)} at {_cost(cheap)}"
    return f"{one}, {_short(cheap)} in {other}{beaten}"


def _beaten(frontier: Mapping[str, Any]) -> str:
    names = [numbers.shortened(each["name"]) for each in frontier["dominated"]]
    if not names:
        return ""
    some = numbers.listed(names) if len(names) <= 3 else f"{len(names)} others"
    return f"; {some} {'is' if len(names) == 1 else 'are'} beaten"


def _short(each: Mapping[str, Any]) -> str:
    return numbers.shortened(each["name"])


def _cost(each: Mapping[str, Any]) -> str:
    return numbers.money(each["usd_per_finished_task"])


def _chance(each: Mapping[str, Any]) -> str:
    return numbers.share(each["success"], 1, decimals=1)


def _time(each: Mapping[str, Any]) -> str:
    return numbers.duration(each["answer_s"] * 1e6)
