"""Which pictures the data call for, in which files."""

from __future__ import annotations

from pathlib import Path

from burncurve.report.plots.bills import bill, fan
from burncurve.report.plots.causes import causes
from burncurve.report.plots.context import context
from burncurve.report.plots.sheet import look, save
from burncurve.report.plots.tokens import tokens_by_meter
from burncurve.studies.curves import PictureData

LOG_HELPS_FROM = 20  # dearest over cheapest bill, where lines at the bottom can no longer be told apart


def drawn(folder: Path, data: PictureData) -> tuple[Path, ...]:
    """Draw and write every picture the data call for; see `write_pictures`."""
    if not data.deployments:
        return ()
    wanted = [("curves.png", tokens_by_meter), ("context.png", context), ("bill.png", bill), ("causes.png", causes)]
    if far_apart(data):
        wanted.append(("bill_log.png", lambda data: bill(data, log=True)))
    if data.replications > 1 and any(part.bill for part in data.deployments):
        wanted.append(("bill_fan.png", fan))
    with look():
        return save((folder / name, draw(data)) for name, draw in wanted)


def far_apart(data: PictureData) -> bool:
    """Return whether a logarithmic scale shows what a linear one hides."""
    totals = [part.total for part in data.deployments if part.total]
    return len(totals) > 2 and max(totals) > LOG_HELPS_FROM * min(totals)
