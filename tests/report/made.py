"""Ledgers made by hand: a few rows whose sums can be done in the head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from burncurve.ledger import SCHEMA, Ledger, Outcome, columns_of
from burncurve.studies.bins import Bins, as_array, bins_of, shown, widest
from burncurve.studies.curves import BillCurve, DeploymentCurves, Grid, PictureData, TokenCurve, sessions_of

HOUR_US = 3_600_000_000


def row(**cells: int) -> tuple[int, ...]:
    """One attempt; cells that are not given are 0, a turn of session 0."""
    return tuple(cells.get(name, 0) for name in SCHEMA.names)


def ledger(*rows: tuple[int, ...], horizon_us: int = HOUR_US, replications: tuple[int, ...] = (0,)) -> Ledger:
    outcomes = tuple(Outcome(number, 4, 3, -1, 1, 0, 0, 4, horizon_us) for number in replications)
    return Ledger(columns_of(rows), {"agents": ("lead", "worker")}, outcomes, horizon_us, 0)


def two_calls(replication: int = 0, more: int = 0) -> Ledger:
    """A call that ends after a quarter of an hour and one after three quarters."""
    first = row(replication=replication, end_us=HOUR_US // 4, input=1_000 + more, output=50, context_after=1_050)
    second = row(
        replication=replication, end_us=3 * HOUR_US // 4, cache_read=1_000, cache_write_5m=200, output=70, reasoning=30,
        context_after=1_300,
    )  # fmt: skip
    return ledger(first, second, replications=(replication,))


@dataclass(frozen=True)
class Played:
    """A deployment's ledger with the dollars of each row and of each cause, if it is priced."""

    name: str
    ledger: Ledger
    amounts: NDArray[np.float64] | None = None
    causes: dict[str, float] | None = None


def picture_data(scenario: str, played: Sequence[Played]) -> PictureData:
    """What the pictures show of these ledgers, brought to one grid as the results of a study are."""
    parts = [bins_of(each.ledger, each.amounts) for each in played]
    horizon_us = max((each.ledger.horizon_us for each in played), default=0)
    last_us = max((part.last_us for part in parts), default=0)
    level = widest(parts, horizon_us, last_us)
    curves = tuple(
        _curves(each, *shown(part.coarser(level), horizon_us, last_us))
        for each, part in zip(played, parts, strict=True)
    )
    replications = max((len(each.ledger.outcomes) for each in played), default=1)
    return PictureData(scenario, curves, horizon_us, replications, ended_us=last_us)


def _curves(each: Played, grid: Grid, fine: Bins) -> DeploymentCurves:
    outcomes = each.ledger.outcomes
    tokens = TokenCurve(grid, tuple(range(len(outcomes))), as_array(fine.tokens, grid.bins))
    bill = causes = total = None
    if each.amounts is not None:
        apart, left = tuple(range(len(fine.apart))), len(outcomes) - len(fine.apart)
        bill = BillCurve(grid, apart, as_array(fine.apart, grid.bins), fine.pico, left)
        total = float(bill.mean()[-1])
    if each.causes is not None:
        causes = tuple(each.causes.items())
    served = sum(outcome.requests for outcome in outcomes)
    share = sum(outcome.finished for outcome in outcomes) / served
    sessions = sessions_of(each.ledger)
    return DeploymentCurves(each.name, tokens, sessions, bill, causes, total, share, served / len(outcomes))
