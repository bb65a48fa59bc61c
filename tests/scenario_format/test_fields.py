"""The plain fields and the models: what they read, and that what they dump reads back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from burncurve.errors import InputError
from burncurve.scenario import read
from burncurve.scenario.describing import descriptions
from burncurve.scenario.distributions import Duration
from burncurve.scenario.fields import After, Days, Hours, LocalTime, Moment, Reset, written_clock
from burncurve.scenario.models import Bursty, Scenario, Tool, ToolUse, Trigger
from burncurve.scenario.thresholds import parse
from burncurve.words import US_PER_HOUR, US_PER_MINUTE

SHIPPED = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("mon-fri", (0, 1, 2, 3, 4)),
        ("fri-mon", (0, 4, 5, 6)),
        ("Sat, sun", (5, 6)),
        (["mon", "wed-thu"], (0, 2, 3)),
        ("tue", (1,)),
    ],
)
def test_days(written: object, days: tuple[int, ...]) -> None:
    assert TypeAdapter(Days).validate_python(written) == days


def test_hours() -> None:
    hours = TypeAdapter(Hours).validate_python("09:30-24:00")
    assert (hours.opens_us, hours.closes_us) == (9 * US_PER_HOUR + 30 * US_PER_MINUTE, 24 * US_PER_HOUR)
    assert written_clock(hours.opens_us) == "09:30"


def test_resets() -> None:
    reader = TypeAdapter(Reset)
    assert reader.validate_python("idle 2h").idle == 2 * US_PER_HOUR
    assert reader.validate_python("daily 04:00").daily_us == 4 * US_PER_HOUR
    assert reader.validate_python("never").idle is None
    for wrong in ("sometimes", "idle", "daily 4", "never 3h", 5, None, {"idle": 3}):
        with pytest.raises(ValidationError):
            reader.validate_python(wrong)


def test_moments_and_local_times() -> None:
    assert TypeAdapter(Moment).validate_python("90s") == After(after="90s")
    assert TypeAdapter(Moment).validate_python("2026-02-23T09:30") == datetime(2026, 2, 23, 9, 30)
    assert TypeAdapter(LocalTime).validate_python("2026-02-23") == datetime(2026, 2, 23)
    for wrong in ("2026-02-30", "1999-01-01", "9999-01-01", 2026, "2026-02-23T09:30Z"):
        with pytest.raises(ValidationError):
            TypeAdapter(LocalTime).validate_python(wrong)


def test_one_may_stand_for_a_list_of_one() -> None:
    trigger = Trigger.model_validate({"agent": "a", "at": "5m"})
    assert trigger.at == (After(after="5m"),)
    assert Trigger.model_validate({"agent": "a", "at": ["5m"]}) == trigger


def test_thresholds() -> None:
    rule = parse("p95(bill_usd) < $40")
    assert (rule.statistic, rule.figure, rule.operator, rule.bound) == ("p95", "bill_usd", "<", 40.0)
    assert rule.holds(39.99)
    assert not rule.holds(40.0)
    assert parse("calls <= 2k").holds(2000)
    assert parse("mean(tokens.cache_read) >= 1M").bound == 1e6
    assert not parse("reread_factor > 3").holds(3.0)


@pytest.mark.parametrize(
    ("text", "figure", "deployment", "bound"),
    [
        ("p99(makespan) < 2h", "makespan_s", None, 7200),
        ("makespan_s < 90", "makespan_s", None, 90),
        ("opus: p95( bill ) < 40", "bill_usd", "opus", 40),
        ("opus:p95(bill)<40", "bill_usd", "opus", 40),
        ("alibaba/qwen-3.5-plus: bill_usd < $0.5", "bill_usd", "alibaba/qwen-3.5-plus", 0.5),
        ("p50(tokens.output) > 1.5k", "tokens.output", None, 1500),
        ("reread_factor <= 120%", "reread_factor", None, 1.2),
    ],
)
def test_thresholds_in_the_units_of_their_figures(text: str, figure: str, deployment: str | None, bound: float) -> None:
    rule = parse(text)
    assert (rule.figure, rule.deployment, rule.bound) == (figure, deployment, bound)
    assert parse(str(rule)) == rule


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("p95(bil_usd) < 4", "did you mean bill_usd?"),
        ("p9(bill_usd) < 4", "known are mean, p10, p50, p90, p95, p99"),
        ("p95(bill_usd) = 4", "one of < <= > >="),
        ("p95(bill_usd) <", "must read as a statistic"),
        ("p95(per_request_usd) < 4", "write mean(per_request_usd)"),
        ("bill_usd < 2h", "unknown unit 'h'"),
        ("makespan < 2", "has no unit"),
        ("makespan < -2h", "must not be negative"),
        ("bill_usd < nan", "must be a number"),
        ("bill_usd < " + "9" * 400, "must read as a statistic"),
    ],
)
def test_a_wrong_threshold_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        parse(text)


def test_a_deployment_named_in_yaml_is_a_mapping_of_one(scenario_of: Callable[..., Scenario], right: str) -> None:
    named = right.replace("thresholds: [p95(bill_usd) < 40]", "thresholds: [d: p95(bill_usd) < 40, calls < 9]")
    scenario = scenario_of(named)
    assert [rule.deployment for rule in scenario.thresholds] == ["d", None]
    assert scenario.model_dump(mode="json")["thresholds"] == ["d: p95(bill_usd) < 40", "calls < 9"]
    with pytest.raises(InputError, match="nobody defined the deployment 'e'"):
        scenario_of(named.replace("[d:", "[e:"))


def test_parts_are_frozen(right: str, scenario_of: Callable[..., Scenario]) -> None:
    scenario = scenario_of(right)
    with pytest.raises(ValidationError):
        scenario.agents["lead"].step_cap = 3  # type: ignore[misc]


def test_every_field_says_what_it_means() -> None:
    assert set(descriptions(Scenario)) == set(Scenario.model_fields)
    assert descriptions(Scenario)["horizon"] == "How long work arrives."


def test_a_part_says_what_the_fields_mean_that_it_inherits() -> None:
    assert list(descriptions(Bursty)) == ["per_hour", "hourly", "weekly", "shape"]
    assert descriptions(Bursty)["per_hour"] == "Arrivals per hour where the profile is 1."


def test_a_default_is_read_as_if_it_stood_in_the_file() -> None:
    said = {"result": 1, "calls": 1, "time": "0s"}
    assert ToolUse.model_validate(said) == ToolUse.model_validate({"result": 1, "time": "0s"})
    assert Tool.model_validate({"result": 1}).time == Duration.model_validate("0s")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_a_scenario_dumps_reads_back_the_same(path: Path) -> None:
    scenario = read(path)
    text = json.dumps(scenario.model_dump(mode="json"))
    again = Scenario.model_validate(json.loads(text))
    assert again.model_dump() == scenario.model_dump()
    assert json.dumps(again.model_dump(mode="json")) == text


def test_places_of_parts(right: str, scenario_of: Callable[..., Scenario]) -> None:
    scenario = scenario_of(right)
    assert scenario.where("deployments", "d", "roles", "worker").endswith("scenario.yaml:21:56")
    assert scenario.where("agents", "lead", "step_cap").endswith("scenario.yaml:7:5")
    assert Scenario.model_validate(scenario.model_dump(mode="json")).where("agents", "lead") == "agents.lead"
