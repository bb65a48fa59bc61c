"""Agents, their tools and their spawn rules, as the engines play them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate

from burncurve.draws import ALWAYS, salt_of
from burncurve.prepare.quantities import Preparer
from burncurve.scenario import models
from burncurve.words import Reasoning
from burncurve.workload import (
    Agent,
    Clear,
    Compaction,
    Each,
    Join,
    Loop,
    Misses,
    Per,
    SideCall,
    Slide,
    Spawn,
    Tool,
    Tools,
    fixed,
)

JOINS = {"wait": Join.WAIT, "announce": Join.ANNOUNCE, "background": Join.BACKGROUND}
EACHES = {"request": (Each.REQUEST, Per.REQUEST), "turn": (Each.TURN, Per.TURN)}
KEPT = {"keep": Reasoning.KEEP, "until_user": Reasoning.UNTIL_USER, "drop": Reasoning.DROP}
NO_CAP = 1 << 40
DEEPEST = 5
"""Depth of a spawn rule that says nothing, as workload.Spawn has it."""

Path = tuple[str | int, ...]


class AgentPreparer:
    """Prepares one agent; salts are its name and the names of its parts, so that order and neighbours do not matter."""

    def __init__(self, name: str, scenario: models.Scenario, roles: Sequence[str], preparer: Preparer) -> None:
        self.name, self.scenario, self.preparer = name, scenario, preparer
        self.given = scenario.agents[name]
        self.path: Path = ("agents", name)
        self.salt = f"agents/{name}"
        self.roles = {role: place for place, role in enumerate(roles)}
        self.agents = {agent: place for place, agent in enumerate(scenario.agents)}
        self.tokens, self.chance = preparer.whole, preparer.probability

    def agent(self) -> Agent:
        """Return the workload's agent."""
        given, path, salt, tokens = self.given, self.path, self.salt, self.tokens
        return Agent(
            name=self.name,
            role=self.roles[given.role],
            base=tokens((*path, "base"), f"{salt}/base", given.base, Per.RUN),
            turns=tokens((*path, "turns"), f"{salt}/turns", given.turns, Per.REQUEST),
            first_turns=None
            if given.first_turns is None
            else tokens((*path, "first_turns"), f"{salt}/first_turns", given.first_turns, Per.REQUEST),
            output=tokens((*path, "output"), f"{salt}/output", given.output, Per.TURN),
            history=tokens((*path, "history"), f"{salt}/history", given.history, Per.SESSION),
            message=tokens((*path, "message"), f"{salt}/message", given.message, Per.REQUEST),
            reasoning=tokens((*path, "reasoning"), f"{salt}/reasoning", given.reasoning, Per.TURN),
            result=tokens((*path, "result"), f"{salt}/result", given.result, Per.REQUEST),
            window_tokens=given.window or 0,
            reserve_tokens=given.reserve,
            step_cap=given.step_cap,
            children_cap=given.children_cap,
            timeout_us=given.timeout,
            reasoning_kept=None if given.reasoning_kept is None else KEPT[given.reasoning_kept],
            tools=self._tools(given.tools) if given.tools else None,
            sides=tuple(self._sides()),
            spawns=tuple(self._spawns()),
            loop=self._loop(given.loop) if given.loop else None,
            misses=self._misses(),
            base_change=self.chance((*path, "base_change"), f"{salt}/base_change", given.base_change, Per.REQUEST),
            compaction=self._compaction(given.compact) if given.compact else None,
            slide=Slide(given.slide.at, given.slide.to) if given.slide else None,
            clear=Clear(given.clear.at, given.clear.keep, given.clear.at_least) if given.clear else None,
            judge=given.judge,
            effort=given.effort or "",
            behaviour=given.behaviour,
        )

    def _tools(self, given: models.ToolUse) -> Tools:
        path, salt = (*self.path, "tools"), f"{self.salt}/tools"
        weights = given.mix or {}
        own = (
            () if given.mix else (self._tool("tool", path, salt, given.result, given.time, given.cap, given.searches),)
        )
        shared = (self._shared_tool(name) for name in weights)
        return Tools(
            calls=self.tokens((*path, "calls"), f"{salt}/calls", given.calls, Per.TURN),
            choices=(*own, *shared),
            thresholds=cumulative(tuple(weights.values()) or (1,)),
            salt=salt_of(salt),
            parallel=given.parallel,
        )

    def _shared_tool(self, name: str) -> Tool:
        given = self.scenario.tools[name]
        return self._tool(name, ("tools", name), f"tools/{name}", given.result, given.time, given.cap, given.searches)

    def _tool(
        self,
        name: str,
        path: Path,
        salt: str,
        result: models.Quantity | None,
        time: models.Quantity | None,
        cap: int | None,
        searches: int,
    ) -> Tool:
        return Tool(
            name=name,
            result=self.tokens((*path, "result"), f"{salt}/result", result, Per.TURN) if result else fixed(0),
            time_us=self.tokens((*path, "time"), f"{salt}/time", time, Per.TURN) if time else fixed(0),
            cap_tokens=NO_CAP if cap is None else cap,
            searches=searches,
        )

    def _sides(self) -> Iterator[SideCall]:
        for place, given in enumerate(self.given.side_calls):
            path, salt = (*self.path, "side_calls", place), f"{self.salt}/side_calls/{given.name}"
            each, finest = EACHES[given.each]
            yield SideCall(
                name=given.name,
                role=self.roles[given.role or self.given.role],
                each=each,
                prompt=self.tokens((*path, "prompt"), f"{salt}/prompt", given.prompt, finest),
                output=self.tokens((*path, "output"), f"{salt}/output", given.output, finest),
                salt=salt_of(salt),
            )

    def _spawns(self) -> Iterator[Spawn]:
        """Yield the spawn rules; the salt of one is its child's name, numbered from the second rule for it on."""
        seen: Counter[str] = Counter()
        for place, given in enumerate(self.given.spawn):
            seen[given.agent] += 1
            salt = f"{self.salt}/spawn/{given.agent}/{seen[given.agent]}"
            path = (*self.path, "spawn", place)
            yield Spawn(
                child=self.agents[given.agent],
                salt=salt_of(salt),
                probability=self.chance((*path, "probability"), f"{salt}/probability", given.probability, Per.TURN),
                count=self.tokens((*path, "count"), f"{salt}/count", given.count, Per.TURN),
                brief=self.tokens((*path, "brief"), f"{salt}/brief", given.brief, Per.TURN),
                join=JOINS[given.join],
                on_turns=tuple(sorted(set(given.on_turn))),
                active=given.active,
                depth=DEEPEST if given.depth is None else given.depth,
                fork=given.context == "fork",
            )

    def _loop(self, given: models.Loop) -> Loop:
        path, salt = (*self.path, "loop"), f"{self.salt}/loop"
        return Loop(
            probability=self.chance((*path, "probability"), f"{salt}/probability", given.probability, Per.REQUEST),
            extra_turns=self.tokens((*path, "extra_turns"), f"{salt}/extra_turns", given.extra_turns, Per.REQUEST),
            guard=self.given.step_cap if given.guard is None else given.guard,
        )

    def _misses(self) -> Misses:
        path, salt, given = (*self.path, "misses"), f"{self.salt}/misses", self.given.misses
        return Misses(
            user_turn=self.chance((*path, "user_turn"), f"{salt}/user_turn", given.user_turn, Per.TURN),
            tool_turn=self.chance((*path, "tool_turn"), f"{salt}/tool_turn", given.tool_turn, Per.TURN),
            base=self.chance((*path, "base"), f"{salt}/base", given.base, Per.TURN),
        )

    def _compaction(self, given: models.Compact) -> Compaction:
        path, salt = (*self.path, "compact"), f"{self.salt}/compact"
        return Compaction(
            at_tokens=given.at,
            keep_tokens=given.keep,
            summary=self.tokens((*path, "summary"), f"{salt}/summary", given.summary, Per.TURN),
            restore=self.tokens((*path, "restore"), f"{salt}/restore", given.restore, Per.TURN),
            reuse_prefix=given.reuse,
            flush=given.flush,
        )


def cumulative(weights: Sequence[float]) -> tuple[int, ...]:
    """Return cumulative thresholds in 2**-62 of the weights, exact to half a step; the last is certain."""
    exact = [Fraction(weight) for weight in weights]
    total = sum(exact)
    return tuple(round(share * ALWAYS / total) for share in accumulate(exact))
