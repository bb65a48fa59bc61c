"""The keyed hash against what independent uniform bits would do; bounds are at 5 sigma or p < 1e-6."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from burncurve.draws import ALWAYS, CERTAIN, GOLDEN, MASK, derive, draw, hits, run_key, salt_of

N = 1 << 16
Words = npt.NDArray[np.uint64]
SALT = salt_of("agents/assistant/output")


def mixed(x: Words) -> Words:
    """SplitMix64's finaliser over an array: a second writing of the rule, for speed."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def derived(key: Words, salt: int, ordinal: Words) -> Words:
    return mixed((key ^ np.uint64(salt)) + (ordinal + np.uint64(1)) * np.uint64(GOLDEN))


COUNT = np.arange(N, dtype=np.uint64)
FIXED = np.full(N, run_key(1, 0), dtype=np.uint64)
ZEROS = np.zeros(N, dtype=np.uint64)
# Keys in use are themselves words of the hash, never raw counters: for those two output bits of
# SplitMix64's finaliser go together slightly.
ARRIVALS = derived(FIXED, salt_of("arrival"), COUNT)
STREAMS = {
    "ordinals of one key": derived(FIXED, SALT, COUNT),
    "first draws of arrivals": derived(ARRIVALS, SALT, ZEROS),
    "first draws of sessions of arrivals": derived(derived(ARRIVALS, salt_of("session"), ZEROS), SALT, ZEROS),
    "first draws of replications": derived(
        derived(np.full(N, derive(0, salt_of("seed"), 7), dtype=np.uint64), salt_of("replication"), COUNT),
        SALT,
        ZEROS,
    ),
    "salts of numbered names": np.array([derive(FIXED[0].item(), salt_of(f"a/{n}"), 0) for n in range(N)], np.uint64),
}
PAIRS = {
    "neighbouring ordinals": (derived(FIXED, SALT, COUNT), derived(FIXED, SALT, COUNT + np.uint64(1))),
    "neighbouring arrivals": (derived(ARRIVALS[:-1], SALT, ZEROS[1:]), derived(ARRIVALS[1:], SALT, ZEROS[1:])),
    "two purposes": (derived(FIXED, SALT, COUNT), derived(FIXED, salt_of("agents/assistant/outpus"), COUNT)),
    "two agents": (derived(FIXED, salt_of("agents/a/x"), COUNT), derived(FIXED, salt_of("agents/b/x"), COUNT)),
    "two seeds": tuple(derived(np.full(N, run_key(seed, 0), dtype=np.uint64), SALT, COUNT) for seed in (1, 2)),
    "parent and child keys": (derived(FIXED, SALT, COUNT), derived(derived(FIXED, SALT, COUNT), SALT, COUNT)),
}


def uniforms(words: Words) -> npt.NDArray[np.float64]:
    return (words >> np.uint64(11)).astype(np.float64) / 2.0**53


@given(st.integers(0, MASK), st.integers(0, MASK), st.integers(0, 1 << 40))
def test_the_array_twin_is_the_hash(key: int, salt: int, ordinal: int) -> None:
    with np.errstate(over="ignore"):
        twin = derived(np.array([key], np.uint64), salt, np.array([ordinal], np.uint64))
    assert derive(key, salt, ordinal) == int(twin[0])
    assert draw(key, salt, ordinal) == derive(key, salt, ordinal) >> 2 < ALWAYS


def test_the_first_words_are_those_of_splitmix64() -> None:
    # seed 1234567, as published with several independent implementations of SplitMix64
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert [derive(1234567, 0, n) for n in range(3)] == published


@pytest.mark.parametrize("name", STREAMS)
def test_every_byte_is_uniform(name: str) -> None:
    limit = 255 + 5 * math.sqrt(2 * 255)
    for place in range(8):
        counts = np.bincount((STREAMS[name] >> np.uint64(8 * place)) & np.uint64(255), minlength=256)
        assert float(((counts - N / 256) ** 2 / (N / 256)).sum()) < limit


