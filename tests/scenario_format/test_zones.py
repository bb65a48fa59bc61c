"""Zones are those of the tzdata package, whatever the machine says."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest

from burncurve.errors import InputError, Problem
from burncurve.prepare import prepare
from burncurve.scenario.models import Scenario
from burncurve.scenario.zones import zone, zone_names


@pytest.mark.parametrize(
    "name", ["localtime", "posixrules", "../zoneinfo/UTC", "/etc/localtime", "Europe", "", "UTC\0"]
)
def test_what_is_not_on_the_list_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        zone(name)


def test_the_machines_own_zone_is_no_zone_of_a_scenario(right: str, problems_of: Callable[..., list[Problem]]) -> None:
    (problem,) = problems_of(right.replace("Europe/Berlin", "localtime"))
    assert problem.what == "time_zone: 'localtime' is no time zone of the IANA list"


def test_every_zone_of_the_list_can_be_loaded() -> None:
    assert all(zone(name).key == name for name in zone_names())
    assert len(zone_names()) > 400


def test_summer_and_winter_in_berlin() -> None:
    offsets = [datetime(2026, month, 1, tzinfo=zone("Europe/Berlin")).utcoffset() for month in (1, 7)]
    assert offsets == [timedelta(hours=1), timedelta(hours=2)]


def test_a_machine_with_another_database_prepares_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, right: str, scenario_of: Callable[..., Scenario]
) -> None:
    """A database in which Berlin lies in Kolkata, found before the package's as a system's would be."""
    before = prepare(scenario_of(right), 1).start_utc_us
    (tmp_path / "Europe").mkdir()
    other = resources.files("tzdata").joinpath("zoneinfo", "Asia", "Kolkata").read_bytes()
    (tmp_path / "Europe" / "Berlin").write_bytes(other)
    zoneinfo.reset_tzpath([tmp_path])
    zoneinfo.ZoneInfo.clear_cache()
    zone.cache_clear()
    try:
        offset = datetime(2026, 1, 1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")).utcoffset()
        assert offset == timedelta(hours=5, minutes=30)
        assert prepare(scenario_of(right), 1).start_utc_us == before
    finally:
        zoneinfo.reset_tzpath()
        zoneinfo.ZoneInfo.clear_cache()
