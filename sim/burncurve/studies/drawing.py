"""Results as the data of pictures: the bins of every deployment on one grid of time."""

from __future__ import annotations

from collections.abc import Sequence

from burncurve.studies import bins
from burncurve.studies.bins import Bins, Row, as_array
from burncurve.studies.changes import changes, days
from burncurve.studies.curves import BillCurve, DeploymentCurves, PictureData, Sessions, TokenCurve
from burncurve.studies.figures import finished_share
from burncurve.studies.spend import charged_beside
from burncurve.studies.study import Result, Study

NO_SESSIONS = Sessions(None, (), 0, 0)


def drawing(study: Study, results: Sequence[Result]) -> PictureData:
    """Return what the pictures of a study show."""
    horizon_us = study.workload.horizon_us
    last_us = max((result.totals.bins.last_us for result in results), default=0)
    widest = bins.widest([result.totals.bins for result in results], horizon_us, last_us)
    curves = tuple(_curves(result, horizon_us, last_us, widest) for result in results)
    count = max((result.totals.count for result in results), default=1)
    told = changes(study)
    return PictureData(
        study.scenario.name, curves, horizon_us, count, ended_us=last_us, changes=told, days=days(study) if told else ()
    )


def _curves(result: Result, horizon_us: int, last_us: int, level: int) -> DeploymentCurves:
    totals = result.totals
    grid, fine = bins.shown(totals.bins.coarser(level), horizon_us, last_us)
    tokens = TokenCurve(grid, tuple(range(totals.count)), as_array(fine.tokens, grid.bins))
    bill = causes = total = None
    if result.spend:
        apart = tuple(range(len(fine.apart)))
        left = totals.count - len(apart)
        rows, rest = _with_charges(result, fine)
        bill = BillCurve(grid, apart, as_array(rows, grid.bins), rest, left)
        causes, total = tuple(result.bill.by_cause().items()), result.bill.total()
    share, served = finished_share(totals.columns), int(totals.columns["requests"].sum()) / totals.count
    sessions = totals.sessions or NO_SESSIONS
    return DeploymentCurves(result.name, tokens, sessions, bill, causes, total, share, served)


def _with_charges(result: Result, fine: Bins) -> tuple[tuple[Row, ...], Row]:
    """Return the money of the bins, with what is charged beside it spread over it, so that curves end at the bill."""
    if not charged_beside(result.bill):
        return fine.apart, fine.pico
    totals, kept = result.bill.per_replication, len(fine.apart)
    apart = tuple(bins.grown(row, total) for row, total in zip(fine.apart, totals, strict=False))
    return apart, bins.grown(fine.pico, sum(totals[kept:]))
