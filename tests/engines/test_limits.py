"""Limits of an account against the closed form of a token bucket, and what a refused client does.

A bucket of limit L per period T that will be full again at F holds L (1 - (F - t) / T) at t < F. So a need of n can
be taken from t = F + min(n, L) T / L - T on, and moves F to max(F, t) + n T / L: one number, no level to keep.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burncurve.deployment import Account, CacheKind, CacheRule, Deployment, Leg, Retry, Route
from burncurve.draws import CERTAIN
from burncurve.engines.reference.account import Bucket
from burncurve.ledger import Ledger, Status

from .build import DAY, HOUR, MINUTE, S, agent, at, deployment, offer, ok, played, steps, workload


class FullAgain:
    """The closed form, exact; time goes in units of `unit_us`."""

    def __init__(self, limit: int, period_us: int, unit_us: int = 1) -> None:
        self.limit, self.period, self.unit_us = limit, period_us // unit_us, unit_us
        self.full_at = Fraction(0)

    def ready_us(self, need: int, now_us: int) -> int:
        least = self.full_at + Fraction(min(need, self.limit) * self.period, self.limit) - self.period
        return max(now_us, math.ceil(least) * self.unit_us)

    def take(self, need: int, at_us: int) -> None:
        now = Fraction(at_us // self.unit_us)
        self.full_at = max(self.full_at, now) + Fraction(need * self.period, self.limit)


UNITS = st.sampled_from(((MINUTE, 1), (DAY, 1_000)))
CALLS = st.lists(st.tuples(st.integers(0, 30 * S), st.integers(0, 150)), max_size=30)


@settings(max_examples=300)
@given(st.integers(1, 100), UNITS, CALLS)
def test_a_bucket_keeps_to_its_closed_form(
    limit: int, units: tuple[int, int], calls: Sequence[tuple[int, int]]
) -> None:
    """Needs of one and a half times the limit leave a debt, which later ones wait for."""
    period_us, unit_us = units
    bucket, form, now = Bucket(limit, period_us // unit_us, unit_us), FullAgain(limit, period_us, unit_us), 0
    for gap, need in calls:
        now += gap
        ready = bucket.ready_us(need, now)
        assert ready == form.ready_us(need, now)
        assert bucket.ready_us(need, ready) == ready
        now = ready
        bucket.take(need)
        form.take(need, now)


def granted(limits: dict[str, int], ledger: Ledger) -> list[int]:
    """Return when calls in order of asking are granted by the closed form, with needs from their rows."""
    calls = ok(ledger)
    forms = {
        name: FullAgain(limit, *((DAY, 1_000) if "day" in name else (MINUTE, 1))) for name, limit in limits.items()
    }
    grants: list[int] = []
    rows = zip(calls["request_us"], calls["input"], calls["output"], strict=True)
    for asked, prompt, output in sorted((int(a), int(p), int(o)) for a, p, o in rows):
        needs = {
            "requests_per_minute": 1, "input_tokens_per_minute": prompt, "output_tokens_per_minute": output,
            "tokens_per_minute": prompt + output, "tokens_per_day": prompt + output,
        }  # fmt: skip
        now = max([asked, *grants[-1:]])
        now = max([now, *(form.ready_us(needs[name], now) for name, form in forms.items())])
        for name, form in forms.items():
            form.take(needs[name], now)
        grants.append(now)
    return grants


LIMITS = st.fixed_dictionaries(
    {},
    optional={
        "requests_per_minute": st.integers(1, 30),
        "input_tokens_per_minute": st.integers(1, 5_000),
        "output_tokens_per_minute": st.integers(1, 900),
        "tokens_per_minute": st.integers(1, 9_000),
        "tokens_per_day": st.integers(200, 50_000),
    },
)


@settings(max_examples=100)
@given(LIMITS, st.sets(st.integers(0, 300 * S), min_size=1, max_size=25), st.integers(0, 3))
def test_a_stream_is_granted_by_the_closed_form_of_all_its_buckets(
    limits: dict[str, int], times_us: set[int], seed: int
) -> None:
    sizes = agent(message=steps([10, 100, 700, 6_000], salt="m"), output=steps([1, 50, 1_000], salt="o"))
    work = workload(sizes, at(sorted(times_us)), seed=seed, horizon_us=1 << 55)
    ledger = played(work, deployment(offer(), Account("a", **limits)))
    assert sorted(ok(ledger)["grant_us"].tolist()) == granted(limits, ledger)


def burst(limits: dict[str, int | bool], count: int = 40, cached: bool = False) -> list[int]:
    """Return the grants of so many calls at once: 900 tokens of base, 100 of message, 50 of output."""
    served = offer(cache=CacheRule(CacheKind.AUTOMATIC if cached else CacheKind.NONE))
    work = workload(agent(base=900, message=100, output=50), at([0] * count), horizon_us=1 << 50)
    return sorted(ok(played(work, deployment(served, Account("a", **limits))))["grant_us"].tolist())  # type: ignore[arg-type]


def spaced(limit: int, needs: Sequence[int], period_us: int = MINUTE) -> list[int]:
    """Return when a burst is granted: once the refill makes up for what all needs so far exceed a full bucket by."""
    return [max(0, -(-(sum(needs[: i + 1]) - limit) * period_us // limit)) for i in range(len(needs))]


@pytest.mark.parametrize("limit", [1, 7, 30, 60, 1_000])
def test_a_burst_of_requests_is_spaced_by_the_limit(limit: int) -> None:
    assert burst({"requests_per_minute": limit}) == spaced(limit, [1] * 40)


def test_a_burst_of_tokens_is_spaced_by_its_sizes() -> None:
    assert burst({"input_tokens_per_minute": 7_000}) == spaced(7_000, [1_000] * 40)
    assert burst({"output_tokens_per_minute": 333}) == spaced(333, [50] * 40)
    assert burst({"tokens_per_minute": 2_500}) == spaced(2_500, [1_050] * 40)


def test_cache_reads_count_or_not_as_the_account_says() -> None:
    """The first call writes, and at once all others find the base of 900 warm."""
    limits = {"input_tokens_per_minute": 1_500}
    assert burst(limits, cached=True) == spaced(1_500, [1_000] * 40)
    assert burst({**limits, "counts_cache_reads": False}, cached=True) == spaced(1_500, [1_000] + [100] * 39)


def test_a_day_is_counted_in_milliseconds() -> None:
    by_ms = [-(-at_us // 1_000) * 1_000 for at_us in spaced(10_000, [1_050] * 40, DAY)]
    assert burst({"tokens_per_day": 10_000}) == by_ms


def test_a_need_beyond_the_limit_waits_for_a_full_bucket_and_leaves_a_debt() -> None:
    """1,000 tokens at 400 a minute: at once from the full bucket; it owes 600 and is full again after 2.5 minutes."""
    assert burst({"input_tokens_per_minute": 400}, 3) == [0, MINUTE * 5 // 2, MINUTE * 5]


def test_the_longest_output_is_debited_where_the_provider_does_so() -> None:
    served = offer(max_output_tokens=200)
    work = workload(agent(message=10, output=1), at([0] * 4))
    account = Account("a", output_tokens_per_minute=400, debits_max_output=True)
    assert ok(played(work, deployment(served, account)))["grant_us"].tolist() == [0, 0, MINUTE // 2, MINUTE]


def test_only_the_head_of_the_queue_is_looked_at() -> None:
    """A long prompt that has to wait holds up a short one behind it: 900, 600, 10 tokens at 1,000 a minute."""
    some = [agent(name, message=size) for name, size in (("a", 900), ("b", 600), ("c", 10))]
    starts = [at([i * S], i, name=str(i)) for i in range(3)]
    calls = ok(played(workload(some, starts), deployment(offer(), Account("a", input_tokens_per_minute=1_000))))
    assert calls["grant_us"].tolist() == [0, 30 * S, 30 * S + 600_000]


# Refused instead of queued


def refusing(retry: Retry, broken: int = 0, **limits: int | bool) -> Deployment:
    account = Account("a", refuses=True, **limits)  # type: ignore[arg-type]
    return deployment(offer(broken=broken, decode_ns_per_token=10**9), account, retry=retry)


def test_a_client_comes_back_after_the_whole_seconds_the_server_tells() -> None:
    """One request a minute, asked at 0 and at 1.5 s: 58.5 s are missing, 59 are told."""
    work = workload(agent(), at([0, 3 * S // 2]))
    ledger = played(work, refusing(Retry(), requests_per_minute=1))
    assert ledger["status"].tolist() == [Status.OK, Status.REFUSED, Status.OK]
    assert ledger["request_us"].tolist() == [0, 3 * S // 2, 3 * S // 2 + 59 * S]
    assert ledger["end_us"][1] == 3 * S // 2
    assert ledger["attempt"].tolist() == [0, 0, 1]


@pytest.mark.parametrize(("first_us", "cap_us"), [(500_000, 8 * S), (S, 3 * S), (0, S)])
def test_without_a_hint_the_client_waits_twice_as_long_each_time_less_up_to_a_quarter(
    first_us: int, cap_us: int
) -> None:
    """A place that is taken for an hour: 20 clients knock six times each."""
    retry = Retry(5, first_us, cap_us)
    long = agent("long", output=3_600)
    work = workload([long, agent("short")], [at([0]), at([S] * 20, 1, name="b")])
    ledger = played(work, refusing(retry, concurrent_calls=1))
    shares = []
    for task in range(1, 21):
        asked = ledger["request_us"][ledger["task"] == task].tolist()
        assert len(asked) == 6
        for n, (before, after) in enumerate(pairwise(asked)):
            longest = min(first_us * 2**n, cap_us)
            assert longest * 3 // 4 <= after - before <= longest
            shares += [(after - before) / longest] if longest else []
    if shares:  # evenly over the quarter: mean 7/8, standard deviation 1/4 by root 12
        assert sum(shares) / len(shares) == pytest.approx(7 / 8, abs=4 * 0.25 / math.sqrt(12 * len(shares)))
    assert ledger.outcomes[0].failed == 20
    assert (ledger["status"][ledger["task"] > 0] == Status.REFUSED).all()


def test_a_taken_place_gives_no_hint_even_where_buckets_do() -> None:
    work = workload(agent(output=10), at([0, S]))
    ledger = played(work, refusing(Retry(1, S, S), concurrent_calls=1, requests_per_minute=60))
    waited = int(ledger["request_us"][2] - ledger["request_us"][1])
    assert 3 * S // 4 <= waited <= S


def test_a_broken_try_has_no_hint_of_the_refusal_before_it() -> None:
    """Refused at 1 s with a hint of 59 s; what breaks after that is tried again after the client's own pause."""
    work = workload(agent(), at([0, S]))
    ledger = played(work, refusing(Retry(4, S, S), broken=CERTAIN, requests_per_minute=2))
    asked, ended, status = (ledger[name].tolist() for name in ("request_us", "end_us", "status"))
    second = [i for i in range(len(status)) if ledger["task"][i] == 1]
    found = 0
    for before, broke, after in zip(second, second[1:], second[2:], strict=False):
        if (status[before], status[broke]) == (Status.REFUSED, Status.ERROR):
            found += 1
            assert 3 * S // 4 <= asked[after] - ended[broke] <= S
    assert found


