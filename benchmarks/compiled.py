"""Calls per second of the compiled engine beside its peer and the reference, measured in one run.

All three play days of the stock monitor with all columns of the ledger, on one core. Rounds alternate, so that a noisy
machine is noisy for all; the figures are medians of calls per second of processor time. Two threads against one
are measured by the clock.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import peer_simpy
from burncurve import catalogue, deploy, prepare, scenario
from burncurve.engines import play
from engines import STOCK_MONITOR

DAYS = 100  # of the compiled engine in a round


def contenders() -> dict[str, Callable[[int], int]]:
    """Return, by name, what plays the days of a round and says how many calls that took."""
    monitor = scenario.read(STOCK_MONITOR)
    opus = next(d for d in deploy.deployments(monitor, catalogue.load()) if d.name == "opus")
    workload = prepare.prepare(monitor, 1)
    return {
        "peer": lambda day: len(peer_simpy.play(day)),
        "reference": lambda day: len(play(workload, opus, range(day, day + 1), "reference")),
        "compiled": lambda day: len(play(workload, opus, range(day, day + DAYS), "compiled")),
    }


def calls_per_s(days: Callable[[int], int], day: int, clock: Callable[[], float] = time.process_time) -> float:
    """Return the calls per second of the given clock."""
    start_s = clock()
    calls = days(day)
    return calls / (clock() - start_s)


def two_threads(compiled: Callable[[int], int]) -> float:
    """Return how much faster two threads play two rounds than one thread does."""

    def both(day: int) -> int:
        with ThreadPoolExecutor(2) as threads:
            return sum(threads.map(compiled, (day, day + DAYS)))

    return calls_per_s(both, 1, time.perf_counter) / calls_per_s(compiled, 1, time.perf_counter)


def main() -> None:
    """Measure and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=11)
    rounds = options.parse_args().rounds
    measured = contenders()
    for days in measured.values():
        days(0)
    figures: dict[str, list[float]] = {name: [] for name in measured}
    for day in range(1, rounds + 1):
        for name, days in measured.items():
            figures[name].append(calls_per_s(days, day))
    peer = median(figures["peer"])
    print(f"{'engine':<12}{'calls/s':>12}{'lowest':>12}{'highest':>12}{'x peer':>8}")
    for name, values in figures.items():
        print(
            f"{name:<12}{median(values):>12,.0f}{min(values):>12,.0f}{max(values):>12,.0f}{median(values) / peer:>8.1f}"
        )
    print(f"two threads against one: {median(two_threads(measured['compiled']) for _ in range(rounds)):.2f}")


if __name__ == "__main__":
    main()
