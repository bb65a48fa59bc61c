"""A switch that costs once and saves every day: by hand, and where it never pays."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from burncurve.scenario.models import Scenario
from burncurve.studies.pairs import Side, paired
from burncurve.studies.switching import cost_pico, switching

PICO = 10**12
IN_USE = {"baseline": "a", "hours": 10, "usd_per_hour": 50}
AGENT = {"agents": {"one": {"base": "1k"}}, "start": "2026-02-23"}


def scenario(horizon: str = "1d", days: str = "mon-sun", **migration: Any) -> Scenario:
    trigger = {"agent": "one", "every": "1h", "days": days}
    whole = {"name": "w", "horizon": horizon, "triggers": [trigger], "migration": {**IN_USE, **migration}, **AGENT}
    return Scenario.model_validate(whole)


def switch(work: Scenario, mine: list[float], base: list[float], units: list[int] | None = None) -> dict[str, Any]:
    def side(name: str, usd: list[float]) -> Side:
        used = (1,) * len(usd) if units is None or name == "a" else tuple(units)
        return Side(name, tuple(round(amount * PICO) for amount in usd), used)

    made = switching(work, [paired(side("b", mine), side("a", base))])
    assert made is not None
    found: dict[str, Any] = made["switches"][0]
    return found


def test_the_cost_grows_with_the_age_of_the_code() -> None:
    """10 h at $50 are $500; two years at 25% each make them 15 h, a third year 17.5 h."""
    old = scenario(code_age="730.5d", growth_per_year="25%").migration
    assert old is not None
    assert (cost_pico(old), cost_pico(old, years_later=1)) == (750 * PICO, 875 * PICO)
    odd = scenario(hours=0.1, usd_per_hour=0.3).migration
    assert odd is not None
    assert cost_pico(odd) == 30_000_000_000  # 0.03 dollars, as written and not as a float has it


def test_a_saving_of_40_a_day_pays_500_back_on_day_13() -> None:
    found = switch(scenario(), [10, 10], [50, 50])
    assert (found["saving_per_day_usd"], found["day"], found["day_ci95"]) == (40, 13, [13, 13])
    assert (found["p10"], found["p90"], found["never_share"]) == (13, 13, 0)
    assert found["date"] == "2026-03-07"  # the 13th day from 23 February on


def test_days_are_days_of_work() -> None:
    """On weekdays alone the 13th day of work from a Monday on is the Wednesday two weeks later."""
    found = switch(scenario(days="mon-fri"), [10], [50])
    assert (found["day"], found["date"]) == (13, "2026-03-11")
    assert datetime.fromisoformat(found["date"]).strftime("%a") == "Wed"
    assert (found["day_ci95"], found["p10"]) == (None, None)


def test_a_replication_of_several_days_saves_in_all_of_them() -> None:
    assert switch(scenario("5d"), [10], [50])["day"] == 63  # 500 / 8 a day = 62.5


def test_the_spread_is_that_of_the_replications() -> None:
    """Ten days that save 100, 50, 25, 20, 12.5, 10, 5, 4, 2 and nothing: 5, 10, ... 250 days and never."""
    savings = [100, 50, 25, 20, 12.5, 10, 5, 4, 2, 0]
    found = switch(scenario(), [0.0] * 10, savings)
    assert (found["p10"], found["p50"], found["p90"], found["never_share"]) == (5, 40, 250, 0.1)
    assert found["day"] == 22  # the mean saves 22.85 a day


def test_a_switch_that_saves_nothing_never_pays() -> None:
    dearer = switch(scenario(), [60, 61], [50, 50])
    assert (dearer["day"], dearer["date"], dearer["p10"], dearer["never_share"]) == (None, None, None, 1)
    assert switch(scenario(), [50, 50], [50, 50])["day"] is None
    assert switch(scenario(hours=1e6), [49.9, 49.9], [50, 50])["day"] is None  # more than a thousand years


def test_savings_are_on_the_work_of_the_one_in_use() -> None:
    """It serves 1 request for $50; the other serves 2 for $20, so the same work costs $10 there."""
    found = switch(scenario(), [20, 20], [50, 50], units=[2, 2])
    assert (found["saving_per_day_usd"], found["day"], found["p50"]) == (40, 13, 13)


def test_without_a_migration_nothing_is_said() -> None:
    plain = scenario().model_copy(update={"migration": None})
    assert switching(plain, []) is None


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (("migration.hours=40", "migration.usd_per_hour=90"), "migration: needs the field baseline"),
        (("migration.baseline=opsu",), "migration.baseline: no deployment 'opsu' to switch from"),
        (("migration.hours=-1",), "migration.hours"),
    ],
)
def test_a_migration_from_nowhere_is_refused(settings: tuple[str, ...], told: str) -> None:
    from burncurve.errors import InputError
    from burncurve.scenario import read
    from burncurve.studies import shipped

    whole = ("migration.baseline=opus", "migration.hours=4", "migration.usd_per_hour=9")
    asked = settings if len(settings) > 1 else (*whole, *settings)
    with pytest.raises(InputError) as refused:
        read(shipped.locate("blackboard"), asked)
    assert told in str(refused.value)
