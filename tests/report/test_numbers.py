"""Figures as people read them."""

from __future__ import annotations

import pytest

from burncurve.report import numbers


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"), (950, "950"), (999.4, "999"), (1_000, "1 k"), (15_000, "15 k"), (1_234, "1.2 k"), (99_940, "99.9 k"),
        (99_960, "100 k"), (999_999, "1 M"), (41_200_000, "41.2 M"), (182e6, "182 M"), (5.4e9, "5.4 B"),
        (3e12, "3 T"), (-41_200_000, "-41.2 M"),
    ],
)  # fmt: skip
def test_tokens(count: float, text: str) -> None:
    assert numbers.tokens(count) == text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (0, "USD", "$0"), (0.0042, "USD", "$0.00420"), (0.42, "USD", "$0.420"), (38.2, "USD", "$38.20"),
        (0.00000051, "USD", "$5.1e-07"), (999.994, "USD", "$999.99"), (1234.5, "USD", "$1,234.50"),
        (-2, "USD", "-$2.00"),
        (3, "EUR", "€3.00"), (3, "CNY", "¥3.00"), (3, "CHF", "CHF 3.00"),
        (0.0999, "USD", "$0.0999"), (0.9999, "USD", "$1.00"),
    ],
)  # fmt: skip
def test_money(amount: float, currency: str, text: str) -> None:
    assert numbers.money(amount, currency) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(1, 3, "33%"), (0, 3, "0%"), (3, 3, "100%"), (1, 1000, "<1%"), (999, 1000, ">99%"), (0, 0, "0%")],
)
def test_share(part: float, whole: float, text: str) -> None:
    assert numbers.share(part, whole) == text


@pytest.mark.parametrize(
    ("part", "text"), [(0.1234, "12.3%"), (0.0004, "<0.1%"), (0.9996, ">99.9%"), (0, "0.0%"), (1, "100.0%")]
)
def test_share_with_a_decimal(part: float, text: str) -> None:
    assert numbers.share(part, 1, decimals=1) == text


@pytest.mark.parametrize(("number", "text"), [(12345, "12,345"), (2.5, "2.5"), (0, "0"), (1234.5, "1,234")])
def test_count(number: float, text: str) -> None:
    assert numbers.count(number) == text


@pytest.mark.parametrize(
    ("factor", "text"),
    [(0, "0×"), (0.0461, "0.0461×"), (0.9996, "1.00×"), (1.44, "1.44×"), (9.994, "9.99×"), (9.996, "10.0×"),
     (16.667, "16.7×"), (99.96, "100×"), (1234, "1,234×"), (1e9, "over 1,000,000×")],
)  # fmt: skip
def test_times(factor: float, text: str) -> None:
    assert numbers.times(factor) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.5, "0.5 s"), (45, "45 s"), (1200, "20 min"), (5400, "1.5 h"), (28_800, "8 h"), (86_400, "24 h"),
     (432_000, "5 days")],
)  # fmt: skip
def test_duration(seconds: float, text: str) -> None:
    assert numbers.duration(seconds * 1e6) == text


def test_listed() -> None:
    assert numbers.listed([]) == ""
    assert numbers.listed(["a", "b", "c"]) == "a, b and c"


def test_shortened_keeps_both_ends_and_the_length() -> None:
    name = "anthropic/claude-opus-4.6 with an hour of cache"
    short = numbers.shortened(name, 20)
    assert len(short) == 20
    assert name.startswith(short.split("…")[0])
    assert name.endswith(short.split("…")[1])
    assert numbers.shortened("opus", 20) == "opus"
    assert numbers.shortened("two\n\x00lines") == "two lines"


def test_a_share_that_is_hardly_below_nothing_is_not_minus_nothing() -> None:
    assert numbers.share(-0.0004, 1, decimals=1) == ">-0.1%"
    assert numbers.share(-0.002, 1, decimals=1) == "-0.2%"
    assert numbers.share(0, 1, decimals=1) == "0.0%"