@pytest.mark.parametrize("name", STREAMS)
def test_every_bit_is_fair_and_no_two_bits_go_together(name: str) -> None:
    bits = ((STREAMS[name][:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)).astype(np.float64) * 2 - 1
    products = bits.T @ bits / math.sqrt(N)  # normal with variance 1 off the diagonal
    np.fill_diagonal(products, 0.0)
    assert np.abs(products).max() < 5.5  # the largest of 2,016: p < 1e-4 at 5.5
    assert np.abs(bits.sum(axis=0)).max() / math.sqrt(N) < 5


@pytest.mark.parametrize("name", STREAMS)
def test_uniform_by_kolmogorov_and_smirnov(name: str) -> None:
    u = np.sort(uniforms(STREAMS[name]))
    distance = max(np.abs(u - np.arange(N) / N).max(), np.abs(u - np.arange(1, N + 1) / N).max())
    assert distance * math.sqrt(N) < 2.7  # P = 2 exp(-2 x 2.7**2) = 1e-6


@pytest.mark.parametrize("name", STREAMS)
def test_no_serial_correlation(name: str) -> None:
    u = uniforms(STREAMS[name]) - 0.5
    for lag in (1, 2, 3, 7, 64, 1000):
        assert abs(float((u[lag:] * u[:-lag]).sum()) * 12 / math.sqrt(N - lag)) < 5


@pytest.mark.parametrize("name", STREAMS)
def test_no_more_collisions_than_birthdays(name: str) -> None:
    assert len(np.unique(STREAMS[name])) == N  # expected collisions of 64 bits: 1e-10
    expected = N * (N - 1) / 2 / 2**32
    for shift in (0, 16, 32):
        met = N - len(np.unique((STREAMS[name] >> np.uint64(shift)) & np.uint64(0xFFFFFFFF)))
        assert met <= expected + 6 * math.sqrt(expected) + 4


@pytest.mark.parametrize("name", PAIRS)
def test_neighbours_are_independent(name: str) -> None:
    one, other = PAIRS[name]
    a, b = uniforms(one), uniforms(other)
    assert abs(float(((a - 0.5) * (b - 0.5)).sum()) * 12 / math.sqrt(len(a))) < 5
    cells = np.bincount((a * 16).astype(int) * 16 + (b * 16).astype(int), minlength=256)
    assert float(((cells - len(a) / 256) ** 2 / (len(a) / 256)).sum()) < 255 + 5 * math.sqrt(2 * 255)
    differing = np.bitwise_count(one ^ other) if hasattr(np, "bitwise_count") else _popcount(one ^ other)
    assert abs(float(differing.mean()) - 32) < 5 * 4 / math.sqrt(len(a))


def _popcount(words: Words) -> npt.NDArray[np.int64]:
    return np.array([int(word).bit_count() for word in words])


@pytest.mark.parametrize("argument", ["key", "ordinal", "salt"])
def test_every_input_bit_flips_half_of_the_output(argument: str) -> None:
    trials, sigma = 2000, math.sqrt(0.25 / 2000)
    keys, zeros = derived(COUNT[:trials], 1, COUNT[:trials]), np.zeros(trials, dtype=np.uint64)
    plain = derived(keys, SALT, zeros)
    for bit in range(40 if argument == "ordinal" else 64):
        one = np.uint64(1 << bit)
        flipped = {
            "key": lambda one=one: derived(keys ^ one, SALT, zeros),
            "ordinal": lambda one=one: derived(keys, SALT, zeros ^ one),
            "salt": lambda bit=bit: derived(keys, SALT ^ (1 << bit), zeros),
        }[argument]()
        bits = ((plain ^ flipped)[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
        assert np.abs(bits.mean(axis=0) - 0.5).max() < 5.5 * sigma
        assert abs(float(bits.mean()) - 0.5) < 5 * sigma / 8 * 2  # output bits of one word are nearly independent


def test_runs_differ_by_seed_and_replication() -> None:
    keys = {run_key(seed, replication) for seed in range(200) for replication in range(200)}
    assert len(keys) == 200 * 200


def test_salts_come_from_names_alone() -> None:
    names = [f"agents/{agent}/{part}" for agent in ("a", "b", "ab") for part in ("output", "turns", "base")]
    assert len({salt_of(name) for name in names}) == len(names)
    assert salt_of("output") == salt_of("output") < 1 << 64


@pytest.mark.parametrize("p", [0.0, 1e-6, 0.01, 0.5, 1.0])
def test_hits_come_with_their_probability(p: float) -> None:
    threshold = round(p * CERTAIN)
    met = sum(hits(draw(run_key(3, 0), SALT, n), threshold) for n in range(N))
    spread = math.sqrt(N * p * (1 - p))
    assert abs(met - N * p) <= 5 * spread + (0 if p in (0.0, 1.0) else 1)


def test_sums_of_draws_are_normal() -> None:
    """Groups of 64 draws of one key: their standardised sums follow the normal law (chi-square, 20 bins)."""
    u = uniforms(STREAMS["ordinals of one key"]).reshape(-1, 64)
    z = (u.sum(axis=1) - 32) / math.sqrt(64 / 12)
    edges = [NormalDist().inv_cdf(k / 20) for k in range(1, 20)]
    counts = np.bincount(np.searchsorted(edges, z), minlength=20)
    expected = len(z) / 20
    assert float(((counts - expected) ** 2 / expected).sum()) < 19 + 5 * math.sqrt(2 * 19)
