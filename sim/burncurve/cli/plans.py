"""The tables of `models --plans`: what plans cost, hold and admit, from where, as of when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from burncurve.cli.books import close_to
from burncurve.errors import InputError, Problem
from burncurve.report.tables import Cell, Grid, Heading

if TYPE_CHECKING:
    from burncurve.catalogue import Plan

COMMAND = "burncurve models --plans"


def chosen(wanted: tuple[str, ...], plans: Mapping[str, Plan]) -> list[Plan]:
    """Return the plans whose name or seller holds one of the wanted texts; raises InputError for a text of none."""
    known = {name: f"{name} {plan.seller}".lower() for name, plan in plans.items()}
    unknown = [text for text in wanted if not any(text.lower() in name for name in known.values())]
    if unknown:
        raise InputError(
            *(
                Problem("catalogue", f"no plan is named {text!r}", close_to(text, tuple(plans), COMMAND))
                for text in unknown
            )
        )
    return [
        plans[name]
        for name, told in sorted(known.items())
        if not wanted or any(text.lower() in told for text in wanted)
    ]


def grid(plans: Iterable[Plan], on: date | None) -> Grid:
    """Return one row for each dated fact of the plans; on a day, only those in force then."""
    from burncurve.catalogue.plan_telling import told
    from burncurve.catalogue.plans import PlanQuota, on_day

    labels = ("plan", "fact", "value", "since", "until", "assumption", "source")
    rows: list[tuple[Cell, ...]] = [
        (
            plan.name,
            name,
            value,
            _day(entry.valid_from),
            _day(entry.valid_until),
            entry.assumption if isinstance(entry, PlanQuota) else "",
            entry.source,
        )
        for plan in plans
        for entry, name, value in told(plan)
        if on is None or entry.valid_from <= on_day(on) < entry.valid_until
    ]
    return Grid("Plans: what one seat costs, may use and admits", tuple(Heading(each, each) for each in labels), rows)


def _day(moment: datetime) -> str | None:
    return None if moment.year == datetime.max.year else f"{moment:%Y-%m-%d}"
