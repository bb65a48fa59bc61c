"""Whether what a compaction leaves behind fits below its threshold under the window of each offer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from burncurve.deploy.facts import UNBOUNDED, Facts
from burncurve.engines.rules import threshold
from burncurve.errors import Problem
from burncurve.scenario.contexts import left_by_compaction

if TYPE_CHECKING:
    from burncurve.scenario.models import Agent, Scenario


def window_problems(
    scenario: Scenario, deployment: str, served: Mapping[str, Facts], legs: Mapping[str, Iterable[str]]
) -> Iterator[Problem]:
    """Yield a problem for each agent and offer under which a compaction would repeat before every call.

    Thresholds are held to the window in force (engines.rules.threshold); sizes are in the offer's tokens.
    """
    for name, agent in scenario.agents.items():
        for offer in legs.get(agent.role, ()) if agent.compact else ():
            what = _too_tight(agent, served[offer])
            if what:
                where = scenario.where("deployments", deployment, "roles", agent.role)
                remedy = f"another offer for the role `{agent.role}`, a smaller base, or leave less behind"
                yield Problem(where, f"agents.{name}.compact under `{offer}`: {what}", remedy)


def _too_tight(agent: Agent, facts: Facts) -> str:
    """Return what is wrong with the agent's compaction under an offer, nothing where it fits."""
    if agent.compact is None:
        return ""
    window = min(facts.window_tokens, agent.window or UNBOUNDED)
    limit = threshold(agent.compact.at, agent.window or 0, window) - agent.reserve
    scale = facts.number("tokenizer_factor")
    left = agent.compact.keep + scale * (left_by_compaction(agent) - agent.compact.keep)
    if left < limit:
        return ""
    told = f"with its window of {facts.window_tokens:,} tokens it sets in above {limit:,} and leaves {left:,.0f}"
    return f"{told} in the mean: it would act before every call"
