"""Values of records: times in every spelling, counts that are counts, amounts to the last digit."""

from __future__ import annotations

import pytest

from burncurve.importers.values import UNKNOWN_US, Absurd, count, duration_us, moment_us, name, pico_usd

AT_US = 1_771_581_600_250_000  # 2026-02-20 10:00:00.25 UTC


@pytest.mark.parametrize(
    "written",
    [
        "2026-02-20T10:00:00.250Z",
        "2026-02-20T11:00:00.250+01:00",
        "2026-02-20 10:00:00.250000",
        "2026-02-20 10:00:00.250000000",
        "2026-02-20T10:00:00.250000000Z",
        "2026-02-20 10:00:00.250 UTC",
        "1771581600250",
        1_771_581_600.25,
        1_771_581_600_250,
        1_771_581_600_250_000,
        1_771_581_600_250_000_000,
        "1771581600250000000",
    ],
)
def test_a_time_in_every_spelling(written: object) -> None:
    assert moment_us(written) == AT_US


@pytest.mark.parametrize(
    "written",
    [None, "", "yesterday", "2026-02-30", "1999-12-31", "2100-01-01", -1, 0, True, 1e300, float("nan"), [], "9" * 300],
)
def test_what_is_no_time_of_a_log(written: object) -> None:
    assert moment_us(written) == UNKNOWN_US


@pytest.mark.parametrize(("written", "expected"), [(7, 7), ("7", 7), (7.0, 7), ("7.0", 7), (None, 0), ("", 0)])
def test_counts(written: object, expected: int) -> None:
    assert count({"a": written}, "a") == expected


def test_the_first_spelling_that_is_there_counts() -> None:
    assert count({"b": 3, "c": 4}, "a", "b", "c") == 3
    assert count({}, "a") == 0


@pytest.mark.parametrize("written", [-1, 1.5, "x", True, 10**9, "1e400", float("inf"), {}, [], "1" * 5_000])
def test_what_is_no_count(written: object) -> None:
    with pytest.raises(Absurd, match="a"):
        count({"a": written}, "a")


@pytest.mark.parametrize(
    ("written", "pico"),
    [("0.000000000001", 1), (0.1, 100_000_000_000), ("12.5", 12_500_000_000_000), (0, 0), (None, -1), ("free", -1),
     (-0.5, -1), ("NaN", -1), (1e30, -1), (True, -1), ("1e999999999", -1)],
)  # fmt: skip
def test_amounts(written: object, pico: int) -> None:
    assert pico_usd(written) == pico


@pytest.mark.parametrize(("written", "us"), [(1.5, 1_500), ("2", 2_000), ("", -1), (-1, -1), (1e300, -1), ("x", -1)])
def test_durations_in_milliseconds(written: object, us: int) -> None:
    assert duration_us(written, 1_000) == us


def test_names_are_short_and_whole_characters() -> None:
    assert name("x" * 1_000) == "x" * 200
    assert name("\ud83d") == ""
    assert name(17) == "17"
    assert name(None) == name(True) == name({}) == ""
