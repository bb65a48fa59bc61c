"""Held to the truth: fitted to the earlier part of logs, forecasting the later one, beside what came."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from burncurve.errors import InputError, Problem
from burncurve.studies import fitting, forecast, limits
from burncurve.studies.fit import fit
from burncurve.studies.fit_parts import roots
from burncurve.studies.fit_text import Frame, scenario_text
from burncurve.studies.forecast import MEASURES, Known, Sessions
from burncurve.studies.observing import Seen
from burncurve.studies.replay import named_as_logged
from burncurve.studies.turns import Flags, Floats, Turns
from burncurve.words import US_PER_DAY

if TYPE_CHECKING:
    from burncurve.deployment import Deployment

FEWEST = 10  # sessions of each part
FITS = 20  # to resampled sessions
INTERVAL = 0.8
ENDS = (0.1, 0.9)
REMEDY = "Give logs of more sessions."


@dataclass(frozen=True)
class Parts:
    """The rows of the earlier and of the later sessions (children go with their root), and when the later begin.

    `sessions` is how many the earlier are, without their children.
    """

    sessions: int
    earlier: Flags
    later: Flags
    begins_us: int


def parted(turns: Turns, share: float) -> Parts:
    """Return the first so many root sessions and the others; raises InputError where either are too few."""
    top = forecast.tops(turns)
    starts = turns.start_us[turns.first[:-1]]
    opened = np.flatnonzero(roots(turns))
    order = opened[np.argsort(starts[opened], kind="stable")]
    cut = round(len(order) * share)
    if min(cut, len(order) - cut) < FEWEST:
        what = f"{len(order)} sessions beside those of sub-agents, the earlier part {cut}: each part needs {FEWEST}"
        raise InputError(Problem("", what, REMEDY))
    early = np.zeros(turns.sessions, dtype=bool)
    early[order[:cut]] = True
    earlier = early[top][turns.session]
    return Parts(cut, earlier, ~earlier, int(starts[order[cut]]))


def backtest(found: Seen, known: Known, share: float, replications: int, seed: int, engine: str) -> dict[str, Any]:
    """Return the document of a back-test; raises InputError for logs without times or with too few sessions."""
    if not found.dated:
        raise InputError(
            Problem("", "the logs have no times: there is no earlier and no later", "Give logs with times.")
        )
    parts = parted(found.turns, share)
    days = int(found.turns.end_us[parts.later].max() - parts.begins_us) // US_PER_DAY + 1
    figures = fit(found.turns.of(parts.earlier))
    deployments, notes = fitting.as_logged(found, figures, known.catalogue)
    if not deployments:
        raise InputError(Problem("", notes[0], "Give logs of models that are in the catalogue."))
    frame = fitting.frame(found, "Back-test", "the earlier part", deployments)
    begins = fitting.EPOCH + timedelta(microseconds=parts.begins_us)
    frame = replace(frame, start=_minute(begins), horizon=f"{days}d")
    notes += [
        f"{remark}; forecast without that limit" for remark in fitting.disproved_limits(found, known.catalogue, frame)
    ]
    drawn = _drawn(found, parts, frame, known, replications, seed, engine)
    came = _came(found, parts, known)
    return {
        "schema": "burncurve.backtest/1",
        "interval": INTERVAL,
        "replications": replications,
        "seed": seed,
        "earlier": {"sessions": parts.sessions, "calls": figures.calls},
        "later": {"sessions": len(came), "days": days, "begins": _minute(begins)},
        "figures": [*_compared(drawn, came, days)],
        "calibration": _calibration(drawn, came, days),
        "notes": [*notes, *fitting.remarks(found), *(f"not in it: {what}" for what in found.left_out)],
    }


def _drawn(
    found: Seen, parts: Parts, frame: Frame, known: Known, replications: int, seed: int, engine: str
) -> Sessions:
    """Return forecasts that vary as luck does, and as figures fitted to so few sessions do (bootstrap)."""
    fits, seen = min(FITS, replications), limits.largest_seen(found)
    luck, earlier = np.random.default_rng(seed), found.turns.of(parts.earlier)
    drawn = []
    for number in range(fits):
        figures = fit(forecast.resampled(earlier, luck))
        served = tuple(fitting.offers_of(found, figures).values())
        frame = replace(frame, deployments=tuple(fitting.as_logged(found, figures, known.catalogue)[0]))
        share = (replications + number) // fits
        serve = _as_logged(served, seen)
        text = scenario_text(figures, frame)
        drawn.append(forecast.played(text, share, known, serve, seed=seed + number, engine=engine))
    return forecast.joined(drawn)


def _as_logged(served: Sequence[str], seen: Mapping[str, limits.Sizes]) -> Callable[[Deployment], Deployment]:
    """Return what gives offers the names of the logs, and limits no smaller than these show."""
    return lambda deployment: limits.as_large_as_seen(named_as_logged(deployment, served), seen)


def _minute(moment: datetime) -> str:
    return moment.replace(tzinfo=None, second=0, microsecond=0).isoformat(timespec="minutes")


def _came(found: Seen, parts: Parts, known: Known) -> Sessions:
    """Return the later sessions as they came, from the moment on at which the first of them began."""
    from burncurve.importers.ledger import ledger

    logged, order = ledger(found.observed, 0)
    usd = np.empty(len(found.turns))
    usd[order] = forecast.amounts(logged, known)
    sessions = forecast.sessions_of(found.turns, usd, np.zeros(len(found.turns), dtype=np.int64))
    later = parts.later[found.turns.first[np.unique(forecast.tops(found.turns))]]
    chosen = sessions.of(np.flatnonzero(later))
    return replace(chosen, start_us=np.maximum(chosen.start_us - parts.begins_us, 0))


def _compared(drawn: Sessions, came: Sessions, days: int) -> Sequence[dict[str, Any]]:
    """Return each figure as forecast, with its interval over the replications, beside what came."""
    played = [drawn.of(np.flatnonzero(drawn.replication == n)) for n in np.unique(drawn.replication).tolist()]
    forecasts = [forecast.figures(one, days) for one in played]
    truth = forecast.figures(came, days)
    rows = []
    for name in forecast.FIGURES:
        values = np.array([one[name] for one in forecasts])
        if np.isnan(values).all() or np.isnan(truth[name]):
            continue
        low, middle, high = (float(np.nanquantile(values, p)) for p in (ENDS[0], 0.5, ENDS[1]))
        rows.append({"figure": name, "low": low, "forecast": middle, "high": high, "came": truth[name],
                     "held": low <= truth[name] <= high,
                     "off": middle / truth[name] - 1 if truth[name] else None})  # fmt: skip
    return rows


def _calibration(drawn: Sessions, came: Sessions, days: int) -> list[dict[str, Any]]:
    """Return how often single sessions and days fell into the interval of those that were drawn."""
    daily, truth = forecast.by_day(drawn, days), forecast.by_day(came, days)
    rows = []
    for name in MEASURES:
        for each, one, other in (
            ("session", getattr(drawn, name), getattr(came, name)),
            ("day", daily[name], truth[name]),
        ):
            if not np.isnan(other).any() and not np.isnan(one).any():
                rows.append({"measure": name, "each": each, **_held(one, other)})
    return rows


def _held(drawn: Floats, came: Floats) -> Mapping[str, Any]:
    low, high = (float(np.quantile(drawn, p)) for p in ENDS)
    inside = (came >= low) & (came <= high)
    return {"low": low, "high": high, "of": len(came), "held": float(inside.mean()),
            "below": float((came < low).mean()), "above": float((came > high).mean())}  # fmt: skip
