"""Twelve offers for the stock monitor's day, replicated, compared and drawn: how long, and where the time goes.

The command is started as a person starts it, into a folder of its own; what takes how long of it is then measured
in this process, on one core, with as many replications of one deployment as fit a piece of work.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from subprocess import run
from typing import Any, TypeVar

from burncurve import engines
from burncurve.deployment import Deployment
from burncurve.ledger import Ledger
from burncurve.report.plots import write_decisions, write_pictures
from burncurve.studies.document import document
from burncurve.studies.drawing import drawing
from burncurve.studies.encoding import decoded, encoded
from burncurve.studies.simulation import simulated
from burncurve.studies.study import Choices, Study, open_study
from burncurve.studies.tasks import MOST
from burncurve.studies.totals import Totals, reduced

STOCK_MONITOR = Path(__file__).parents[1] / "scenarios" / "openclaw-stock-monitor.yaml"
OFFERS = (
    "anthropic/claude-opus-4.6", "anthropic/claude-sonnet-4.6", "anthropic/claude-haiku-4.5", "openai/gpt-5.2",
    "openai/gpt-4o", "google/gemini-3-pro", "google/gemini-3-flash", "minimax/minimax-m2.5", "moonshotai/kimi-k2.5",
    "zai/glm-5", "deepseek/deepseek-v3.2", "alibaba/qwen-3.5-plus",
)  # fmt: skip
ALLOWED_S = 15.0

Value = TypeVar("Value")


def whole(replications: int, workers: int) -> tuple[float, float, Mapping[str, Any]]:
    """Return wall clock and processor seconds of the command, and its document.

    Raises CalledProcessError where it fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable, "-m", "burncurve", "compare", str(STOCK_MONITOR), "--models", ",".join(OFFERS),
            "--replications", str(replications), "--workers", str(workers), "--engine", "compiled", "--quiet",
            "--format", "json", "--out", str(Path(folder) / "out"),
        ]  # fmt: skip
        start_s, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        done = run(command, check=True, capture_output=True, text=True)
        wall_s, after = time.perf_counter() - start_s, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return wall_s, cpu_s, json.loads(done.stdout)


def stages(replications: int) -> dict[str, float]:
    """Return processor seconds by stage for so many replications of all twelve, after everything is compiled."""
    study = open_study(STOCK_MONITOR, Choices(models=OFFERS, replications=2, engine="compiled"))
    found = simulated(study)
    taken: dict[str, float] = {}
    for deployment in study.deployments:
        _piece(study, deployment, taken)
    scaled = {name: seconds * replications / MOST for name, seconds in taken.items()}
    made = _timed(scaled, "the document", lambda: document(study, found.results))
    with tempfile.TemporaryDirectory() as folder:
        _timed(scaled, "pictures", lambda: write_pictures(Path(folder), drawing(study, found.results)))
        _timed(scaled, "pictures", lambda: write_decisions(Path(folder), made))
    return scaled


def _piece(study: Study, deployment: Deployment, taken: dict[str, float]) -> None:
    ledger = _timed(taken, "playing", lambda: engines.play(study.workload, deployment, range(MOST), "compiled"))
    totals = _timed(taken, "billing and adding up", lambda: _added(study, ledger, deployment))
    _timed(taken, "as text and back", lambda: decoded(encoded(totals)))


def _added(study: Study, ledger: Ledger, deployment: Deployment) -> Totals:
    return reduced(ledger, study.book, deployment.name, terms=deployment.terms, compiled=True)


def _timed(taken: dict[str, float], name: str, call: Callable[[], Value]) -> Value:
    start_s = time.process_time()
    value = call()
    taken[name] = taken.get(name, 0.0) + time.process_time() - start_s
    return value


def main() -> None:
    """Measure, and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--replications", type=int, default=1000)
    options.add_argument("--workers", type=int, default=2)
    chosen = options.parse_args()
    whole(2, 1)  # so that nothing is compiled while the clock runs
    wall_s, cpu_s, made = whole(chosen.replications, chosen.workers)
    calls = sum(part["calls"] for part in made["deployments"]) * chosen.replications
    what = f"{len(OFFERS)} deployments x {chosen.replications:,} replications, {calls / 1e6:,.1f} M calls"
    print(what)
    print(f"  {wall_s:.1f} s with {chosen.workers} workers; allowed {ALLOWED_S:.0f} s for 1,000 replications")
    print(f"  {cpu_s:.1f} s of processor, of which, measured apart:")
    for name, seconds in sorted(stages(chosen.replications).items(), key=lambda item: -item[1]):
        print(f"  {name:<22} {seconds:>7.1f} s of processor")


if __name__ == "__main__":
    main()
