"""From a scenario to bills: calls per second, where time goes, two workers against one, memory, size of ledgers.

Days of the stock monitor on six deployments. Shares are processor time per call of one chunk; workers are measured by
the clock; memory is the largest resident set of a process of its own, at several numbers of replications.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from burncurve.engines import play
from burncurve.studies import ledger_file
from burncurve.studies.area import Area
from burncurve.studies.encoding import encoded
from burncurve.studies.simulation import simulated
from burncurve.studies.study import Choices, Study, open_study
from burncurve.studies.totals import reduced
from burncurve.studies.work import Work
from engines import STOCK_MONITOR

DEPLOYMENTS = ("opus", "minimax", "mixed", "kimi", "glm", "deepseek")
CHUNK = 40


def opened(replications: int, engine: str) -> Study:
    """Return the study of so many days."""
    choices = Choices(replications=replications, engine=engine, deployments=DEPLOYMENTS, pictures=False)
    return open_study(STOCK_MONITOR, choices)


def calls_per_s(study: Study, workers: int, clock: Callable[[], float]) -> float:
    """Return the calls per second of the whole way from the scenario to bills, those of twins included."""
    start_s = clock()
    found = simulated(study, Work(workers=workers)).results
    calls = sum(part.rows for result in found for part in (result.totals, result.twins) if part)
    return calls / (clock() - start_s)


def shares_ns(study: Study, days: range) -> dict[str, float]:
    """Return nanoseconds of processor time per call by stage, and bytes per call of a ledger."""
    deployment = study.deployments[0]
    marks = [time.process_time()]

    def timed() -> None:
        marks.append(time.process_time())

    ledger = play(study.workload, deployment, days, study.choices.engine)
    timed()
    compiled = study.choices.engine == "compiled"
    totals = reduced(ledger, study.book, deployment.name, compiled=compiled)
    timed()
    encoded(totals)
    timed()
    parquet = ledger_file.as_bytes(deployment.name, ledger)
    timed()
    stages = ("play", "bill and reduce", "encode", "write a ledger")
    found = {name: 1e9 * (marks[n + 1] - marks[n]) / len(ledger) for n, name in enumerate(stages)}
    found["bytes in memory"] = sum(ledger[name].nbytes for name in ledger.columns) / len(ledger)
    found["bytes on disk"] = len(parquet) / len(ledger)
    found["price lines"] = len({line.key for line in totals.bill.lines})
    return found


def peak_mib(replications: int, engine: str) -> float:
    """Return the memory of a process that compares the deployments, in MiB."""
    words = [sys.executable, __file__, "--alone", str(replications), "--engine", engine]
    return float(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def alone(replications: int, engine: str) -> None:
    """Simulate with the pieces on disk, as commands do, and print the largest resident set of this process in MiB."""
    study = opened(replications, engine)
    with tempfile.TemporaryDirectory() as folder:
        simulated(study, Work(workers=2), Area(Path(folder), study.run_id))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def measure(engine: str, rounds: int, days: int) -> None:
    """Measure speed and sizes, and print them; the first round warms up and is left out."""
    study = opened(days, engine)
    stages, ends, ratios = [], [], []
    for number in range(rounds + 1):
        stages.append(shares_ns(study, range(number * CHUNK, number * CHUNK + min(CHUNK, days))))
        ends.append(calls_per_s(study, 1, time.process_time))
        one, two = (calls_per_s(study, workers, time.perf_counter) for workers in (1, 2))
        ratios.append(two / one)
    print(f"scenario to bills, calls per second and core  {median(ends[1:]):>12,.0f}")
    print(f"two workers against one                       {median(ratios[1:]):>12.2f}")
    for name in stages[0]:
        unit = "" if name == "price lines" or name.startswith("bytes") else ", ns per call"
        print(f"{name + unit:<46}{median(one[name] for one in stages[1:]):>12,.1f}")


def main() -> None:
    """Measure and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--days", type=int, default=200)
    options.add_argument("--engine", choices=("reference", "compiled"), default="compiled")
    options.add_argument("--memory", type=int, nargs="*", default=[1000, 10_000], metavar="REPLICATIONS")
    options.add_argument("--alone", type=int, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.alone:
        alone(chosen.alone, chosen.engine)
        return
    if chosen.rounds:
        measure(chosen.engine, chosen.rounds, chosen.days)
    for replications in chosen.memory:
        print(
            f"{f'peak memory at {replications:,} replications, MiB':<46}{peak_mib(replications, chosen.engine):>12,.0f}"
        )


if __name__ == "__main__":
    main()
