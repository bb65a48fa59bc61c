"""A back-test of a log made by our own engine, whose later part is like its earlier one: forecasts must hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from burncurve import catalogue, deploy, prices
from burncurve.cli.door import main
from burncurve.engines import play
from burncurve.errors import InputError
from burncurve.ledger import Ledger
from burncurve.prepare import prepare
from burncurve.scenario.reading import read_text
from burncurve.studies import observing
from burncurve.studies.backtest import backtest, parted
from burncurve.studies.forecast import Known

SCENARIO = """
name: Made to be forecast
start: 2026-10-01T00:00
horizon: 60d
users:
  agent: main
  count: 1
  sessions_per_day: {poisson: {mean: 5}}
  requests: {geometric: {mean: 3}, clip: [1, 40], per: session}
  think: {lognormal: {median: 100s, sigma: 1.8}, clip: [1s, 8h]}
agents:
  main:
    base: 20k
    message: {lognormal: {median: 150, sigma: 0.9}, clip: [1, 20k]}
    turns: {lognormal: {median: 5, sigma: 0.7}, clip: [1, 90], per: request}
    tools: {result: {lognormal: {median: 900, sigma: 1}, clip: [1, 16k]}, time: {lognormal: {median: 5s, sigma: 1}}}
    spawn: {agent: scout, probability: 4%, count: 1, brief: 600}
  scout:
    role: scout
    base: 9k
    turns: {lognormal: {median: 6, sigma: 0.4}, per: request}
    tools: {result: 1k, time: 2s}
deployments:
  one: {roles: {main: anthropic/claude-opus-4.6, scout: anthropic/claude-haiku-4.5}}
