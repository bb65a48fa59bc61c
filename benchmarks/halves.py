"""Fitted to a random half of the public traces, held to the other half: `python benchmarks/halves.py` (make accuracy).

A split fits a scenario to half of the traces, plays it, and compares what sessions of main agents come to with the
other half. Beside it stands the floor: how far the two halves of the data themselves are apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Any

import numpy as np

from burncurve.engines import play
from burncurve.ledger import Kind, Ledger
from burncurve.studies import forecast
from burncurve.studies import turns as turns_of
from burncurve.studies.fit import fit
from burncurve.studies.fit_text import Frame, scenario_text
from burncurve.studies.turns import Floats, Turns

SESSIONS = 6_000  # simulated by split
DAYS = 600
STATISTICS = ("mean", "p50", "p90")
TTLS_S = {"5m": 300, "1h": 3_600}
SERVED = "{main: anthropic/claude-opus-4.6, sub-agent: anthropic/claude-haiku-4.5}"
DEPLOYMENTS = tuple(f"ttl-{kept}: {{roles: {SERVED}, cache: {kept}}}" for kept in TTLS_S)
S = 1_000_000


@dataclass(frozen=True)
class Split:
    """One split: relative errors of prompt tokens per session, forecast and floor, and cached shares by TTL.

    `counted` are the errors with the calls of compactions counted, which the traces do not hold.
    """

    errors: tuple[float, ...]
    counted: tuple[float, ...]
    floor: tuple[float, ...]
    cached: dict[str, tuple[float, float]]  # forecast, and as the hashes of the other half imply


def statistics(prompts: Floats) -> tuple[float, ...]:
    """Return mean, median and 90% quantile."""
    return float(prompts.mean()), float(np.quantile(prompts, 0.5)), float(np.quantile(prompts, 0.9))


def prompts_of(turns: Turns, compactions: bool = False) -> Floats:
    """Return the prompt tokens of each root session, without its sub-agents.

    Calls of compactions are left out unless they are asked for: the traces hold none, for what is written before a
    cut is as short there as everywhere.
    """
    sent = np.where(turns.summarises & (not compactions), 0, turns.prompt)
    sums: Floats = np.bincount(turns.session, weights=sent, minlength=turns.sessions).astype(np.float64)
    chosen: Floats = sums[turns.parent[turns.first[:-1]] < 0]
    return chosen


def implied(turns: Turns, ttl_s: int) -> float:
    """Return the share of prompt tokens that a cache of that life would have served, as block hashes imply."""
    alive = (turns.before >= 0) & (turns.start_us - turns.previous(turns.start_us) < ttl_s * S)
    return float(np.where(alive, turns.kept, 0).sum() / turns.prompt.sum())


def cached(ledger: Ledger) -> float:
    """Return the share of prompt tokens that were read from a cache, without the calls of compactions."""
    rows = ledger["kind"] != Kind.COMPACTION
    return float(ledger["cache_read"][rows].sum() / ledger.prompt[rows].sum())


def halves(turns: Turns, luck: np.random.Generator) -> tuple[Turns, Turns]:
    """Return the traces parted at random, children with their root."""
    top = forecast.tops(turns)
    opened = luck.permutation(np.unique(top))
    chosen = np.zeros(turns.sessions, dtype=bool)
    chosen[opened[: len(opened) // 2]] = True
    rows = chosen[top][turns.session]
    return turns.of(rows), turns.of(~rows)


def split(turns: Turns, seed: int, engine: str) -> Split:
    """Return what one split comes to."""
    one, other = halves(turns, np.random.default_rng(seed))
    frame = Frame("Half of the traces", "half of the traces", horizon=f"{DAYS}d",
                  sessions_per_day=SESSIONS / DAYS, deployments=DEPLOYMENTS)  # fmt: skip
    ledgers = played(scenario_text(fit(one, dated=False), frame), seed, engine)
    truth = statistics(prompts_of(other))
    drawn = turns_of.of_ledger(ledgers[0])
    found, counted = (statistics(prompts_of(drawn, compactions)) for compactions in (False, True))
    floor = statistics(prompts_of(one))
    shares = {
        kept: (cached(ledger), implied(other, TTLS_S[kept])) for kept, ledger in zip(TTLS_S, ledgers, strict=True)
    }
    return Split(_off(found, truth), _off(counted, truth), _off(floor, truth), shares)


def _off(found: Sequence[float], truth: Sequence[float]) -> tuple[float, ...]:
    return tuple(one / other - 1 for one, other in zip(found, truth, strict=True))


def played(text: str, seed: int, engine: str) -> list[Ledger]:
    """Return the ledgers of a scenario's deployments."""
    from burncurve import catalogue, deploy
    from burncurve.prepare import prepare
    from burncurve.scenario.reading import read_text

    scenario = read_text(text, "half.yaml")
    workload = prepare(scenario, seed)
    return [play(workload, one, range(1), engine) for one in deploy.deployments(scenario, catalogue.load())]


def summary(splits: Sequence[Split]) -> dict[str, Any]:
    """Return median absolute errors, medians with sign, and the errors of cached shares."""
    errors, counted, floor = (
        np.array([getattr(one, name) for one in splits]) for name in ("errors", "counted", "floor")
    )
    return {
        "splits": len(splits),
        "prompt": [
            {"statistic": name, "median_absolute": float(np.median(np.abs(errors[:, i]))),
             "median": float(np.median(errors[:, i])), "floor": float(np.median(np.abs(floor[:, i]))),
             "counted": float(np.median(np.abs(counted[:, i])))}
            for i, name in enumerate(STATISTICS)
        ],
        "cached": [
            {"ttl": kept, "forecast": float(np.median([one.cached[kept][0] for one in splits])),
             "came": float(np.median([one.cached[kept][1] for one in splits])),
             "median_absolute": float(np.median([abs(one.cached[kept][0] - one.cached[kept][1]) for one in splits])),
             "worst": float(max(abs(one.cached[kept][0] - one.cached[kept][1]) for one in splits))}
            for kept in TTLS_S
        ],
    }  # fmt: skip


def run(turns: Turns, splits: int, engine: str = "compiled") -> dict[str, Any]:
    """Return the summary of so many splits, seeds 0, 1, 2, ..., on all cores."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return summary(list(pool.map(partial(split, turns, engine=engine), range(splits), chunksize=5)))


def main() -> None:
    """Print the summary of the splits asked for on the command line (200)."""
    import json
    import sys

    import traces

    path = traces.traces_path()
    if path is None:
        sys.exit(f"give the path of requests.csv.gz in {traces.VARIABLE}")
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    engine = sys.argv[2] if len(sys.argv) > 2 else "compiled"
    sys.stdout.write(json.dumps(run(traces.read(path), count, engine), indent=1) + "\n")


if __name__ == "__main__":
    main()
