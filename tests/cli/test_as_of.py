"""`--as-of` at the door: a run as of a day of February 2026 is what was known then, whatever came later."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

QUIET = ("--replications", "1", "--no-pictures", "--quiet", "--engine", "reference")
METERS = ("input", "cache_read", "cache_write_5m", "output")
# Dollars per million tokens, as published before 1 March 2026: Claude Opus 4.6 (twice the input and half as much again
# of output above 200,000 tokens of prompt), MiniMax M2.5.
OPUS = (5, Decimal("0.5"), Decimal("6.25"), 25)
OPUS_LONG = (10, 1, Decimal("12.5"), Decimal("37.5"))
MINIMAX = (Decimal("0.3"), Decimal("0.03"), Decimal("0.375"), Decimal("1.2"))


def calls(run: str) -> list[dict[str, int]]:
    return pq.read_table(Path(run, "ledger.parquet")).to_pylist()


def priced(call: dict[str, int], rates: tuple[Decimal | int, ...]) -> Decimal:
    return sum((Decimal(call[meter]) * rate for meter, rate in zip(METERS, rates, strict=True)), Decimal(0)) / 10**6


def bill(run: str) -> Decimal:
    with Path(run, "replications.csv").open(newline="") as file:
        return Decimal(next(csv.DictReader(file))["bill_usd"])


BETA = """
sources: {beta: made}
offers:
  anthropic/claude-opus-4.6:
    window_tokens: {value: 1000000, source: beta, date: 2026-02-05}
"""


def long_beats(call, out: str, *more: str) -> list[dict[str, int]]:
    """Beats of an assistant after 13 March 2026 whose session grows beyond 200,000 tokens."""
    settings = ("agents.assistant.history=170k", "agents.assistant.window=1M", "agents.assistant.compact.at=900k")
    sets = [word for setting in (*settings, "agents.assistant.message=1k") for word in ("--set", setting)]
    words = ("run", "heartbeat", *sets, "--start", "2026-03-20T00:00", "--out", out, *more, *QUIET)
    ended = call(*words)
    assert ended.exit_code == 0, ended.stderr
    return calls(out)


def test_a_price_that_was_about_to_end_still_holds_as_of_the_day_before_it_was_known(call) -> None:
    Path("beta.yaml").write_text(BETA)
    played = long_beats(call, "then", "--as-of", "2026-02-26", "--catalogue", "beta.yaml")
    prompts = [one["input"] + one["cache_read"] + one["cache_write_5m"] for one in played]
    assert min(prompts) < 200_000 < max(prompts)
    known = (OPUS_LONG if prompt > 200_000 else OPUS for prompt in prompts)
    assert bill("then") == sum(priced(one, rates) for one, rates in zip(played, known, strict=True))
    assert long_beats(call, "now") == played
    assert bill("now") == sum(priced(one, OPUS) for one in played)  # one price for the whole window since 13 March


def test_a_day_of_february_costs_what_its_lists_said(call) -> None:
    words = ("openclaw-stock-monitor", "--set", "horizon=1h", "--models", "minimax/minimax-m2.5")
    ended = call("run", *words, "--as-of", "2026-02-23", "--out", "then", *QUIET)
    assert ended.exit_code == 0, ended.stderr
    assert bill("then") == sum(priced(one, MINIMAX) for one in calls("then"))
    call("run", *words, "--out", "now", *QUIET)
    assert bill("now") == bill("then")  # nothing that became known since changes that day


def test_the_window_is_the_one_that_was_known(call) -> None:
    """A window of 1M for everybody came on 13 March 2026; on 26 February nobody knew it would."""

    def longest(*more: str) -> int:
        played = long_beats(call, "-".join(["out", *more]), *more)
        return max(one["input"] + one["cache_read"] + one["cache_write_5m"] for one in played)

    assert longest("--as-of", "2026-02-26") <= 200_000 < longest("--as-of", "2026-03-13")


PLAN = """
name: plan
start: 2026-02-16T00:00
horizon: 4d
triggers: [{agent: assistant, every: 12h}]
agents: {assistant: {base: 20k}}
deployments:
  max:
    roles: {main: anthropic/claude-opus-4.6}
    seats: {plan: claude-max-5x, client: openclaw}
"""


def test_a_ban_that_nobody_knew_of_does_not_end_a_plan(call) -> None:
    """The terms of Claude's plans shut other clients out on 18 February 2026; as of the 16th they cover them."""
    Path("plan.yaml").write_text(PLAN)
    for name, more in {"then": ("--as-of", "2026-02-16"), "now": ()}.items():
        ended = call("run", "plan.yaml", *more, "--out", name, *QUIET)
        assert ended.exit_code == 0, ended.stderr
    assert [one["plan"] for one in calls("then") if one["plan"] is None] == []
    assert {one["plan"] is None for one in calls("now")} == {True, False}


BOOK = """
name: made
about: one price, and a correction that came later
checked: 2026-04-30
offers:
  minimax/minimax-m2.5:
    - {valid_from: 2026-02-01, per_mtok: {input: 0.3, output: 1.2}, source: made}
"""
LATER = "    - {valid_from: 2026-02-10, known_since: 2026-04-01, per_mtok: {input: 3, output: 12}, source: made}\n"


def test_what_became_known_later_changes_nothing_as_of_then(call) -> None:
    Path("before.yaml").write_text(BOOK)
    Path("after.yaml").write_text(BOOK + LATER)
    words = ("run", "heartbeat", "--models", "minimax/minimax-m2.5", "--start", "2026-02-20T00:00", *QUIET)
    runs = {
        "before": ("--book", "before.yaml"),
        "then": ("--book", "after.yaml", "--as-of", "2026-03-31"),
        "now": ("--book", "after.yaml"),
    }
    for name, more in runs.items():
        ended = call(*words, *more, "--out", name)
        assert ended.exit_code == 0, ended.stderr
    files = {name: Path(name, "bill.csv").read_bytes() for name in runs}
    assert files["before"] == files["then"]
    assert bill("now") == 10 * bill("then")


@pytest.mark.parametrize("offer", ["deepseek/deepseek-v4-pro", "zai/glm-5.3"])
def test_what_was_not_sold_yet_has_no_price(call, offer: str) -> None:
    ended = call("run", "heartbeat", "--models", offer, "--as-of", "2026-02-20", "--out", "out", *QUIET)
    assert ended.exit_code == 3
    assert f"has no price of {offer}" in ended.stderr
    assert "a later --as-of" in ended.stderr
    assert json.loads(Path("out/summary.json").read_text())["deployments"][0]["bill_usd"] is None
