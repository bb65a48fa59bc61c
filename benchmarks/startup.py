"""What a person waits for: the help text, the demo without its pictures, a small run without and with them.

Each command is started afresh, in turn with the others, and its wall clock time taken; the figures are medians. Of the
small run the processor time is told too, which other work on the machine lengthens less: the compiled engine plays the
usual number of replications of a day, from a kernel that is kept already.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

STOCK_MONITOR = Path(__file__).parents[1] / "scenarios" / "openclaw-stock-monitor.yaml"
BURNCURVE = (sys.executable, "-m", "burncurve")
ALLOWED_HELP_MS = 100.0
ALLOWED_DEMO_MS = 3_000.0
SMALL_RUNS = {"small run": ("--no-pictures",), "small run with pictures": ()}
ALLOWED_SMALL_MS = {"small run": 800.0, "small run with pictures": 1_800.0}


def wall_ms(command: tuple[str, ...]) -> float:
    """Return the wall clock time of one run in milliseconds; raises CalledProcessError where it fails."""
    start_s = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return 1e3 * (time.perf_counter() - start_s)


def processor_ms() -> float:
    """Return the processor time of all runs so far in milliseconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1e3 * (used.ru_utime + used.ru_stime)


def demo(out: Path) -> tuple[str, ...]:
    """Return the demo's command without pictures, into a folder of its own so that nothing is reused."""
    words = ("--replications", "1", "--no-pictures", "--quiet", "--out", str(out))
    return (*BURNCURVE, "compare", str(STOCK_MONITOR), *words)


def small_run(out: Path, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command of a small run by the compiled engine, into a folder of its own."""
    return (*BURNCURVE, "run", str(STOCK_MONITOR), "--engine", "compiled", "--quiet", "--out", str(out), *words)


def measure(rounds: int, demo_rounds: int) -> dict[str, float]:
    """Return medians in milliseconds."""
    times_ms: dict[str, list[float]] = {"bare python": [], "burncurve --help": [], "demo": []}
    for _ in range(rounds):
        times_ms["bare python"].append(wall_ms((sys.executable, "-c", "pass")))
        times_ms["burncurve --help"].append(wall_ms((*BURNCURVE, "--help")))
    with tempfile.TemporaryDirectory() as folder:
        times_ms["demo"] = [wall_ms(demo(Path(folder) / str(i))) for i in range(demo_rounds + 1)][1:]
    return {name: median(values) for name, values in times_ms.items()}


def measure_small_runs(rounds: int) -> dict[str, tuple[float, float]]:
    """Return medians of wall clock and processor time in milliseconds; a first round compiles what is not kept yet."""
    times_ms: dict[str, list[tuple[float, float]]] = {name: [] for name in SMALL_RUNS}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds + 1):
            for name, words in SMALL_RUNS.items():
                before_ms = processor_ms()
                took_ms = wall_ms(small_run(Path(folder) / f"{name} {number}", words))
                times_ms[name].append((took_ms, processor_ms() - before_ms))
    return {
        name: (median(wall for wall, _ in taken[1:]), median(processor for _, processor in taken[1:]))
        for name, taken in times_ms.items()
    }


def main() -> None:
    """Measure, and print a table or JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=21)
    options.add_argument("--demo-rounds", type=int, default=3)
    options.add_argument("--small-rounds", type=int, default=7)
    options.add_argument("--format", choices=("table", "json"), default="table")
    chosen = options.parse_args()
    medians_ms = measure(chosen.rounds, chosen.demo_rounds)
    small_ms = measure_small_runs(chosen.small_rounds)
    if chosen.format == "json":
        print(json.dumps({"median_ms": medians_ms, "median_wall_and_processor_ms": small_ms}))
        return
    over_ms = medians_ms["burncurve --help"] - medians_ms["bare python"]
    print(f"bare python             {medians_ms['bare python']:>8,.0f} ms")
    print(f"burncurve --help        {over_ms:>+8,.0f} ms over bare python; allowed {ALLOWED_HELP_MS:,.0f}")
    print(f"demo, no pictures       {medians_ms['demo']:>8,.0f} ms; allowed {ALLOWED_DEMO_MS:,.0f}")
    for name, (wall, processor) in small_ms.items():
        print(f"{name:<23} {wall:>8,.0f} ms, {processor:,.0f} of processor time; allowed {ALLOWED_SMALL_MS[name]:,.0f}")


if __name__ == "__main__":
    main()
