"""A week of OpenRouter's top ten, call by call, beside what was counted: `make week`.

    python benchmarks/week.py [--accounts N]     play so many of the 100,000 accounts, and compare
    python benchmarks/week.py --calibrate        print the numbers that stand as CALIBRATED in the scenario

What was counted: github.com/johnbean393/openrouter-inference-stats, week of 2026-02-23. One replication is the week of
one account. Spend is set beside the collector's way of counting it: uncached, cached and completion tokens at list
prices, writes to a cache like any other input.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCENARIO = ROOT / "scenarios" / "openrouter_week.yaml"
ACCOUNTS = 100_000
AT_ONCE = 50
ROUNDS, FINE_ROUNDS = 14, 3


@dataclass(frozen=True, slots=True)
class Week:
    """What a model did in a week: requests, prompt tokens, those of them read from a cache, completion tokens."""

    requests: float
    prompt: float
    cached: float
    completion: float

    @property
    def share(self) -> float:
        """The share of prompt tokens that was read from a cache."""
        return self.cached / self.prompt

    def times(self, factor: float) -> Week:
        """Return so many such weeks."""
        return Week(self.requests * factor, self.prompt * factor, self.cached * factor, self.completion * factor)


@dataclass(frozen=True, slots=True)
class Listed:
    """Dollars per million tokens as listed; a price of 0 for reads is not known there, and input's stands in."""

    read_in: float
    cache_read: float
    output: float

    def spend(self, week: Week) -> float:
        """Return dollars, as the collector computes them."""
        read = self.cache_read or self.read_in
        parts = (week.prompt - week.cached) * self.read_in, week.cached * read, week.completion * self.output
        return sum(parts) / 1e6


COUNTED: Mapping[str, tuple[Week, Listed]] = {
    model: (Week(requests * 1e6, prompt * 1e9, cached * 1e9, completion * 1e9), Listed(*listed))
    for model, requests, prompt, cached, completion, *listed in (
        ("minimax", 49.2, 2549, 2078, 22.5, 0.3, 0.15, 1.1),
        ("kimi", 20.8, 1023, 796, 14.2, 0.45, 0.225, 2.2),
        ("gemini-3", 84.9, 823, 398, 35.6, 0.5, 0.05, 3),
        ("glm", 20.1, 790, 463, 13.1, 0.95, 0, 2.55),
        ("deepseek", 75.0, 715, 225, 29.8, 0.26, 0.13, 0.38),
        ("grok", 111.6, 571, 158, 97.7, 0.2, 0.05, 0.5),
        ("opus", 11.9, 635, 437, 7.8, 5, 0.5, 25),
        ("sonnet", 15.8, 524, 355, 10.5, 3, 0.3, 15),
        ("trinity", 29.4, 441, 0, 8.4, 0, 0, 0),
        ("gemini-2.5", 98.6, 401, 123, 30.2, 0.3, 0.03, 2.5),
    )
}


@dataclass(frozen=True, slots=True)
class Knobs:
    """The calibrated numbers of a model beside its turns; `growth` is what one more token per turn adds to a prompt."""

    per_hour: float
    result_tokens: float
    pause_s: float
    growth: float

    def settings(self, place: int, model: str) -> Iterator[str]:
        """Yield what sets them in the scenario."""
        yield f"triggers.{place}.poisson.per_hour={self.per_hour:.4g}"
        yield f"agents.{model}.tools.result={self.result_tokens:.0f}"
        yield f"agents.{model}.tools.time.lognormal.median={self.pause_s:.4g}s"


def simulated(settings: tuple[str, ...], accounts: int) -> dict[str, Week]:
    """Return what each model did in the weeks of so many accounts, enlarged to the whole."""
    import numpy as np

    from burncurve import catalogue, deploy, engines, scenario
    from burncurve.ledger import METERS, Status
    from burncurve.prepare import prepare

    read = scenario.read(SCENARIO, settings)
    workload = prepare(read, 0)
    (deployment,) = deploy.deployments(read, catalogue.load())
    sums = np.zeros((4, len(COUNTED)))
    for first in range(0, accounts, AT_ONCE):
        ledger = engines.play(workload, deployment, range(first, min(first + AT_ONCE, accounts)), "compiled")
        served = ledger["status"] == Status.OK
        agent = ledger["agent"][served]
        completion = sum(ledger[name][served] for name in METERS if name in ("output", "reasoning"))
        parts = np.ones(len(agent)), ledger.prompt[served], ledger["cache_read"][served], completion
        sums += [np.bincount(agent, weights=part, minlength=len(COUNTED)) for part in parts]
    return {model: Week(*of).times(ACCOUNTS / accounts) for model, of in zip(COUNTED, sums.T.tolist(), strict=True)}


