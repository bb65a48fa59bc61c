"""Writes docs/accuracy.md from runs over all real data at hand: `make accuracy`.

BURNCURVE_TRACES names requests.csv.gz of the public traces, BURNCURVE_EXAMPLE_SESSIONS a folder with the two example
sessions. A part whose data are not here keeps a line that says so: nothing is shown that was not run.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import halves
import traces
from burncurve.studies import fitting, tracing
from burncurve.studies.fit import fit
from burncurve.studies.fit_text import Frame, scenario_text
from burncurve.studies.turns import Turns, of_ledger

PAGE = Path(__file__).resolve().parents[1] / "docs" / "accuracy.md"
EXAMPLES = "BURNCURVE_EXAMPLE_SESSIONS"
SPLITS = 200
TARGETS = {"mean": 0.08, "p50": 0.09, "p90": 0.12}
CACHED_TARGET, REPLAY_TARGET = 0.03, 0.01
TTLS_S = {"5 min": 300, "1 h": 3_600, "no limit": 10_000_000}

HEAD = """\
# How far the simulator can be trusted

This page is written by `make accuracy`, from runs over the real data at hand; every figure is what came out, also
where it is worse than it should be. Errors are relative unless they are points of a share.

## The data

- **Traces**: 46,218 calls of 692 Claude Code sessions and 63 sub-agents, anonymised, from
  [callanjfox/kv-cache-tester](https://github.com/callanjfox/kv-cache-tester) (Apache-2.0), 18 exact duplicates dropped.
  Sizes, times, stop reasons, and how much of each prompt is the same as the prompt before, by hashes of blocks of 64
  tokens. No dollars, no counters of a real cache, no dates. Their author dropped single-request, very long, heavily
  compacting and badly cached conversations, and 45% begin in mid-conversation: what fits them need not fit yours.
- **Example sessions**: one session each of Claude Code and of Codex, redacted, with the real counters of their
  caches, from [uw-syfi/TraceLab](https://github.com/uw-syfi/TraceLab) (Apache-2.0).

Dollars per day, and forecasts in time, could not be held against anything: no log of more than one session with dates
is at hand. `burncurve backtest` does that on logs of your own.
"""
TAIL = """\
## What is not modelled, and shows

- Sizes, times and numbers of turns are drawn independently of each other within a kind of session. The first request
  of a session takes about twice the turns of a later one, and is drawn apart; kinds are told apart by requests, by the
  first prompt and by the window. That takes most of the dependence away, but not all: a session that begins with much
  in its context, or fills it fast, ends sooner. Drawn independently, some small sessions become still smaller, and
  contexts are cut more often than they were: the lowest tenth of sessions is simulated too small.
- Results are larger at the beginning of a session: what the first five steps read beyond the usual is counted as
  there from the start.
- The contexts of a kind of session are compacted at one size, that with which the sessions seen, growing as they did,
  come to their prompt tokens. In the traces that size differs between sessions, with the window and the habits of
  their owner.
- Within the time to live a prefix is lost with a probability by kind of turn. In the traces a user turn loses a fifth
  of the history where a session has two requests, and 8% where it has many; why, the hashes do not say.
- The first call of a replayed session finds in the cache what its log says that it found, nothing where the log does
  not say; at another provider that is an assumption.
"""


def percent(value: float, sign: bool = False) -> str:
    """Return a share in percent with one decimal."""
    return f"{100 * value:{'+' if sign else ''}.1f}%"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, numbers to the right."""
    lines = [f"| {' | '.join(headings)} |", f"|---|{'---:|' * (len(headings) - 1)}"]
    return "\n".join((*lines, *(f"| {' | '.join(row)} |" for row in rows)))


def replayed(turns: Turns) -> Iterator[str]:
    """Yield the section on replays of the traces."""
    from burncurve.deployment import Account, CacheKind, CacheRule, Deployment, Leg, Offer, Route
    from burncurve.draws import constant
    from burncurve.engines import play

    yield "## Replay: the same calls through a cache of ours"
    yield ""
    yield (
        "Every call of the traces is played again, with its size, its pauses and its sub-agents, on an offer with an\n"
        "explicit cache. Beside it stands what the hashes imply: a call reads what it shares with the call before it,\n"
        "where that one was asked for less than the time to live ago. Prompt and output tokens must be the same."
    )
    yield ""
    rows = []
    for label, ttl_s in TTLS_S.items():
        cache = CacheRule(CacheKind.EXPLICIT, short_us=constant(ttl_s * 1_000_000))
        offer = Offer("maker/model", 1 << 30, cache=cache, first_token_ns=3_100_000_000, decode_ns_per_token=16_400_000)
        served = Deployment("one", (offer,), (Account("account"),), (Route((Leg(0, 0),)),) * 2)
        ledger = play(tracing.workload(turns, turns.agents, "traces", 0), served, range(1), "reference")
        share, implied = float(ledger["cache_read"].sum() / ledger.prompt.sum()), halves.implied(turns, ttl_s)
        same = int(ledger.prompt.sum()) == int(turns.prompt.sum()) and int(ledger["output"].sum()) == turns.output.sum()
        within = "yes" if abs(share - implied) <= REPLAY_TARGET else "**no**"
        rows.append((label, percent(implied), percent(share), f"{100 * (share - implied):+.2f} points", within,
                     "the same" if same else "**differ**"))  # fmt: skip
    headings = (
        "time to live",
        "cached by the hashes",
        "cached in the replay",
        "difference",
        "within 1 point",
        "tokens",
    )
    yield table(headings, rows)


def examples(folder: Path) -> Iterator[str]:
    """Yield the section on replays of the example sessions, beside the counters of their real caches."""
    from burncurve import prices
    from burncurve.studies import observing, replay
    from burncurve.studies.simulation import simulated
    from burncurve.studies.study import Choices

    book = prices.load("list")
    choices = Choices(replications=1, engine="reference")
    yield "## Replay: two sessions with the counters of real caches"
    yield ""
    rows = []
    for name in ("claude", "codex"):
        found = observing.seen(observing.observed_in([folder / name]))
        (result,) = simulated(replay.study(found, book, choices)).results
        logged, again = found.observed, result.totals.columns
        prompt, read = int(logged.prompt.sum()), int(logged["cache_read"].sum())
        mine, reread = int(again["prompt"].sum()), int(again["cache_read"].sum())
        rows.append((name, f"{len(logged):,}", f"{prompt:,}", f"{mine:,}", percent(read / prompt),
                     percent(reread / mine)))  # fmt: skip
    headings = ("session", "calls", "prompt tokens logged", "replayed", "cached as logged", "replayed")
    yield table(headings, rows)
    yield ""
    yield (
        "One session each is no sample. What the first call of each found in the cache is taken from its log. Later\n"
        "calls of Codex's read less than the calls before had sent within the time to live: why, the log does not say."
    )


def half_by_half(turns: Turns, count: int) -> Iterator[str]:
    """Yield the section on random halves."""
    found = halves.run(turns, count)
    yield "## Fit: half of the sessions forecasts the other half"
    yield ""
    yield (
        f"{found['splits']} times the traces are parted at random. A scenario is fitted to one half, some 6,000\n"
        "sessions of it are simulated, and prompt tokens per session of the main agent are held against the other\n"
        "half. The floor is how far the two halves of the data are from each other. The traces hold no call that\n"
        "writes the summary of a compaction (what is written before a cut is as short as everywhere), so that the\n"
        "forecast's own are left out; the last column is the median absolute error with them."
    )
    yield ""
    yield (
        "How it was chosen: that first requests are told from later ones, and at which size contexts are cut, was\n"
        "read off all of the traces held against their own simulation, then tried on random halves of random halves,\n"
        "and on halves, with other seeds than those of the table. The largest number of kinds and the fewest sessions\n"
        "of one are older, and were chosen with an eye on some of the table's own halves. All of it comes from the\n"
        "same 692 sessions: the table is no test on sessions that nobody had seen."
    )
    yield ""
    rows = [
        (one["statistic"], percent(one["median_absolute"]), percent(TARGETS[one["statistic"]]),
         "yes" if one["median_absolute"] <= TARGETS[one["statistic"]] else "**no**", percent(one["floor"]),
         percent(one["median"], sign=True), percent(one["counted"]))
        for one in found["prompt"]
    ]  # fmt: skip
    headings = ("prompt tokens per session", "median absolute error", "goal", "met", "floor", "median error",
                "with compactions")  # fmt: skip
    yield table(headings, rows)
    yield ""
    shares = [
        (one["ttl"], percent(one["came"]), percent(one["forecast"]), f"{100 * one['median_absolute']:.2f} points",
         f"{100 * one['worst']:.2f} points", "yes" if one["median_absolute"] <= CACHED_TARGET else "**no**")
        for one in found["cached"]
    ]  # fmt: skip
    yield table(
        ("cache", "cached, other half", "forecast", "median absolute error", "worst", "within 3 points"), shares
    )


KINDS = ((1, 1, "1"), (2, 2, "2"), (3, 4, "3 to 4"), (5, 8, "5 to 8"), (9, 1 << 30, "9 or more"))


def by_kind(turns: Turns) -> Iterator[str]:
    """Yield the section on kinds of session: fitted to all traces and simulated, beside those very traces."""
    frame = Frame("All of the traces", "all of the traces", horizon=f"{halves.DAYS}d",
                  sessions_per_day=halves.SESSIONS / halves.DAYS, deployments=halves.DEPLOYMENTS[:1])  # fmt: skip
    (ledger,) = halves.played(scenario_text(fit(turns, dated=False), frame), 0, "compiled")
    data, drawn = (_kinds(each) for each in (turns, of_ledger(ledger)))
    yield "## Where errors of one kind of session hide those of another"
    yield ""
    yield (
        "Fitted to all of the traces and held against themselves, by how many requests a session has. What comes out\n"
        "too large and too small in the kinds makes up for each other in the mean of all sessions: a scenario in\n"
        "which the mix of kinds is another one is forecast as well as its kinds are."
    )
    yield ""
    rows = [
        (label, f"{seen[0]:,}", f"{seen[1] / 1e6:.2f} M", f"{mine[1] / 1e6:.2f} M",
         percent(mine[1] / seen[1] - 1, sign=True))
        for (_, _, label), seen, mine in zip(KINDS, data, drawn, strict=True)
    ]  # fmt: skip
    yield table(("requests", "sessions", "prompt tokens per session", "simulated", "difference"), rows)


def _kinds(turns: Turns) -> list[tuple[int, float]]:
    """Return sessions and mean prompt tokens of each kind."""
    root = turns.parent[turns.first[:-1]] < 0
    requests = np.bincount(turns.session[turns.asks], minlength=turns.sessions)[root]
    prompts = halves.prompts_of(turns)
    chosen = [(requests >= low) & (requests <= high) for low, high, _ in KINDS]
    return [(int(each.sum()), float(prompts[each].mean())) for each in chosen]


def _mean_off(quantity: dict[str, Any]) -> float:
    """Return by which share of it the mean of a quantity is missed; of one that is always 0, nothing."""
    seen, drawn = (float(quantity["mean"][name]) for name in ("seen", "drawn"))
    return drawn / seen - 1 if seen else 0.0


def families(turns: Turns) -> Iterator[str]:
    """Yield the section on what was fitted to all traces."""
    document = fitting.document(fit(turns, dated=False), "the traces", ())
    off = sorted(document["quantities"], key=lambda one: -abs(_mean_off(one)))
    taken: dict[str, int] = {}
    for one in document["quantities"]:
        taken[one["family"]] = taken.get(one["family"], 0) + 1
    yield "## What was fitted to all of them"
    yield ""
    counts = ", ".join(f"{count} {name}" for name, count in sorted(taken.items()))
    yield (
        f"{len(document['quantities'])} quantities of {len(document['agents'])} agents; kinds of session are told\n"
        f"apart by requests, first prompt and window. Taken were {counts}: quantiles as seen\n"
        "where no family is near enough. The means that are met worst:"
    )
    yield ""
    rows = [
        (f"{one['agent']}: {one['quantity']}", one["family"], f"{one['values']:,}", f"{one['ks']:.3f}",
         percent(_mean_off(one), sign=True))
        for one in off[:8]
    ]  # fmt: skip
    yield table(("quantity", "family", "values", "KS", "mean off by"), rows)


def page(splits: int) -> str:
    """Return the text of the page."""
    path, folder = traces.traces_path(), os.environ.get(EXAMPLES)
    parts = [HEAD]
    if path is None:
        parts.append(f"The traces were not here when this page was made ({traces.VARIABLE}): all else is unproven.\n")
    else:
        turns = traces.read(path)
        for section in (replayed(turns), half_by_half(turns, splits), by_kind(turns), families(turns)):
            parts.append("\n".join(section) + "\n")
    if folder:
        parts.insert(2, "\n".join(examples(Path(folder))) + "\n")
    else:
        parts.append(f"The example sessions were not here when this page was made ({EXAMPLES}).\n")
    return "\n".join((*parts, TAIL))


def main() -> None:
    """Write the page; a number on the command line is how many splits."""
    splits = int(sys.argv[1]) if len(sys.argv) > 1 else SPLITS
    PAGE.write_text(page(splits), encoding="utf-8")
    sys.stdout.write(json.dumps({"wrote": str(PAGE.name), "splits": splits}) + "\n")


if __name__ == "__main__":
    main()
