"""The parts of a scenario that say what agents and tools do.

Attributes carry the names of the fields. Durations are microseconds, tokens are reference tokens,
probabilities are shares from 0 to 1; a quantity may be a number, a distribution or a range.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from burncurve.scenario.distributions import Count, Duration, Probability, Tokens
from burncurve.scenario.fields import Listed, Microseconds, Model, Name, Weight, Whole, WholeTokens, written


class Tool(Model):
    """One kind of tool: how large its results are and how long it takes."""

    result: Tokens
    """Tokens of one result."""
    time: Duration = written("0s")  # assumption: instant unless said
    """How long one call of the tool takes."""
    cap: WholeTokens | None = None
    """Most tokens of one result that reach the context; without it no cap."""
    searches: Annotated[Whole, Field(le=100)] = 0
    """Web searches that the provider charges for one call of the tool; 0 for a tool of the client's own."""


class ToolUse(Model):
    """The tools that run after a turn: drawn from a mix of declared ones, or described on the spot."""

    calls: Count = written(1)  # TraceLab: median 1 per step, mean 1.2
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
    searches: Annotated[Whole, Field(le=100)] = 0
    """Web searches that the provider charges for one call, where no mix is given."""

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
    probability: Probability = written(1)
    """That the rule acts on such a turn."""
    count: Count = written(1)
    """How many children it starts then."""
    active: Annotated[Whole, Field(le=100_000)] = 0
    """Most children of one parent at work at once; 0 means no limit."""
    depth: Annotated[Whole, Field(ge=1, le=1000)] | None = None
    """Depth of the deepest child this rule may start (children of a root have depth 1); needed where agents recur."""
    join: Literal["wait", "announce", "background"] = "wait"  # assumption: the parent reads all results together
    """Results come back together (wait), one call each (announce), or while the parent goes on (background)."""
    brief: Tokens = written(500)  # assumption, within 200 to 1,000
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
    restore: Tokens = written(0)
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

    user_turn: Probability = written(0)
    """Of the history, on the first turn of a request."""
    tool_turn: Probability = written(0)
    """Of the history, on later turns."""
    base: Probability = written(0)
    """Of the base too."""


class Agent(Model):
    """A kind of worker."""

    role: Name = "main"
    """What a deployment maps to an offer."""
    effort: Name | None = None
    """The effort its calls ask for (low, high), without it the offer's own; caches of different efforts never meet."""
    base: Tokens
    """System prompt, tool schemas and injected files at the head of every prompt; drawn once per run."""
    history: Tokens = written(0)
    """What a session already holds when it opens."""
    message: Tokens = written(0)
    """Tokens of the message a root task brings; children get the brief of their spawn rule."""
    turns: Count = written({"constant": 1, "per": "request"})
    """Model calls with their tools per request."""
    first_turns: Count | None = None
    """The same for the first request of a session, which often is the largest; without it as `turns`."""
    output: Tokens = (
        # TraceLab, 357,161 calls of coding agents: median 211, sigma 1.34 (least squares on quantiles)
        written({"lognormal": {"median": 211, "sigma": 1.34}, "clip": [1, "32k"]})
    )
    """Tokens written per turn, without reasoning."""
    reasoning: Tokens = written(0)
    """Tokens of reasoning per turn."""
    result: Tokens = written(0)
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
    misses: Misses = written({})
    """Cache misses within the time to live."""
    base_change: Probability = written(0)
    """Per request, that the base changes and everything is cold."""
    judge: bool = False
    """Its calls are written down as judging."""
    behaviour: Annotated[str, Field(max_length=64)] = ""
    """Name of a behaviour registered in Python; empty means the standard one."""
