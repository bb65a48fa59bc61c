"""The stock monitor written as most people write SimPy: the yardstick of the reference engine.

The model of scenarios/openclaw-stock-monitor.yaml on Claude Opus 4.6, with the same mechanics: a beat every five
minutes in one long session (skipped while busy), twenty tickers of which five work at once and whose results are
announced one by one, tools, loops, compaction, the prompt cache with its lifetime and misses, the rate limits
of a tier-2 account, and every column of the ledger. It uses what SimPy offers for each: a process per task,
Resource for places, Container for token buckets, Store for results; a list of dicts becomes a DataFrame at the end.
Nothing in it is slow on purpose: one timeout per call and per tool, scalar draws from `random`, totals kept up to
date instead of summed anew.
"""

from __future__ import annotations

import math
import random
from collections.abc import Generator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pandas as pd
import simpy

OFFER, ACCOUNT = "anthropic/claude-opus-4.6", "anthropic"
HORIZON_S, CLOSE_S, BEAT_S = 8 * 3600.0, 6.5 * 3600.0, 300.0
TICKERS, ACTIVE, BRIEF, RESULT = 20, 5, 500, 1_500
COMPACT_AT, KEEP = 180_000, 20_000
CACHE_TTL_S, CACHE_MINIMUM = 300.0, 4_096
REQUESTS_PER_MINUTE, INPUT_PER_MINUTE, OUTPUT_PER_MINUTE = 1_000, 450_000, 90_000
FIRST_TOKEN_S, PREFILL_S, DECODE_S = 1.7, 0.0002, 1 / 70
ORIGINS = ("base", "user", "output", "reasoning", "tools", "agents", "summary")

Process = Generator[simpy.Event, Any, None]


@dataclass(frozen=True)
class Lognormal:
    """A lognormal by median and sigma, clipped."""

    median: float
    sigma: float
    low: float
    high: float

    def draw(self, rng: random.Random) -> float:
        return min(max(self.median * math.exp(rng.gauss(0, self.sigma)), self.low), self.high)


@dataclass(frozen=True)
class Agent:
    """A kind of worker."""

    name: str
    base: int
    turns: Lognormal
    output: Lognormal
    tool_result: Lognormal
    tool_time_s: Lognormal
    miss_user: float = 0.0
    miss_tool: float = 0.0


OUTPUT = Lognormal(211, 1.34, 1, 32_000)
ASSISTANT = Agent(
    "assistant",
    17_600,
    Lognormal(4, 0.5, 1, 40),
    OUTPUT,
    Lognormal(800, 1.2, 0, 16_000),
    Lognormal(0.32, 2.83, 0.001, 600),
    0.10,
    0.01,
)
TICKER = Agent(
    "ticker",
    14_000,
    Lognormal(6, 0.6, 1, 60),
    OUTPUT,
    Lognormal(1_500, 1.0, 0, 16_000),
    Lognormal(2, 1.2, 0.01, 600),
)
SUMMARY = Lognormal(3_000, 0.4, 1, 32_000)
SESSION_FACTOR = Lognormal(1, 0.3, 0, 10)


@dataclass
class Session:
    """A conversation: its pieces in order, totals by origin, and what was not sent yet."""

    number: int
    agent: Agent
    verbosity: float = 1.0
    pieces: list[tuple[str, int]] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ORIGINS, 0))
    context: int = 0
    fresh: int = 0
    fresh_agents: int = 0
    requests: int = 0
    busy: bool = False

    def append(self, origin: str, tokens: int) -> None:
        if tokens:
            self.pieces.append((origin, tokens))
            self.totals[origin] += tokens
            self.context += tokens
            self.fresh += tokens
            if origin == "agents":
                self.fresh_agents += tokens


@dataclass
class Task:
    """The work on one request."""

    number: int
    session: Session
    parent: int
    depth: int
    request: int


