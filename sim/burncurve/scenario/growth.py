"""How large the tree of tasks below a root is expected to be, and whether it ends at all.

A rule starts m = probability x mean count x turns on which it may act children per task. Generation by
generation n[d+1][child] = sum over rules of n[d][parent] * m; a tree whose generations do not shrink
and that no depth cuts off grows without bound (branching process, mean of 1 or more).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from burncurve.scenario.models import Agent, Quantity, Spawn

MOST_TASKS = 1_000_000
"""Of one root: each is a few hundred bytes of memory while its calls are played."""
MOST_GENERATIONS = 1_100
"""Above the greatest depth a rule may have, so that what still lives then has no end."""
MOST_COUNTED = 1e12
"""A tree that has grown beyond this many tasks is not followed further."""
_SPAN = 100
_SHRINKS = 0.99
_NOTHING = 1e-9

Found = Iterator[tuple[tuple[str | int, ...], str, str]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A spawn rule with the mean number of children it starts per task."""

    parent: str
    place: int
    child: str
    mean: float
    depth: int | None


@dataclass(frozen=True, slots=True)
class Tree:
    """Expected tasks below one root of each start (`tasks`), growth of the last generation, and whether it ends."""

    tasks: float
    ratio: float
    ends: bool


def _most(quantity: Quantity[float]) -> float:
    """Return the mean, of a range (not known better) its upper end."""
    return quantity.quantile(0.0, upper=True) if quantity.range is not None else quantity.expected()


def _turns(agent: Agent, rule: Spawn) -> float:
    """Return on how many turns of a task a rule may act, at most in the mean."""
    if rule.on_turn:
        return len(set(rule.on_turn))
    extra = _most(agent.loop.probability) * _most(agent.loop.extra_turns) if agent.loop else 0.0
    turns = max(_most(agent.turns), _most(agent.first_turns or agent.turns))
    return min(turns + extra, agent.step_cap)


def rules(agents: Mapping[str, Agent]) -> list[Rule]:
    """Return the rules between known agents, with means cut to the cap on children per task."""
    found = []
    for name, agent in agents.items():
        means: list[float] = [min(_most(r.probability), 1.0) * _most(r.count) * _turns(agent, r) for r in agent.spawn]
        total = math.fsum(means)
        cut = min(1.0, agent.children_cap / total) if agent.children_cap and total else 1.0
        for place, (rule, mean) in enumerate(zip(agent.spawn, means, strict=True)):
            if rule.agent in agents:
                found.append(Rule(name, place, rule.agent, mean * cut, rule.depth))
    return found


def tree(given: Iterable[Rule], starts: Iterable[str]) -> Tree:
    """Return how the tree below one root task of each start grows, in the mean."""
    by_parent: dict[str, list[Rule]] = {}
    for rule in given:
        by_parent.setdefault(rule.parent, []).append(rule)
    generation = dict.fromkeys(starts, 1.0)
    sizes = [float(len(generation))]
    for depth in range(1, MOST_GENERATIONS + 1):
        children: dict[str, float] = {}
        for parent, number in generation.items():
            for rule in by_parent.get(parent, ()):
                if rule.depth is None or depth <= rule.depth:
                    children[rule.child] = children.get(rule.child, 0.0) + number * rule.mean
        sizes.append(sum(children.values()))
        if sizes[-1] < _NOTHING or not math.isfinite(sizes[-1]) or sum(sizes) > MOST_COUNTED:
            return Tree(sum(sizes), _ratio(sizes), sizes[-1] < _NOTHING)
        generation = children
    return Tree(sum(sizes), _ratio(sizes), sizes[-1] < sizes[-1 - _SPAN] * _SHRINKS)


def _ratio(sizes: list[float]) -> float:
    return sizes[-1] / sizes[-2] if sizes[-2] else 0.0


def _recurs(given: list[Rule]) -> list[Rule]:
    """Return the rules without depth whose child can lead back to their parent."""
    reach: dict[str, set[str]] = {}
    children: dict[str, set[str]] = {}
    for rule in given:
        children.setdefault(rule.parent, set()).add(rule.child)
    for rule in given:
        if rule.child not in reach:
            reach[rule.child] = _reachable(rule.child, children)
    return [rule for rule in given if rule.depth is None and rule.parent in reach[rule.child]]


def _reachable(start: str, children: Mapping[str, set[str]]) -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in seen:
                seen.add(child)
                waiting.append(child)
    return seen


def growth(agents: Mapping[str, Agent], starts: Iterable[str]) -> Found:
    """Yield path, what is wrong and remedy where the tree of tasks has no end or is too large."""
    given = rules(agents)
    grown = tree(given, [name for name in dict.fromkeys(starts) if name in agents])
    if grown.ends and grown.tasks <= MOST_TASKS:
        return
    endless = _recurs(given)
    worst = max(endless or given, key=lambda rule: rule.mean)
    path = ("agents", worst.parent, "spawn", worst.place)
    name = f"agents.{worst.parent}.spawn.{worst.place}"
    said = f"{worst.mean:,.3g} {worst.child} expected per task, each generation {grown.ratio:,.3g} times the last"
    if endless:
        remedy = "give the rule a depth, or lower its probability or count until a task starts less than one child"
        yield path, f"{name}: can grow without bound: {said}", remedy
    else:
        number = f"{grown.tasks:,.0f}" if grown.tasks <= MOST_COUNTED else f"more than {MOST_COUNTED:,.0f}"
        what = f"{name}: grows to {number} tasks expected for one root, at most {MOST_TASKS:,}: {said}"
        yield path, what, "lower depth, probability or count, or set children_cap"
