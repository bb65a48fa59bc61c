"""Calls per second of the reference engine and of its peer, measured in one run.

Both play days of the stock monitor. Rounds alternate, so that a noisy machine is noisy for both; the figures are
medians over the rounds of calls per second of processor time, from the model to the finished table of calls.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import peer_simpy
from burncurve import catalogue, deploy, prepare, scenario
from burncurve.engines import play

STOCK_MONITOR = Path(__file__).parents[1] / "scenarios" / "openclaw-stock-monitor.yaml"


def reference_days() -> Callable[[int], int]:
    """Return a function that plays day `seed` on our reference engine and says how many calls it made."""
    monitor = scenario.read(STOCK_MONITOR)
    opus = next(d for d in deploy.deployments(monitor, catalogue.load()) if d.name == "opus")
    workload = prepare.prepare(monitor, 1)
    return lambda day: len(play(workload, opus, range(day, day + 1), "reference"))


def calls_per_second(days: Callable[[int], int], day: int) -> float:
    """Return the calls per second of processor time of one day."""
    start_s = time.process_time()
    calls = days(day)
    return calls / (time.process_time() - start_s)


def measure(rounds: int) -> dict[str, list[float]]:
    """Return the calls per second of each contender, round by round, after one day of warming up."""
    contenders = {"peer": lambda day: len(peer_simpy.play(day)), "reference": reference_days()}
    for days in contenders.values():
        days(0)
    figures: dict[str, list[float]] = {name: [] for name in contenders}
    for day in range(1, rounds + 1):
        for name, days in contenders.items():
            figures[name].append(calls_per_second(days, day))
    return figures


def main() -> None:
    """Measure, and print a table or JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=11)
    options.add_argument("--format", choices=("table", "json"), default="table")
    chosen = options.parse_args()
    figures = measure(chosen.rounds)
    medians = {name: median(values) for name, values in figures.items()}
    if chosen.format == "json":
        print(json.dumps({"rounds": chosen.rounds, "calls_per_s": figures, "median_calls_per_s": medians}))
        return
    print(f"{'engine':<12}{'calls/s':>10}{'lowest':>10}{'highest':>10}{'x peer':>8}")
    for name, value in medians.items():
        low, high = min(figures[name]), max(figures[name])
        print(f"{name:<12}{value:>10,.0f}{low:>10,.0f}{high:>10,.0f}{value / medians['peer']:>8.2f}")


if __name__ == "__main__":
    main()
