"""What a person waits for: the help text, and the demo's simulation without its pictures.

Each command is started afresh, in turn with the others, and its wall clock time taken; the figures are medians.
"""

from __future__ import annotations

import argparse
import json
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


def wall_ms(command: tuple[str, ...]) -> float:
    """Return the wall clock time of one run in milliseconds; raises CalledProcessError where it fails."""
    start_s = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return 1e3 * (time.perf_counter() - start_s)


def demo(out: Path) -> tuple[str, ...]:
    """Return the demo's command without pictures, into a folder of its own so that nothing is reused."""
    words = ("--replications", "1", "--no-pictures", "--quiet", "--out", str(out))
    return (*BURNCURVE, "compare", str(STOCK_MONITOR), *words)


def measure(rounds: int, demo_rounds: int) -> dict[str, float]:
    """Return medians in milliseconds."""
    times_ms: dict[str, list[float]] = {"bare python": [], "burncurve --help": [], "demo": []}
    for _ in range(rounds):
        times_ms["bare python"].append(wall_ms((sys.executable, "-c", "pass")))
        times_ms["burncurve --help"].append(wall_ms((*BURNCURVE, "--help")))
    with tempfile.TemporaryDirectory() as folder:
        times_ms["demo"] = [wall_ms(demo(Path(folder) / str(i))) for i in range(demo_rounds + 1)][1:]
    return {name: median(values) for name, values in times_ms.items()}


def main() -> None:
    """Measure, and print a table or JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=21)
    options.add_argument("--demo-rounds", type=int, default=3)
    options.add_argument("--format", choices=("table", "json"), default="table")
    chosen = options.parse_args()
    medians_ms = measure(chosen.rounds, chosen.demo_rounds)
    if chosen.format == "json":
        print(json.dumps({"median_ms": medians_ms}))
        return
    over_ms = medians_ms["burncurve --help"] - medians_ms["bare python"]
    print(f"bare python       {medians_ms['bare python']:>8,.0f} ms")
    print(f"burncurve --help  {over_ms:>+8,.0f} ms over bare python; allowed {ALLOWED_HELP_MS:,.0f}")
    print(f"demo, no pictures {medians_ms['demo']:>8,.0f} ms; allowed {ALLOWED_DEMO_MS:,.0f}")


if __name__ == "__main__":
    main()
