"""Bounds of an agent's context that contradict each other, or that a policy could never get below.

Engines compact where context + reserve exceeds `at`, slide and clear where the context alone does; what
a compaction leaves (base, kept recent tokens, summary, restored files) must stay below that.
"""

from __future__ import annotations

from collections.abc import Iterator

from burncurve.scenario.models import Agent

Found = Iterator[tuple[tuple[str, ...], str, str]]
"""Path below the agent, what is wrong, remedy."""

UNBOUNDED = 1 << 62


def rules(agent: Agent) -> Found:
    """Yield what contradicts itself in the bounds of an agent's context."""
    window = agent.window or UNBOUNDED
    if agent.reserve >= window:
        yield ("reserve",), "takes up the whole window", "keep less free"
    base = agent.base.expected()
    at = {"compact": agent.compact, "slide": agent.slide, "clear": agent.clear}
    for field, policy in at.items():
        if policy and policy.at > window:
            what = f"{policy.at:,} is above the window, {window:,}: it would never act"
            yield (field, "at"), what, "lower it, or widen the window"
        if policy and base >= policy.at:
            what = f"{policy.at:,} is not above the base alone, {base:,.0f}: it would act before every call"
            yield (field, "at"), what, "raise it above the base"
    yield from _compaction(agent)
    if agent.slide and agent.slide.to >= agent.slide.at:
        yield ("slide", "to"), f"{agent.slide.to:,} is not below at, {agent.slide.at:,}", "leave less"


def _compaction(agent: Agent) -> Found:
    compact = agent.compact
    if compact is None or agent.base.expected() >= compact.at:
        return
    limit = compact.at - agent.reserve
    less = f"at less the reserve, {limit:,}" if agent.reserve else f"at, {limit:,}"
    left = left_by_compaction(agent)
    if compact.keep >= limit:
        yield ("compact", "keep"), f"{compact.keep:,} is not below {less}", "keep less"
    elif left >= limit:
        what = f"base, keep, summary and restore come to {left:,.0f} in the mean, not below {less}"
        yield ("compact", "at"), f"{what}: it would act before every call", "raise at, or leave less behind"


def left_by_compaction(agent: Agent) -> float:
    """Return the tokens of the context after a compaction, in the mean; 0 for an agent that does none."""
    if agent.compact is None:
        return 0.0
    compact = agent.compact
    return agent.base.expected() + compact.keep + compact.summary.expected() + compact.restore.expected()