"""
MODELS = {"main": "claude-opus-4-6", "scout": "claude-haiku-4-5"}


def known() -> Known:
    return Known(catalogue.load(), prices.load("list"))


def lines(ledger: Ledger) -> Iterator[str]:
    """Yield a ledger as a log in the plain format."""
    names = ("session", "parent", "agent", "request", "task", "request_us", "end_us", "input", "cache_read",
             "cache_write_5m", "output")  # fmt: skip
    yield "model,session,parent,agent,request,time,end,input,cache_read,cache_write_5m,output"
    session_of = dict(zip(ledger["task"].tolist(), ledger["session"].tolist(), strict=True))
    for row in zip(*(ledger[name].tolist() for name in names), strict=True):
        one = dict(zip(names, row, strict=True))
        agent = ledger.names["agents"][one["agent"]]
        parent = session_of[one["parent"]] if one["parent"] >= 0 else ""
        times = ",".join(str(ledger.start_utc_us + one[name]) for name in ("request_us", "end_us"))
        tokens = ",".join(str(one[name]) for name in ("input", "cache_read", "cache_write_5m", "output"))
        yield f"{MODELS[agent]},{one['session']},{parent},{agent},{one['request']},{times},{tokens}"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scenario = read_text(SCENARIO, "made.yaml")
    (served,) = deploy.deployments(scenario, catalogue.load())
    ledger = play(prepare(scenario, 3), served, range(1), "reference")
    path = tmp_path_factory.mktemp("logs") / "log.csv"
    path.write_text("\n".join(lines(ledger)) + "\n")
    return path


@pytest.fixture(scope="module")
def found(log: Path) -> dict[str, Any]:
    seen = observing.seen(observing.observed_in([log]))
    return backtest(seen, known(), 0.5, 30, 0, "reference")


def test_the_parts_are_the_first_sessions_and_the_later_ones_with_their_children(log: Path) -> None:
    turns = observing.seen(observing.observed_in([log])).turns
    parts = parted(turns, 0.5)
    assert (parts.earlier ^ parts.later).all()
    opened = turns.opens & (turns.parent < 0)
    assert abs(int((opened & parts.earlier).sum()) - int((opened & parts.later).sum())) <= 1
    assert turns.start_us[opened & parts.earlier].max() <= turns.start_us[opened & parts.later].min()
    children = turns.opens & (turns.parent >= 0)
    assert children.any()
    assert (parts.earlier[children] == parts.earlier[turns.parent[children]]).all()


def test_what_comes_is_what_was_forecast(found: dict[str, Any]) -> None:
    rows = {row["figure"]: row for row in found["figures"]}
    assert len(rows) == 14
    assert rows["cached share"]["forecast"] == pytest.approx(rows["cached share"]["came"], abs=0.03)
    for name in ("calls per session, mean", "prompt per session, p50", "usd per session, mean"):
        assert abs(rows[name]["off"]) < 0.25
    assert np.mean([row["held"] for row in found["figures"]]) >= 0.6


def test_sessions_of_both_parts_are_counted_alike(log: Path, found: dict[str, Any]) -> None:
    rows = [line.split(",") for line in log.read_text().splitlines()[1:]]
    assert found["earlier"]["sessions"] + found["later"]["sessions"] == len({row[1] for row in rows if not row[2]})


def test_the_interval_of_a_session_and_of_a_day_holds_about_as_often_as_it_says(found: dict[str, Any]) -> None:
    held = [row["held"] for row in found["calibration"]]
    assert len(held) == 8
    assert np.mean(held) == pytest.approx(0.8, abs=0.12)
    for row in found["calibration"]:
        assert row["held"] + row["below"] + row["above"] == pytest.approx(1)


def test_dollars_that_came_are_those_of_the_log(log: Path, found: dict[str, Any]) -> None:
    rows = {row["figure"]: row for row in found["figures"]}
    assert rows["usd per day"]["came"] * found["later"]["days"] == pytest.approx(
        rows["usd per session, mean"]["came"] * found["later"]["sessions"]
    )
    assert rows["usd per day"]["came"] > 0


def test_the_command_prints_it(log: Path) -> None:
    done = CliRunner().invoke(main, ["backtest", str(log), "--replications", "2", "--earlier", "70%"])
    assert done.exit_code == 0, done.output
    assert "cached share" in done.stdout
    assert "of each" in done.stdout


def test_too_few_sessions_are_refused(tmp_path: Path) -> None:
    rows = [f"claude-opus-4-6,{n},1,{1_790_000_000 + n},100,50" for n in range(12)]
    path = tmp_path / "few.csv"
    path.write_text("\n".join(("model,session,request,time,input,output", *rows)) + "\n")
    seen = observing.seen(observing.observed_in([path]))
    with pytest.raises(InputError, match="each part needs 10"):
        backtest(seen, known(), 0.5, 2, 0, "reference")
    done = CliRunner().invoke(main, ["backtest", str(path)])
    assert done.exit_code == 2


def test_logs_without_times_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "undated.csv"
    path.write_text("model,input,output\n" + "claude-opus-4-6,100,50\n" * 30)
    done = CliRunner().invoke(main, ["backtest", str(path)])
    assert done.exit_code == 2
    assert "no times" in done.stderr


def test_what_the_logs_show_to_fit_fits_in_the_forecast_too(tmp_path: Path) -> None:
    """Each session asks with 150,000 and then with 300,000 tokens, of a window of 200,000 in the catalogue."""
    begins = range(1_790_000_000, 1_790_000_000 + 24 * 7_200, 7_200)
    calls = [
        f"claude-sonnet-4-5,{at},{at + wait},{size},100"
        for at in begins
        for wait, size in ((0, 150_000), (60, 300_000))
    ]
    path = tmp_path / "large.csv"
    path.write_text("\n".join(("model,session,time,input,output", *calls)))
    document = backtest(observing.seen(observing.observed_in([path])), known(), 0.5, 2, 0, "reference")
    rows = {row["figure"]: row for row in document["figures"]}
    assert rows["prompt per session, mean"]["came"] == 450_000
    assert rows["prompt per session, mean"]["forecast"] == pytest.approx(450_000, rel=0.05)
    told = (
        "the catalogue says a window of 200,000 tokens, the log shows a prompt of 300,000; forecast without that limit"
    )
    assert f"anthropic/claude-sonnet-4.5: {told}" in document["notes"]
    fitted = CliRunner().invoke(main, ["fit", str(path)])
    assert "the log shows a prompt of 300,000; simulations hold to the catalogue" in fitted.stderr
