"""A Deployment: which offer serves which role, on which account, under which rules, in plain integers.

Catalogue facts are already resolved; engines read nothing else about who serves. Times are
microseconds since the start of the run unless the name says nanoseconds, probabilities 2**-30, factors ppm,
money pico-units of its currency. What stands `by meter` follows the order of the ledger's meters.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from burncurve.draws import Table, constant
from burncurve.words import NO_TERMS, PPM, Reasoning, Terms

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
    """provider/model as sold, its facts resolved. `success` UNKNOWN stays unknown."""

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
    spend_per_month: int = 0  # pico-dollars
    months_us: tuple[int, ...] = ()  # when a month begins, up to the first one beyond the horizon


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
class Stage:
    """From `from_us` on `routes[i]`, and no longer what came before, serves Workload.roles[i]."""

    from_us: int
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Retry:
    """How a client tries a refused or broken call again (M18)."""

    retries: int = 2
    first_us: int = 500_000
    cap_us: int = 8_000_000


class Compared(IntEnum):
    """Which tokens of a call are held against the bounds of a tariff's bands."""

    PROMPT = 0
    UNCACHED = 1
    CONTEXT = 2  # prompt, output and reasoning


class Band(NamedTuple):
    """Rates by meter, in pico-units per token (web searches: each), once more tokens are compared than the bound."""

    above_tokens: int
    rates: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency of price lists: so many dollars for so many units."""

    name: str = "USD"
    dollars: int = 1
    units: int = 1


@dataclass(frozen=True, slots=True)
class Tariff:
    """What holds at some hours: bands, the smallest bound first, in the deployment's currency of that number.

    A band counts for the whole call; with `excess_only` for the prompt tokens above its bound, from the front.
    """

    bands: tuple[Band, ...]
    currency: int = 0
    compares: Compared = Compared.PROMPT
    excess_only: bool = False


@dataclass(frozen=True, slots=True)
class Rates:
    """What an offer costs over the run: from `starts_us[i]` on, by `tariffs[places[i]]`; the first start is 0."""

    starts_us: tuple[int, ...]
    places: tuple[int, ...]
    tariffs: tuple[Tariff, ...]


class Scope(IntEnum):
    """Whose calls share a budget (M21); task and session are those of the root task, for all its tree."""

    TASK = 0
    SESSION = 1
    DAY = 2
    RUN = 3


class AtBudget(IntEnum):
    """What becomes of a call whose budget has been reached."""

    STOP = 0
    PAUSE = 1  # until the next day
    CHEAPER = 2
    WARN = 3


@dataclass(frozen=True, slots=True)
class Budget:
    """So many pico-dollars, or tokens of all kinds, for all calls of a scope."""

    name: str
    scope: Scope
    limit: int
    in_tokens: bool = False
    reached: AtBudget = AtBudget.STOP
    cheaper: Leg | None = None  # who serves then
    days_us: tuple[int, ...] = ()  # when a day begins, up to the first one beyond the horizon


class Beyond(IntEnum):
    """What becomes of a call that a plan admits but whose quotas are used up (M22)."""

    BLOCK = 0
    WAIT = 1
    PAY = 2


class CountsFrom(IntEnum):
    """From what on the length of a quota's window counts, and so when uses come back."""

    FIRST_USE = 0  # a window opens with a covered call; at its end all that was used in it comes back
    EACH_USE = 1  # each use comes back by itself, one length after it was booked: a window that slides
    PURCHASE = 2  # one window follows the other from the purchase of the seats on


@dataclass(frozen=True, slots=True)
class Weights:
    """By what the use of a call is multiplied, in ppm by offer of the deployment; 0: it does not count here.

    From `starts_us[i]` on `by_offer[places[i]]` holds; the first start is 0.
    """

    by_offer: tuple[tuple[int, ...], ...]
    starts_us: tuple[int, ...] = (0,)
    places: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Quota:
    """What a plan covers within `length_us`, counted as `counts_from` says.

    `limit` counts billionths of the plan's unit, and so do `per_request` (charged to the first covered call of a
    root task), `per_call` and `per_token` (by meter); a call's use is multiplied by the weight that its offer has when
    the call is granted.
    """

    name: str
    length_us: int
    limit: int
    per_request: int = 0
    per_call: int = 0
    per_token: tuple[int, ...] = ()
    weights: Weights | None = None  # None: all alike
    from_us: int = 0  # in force
    until_us: int = 1 << 62
    counts_from: CountsFrom = CountsFrom.FIRST_USE


class Term(NamedTuple):
    """A time in which a plan admits the client, or is held: from `from_us` until before `until_us`."""

    from_us: int
    until_us: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A subscription that covers calls of some offers (by number), with quotas for each person or for all at once.

    `purchases_us` are the times, in order, at which its seats are bought; a renewal is no purchase. `held` are the
    times in which there are seats, whether the terms admit the client then or not.
    """

    name: str
    offers: tuple[int, ...]
    quotas: tuple[Quota, ...]
    terms: tuple[Term, ...]
    beyond: Beyond = Beyond.PAY
    per_user: bool = False
    purchases_us: tuple[int, ...] = (0,)
    held: tuple[Term, ...] = (Term(0, 1 << 62),)


@dataclass(frozen=True, slots=True)
class Deployment:
    """One way to serve a workload: `routes[i]` serves Workload.roles[i], until a later stage takes over.

    `rates[i]` are those of `offers[i]`, resolved only where a budget or a limit counts dollars.
    """

    name: str
    offers: tuple[Offer, ...]
    accounts: tuple[Account, ...]
    routes: tuple[Route, ...]
    retry: Retry = Retry()
    later: tuple[Stage, ...] = ()  # by time, each after the start
    rates: tuple[Rates, ...] = ()
    currencies: tuple[Currency, ...] = ()
    budgets: tuple[Budget, ...] = ()
    plans: tuple[Plan, ...] = ()
    terms: Terms = NO_TERMS
    notes: tuple[str, ...] = ()  # what a reader of the figures must know (an assumed fact, a plan not yet modelled)

    @property
    def counts_money(self) -> bool:
        """Whether calls are valued while they are played."""
        return any(not budget.in_tokens for budget in self.budgets) or any(
            account.spend_per_month for account in self.accounts
        )
