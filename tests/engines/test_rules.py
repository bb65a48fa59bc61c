"""Every rule against values worked out by hand, and against exact fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burncurve.draws import ALWAYS
from burncurve.engines import rules

DRAWS = st.integers(0, ALWAYS - 1)
PPM = st.integers(0, 20_000_000)


def rounded(value: Fraction) -> int:
    """Return the value rounded half up."""
    return math.floor(value + Fraction(1, 2))


@pytest.mark.parametrize(
    ("numerator", "denominator", "result"),
    [(0, 3, 0), (1, 3, 0), (1, 2, 1), (3, 2, 2), (5, 3, 2), (4, 3, 1), (1_499, 1_000, 1), (1_500, 1_000, 2)],
)
def test_half_up(numerator: int, denominator: int, result: int) -> None:
    assert rules.half_up(numerator, denominator) == result


@given(st.integers(0, 1 << 62), st.integers(1, 1 << 40))
def test_half_up_is_the_rounded_fraction(numerator: int, denominator: int) -> None:
    assert rules.half_up(numerator, denominator) == rounded(Fraction(numerator, denominator))


@pytest.mark.parametrize(
    ("value", "ppm", "result"),
    [(1_000, 1_300_000, 1_300), (3, 500_000, 2), (1, 499_999, 0), (1, 500_000, 1), (7, 0, 0), (10, 1_350_000, 14)],
)
def test_scaled(value: int, ppm: int, result: int) -> None:
    assert rules.scaled(value, ppm) == result


@given(st.integers(0, 1 << 38), PPM)
def test_scaled_is_the_rounded_product(value: int, ppm: int) -> None:
    assert rules.scaled(value, ppm) == rounded(Fraction(value * ppm, 1_000_000))


def test_ordinals_of_tries_and_tools_never_meet() -> None:
    assert rules.ordinal(0, 0) == 0
    assert rules.ordinal(3, 2) == 194
    assert len({rules.ordinal(number, slot) for number in range(50) for slot in range(rules.MAX_TRIES)}) == 3_200


# 100 tokens a minute, counted in tokens x us: full is 6,000,000,000
MINUTE = 60_000_000


@pytest.mark.parametrize(
    ("level", "elapsed", "result"),
    [
        (0, 30_000_000, 50 * MINUTE),
        (100 * MINUTE, 1, 100 * MINUTE),
        (0, MINUTE, 100 * MINUTE),
        (0, MINUTE - 1, 100 * MINUTE - 100),
        (-50 * MINUTE, MINUTE, 50 * MINUTE),
        (0, 1 << 60, 100 * MINUTE),
    ],
)
def test_refilled(level: int, elapsed: int, result: int) -> None:
    assert rules.refilled(level, 100, elapsed, MINUTE) == result


@pytest.mark.parametrize(
    ("level", "need", "result"),
    [
        (100 * MINUTE, 100, 0),
        (0, 50, 30_000_000),
        (0, 0, 0),
        (0, 250, MINUTE),  # beyond the limit: until it is full
        (-100 * MINUTE, 250, 2 * MINUTE),
        (50 * MINUTE - 1, 50, 1),  # a hundredth of a unit is missing
    ],
)
def test_wait_units(level: int, need: int, result: int) -> None:
    assert rules.wait_units(level, 100, need, MINUTE) == result


BUCKETS = {
    "limit": st.integers(1, 10**9), "period": st.sampled_from((MINUTE, 86_400_000)), "share": st.fractions(-3, 1),
}  # fmt: skip


@given(**BUCKETS, elapsed=st.integers(0, 1 << 40))
def test_refilled_is_the_exact_level(limit: int, period: int, share: Fraction, elapsed: int) -> None:
    level = math.floor(limit * period * share)
    assert rules.refilled(level, limit, elapsed, period) == min(level + limit * elapsed, limit * period)


@given(**BUCKETS, need=st.integers(0, 3 * 10**9))
def test_the_wait_is_the_shortest_that_suffices(limit: int, period: int, share: Fraction, need: int) -> None:
    level = math.floor(limit * period * share)
    wait, target = rules.wait_units(level, limit, need, period), min(need, limit) * period
    assert wait == max(0, math.ceil(Fraction(target - level, limit)))
    assert rules.refilled(level, limit, wait, period) >= target
    assert wait == 0 or rules.refilled(level, limit, wait - 1, period) < target


@pytest.mark.parametrize(
    ("warm", "block", "minimum", "result"),
    [
        (0, 1, 0, 0),
        (1_023, 1, 1_024, 0),
        (1_024, 1, 1_024, 1_024),
        (1_279, 128, 1_024, 1_152),
        (1_100, 128, 1_100, 0),  # the block comes first: 1,024 is below the minimum
        (127, 128, 0, 0),
    ],
)
def test_read_tokens(warm: int, block: int, minimum: int, result: int) -> None:
    assert rules.read_tokens(warm, block, minimum) == result


@given(st.integers(0, 1 << 30), st.integers(1, 1 << 12), st.integers(0, 1 << 13))
def test_a_read_is_whole_blocks_of_what_is_warm(warm: int, block: int, minimum: int) -> None:
    read = math.floor(Fraction(warm, block)) * block
    assert rules.read_tokens(warm, block, minimum) == (read if read >= minimum else 0)


def test_first_token_us() -> None:
    # 0.5 s + 1,000 x 0.1 ms + 9,000 x 0.01 ms = 0.69 s; times 1.5 = 1.035 s
    assert rules.first_token_us(1_000, 9_000, 500_000_000, 100_000, 10_000, 1_500_000) == 1_035_000
    assert rules.first_token_us(1, 0, 0, 499, 0, 1_000_000) == 0
    assert rules.first_token_us(1, 0, 0, 500, 0, 1_000_000) == 1  # half a microsecond is rounded up


def test_decode_us() -> None:
    assert rules.decode_us(250, 20_000_000, 1_000_000) == 5_000_000
    assert rules.decode_us(250, 20_000_000, 800_000) == 4_000_000
    assert rules.decode_us(3, 500, 500_000) == 1  # 1.5 us are 2, half of it is 1


NS = st.integers(0, 10**9)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**11), NS, NS, PPM)
def test_times_are_rounded_once_to_microseconds_and_once_by_the_factor(
    uncached: int, cached: int, start: int, prefill: int, cached_prefill: int, ppm: int
) -> None:
    first = rounded(Fraction(start + uncached * prefill + cached * cached_prefill, 1_000))
    decode = rounded(Fraction(uncached * prefill, 1_000))
    times = rules.first_token_us(uncached, cached, start, prefill, cached_prefill, ppm)
    assert times == rounded(Fraction(first * ppm, 10**6))
    assert rules.decode_us(uncached, prefill, ppm) == rounded(Fraction(decode * ppm, 10**6))


@pytest.mark.parametrize(
    ("tries", "u", "result"),
    [
        (0, 0, 500_000),
        (3, 0, 4_000_000),
        (4, 0, 8_000_000),
        (60, 0, 8_000_000),
        (0, ALWAYS // 2, 437_500),  # less an eighth
        (4, ALWAYS - 1, 6_000_000),  # less a quarter, to the microsecond
    ],
)
def test_backoff_us(tries: int, u: int, result: int) -> None:
    assert rules.backoff_us(tries, 500_000, 8_000_000, u) == result


@given(st.integers(0, 64), st.integers(0, 10**7), st.integers(0, 10**9), DRAWS)
def test_the_backoff_is_exact_to_a_microsecond(tries: int, first_us: int, cap_us: int, u: int) -> None:
    longest = min(first_us * 2 ** min(tries, 20), cap_us)
    exact = longest * (1 - Fraction(u, ALWAYS) / 4)
    assert abs(rules.backoff_us(tries, first_us, cap_us, u) - exact) <= Fraction(1, 2) + Fraction(longest, 2**32)
    assert longest * 3 // 4 <= rules.backoff_us(tries, first_us, cap_us, u) <= longest


@given(st.integers(0, (1 << 39) - 1), DRAWS)
def test_a_share_is_rounded_down(value: int, u: int) -> None:
    assert rules.share_of(value, 0) == 0
    assert rules.share_of(1_000, ALWAYS // 2) == 500
    assert rules.share_of(value, u) == math.floor(value * Fraction(u * 2**24 // ALWAYS, 2**24))
    assert 0 <= rules.share_of(value, u) <= max(value - 1, 0)


@pytest.mark.parametrize(
    ("at_tokens", "declared", "window", "result"),
    [
        (160_000, 200_000, 200_000, 160_000),
        (160_000, 200_000, 1_000_000, 160_000),  # a larger window changes nothing
        (160_000, 200_000, 128_000, 102_400),  # four fifths, of whichever window
        (160_000, 0, 200_000, 160_000),
        (160_000, 0, 128_000, 128_000),
    ],
)
def test_threshold(at_tokens: int, declared: int, window: int, result: int) -> None:
    assert rules.threshold(at_tokens, declared, window) == result


@pytest.mark.parametrize(
    ("drawn", "ppm", "extra", "cap", "result"),
    [
        (10, 1_000_000, 0, 250, 10),
        (10, 1_250_000, 0, 250, 13),  # 12.5 is rounded up
        (0, 1_000_000, 0, 250, 1),
        (3, 100_000, 0, 250, 1),
        (3, 100_000, 5, 250, 6),
        (200, 1_000_000, 100, 250, 250),
    ],
)
def test_turns_of(drawn: int, ppm: int, extra: int, cap: int, result: int) -> None:
    assert rules.turns_of(drawn, ppm, extra, cap) == result