def calibrated(accounts: int) -> dict[str, Knobs]:
    """Return numbers under which requests, prompts and reads come out as counted, turns as the scenario has them.

    Sessions follow the requests, the tokens that join a context follow the prompts (each token more adds to them
    what `growth` says), and the pause is halved in on by the share that is read: the longer, the fewer reads.
    """
    knobs = dict(_first_knobs())
    spans = dict.fromkeys(COUNTED, (0.01, 1e6))
    for number in range(ROUNDS + FINE_ROUNDS):
        fine = number >= ROUNDS
        settings = tuple(s for place, model in enumerate(COUNTED) for s in knobs[model].settings(place, model))
        seen = simulated(settings, 80 * accounts if fine else accounts)
        for model, (want, _) in COUNTED.items():
            if number > 1 and not fine and want.cached:
                spans[model] = _narrowed(spans[model], knobs[model].pause_s, seen[model].share > want.share)
            knobs[model] = _stepped(knobs[model], seen[model], want, spans[model] if want.cached and not fine else None)
        print(f"round {number + 1} of {ROUNDS + FINE_ROUNDS}", file=sys.stderr)
    return knobs


def _first_knobs() -> Iterator[tuple[str, Knobs]]:
    from burncurve import scenario

    read = scenario.read(SCENARIO)
    for model, (want, _) in COUNTED.items():
        turns = read.agents[model].turns
        mean = turns.expected()
        spread = 2.718  # of squares over the square of the mean, at a sigma of 1
        yield model, Knobs(want.requests / ACCOUNTS / 168 / mean, 500.0, 60.0, (mean * spread - 1) / 2)


def _narrowed(span: tuple[float, float], pause_s: float, reads_too_much: bool) -> tuple[float, float]:
    """Return the span of pauses with one end moved, and a little more: the other numbers still move."""
    low, high = (pause_s, span[1]) if reads_too_much else (span[0], pause_s)
    return low / 1.02, high * 1.02


def _stepped(now: Knobs, seen: Week, want: Week, span: tuple[float, float] | None) -> Knobs:
    wrong_by = want.prompt / want.requests - seen.prompt / seen.requests
    return Knobs(
        now.per_hour * want.requests / seen.requests,
        max(0.0, now.result_tokens + wrong_by / now.growth),
        (span[0] * span[1]) ** 0.5 if span else now.pause_s,
        now.growth,
    )


def run(accounts: int, folder: Path) -> float:
    """Play the week by the command line into a folder; return the seconds it took."""
    start_s = time.perf_counter()
    options = ["--replications", str(accounts), "--no-pictures", "--out", str(folder)]
    command = [sys.executable, "-m", "burncurve", "run", "openrouter_week", *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start_s


def played(folder: Path) -> dict[str, tuple[Week, float]]:
    """Return what each model did by a run's summary, and its dollars, enlarged to the whole week."""
    with (folder / "bill.csv").open() as file:
        model_of = {line["offer"]: line["agent"] for line in csv.DictReader(file)}
    (part,) = json.loads((folder / "summary.json").read_text())["deployments"]
    return {model_of[each["offer"]]: _enlarged(each) for each in part["by_offer"]}


def _enlarged(each: Mapping[str, float]) -> tuple[Week, float]:
    prompt = each["prompt_tokens"]
    week = Week(each["calls"], prompt, each["cached_share"] * prompt, each["output_tokens"])
    return week.times(ACCOUNTS), each["usd"] * ACCOUNTS


def compared(accounts: int) -> None:
    """Play, and print each model's week beside what was counted."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "week"
        took_s = run(accounts, folder)
        weeks = played(folder)
    print(f"{'':<12}{'tokens':>20}{'':>8}{'requests':>19}{'read':>17}{'bill':>9}{'at list prices':>20}")
    print(
        f"{'model':<12}{'played':>10}{'counted':>10}{'':>8}{'played':>10}{'counted':>9}{'played':>8}{'counted':>9}"
        f"{'':>9}{'played':>10}{'counted':>10}"
    )
    for model, (want, listed) in COUNTED.items():
        week, dollars = weeks[model]
        total, counted = week.prompt + week.completion, want.prompt + want.completion
        print(
            f"{model:<12}{total / 1e9:>8,.1f} B{counted / 1e9:>8,.1f} B{total / counted - 1:>+8.2%}"
            f"{week.requests / 1e6:>8,.1f} M{want.requests / 1e6:>7,.1f} M{week.share:>8.1%}{want.share:>9.1%}"
            f"{dollars / 1e6:>7.3f} M{listed.spend(week) / 1e6:>7.3f} M{listed.spend(want) / 1e6:>7.3f} M"
        )
    counted = sum(want.requests for want, _ in COUNTED.values())
    calls = sum(week.requests for week, _ in weeks.values())
    print(f"{calls / 1e6:,.1f} M requests played, {counted / 1e6:,.1f} M counted")
    peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{accounts:,} accounts in {took_s:.1f} s, at most {peak_mib:,.0f} MiB")


def main() -> None:
    """Compare, or calibrate."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--accounts", type=int, default=ACCOUNTS)
    options.add_argument("--calibrate", action="store_true")
    chosen = options.parse_args()
    if not chosen.calibrate:
        compared(chosen.accounts)
        return
    for place, (model, knobs) in enumerate(calibrated(min(chosen.accounts, 200)).items()):
        print(*knobs.settings(place, model))


if __name__ == "__main__":
    main()