def test_after_the_last_try_the_next_offer_serves_the_rest() -> None:
    full = Account("full", concurrent_calls=1, refuses=True)
    served = Deployment(
        "made",
        (offer("a", decode_ns_per_token=10**9), offer("b")),
        (full, Account("free")),
        (Route((Leg(0, 0), Leg(1, 1))),),
        Retry(1, S, S),
    )
    work = workload([agent("long", output=3_600), agent("short", turns=3)], [at([0]), at([S], 1, name="b")])
    ledger = played(work, served)
    own = ledger["task"] == 1
    assert ledger["offer"][own].tolist() == [0, 0, 1, 1, 1]
    assert ledger["attempt"][own].tolist() == [0, 1, 2, 0, 0]
    assert ledger["turn"][own].tolist() == [1, 1, 1, 2, 3]
    assert ledger.outcomes[0].finished == 2


def test_what_waits_at_the_horizon_is_stopped_and_what_was_granted_is_billed_whole() -> None:
    work = workload(agent(message=100, output=3_600), at([0, S]), horizon_us=HOUR // 2)
    ledger = played(work, deployment(offer(decode_ns_per_token=10**9), Account("a", concurrent_calls=1)))
    assert ledger["status"].tolist() == [Status.OK, Status.STOPPED]
    assert ledger["end_us"].tolist() == [HOUR, -1]
    assert ledger["output"].tolist() == [3_600, 0]
    assert ledger["input"].tolist() == [100, 0]
