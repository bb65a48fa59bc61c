"""What was observed as the one canonical document of a study, so that whatever shows a run can show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from burncurve.ledger import Ledger
from burncurve.studies import by_offer, figures, growth, spend
from burncurve.studies.document import MONEY, money
from burncurve.studies.stored import STUDY, STUDY_SCHEMA, UNPRICED, Maybe
from burncurve.studies.totals import Sums
from burncurve.version import __version__
from burncurve.words import US_PER_S

NAME = "logs"


def study_document(
    run_id: str, ledger: Ledger, parts: Mapping[str, Sums], book: Mapping[str, str], *, notes: Sequence[str]
) -> dict[str, Any]:
    """Return the document of observed calls; `parts` are all of them and, where some have no price, the others."""
    told = list(notes) + [f"{name}: {note}" for name, part in parts.items() for note in part.bill.notes]
    return {
        **_absent(STUDY),
        "schema": STUDY_SCHEMA,
        "version": __version__,
        "id": run_id,
        "scenario": {"name": NAME, "horizon_s": ledger.horizon_us / US_PER_S},
        "seed": 0,
        "replications": 1,
        "precision": None,
        "start_utc": datetime.fromtimestamp(ledger.start_utc_us // US_PER_S, UTC).isoformat(),
        "book": dict(book),
        "currency": "USD",
        "deployments": [_deployment(name, part, ledger) for name, part in parts.items()],
        "unpriced": [_unpriced(name, part) for name, part in parts.items() if part.bill.unpriced],
        "notes": list(dict.fromkeys(told)),
    }


def _absent(shape: Mapping[str, Any]) -> dict[str, Any]:
    """Return null, or an empty list, for all that may be so: what only a simulation has."""
    empty: dict[str, Any] = {name: [] for name, each in shape.items() if isinstance(each, list)}
    return {**empty, **{name: None for name, each in shape.items() if isinstance(each, Maybe)}}


def _deployment(name: str, part: Sums, ledger: Ledger) -> dict[str, Any]:
    sums = figures.totals_of(part.columns)
    paid = None if part.bill.unpriced else spend.of(part.bill, part.hours)
    horizon_us, month = ledger.horizon_us, figures.DAYS_PER_MONTH
    return {
        **_absent(UNPRICED),
        "name": name,
        "offers": list(ledger.names["offers"]),
        **figures.told(sums, 1, horizon_us, month),
        **(money(paid, sums, horizon_us, horizon_us, month) if paid else dict.fromkeys(MONEY)),
        "by_offer": by_offer.told(part.by_offer, part.bill, 1),
        "per_user": None,
        "distributions": None,
        "growth_law": growth.law(part.growth, 1),
        "against_baseline": None,
        "notes": [],
    }


def _unpriced(name: str, part: Sums) -> dict[str, Any]:
    return {
        "name": name,
        "offers": list(part.bill.unpriced),
        "missing": [f"{Path(problem.where).name}: {problem.what}" for problem in part.bill.missing],
        "remedies": [problem.remedy for problem in part.bill.missing],
    }
