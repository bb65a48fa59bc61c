"""Numbers with units: exact where people count in decimals, refused with rule and remedy elsewhere."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burncurve.scenario import units


@pytest.mark.parametrize(
    ("written", "tokens"),
    [("17.6k", 17_600), ("1M", 1_000_000), ("0.001M", 1_000), (1e3, 1_000), ("1e3", 1_000), (0, 0), ("32 k", 32_000)],
)
def test_tokens(written: object, tokens: int) -> None:
    assert units.tokens(written) == tokens


@pytest.mark.parametrize(
    ("written", "us"),
    [
        ("320ms", 320_000),
        ("8h", 8 * 3600 * 10**6),
        ("1.9s", 1_900_000),
        ("5m", 300_000_000),
        ("2d", 172_800_000_000),
        ("1w", 604_800_000_000),
        ("0.0000005s", 1),  # half a microsecond, rounded half up
        ("0.4us", 0),
        (0, 0),
    ],
)
def test_durations(written: object, us: int) -> None:
    assert units.duration_us(written) == us


@pytest.mark.parametrize(("written", "share"), [("10%", 0.1), (0.1, 0.1), ("100%", 1.0), (1, 1.0), ("0.5 %", 0.005)])
def test_shares(written: object, share: float) -> None:
    assert units.fraction(written) == share


BAD = ["-1", -1, -0.5, "nan", float("nan"), "inf", float("inf"), float("-inf"), True, None, [], "", "k", "1 2", "1e99"]


@pytest.mark.parametrize("reader", [units.tokens, units.quantity, units.duration_us, units.fraction, units.factor])
@pytest.mark.parametrize("written", BAD)
def test_what_is_no_quantity_is_refused(reader: object, written: object) -> None:
    with pytest.raises(ValueError, match="must"):
        reader(written)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("reader", "written", "rule"),
    [
        (units.duration_us, 5, "no unit"),
        (units.duration_us, "5x", "unknown unit 'x'"),
        (units.tokens, "5K", "unknown unit 'K'"),
        (units.tokens, 1.5, "whole number"),
        (units.tokens, 1e300, "above 2\\^62"),
        (units.quantity, "9999999999999999999", "above 2\\^62"),
        (units.duration_us, "999999999999d", "above 2\\^62"),
        (units.fraction, "101%", "above 1"),
        (units.factor, "2k", "unknown unit 'k'"),
    ],
)
def test_the_rule_is_named(reader: object, written: object, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        reader(written)  # type: ignore[operator]


@given(st.integers(0, 1 << 60))
def test_a_written_duration_reads_back(us: int) -> None:
    assert units.duration_us(units.written_duration(us)) == us


@given(st.text(max_size=100))
def test_text_gives_a_number_or_a_value_error(text: str) -> None:
    for reader in (units.tokens, units.quantity, units.duration_us, units.fraction, units.factor):
        with contextlib.suppress(ValueError):
            assert reader(text) >= 0