class Monitor:
    """The whole model; `rows` fills while it runs."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.env = simpy.Environment()
        self.requests = simpy.Container(self.env, REQUESTS_PER_MINUTE, REQUESTS_PER_MINUTE)
        self.input = simpy.Container(self.env, INPUT_PER_MINUTE, INPUT_PER_MINUTE)
        self.output = simpy.Container(self.env, OUTPUT_PER_MINUTE, OUTPUT_PER_MINUTE)
        self.cache: dict[tuple[str, object], tuple[int, float, float]] = {}
        self.sent_bases: set[str] = set()
        self.rows: list[dict[str, object]] = []
        self.session_numbers, self.task_numbers = count(), count()
        self.refilling = False
        self.loop_probability = self.rng.triangular(0.0, 0.05, 0.01)

    def run(self) -> pd.DataFrame:
        self.env.process(self.beats())
        self.env.run(until=HORIZON_S)
        return pd.DataFrame(self.rows)

    def refill(self) -> Process:
        """Top the buckets up once a second, only for as long as something is missing."""
        self.refilling = True
        short = [self.requests, self.input, self.output]
        while short:
            yield self.env.timeout(1)
            for bucket in short:
                bucket.put(min(bucket.capacity - bucket.level, bucket.capacity / 60))
            short = [bucket for bucket in (self.requests, self.input, self.output) if bucket.level < bucket.capacity]
        self.refilling = False

    def open_session(self, agent: Agent) -> Session:
        session = Session(next(self.session_numbers), agent)
        session.append("base", agent.base)
        if agent.name in self.sent_bases:
            session.fresh = 0
        self.sent_bases.add(agent.name)
        return session

    def beats(self) -> Process:
        main = self.open_session(ASSISTANT)
        main.verbosity = SESSION_FACTOR.draw(self.rng)
        main.append("user", 20_000)
        while self.env.now < CLOSE_S:
            if not main.busy:
                self.env.process(self.beat(main))
            yield self.env.timeout(BEAT_S)

    def beat(self, main: Session) -> Process:
        main.busy = True
        main.append("user", 600)
        task = Task(next(self.task_numbers), main, -1, 0, main.requests)
        main.requests += 1
        results = simpy.Store(self.env)
        turns = round(ASSISTANT.turns.draw(self.rng))
        for turn in range(1, turns + 1):
            yield from self.turn(task, turn, "turn")
            if turn == 1:
                self.spawn(task, results)
            if turn < turns:
                yield from self.tool(task)
            if turn == 1:
                for _ in range(TICKERS):
                    result = yield results.get()
                    main.append("agents", result)
                    yield from self.turn(task, turn, "announce")
        main.busy = False

    def spawn(self, parent: Task, results: simpy.Store) -> None:
        places = simpy.Resource(self.env, ACTIVE)
        for _ in range(TICKERS):
            self.env.process(self.ticker(parent, places, results))

    def ticker(self, parent: Task, places: simpy.Resource, results: simpy.Store) -> Process:
        with places.request() as place:
            yield place
            session = self.open_session(TICKER)
            session.append("agents", BRIEF)
            task = Task(next(self.task_numbers), session, parent.number, 1, 0)
            turns = round(TICKER.turns.draw(self.rng))
            if self.rng.random() < self.loop_probability:
                turns += int(math.log(1 - self.rng.random()) / math.log(1 - 1 / 11))
            for turn in range(1, turns + 1):
                yield from self.turn(task, turn, "turn")
                if turn < turns:
                    yield from self.tool(task)
        results.put(RESULT)

    def tool(self, task: Task) -> Process:
        agent = task.session.agent
        yield self.env.timeout(agent.tool_time_s.draw(self.rng))
        task.session.append("tools", round(agent.tool_result.draw(self.rng)))

    def turn(self, task: Task, turn: int, kind: str) -> Process:
        session = task.session
        if session.context > COMPACT_AT:
            summary = round(SUMMARY.draw(self.rng))
            yield from self.call(task, turn, "compaction", summary)
            self.compact(session, summary)
        output = round(session.agent.output.draw(self.rng) * session.verbosity)
        yield from self.call(task, turn, kind, max(output, 1))
        session.append("output", max(output, 1))

    def compact(self, session: Session, summary: int) -> None:
        kept, room = [], KEEP
        for origin, tokens in reversed(session.pieces[1:]):
            if room <= 0:
                break
            kept.append((origin, min(tokens, room)))
            room -= tokens
        session.pieces, session.totals, session.context = [], dict.fromkeys(ORIGINS, 0), 0
        session.append("base", session.agent.base)
        for origin, tokens in reversed(kept):
            session.append(origin, tokens)
        session.fresh = session.fresh_agents = 0
        session.append("summary", summary)
        self.cache.pop(("session", session.number), None)

    def cached(self, session: Session, user_turn: bool) -> int:
        """Return the tokens of the longest warm prefix: the session's history, or else its agent's base."""
        now, agent = self.env.now, session.agent
        missed = self.rng.random() < (agent.miss_user if user_turn else agent.miss_tool)
        for key in (("session", session.number), ("base", agent.name)):
            tokens, readable_s, expiry_s = self.cache.get(key, (0, 0.0, 0.0))
            if tokens >= CACHE_MINIMUM and readable_s <= now < expiry_s and not (missed and key[0] == "session"):
                return tokens
        return 0

    def remember(self, session: Session, prompt: int, read: int, first_token_s: float) -> None:
        expiry_s = self.env.now + CACHE_TTL_S
        base = ("base", session.agent.name)
        readable_s = self.cache[base][1] if read else first_token_s
        self.cache[base] = (session.agent.base, readable_s, expiry_s)
        self.cache[("session", session.number)] = (prompt, first_token_s, expiry_s)

    def call(self, task: Task, turn: int, kind: str, output: int) -> Process:
        session, request_s = task.session, self.env.now
        yield self.requests.get(1)
        prompt = session.context
        read = self.cached(session, user_turn=turn == 1 and kind == "turn" and task.depth == 0)
        yield self.input.get(min(max(prompt - read, 1), INPUT_PER_MINUTE))
        yield self.output.get(min(output, OUTPUT_PER_MINUTE))
        if not self.refilling:
            self.env.process(self.refill())
        grant_s = self.env.now
        first_token_s = grant_s + FIRST_TOKEN_S + (prompt - read) * PREFILL_S
        end_s = first_token_s + output * DECODE_S
        self.remember(session, prompt, read, first_token_s)
        self.write(task, turn, kind, (request_s, grant_s, first_token_s, end_s), prompt, read, output)
        session.fresh = session.fresh_agents = 0
        yield self.env.timeout(end_s - grant_s)

    def write(
        self, task: Task, turn: int, kind: str, times_s: tuple[float, ...], prompt: int, read: int, output: int
    ) -> None:
        session = task.session
        totals = session.totals
        self.rows.append(
            {
                "replication": 0,
                "session": session.number,
                "task": task.number,
                "parent": task.parent,
                "depth": task.depth,
                "agent": session.agent.name,
                "request": task.request,
                "task_attempt": 0,
                "turn": turn,
                "attempt": 0,
                "kind": kind,
                "offer": OFFER,
                "account": ACCOUNT,
                "region": "",
                "service_tier": "standard",
                "plan": "",
                "status": "ok",
                "request_us": int(times_s[0] * 1e6),
                "grant_us": int(times_s[1] * 1e6),
                "first_token_us": int(times_s[2] * 1e6),
                "end_us": int(times_s[3] * 1e6),
                "input": 0,
                "cache_read": read,
                "cache_write_5m": prompt - read,
                "cache_write_1h": 0,
                "output": output,
                "reasoning": 0,
                "web_searches": 0,
                "context_after": session.context + (output if kind != "compaction" else 0),
                "from_base": totals["base"],
                "from_user": totals["user"],
                "from_output": totals["output"],
                "from_reasoning": totals["reasoning"],
                "from_tools": totals["tools"],
                "from_agents": totals["agents"],
                "from_summary": totals["summary"],
                "fresh": session.fresh,
                "fresh_agents": session.fresh_agents,
            }
        )


def play(seed: int) -> pd.DataFrame:
    """Run one day of the stock monitor and return its ledger, one row per call."""
    return Monitor(seed).run()


if __name__ == "__main__":
    ledger = play(1)
    print(f"{len(ledger):,} calls")
    print(ledger[["cache_read", "cache_write_5m", "output"]].sum().to_string())
