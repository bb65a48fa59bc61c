"""The parts of a scenario file (the format is shown by the shipped scenarios).

Attributes carry the names of the fields. Durations are microseconds, tokens are reference tokens,
probabilities are shares from 0 to 1; a quantity may be a number, a distribution or a range.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, PrivateAttr, Tag, WithJsonSchema, model_validator

from burncurve.scenario.distributions import Count, Duration, Factor, Probability, Quantity, Tokens
from burncurve.scenario.fields import (
    ALL_DAY,
    EVERY_DAY,
    Days,
    Hours,
    Listed,
    LocalTime,
    Microseconds,
    Model,
    Moment,
    PositiveMicroseconds,
    Rate,
    Reset,
    ResetRule,
    Weight,
    Whole,
    WholeTokens,
)
from burncurve.scenario.thresholds import Threshold

__all__ = ["Agent", "Deployment", "Factor", "Quantity", "Scenario", "Tool", "Trigger", "Users"]

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$")]
OfferName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}/[A-Za-z0-9_.:/-]{1,128}$")]
Text = Annotated[str, Field(max_length=10_000)]
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


class Tool(Model):
    """One kind of tool: how large its results are and how long it takes."""

    result: Tokens
    """Tokens of one result."""
    time: Duration = Duration.model_validate("0s")  # assumption: instant unless said
    """How long one call of the tool takes."""
    cap: WholeTokens | None = None
    """Most tokens of one result that reach the context; without it no cap."""


class ToolUse(Model):
    """The tools that run after a turn: drawn from a mix of declared ones, or described on the spot."""

    calls: Count = Count.model_validate(1)  # TraceLab: median 1 per step, mean 1.2
    """How many run in one turn, at most 64."""
    parallel: bool = False  # assumption
    """Whether they run side by side (the longest counts) or one after the other (times add up)."""
    mix: Mapping[Name, Weight] | None = None
    """Share of each declared tool; the shares add up to 1."""
    result: Tokens | None = None
    """Tokens of one result, where no mix is given."""
    time: Duration | None = None
    """How long one call takes, where no mix is given."""
    cap: WholeTokens | None = None
    """Most tokens of one result that reach the context, where no mix is given."""

    @model_validator(mode="after")
    def _one_way(self) -> ToolUse:
        if self.mix is None and self.result is None:
            raise ValueError("needs either mix (shares of declared tools) or result (and time)")
        if self.mix is not None and not (self.result is None and self.time is None and self.cap is None):
            raise ValueError("has both mix and result, time or cap; keep one way of describing the tools")
        return self


class SideCall(Model):
    """A small call beside the turns, with a prompt of its own: a title, a memory note, a safety check."""

    name: Name
    """What it is for."""
    each: Literal["request", "turn"] = "request"  # assumption
    """Made once per request or once per turn."""
    prompt: Tokens
    """Tokens of its prompt."""
    output: Tokens
    """Tokens of its answer."""
    role: Name | None = None
    """The role that serves it; without it the agent's own."""


class Spawn(Model):
    """A rule by which a turn starts children."""

    agent: Name
    """The agent that the children are."""
    on_turn: Annotated[tuple[Annotated[Whole, Field(ge=1)], ...], Listed(1000)] = ()
    """The turns (from 1) on which the rule may act, one or a list; without it every turn."""
    probability: Probability = Probability.model_validate(1)
    """That the rule acts on such a turn."""
    count: Count = Count.model_validate(1)
    """How many children it starts then."""
    active: Annotated[Whole, Field(le=100_000)] = 0
    """Most children of one parent at work at once; 0 means no limit."""
    depth: Annotated[Whole, Field(ge=1, le=1000)] | None = None
    """Depth of the deepest child this rule may start (children of a root have depth 1); needed where agents recur."""
    join: Literal["wait", "announce", "background"] = "wait"  # assumption: the parent reads all results together
    """Results come back together (wait), one call each (announce), or while the parent goes on (background)."""
    brief: Tokens = Tokens.model_validate(500)  # assumption, within 200 to 1,000
    """Tokens of the task text a child gets."""
    context: Literal["fresh", "fork"] = "fresh"  # OpenClaw docs: sub-agents are isolated by default
    """A child starts with its own base, or with a copy of its parent's context."""


class Compact(Model):
    """Summarising: above `at` one call reads the context and writes a summary that takes its place."""

    at: Annotated[WholeTokens, Field(gt=0)]
    """Context above which the next call is preceded by a compaction."""
    keep: WholeTokens = 0  # assumption
    """Newest tokens kept as they are."""
    summary: Tokens
    """Tokens of the summary."""
    restore: Tokens = Tokens.model_validate(0)
    """Tokens put back after it (files read again, plans)."""
    reuse: bool = True  # assumption: the client sends the same prefix, so that it is read from the cache
    """Whether the compaction call reads the warm prefix."""
    flush: bool = False
    """Whether one more full turn goes before it, to save memory."""


class Slide(Model):
    """A sliding window: above `at` the oldest history is dropped until `to` is left."""

    at: Annotated[WholeTokens, Field(gt=0)]
    """Context above which history is dropped."""
    to: Annotated[WholeTokens, Field(gt=0)]
    """Context that is left."""


