"""A Deployment: which offer serves which role, on which account, under which rules, in plain integers.

Catalogue facts are already resolved; engines read nothing else about who serves. Times are
microseconds unless the name says nanoseconds, probabilities 2**-30, factors ppm.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from burncurve.draws import Table, constant
from burncurve.words import PPM, Reasoning

UNKNOWN = -1
NO_LIMIT = 1 << 40


class CacheKind(IntEnum):
    """How an offer caches prompts (M14)."""

    NONE = 0
    AUTOMATIC = 1
    EXPLICIT = 2


class Retention(IntEnum):
    """Which write an explicit cache is charged for; OFF: the client does not use the cache."""

    OFF = 0
    SHORT = 1  # 5 minutes
    LONG = 2  # 1 hour


class BrokenBills(IntEnum):
    """What a call that breaks is billed (M18)."""

    NOTHING = 0
    INPUT = 1
    ALL = 2


@dataclass(frozen=True, slots=True)
class CacheRule:
    """The offer's prompt cache: smallest prefix, block to which reads are floored, time to live by retention."""

    kind: CacheKind = CacheKind.NONE
    minimum_tokens: int = 0
    block_tokens: int = 1
    caches_output: bool = False
    short_us: Table = constant(300_000_000)  # automatic caches use this one, drawn per call
    long_us: Table = constant(3_600_000_000)


@dataclass(frozen=True, slots=True)
class Offer:
    """provider:model as sold, its facts resolved. `success` UNKNOWN stays unknown."""

    name: str
    window_tokens: int
    cache: CacheRule = CacheRule()
    region: str = ""
    service_tier: str = "standard"
    tokenizer_ppm: int = PPM
    verbosity_ppm: int = PPM
    turns_ppm: int = PPM
    max_output_tokens: int = NO_LIMIT
    reasoning_kept: Reasoning = Reasoning.KEEP
    first_token_ns: int = 0
    prefill_ns_per_token: int = 0  # of uncached prompt tokens
    cached_prefill_ns_per_token: int = 0
    decode_ns_per_token: int = 0
    time_factor: Table = constant(PPM)  # ppm, drawn per call
    broken: int = 0  # probability that a call breaks
    broken_bills: BrokenBills = BrokenBills.NOTHING
    success: int = UNKNOWN  # probability that a root task succeeds


@dataclass(frozen=True, slots=True)
class Account:
    """Who is limited and billed (M17); a limit of 0 means none."""

    name: str
    concurrent_calls: int = 0
    requests_per_minute: int = 0
    input_tokens_per_minute: int = 0
    output_tokens_per_minute: int = 0
    tokens_per_minute: int = 0
    tokens_per_day: int = 0
    counts_cache_reads: bool = True
    debits_max_output: bool = False
    refuses: bool = False  # a client at a full limit gets a 429 instead of waiting
    says_retry_after: bool = True


class Leg(NamedTuple):
    """One way to serve a role: an offer on an account."""

    offer: int
    account: int


@dataclass(frozen=True, slots=True)
class Route:
    """How a role is served: the legs in order of failover, and the retention its agents ask for."""

    legs: tuple[Leg, ...]
    retention: Retention = Retention.SHORT


@dataclass(frozen=True, slots=True)
class Retry:
    """How a client tries a refused or broken call again (M18)."""

    retries: int = 2
    first_us: int = 500_000
    cap_us: int = 8_000_000


@dataclass(frozen=True, slots=True)
class Deployment:
    """One way to serve a workload: `routes[i]` serves Workload.roles[i]."""

    name: str
    offers: tuple[Offer, ...]
    accounts: tuple[Account, ...]
    routes: tuple[Route, ...]
    retry: Retry = Retry()
    notes: tuple[str, ...] = ()  # what a reader of the figures must know (an assumed fact, a plan not yet modelled)
