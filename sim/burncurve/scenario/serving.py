"""The parts of a scenario that say how the work may be served: deployments and their accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from burncurve.scenario.contracts import Contract
from burncurve.scenario.fields import Listed, Microseconds, Model, Moment, Name, Whole, WholeTokens
from burncurve.scenario.money import Budget, Dollars, OfferName

Retention = Literal["off", "5m", "1h"]
RetentionByRole = Annotated[
    Annotated[Retention, Tag("all")] | Annotated[Mapping[Name, Retention], Tag("each")],
    Discriminator(lambda value: "each" if isinstance(value, Mapping) else "all"),
]

Tier = Annotated[
    str,
    BeforeValidator(lambda value: str(value) if type(value) is int else value),
    WithJsonSchema({"type": ["integer", "string"]}),
]


class Account(Model):
    """Limits of an account: a tier of the maker's, or numbers of your own, which go before the tier's."""

    tier: Tier | None = None
    """The maker's tier."""
    concurrent: Whole | None = None
    """Calls at once."""
    requests_per_minute: Whole | None = None
    """Requests per minute."""
    input_tokens_per_minute: WholeTokens | None = None
    """Prompt tokens per minute."""
    output_tokens_per_minute: WholeTokens | None = None
    """Output tokens per minute."""
    tokens_per_minute: WholeTokens | None = None
    """All tokens per minute."""
    tokens_per_day: WholeTokens | None = None
    """All tokens per day."""
    usd_per_month: Dollars | None = None
    """Dollars per calendar month (UTC); beyond it calls wait for the next month, or are refused."""
    counts_cache_reads: bool | None = None
    """Whether tokens read from the cache count; without it as the maker does."""
    debits_max_output: bool | None = None
    """Whether a call is debited for the most it may write; without it as the maker does."""
    says_retry_after: bool | None = None
    """Whether a refusal names the time to wait; without it as the maker does."""


class Retry(Model):
    """How a client tries a refused or broken call again."""

    retries: Annotated[Whole, Field(le=20)] = 2  # makers' Python clients: 2
    """Tries after the first."""
    first: Microseconds = 500_000  # makers' Python clients: 0.5 s
    """First wait; each later one is twice as long."""
    cap: Microseconds = 8_000_000  # makers' Python clients: 8 s
    """Longest wait."""


class Seats(Model):
    """Seats of a subscription plan, which covers calls within its quotas and terms."""

    plan: Name
    """The plan, such as claude-max-5x."""
    per: Literal["user"] = "user"
    """One seat for each user, and one for all triggers."""
    client: Name | None = None
    """The program that calls, such as claude-code or openclaw; without it one that the plan admits."""
    beyond: Literal["pay", "wait", "block"] = "pay"  # Claude's plans: extra usage at API prices
    """Once a quota is used up: pay API prices, wait until its window closes, or make no call."""


class Then(Model):
    """A later stage of a deployment: from a moment on others serve; what it does not name stays, but for seats."""

    at: Moment
    """When it begins: a duration after the start, or a local date and time."""
    roles: Mapping[Name, OfferName] = {}
    """The offers that serve from then on; other roles keep theirs."""
    failover: Mapping[Name, Annotated[tuple[OfferName, ...], Listed(16)]] = {}
    """The lists of failover from then on; other roles keep theirs."""
    seats: Seats | None = None
    """Seats of a plan from then on; without them the plan before is not renewed."""


class Deployment(Model):
    """One way to serve the work."""

    roles: Annotated[Mapping[Name, OfferName], Field(min_length=1)]
    """The offer that serves each role, written provider/model."""
    account: Account = Account.model_construct()
    """Limits of each account."""
    accounts: Literal["shared"] = "shared"
    """All agents and users share one account per provider."""
    cache: RetentionByRole = "5m"  # OpenClaw and Claude Code ask for 5 minutes by default
    """How long explicit caches keep prompts: off, 5m or 1h, for all roles or for each."""
    failover: Mapping[Name, Annotated[tuple[OfferName, ...], Listed(16)]] = {}
    """Offers to turn to when the retries of a role's call are exhausted."""
    retry: Retry = Retry.model_construct()
    """Retries of the client."""
    at_limit: Literal["queue", "refuse"] = "queue"
    """At a full limit a call waits in the client, or is refused and tried again."""
    budgets: Annotated[tuple[Budget, ...], Listed(16)] = ()
    """The most that may be spent, and what happens then."""
    region: Annotated[str, Field(max_length=64)] | None = None
    """Region that serves; without it the offer's default."""
    service_tier: Literal["standard", "batch", "flex", "priority", "fast"] = "standard"
    """Tier at which calls are sold; it decides prices, and that of batches how long an answer takes."""
    contract: Contract = Contract.model_construct()
    """What a contract changes about list prices."""
    seats: Seats | None = None
    """Seats of a plan beside API prices."""
    then: Annotated[tuple[Then, ...], Listed(100)] = ()
    """What takes over later, in the order of time."""

    @property
    def stages(self) -> tuple[Deployment | Then, ...]:
        """The deployment as it begins, and its later stages."""
        return self, *self.then
