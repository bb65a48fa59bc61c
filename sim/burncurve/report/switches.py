"""What a switch costs once and when it has paid for itself, as a table and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from burncurve.report import comparisons, numbers
from burncurve.report.checks import plain_right
from burncurve.report.tables import Cell, Grid, Heading, usd

Document = Mapping[str, Any]
NEVER = "never"


def switches(document: Document) -> Grid:
    """Return one line per deployment beside the one in use: the day on which the switch has paid for itself."""
    found = document.get("comparison")
    if not found or not found["migration"]:
        return Grid("", (), ())
    several = document["replications"] > 1
    headings = (
        Heading("name", "switch to"),
        Heading("saving_per_day_usd", "saves per day", usd),
        Heading("day", "paid back on day", plain_right),
        Heading("between", "95% sure between", plain_right),
        Heading("p10_p90", "p10 to p90", plain_right),
        Heading("date", "date", plain_right),
    )
    migration = found["migration"]
    rows = [_row(switch, several) for switch in migration["switches"]]
    return Grid(f"Switching away from {found['baseline']}", headings, rows, _below(found, migration, several))


def _row(switch: Mapping[str, Any], several: bool) -> tuple[Cell, ...]:
    between = switch["day_ci95"]
    return (
        switch["name"], switch["saving_per_day_usd"], _day(switch["day"]),
        f"{_day(between[0])} and {_day(between[1])}" if between else None,
        f"{_day(switch['p10'])} to {_day(switch['p90'])}" if several else None,
        switch["date"],
    )  # fmt: skip


def _day(day: float | None) -> str:
    return NEVER if day is None else f"{day:,}"


def _below(found: Mapping[str, Any], migration: Mapping[str, Any], several: bool) -> tuple[str, ...]:
    cost, later = migration["cost_usd"], migration["cost_a_year_later_usd"]
    hours = f"{numbers.count(round(migration['hours'], 1))} h at {numbers.money(migration['usd_per_hour'])}"
    grows = f"; a year later {numbers.money(later)}" if later > cost else ""
    lines = [f"the switch costs {numbers.money(cost)} once: {hours}{grows}"]
    lines += [sentence(found, switch) for switch in migration["switches"] if switch["day"] is None]
    if several:
        lines.append("days are days of work; p10 to p90: were every day like one of the replications")
    lines += [f"{name} leaves work undone" for name in comparisons.undone(found)]
    if found["constraints"]:
        lines += [f"{each['name']} is excluded by the constraints" for each in found["constraints"]["excluded"]]
    return tuple(lines)


def sentence(found: Mapping[str, Any], switch: Mapping[str, Any]) -> str:
    """Return when a switch has paid for itself, in one sentence without a full stop."""
    name, base = numbers.shortened(switch["name"]), numbers.shortened(found["baseline"])
    if switch["day"] is None:
        why = "saves nothing" if switch["saving_per_day_usd"] <= 0 else "saves too little for a thousand years"
        return f"a switch from {base} to {name} never pays for itself: it {why}"
    return f"a switch from {base} to {name} has paid for itself on day {switch['day']:,} of work ({switch['date']})"
