"""`check`: simulate and hold the figures against the scenario's thresholds, for continuous integration."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import click

from burncurve.cli import show, simulate
from burncurve.cli.door import BROKEN
from burncurve.cli.options import study_options
from burncurve.errors import MissingFact, Problem


@click.command()
@simulate.scenario_argument
@study_options
def check(scenario: str, **options: Any) -> int:
    """Simulate all deployments and hold them against the scenario's thresholds.

    SCENARIO is a file, or the name of a scenario that comes with burncurve. Its thresholds read like
    `p95(bill_usd) < 40`, or `opus: p99(makespan) < 2h` for one deployment alone.

    Exit code 99 says that at least one threshold is broken; 3 that none is, but that one cannot be
    held because a price or a fact is missing.
    """
    from burncurve.studies import check as checks

    study = simulate.opened(scenario, options)
    several = study.choices.replications if isinstance(study.choices.replications, int) else None
    rules = checks.holdable(study.scenario, [deployment.name for deployment in study.deployments], several)
    try:
        document = simulate.document_of(study, options)
    except simulate.NotKept as refusal:  # what was simulated is held and told, then the folder is refused
        with suppress(MissingFact):
            _printed(checks.document(refusal.document, checks.verdicts(refusal.document, rules)), options)
        raise
    return _printed(checks.document(document, checks.verdicts(document, rules)), options)


def _printed(document: Mapping[str, Any], options: Mapping[str, Any]) -> int:
    """Print the verdicts, then the study; return the exit code, or raise MissingFact where a figure is not known."""
    from burncurve.report import checks, tables, views

    form, study = options["form"], document["study"]
    grids = [checks.verdicts(document)] if form == "csv" else [tables.filled(checks.for_people(document), ("value",))]
    if form != "csv":
        grids += views.grids(study, "compare")
    tables.write(form, grids, document, sys.stdout)
    sys.stdout.flush()
    show.notes(study["notes"], options["quiet"])
    if document["broken"]:
        return BROKEN
    unknown = [part for part in document["thresholds"] if part["kept"] is None]
    if unknown:
        raise MissingFact(*views.problems(study), *map(_not_known, unknown))
    return 0


def _not_known(part: Mapping[str, Any]) -> Problem:
    return Problem(
        part["threshold"], f"cannot be held against {part['deployment']}: its figure {part['figure']} is not known"
    )
