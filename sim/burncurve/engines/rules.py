"""The decisions of both engines: pure functions of integers, each small enough to check by hand.

The reference engine calls them plainly, the compiled one through Numba; no float, no state, and no
intermediate value beyond an int64 (the bounds stand at each function).
"""

from __future__ import annotations

MAX_TRIES = 64  # tries of one call, and tools of one turn: the stride of their ordinals
LAST_ROUND = 1_000_000


def half_up(numerator: int, denominator: int) -> int:
    """Return numerator / denominator rounded half up; both non-negative."""
    return (numerator + (denominator >> 1)) // denominator


def scaled(value: int, ppm: int) -> int:
    """Return value x ppm / 1e6 rounded half up; value x ppm below 2**63."""
    return (value * ppm + 500_000) // 1_000_000


def ordinal(number: int, slot: int) -> int:
    """Return the ordinal of a try of a call, or of a tool of a turn."""
    return number * MAX_TRIES + slot


# Capacity: a bucket's level is counted in tokens x period units, so that refilling is exact.


def refilled(level: int, limit: int, elapsed: int, period: int) -> int:
    """Return the level after `elapsed` units at `limit` tokens per period, at most full; limit x period < 2**62."""
    missing = limit * period - level
    if elapsed >= (missing + limit - 1) // limit:
        return limit * period
    return level + limit * elapsed


def wait_units(level: int, limit: int, need: int, period: int) -> int:
    """Return the units until the bucket holds `need` tokens, or is full if the need exceeds it."""
    target = (need if need < limit else limit) * period
    if level >= target:
        return 0
    return (target - level + limit - 1) // limit


# Prompt cache


def read_tokens(warm: int, block: int, minimum: int) -> int:
    """Return how much of a warm prefix is read: floored to the block, nothing below the minimum."""
    read = warm - warm % block
    return read if read >= minimum else 0


# Time


def first_token_us(uncached: int, cached: int, start_ns: int, prefill_ns: int, cached_ns: int, factor_ppm: int) -> int:
    """Return microseconds to the first token; the sum in ns below 2**63, the factor applied to microseconds."""
    return scaled(half_up(start_ns + uncached * prefill_ns + cached * cached_ns, 1000), factor_ppm)


def decode_us(output: int, decode_ns: int, factor_ppm: int) -> int:
    """Return microseconds from the first token to the last."""
    return scaled(half_up(output * decode_ns, 1000), factor_ppm)


def backoff_us(tries: int, first_us: int, cap_us: int, u: int) -> int:
    """Return the client's own delay: min(first x 2^tries, cap) x (1 - u/4), u a draw in [0, 2**62)."""
    base = min(first_us << min(tries, 20), cap_us)
    return base - ((base * (u >> 32) + (1 << 31)) >> 32)


def share_of(value: int, u: int) -> int:
    """Return value x u, rounded down, for a draw u taken as a fraction of 2**-24; value below 2**39."""
    return (value * (u >> 38)) >> 24


# Money


def in_dollars(pico: int, dollars: int, units: int) -> int:
    """Return pico-dollars of pico-units that are worth `dollars` for `units`; others than dollars in whole millionths.

    Rounded half to even, as bills are; (pico mod units x 1e6) x dollars below 2**63.
    """
    if dollars == units:
        return pico
    divisor = units * 1_000_000
    whole, rest = divmod(pico, divisor)
    micro, left = divmod(rest * dollars, divisor)
    micro += whole * dollars
    if 2 * left > divisor or (2 * left == divisor and micro % 2):
        micro += 1
    return micro * 1_000_000


def weighted(value: int, ppm: int) -> int:
    """Return value x ppm / 1e6 rounded half up, as `scaled` does, where value x ppm may exceed an int64."""
    return value // 1_000_000 * ppm + scaled(value % 1_000_000, ppm)


def overlap(start: int, length: int, low: int, high: int) -> int:
    """Return how many of `length` tokens from place `start` on lie from `low` up to and without `high`."""
    return max(0, min(start + length, high) - max(start, low))


def period_end(begin: int, length: int, now: int) -> int:
    """Return when the period ends that holds `now`, of those of a length that follow each other from `begin` on."""
    return now + length - (now - begin) % length


# Context


def threshold(tokens: int, declared: int, window: int) -> int:
    """Return a threshold of the context under the window in force; all below 2**31.

    It is meant for the agent's declared window: under a smaller one it keeps its share of the window;
    without a declared window (0) it is at most the window.
    """
    if not declared:
        return tokens if tokens < window else window
    return half_up(tokens * window, declared) if window < declared else tokens


def turns_of(drawn: int, turns_ppm: int, extra: int, step_cap: int) -> int:
    """Return the turns of a request: the draw scaled by the offer, at least 1, plus a loop's, up to the cap."""
    return min(max(scaled(drawn, turns_ppm), 1) + extra, step_cap)