class Clear(Model):
    """Clearing old tool results above `at`."""

    at: Annotated[WholeTokens, Field(gt=0)]
    """Context above which results are cleared."""
    keep: Whole = 3  # Claude API documentation, clear_tool_uses
    """Newest results that stay."""
    at_least: WholeTokens = 0  # Claude API documentation: unset
    """Nothing is cleared unless this many tokens go."""


class Loop(Model):
    """A request may fall into a loop: turns that lead nowhere."""

    probability: Probability
    """That a request does."""
    extra_turns: Count
    """Turns added."""
    guard: Whole | None = None
    """Most turns added; without it the step cap alone ends the loop."""


class Misses(Model):
    """Cache misses within the time to live, beyond those the clock explains."""

    user_turn: Probability = Probability.model_validate(0)
    """Of the history, on the first turn of a request."""
    tool_turn: Probability = Probability.model_validate(0)
    """Of the history, on later turns."""
    base: Probability = Probability.model_validate(0)
    """Of the base too."""


class Agent(Model):
    """A kind of worker."""

    role: Name = "main"
    """What a deployment maps to an offer."""
    base: Tokens
    """System prompt, tool schemas and injected files at the head of every prompt; drawn once per run."""
    history: Tokens = Tokens.model_validate(0)
    """What a session already holds when it opens."""
    message: Tokens = Tokens.model_validate(0)
    """Tokens of the message a root task brings; children get the brief of their spawn rule."""
    turns: Count = Count.model_validate({"constant": 1, "per": "request"})
    """Model calls with their tools per request."""
    output: Tokens = (
        # TraceLab, 357,161 calls of coding agents: median 211, sigma 1.34 (least squares on quantiles)
        Tokens.model_validate({"lognormal": {"median": 211, "sigma": 1.34}, "clip": [1, "32k"]})
    )
    """Tokens written per turn, without reasoning."""
    reasoning: Tokens = Tokens.model_validate(0)
    """Tokens of reasoning per turn."""
    result: Tokens = Tokens.model_validate(0)
    """Tokens a child returns to its parent."""
    window: Annotated[WholeTokens, Field(gt=0)] | None = None
    """Largest context; without it the offer's own."""
    reserve: WholeTokens = 0
    """Tokens of the window kept free for the answer."""
    compact: Compact | None = None
    """Summarise when the context grows too large."""
    slide: Slide | None = None
    """Drop the oldest history when the context grows too large."""
    clear: Clear | None = None
    """Clear old tool results when the context grows too large."""
    step_cap: Annotated[Whole, Field(ge=1, le=100_000)] = 250  # mini-swe-agent: step_limit 250
    """Most turns of one request."""
    children_cap: Annotated[Whole, Field(le=1_000_000)] = 0
    """Most children of one task over its life; 0 means no limit."""
    timeout: Microseconds = 0
    """A task that lasts longer ends before its next call; 0 means none."""
    reasoning_kept: Literal["keep", "until_user", "drop"] | None = None
    """What becomes of reasoning in the context; without it as the offer does."""
    tools: ToolUse | None = None
    """Tools that run after a turn."""
    side_calls: Annotated[tuple[SideCall, ...], Listed(16)] = ()
    """Small calls beside the turns."""
    spawn: Annotated[tuple[Spawn, ...], Listed(64)] = ()
    """Rules by which turns start children."""
    loop: Loop | None = None
    """Falling into loops."""
    misses: Misses = Misses()
    """Cache misses within the time to live."""
    base_change: Probability = Probability.model_validate(0)
    """Per request, that the base changes and everything is cold."""
    judge: bool = False
    """Its calls are written down as judging."""
    behaviour: Annotated[str, Field(max_length=64)] = ""
    """Name of a behaviour registered in Python; empty means the standard one."""


class Profile(Model):
    """Random arrivals with an even rate, or one that follows the hours of a day and the days of a week."""

    per_hour: Rate
    """Arrivals per hour where the profile is 1."""
    hourly: Annotated[tuple[Weight, ...], Field(min_length=24, max_length=24)] | None = None
    """24 factors, one for each local hour of the day."""
    weekly: Annotated[tuple[Weight, ...], Field(min_length=7, max_length=7)] | None = None
    """7 factors, Monday first."""


class Poisson(Profile):
    """Arrivals that know nothing of each other."""


class Bursty(Profile):
    """Arrivals in bursts: gamma-distributed gaps."""

    shape: Annotated[Rate, Field(ge=0.01, le=1000)]
    """Shape of the gamma distribution: 1 is Poisson, below 1 comes in bursts."""


