"""What a month is, as the calendar of the scenario says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from burncurve.scenario import read
from burncurve.scenario.fields import ALL_DAY
from burncurve.studies import months
from burncurve.studies.document import document
from burncurve.studies.study import Choices, open_study, results

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def scenario(name: str, *settings: str):
    return open_study(SCENARIOS / f"{name}.yaml", Choices(settings=settings)).scenario


def test_days_off_do_not_count() -> None:
    assert months.active_weekdays(scenario("blackboard")) == 7
    assert months.days_per_month(scenario("blackboard")) == pytest.approx(30.4375)
    office = scenario("code-review-bot")
    assert months.active_weekdays(office) == 5
    assert months.days_per_month(office) == pytest.approx(365.25 / 12 * 5 / 7)
    assert "21.74 such days, work arriving on 5 of 7 weekdays" in months.said(office)


def test_a_horizon_of_a_week_holds_its_own_days_off() -> None:
    assert months.active_weekdays(scenario("code-review-bot", "horizon=7d")) == 7


def test_per_month_and_per_user_follow_from_per_day() -> None:
    study = open_study(SCENARIOS / "blackboard.yaml", Choices())
    part = document(study, results(study))["deployments"][0]
    assert part["per_month_usd"] == pytest.approx(part["per_day_usd"] * 30.4375)
    assert part["per_month_tokens"] == pytest.approx(part["per_day_tokens"] * 30.4375)
    assert part["per_user"] is None
    people = study.scenario.model_construct(**{**study.scenario.__dict__, "users": (_Group(3), _Group(1))})
    part = document(replace(study, scenario=people), results(study))["deployments"][0]
    assert part["per_user"]["users"] == 4
    assert part["per_user"]["per_month_usd"] == pytest.approx(part["per_month_usd"] / 4)


class _Group:
    def __init__(self, count: int) -> None:
        self.count, self.days, self.hours = count, range(7), ALL_DAY


HOURS = "name: x\nstart: 2026-02-23T{start}\nhorizon: {horizon}\nagents: {{a: {{base: 1k}}}}\ntriggers:\n{triggers}"


@pytest.mark.parametrize(
    ("start", "horizon", "triggers", "hours"),
    [
        ("09:30", "8h", "- {agent: a, every: 5m, hours: 09:30-16:00}", 24),  # the market's day, whole
        ("09:30", "6h", "- {agent: a, every: 5m, hours: 09:30-16:00}", 6),  # closes after the horizon
        ("10:00", "8h", "- {agent: a, every: 5m, hours: 09:30-16:00}", 8),  # opened before the start
        ("09:30", "1h", "- {agent: a, every: 5m}", 1),  # round the clock: an hour is a 24th of a day
        ("09:30", "8h", "- {agent: a, every: 5m, hours: 09:30-16:00}\n- {agent: a, every: 1h}", 8),
        ("09:30", "8h", "- {agent: a, every: 5m, hours: 09:30-16:00}\n- {agent: a, once: true}", 24),
        ("09:30", "1h", "- {agent: a, once: true}", 1),
        ("09:30", "48h", "- {agent: a, every: 5m, hours: 09:30-16:00}", 48),
    ],
)
def test_a_short_horizon_is_a_day_only_where_it_holds_all_hours_of_work(
    tmp_path: Path, start: str, horizon: str, triggers: str, hours: int
) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(HOURS.format(start=start, horizon=horizon, triggers=triggers))
    assert months.days_us(read(path)) == hours * 3_600_000_000
