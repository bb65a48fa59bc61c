"""What a month is, as the calendar of the scenario says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

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
        self.count, self.days = count, range(7)