class Trigger(Model):
    """What starts root tasks of an agent, in exactly one of the ways once, at, every, poisson, bursty."""

    agent: Name
    """The agent that is started."""
    name: Name | None = None
    """What the trigger is called in results; without it the agent's name and the place in the list."""
    once: bool = False
    """One arrival at the start."""
    at: Annotated[tuple[Moment, ...], Listed(100_000)] = ()
    """Arrivals at these moments: durations after the start, or local dates and times."""
    every: PositiveMicroseconds | None = None
    """Arrivals at this interval, the first when the window opens."""
    poisson: Poisson | None = None
    """Random arrivals."""
    bursty: Bursty | None = None
    """Random arrivals in bursts."""
    hours: Hours = ALL_DAY
    """Hours of the day in which arrivals happen."""
    days: Days = EVERY_DAY
    """Days of the week on which arrivals happen."""
    session: Name | None = None
    """A shared session by name, which each arrival reads and grows; without it each opens one of its own."""
    overlap: Literal["queue", "skip", "coalesce"] = "queue"  # assumption
    """What an arrival does while the shared session is at work."""
    reset: Reset = ResetRule()  # OpenClaw docs: sessions do not reset by default
    """When the shared session starts afresh: never, idle with a duration, or daily with a time."""
    attempts: Annotated[Whole, Field(ge=1, le=100)] = 1
    """How often a root task may be tried."""


class Users(Model):
    """People in a closed loop: each opens sessions, asks, waits for the answer, thinks and asks again."""

    agent: Name
    """The agent they talk to."""
    name: Name | None = None
    """What the group is called in results."""
    count: Annotated[Whole, Field(ge=1, le=10_000)]
    """Number of people."""
    sessions_per_day: Count
    """Sessions per person and working day."""
    requests: Count
    """Requests per session."""
    think: Duration = (
        # TraceLab: gaps of the body have median 67 s, sigma 2.1
        Duration.model_validate({"lognormal": {"median": "67s", "sigma": 2.1}, "clip": ["1s", "8h"]})
    )
    """From an answer to the same person's next request."""
    hours: Hours = ALL_DAY
    """Working hours."""
    days: Days = EVERY_DAY
    """Working days."""
    attempts: Annotated[Whole, Field(ge=1, le=100)] = 1
    """How often a root task may be tried."""


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
    """Seats of a subscription plan."""

    plan: Name
    """The plan."""
    per: Literal["user"] = "user"
    """One seat for each user."""


class Deployment(Model):
    """One way to serve the work."""

    roles: Annotated[Mapping[Name, OfferName], Field(min_length=1)]
    """The offer that serves each role, written provider/model."""
    account: Account = Account()
    """Limits of each account."""
    accounts: Literal["shared"] = "shared"
    """All agents and users share one account per provider."""
    cache: RetentionByRole = "5m"  # OpenClaw and Claude Code ask for 5 minutes by default
    """How long explicit caches keep prompts: off, 5m or 1h, for all roles or for each."""
    failover: Mapping[Name, Annotated[tuple[OfferName, ...], Listed(16)]] = {}
    """Offers to turn to when the retries of a role's call are exhausted."""
    retry: Retry = Retry()
    """Retries of the client."""
    at_limit: Literal["queue", "refuse"] = "queue"
    """At a full limit a call waits in the client, or is refused and tried again."""
    region: Annotated[str, Field(max_length=64)] | None = None
    """Region that serves; without it the offer's default."""
    seats: Seats | None = None
    """Seats of a plan beside API prices."""


class Scenario(Model):
    """What kind of work is done: agents, what starts them, how it may be served, and what must hold."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    """What the scenario is called in results."""
    about: Text = ""
    """What it is about."""
    start: LocalTime
    """Local date and time of the start: decides calendars and the prices in force, call by call."""
    time_zone: Annotated[str, Field(max_length=64)] = "UTC"
    """Time zone of the start and of all times of day, such as Europe/Berlin."""
    horizon: PositiveMicroseconds
    """How long work arrives."""
    places: Annotated[Whole, Field(le=1_000_000)] = 0
    """Agents at work at once in all; 0 means no limit."""
    agents: Annotated[Mapping[Name, Agent], Field(min_length=1, max_length=1000)]
    """The kinds of workers."""
    tools: Annotated[Mapping[Name, Tool], Field(max_length=1000)] = {}
    """The kinds of tools that agents mix."""
    triggers: Annotated[tuple[Trigger, ...], Listed(1000)] = ()
    """What starts root tasks."""
    users: Annotated[tuple[Users, ...], Listed(100)] = ()
    """People who start root tasks, one group or several."""
    deployments: Annotated[Mapping[Name, Deployment], Field(max_length=100)] = {}
    """The ways to serve the work that are compared; without any a representative set stands in."""
    thresholds: Annotated[tuple[Threshold, ...], Listed(100)] = ()
    """What must hold of every deployment."""
    _places: Mapping[tuple[str | int, ...], str] = PrivateAttr(default_factory=dict)

    def placed(self, places: Mapping[tuple[str | int, ...], str]) -> Scenario:
        """Return the same scenario that knows the place of each of its parts."""
        copy = self.model_copy()
        copy._places = places
        return copy

    def where(self, *path: str | int) -> str:
        """Return the place (file:line:column) of a part such as ("agents", "lead", "base"), or the path itself."""
        for length in range(len(path), -1, -1):
            if path[:length] in self._places:
                return self._places[path[:length]]
        return ".".join(map(str, path))
