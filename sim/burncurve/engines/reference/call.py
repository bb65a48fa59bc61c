"""One API call: what it needs, what it reads, how long it takes, and the row it leaves (mechanics M14-M19, M23)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simpy import Event

from burncurve.deployment import NO_LIMIT, Account, BrokenBills, CacheKind, Leg, Offer, Retention
from burncurve.draws import Table, draw, hits, look_up
from burncurve.engines import rules
from burncurve.engines.reference import luck
from burncurve.engines.reference.clock import Happening, Moment
from burncurve.engines.reference.context import Origin
from burncurve.engines.reference.session import CacheOf
from burncurve.errors import InputError, Problem
from burncurve.ledger import SCHEMA, Kind, Status

if TYPE_CHECKING:
    from burncurve.engines.reference import account as reference_account
    from burncurve.engines.reference.cache import Node
    from burncurve.engines.reference.task import Task

NONE = -1
LARGEST_RUN = 5_000_000 * len(SCHEMA.columns)
TOO_MANY = "more than 5 million calls in one replication"
NO_ORIGINS = (0, 0, 0, 0, 0, 0, 0)


class Call:
    """A call with its tries; `grows`: what it writes joins the context; `cached`: it may use the prompt cache."""

    __slots__ = (
        "account", "after", "answer", "asked_us", "attempt", "base_known", "cached", "grows", "is_side", "key", "kind",
        "leg", "node", "number", "offer", "ordinal", "output", "plan", "prompt", "read", "reasoning", "retry_after_us",
        "role", "task", "uses_cache", "warm", "withdrawn",
    )  # fmt: skip

    def __init__(
        self, task: Task, leg: Leg, kind: Kind, key: int, number: int, *, output: int, reasoning: int = 0,
        prompt: int = NONE, cached: bool = True, grows: bool = True, after: int = NONE, attempt: int = 0,
    ) -> None:  # fmt: skip
        self.task, self.leg, self.kind, self.key, self.number = task, leg, kind, key, number
        self.output, self.reasoning = output, reasoning
        self.prompt, self.is_side = (task.session.context.tokens, False) if prompt < 0 else (prompt, True)
        self.cached, self.grows, self.after = cached, grows, after
        self.attempt, self.base_known, self.plan, self.withdrawn = attempt, False, NONE, False
        self.role: int
        self.offer: Offer
        self.node: Node
        self.account: reference_account.Account
        self.answer: Happening
        self.ordinal = self.asked_us = self.warm = self.read = self.retry_after_us = 0

    def ask(self) -> Happening:
        """Ask the account; the event's value is the status of this try, of no meaning where it is withdrawn."""
        world, leg = self.task.world, self.leg
        self.asked_us = world.clock.now_us
        self.retry_after_us = 0
        self.ordinal = rules.ordinal(self.number, self.attempt)
        self.offer = world.deployment.offers[leg.offer]
        self.uses_cache = self.cached and _in_use(self.offer.cache.kind, self.task.retention)
        self.account = world.accounts[leg.account]
        self.answer = Happening(world.clock)
        self.account.request(self)
        return self.answer

    def look(self) -> None:
        """Look up how much of the prompt is warm right now."""
        self.warm = self._warm() if self.uses_cache else 0
        cache = self.offer.cache
        self.read = rules.read_tokens(self.warm, cache.block_tokens, cache.minimum_tokens)

    def _warm(self) -> int:
        session = self.task.session
        self.node = session.node(CacheOf(self.leg, self.task.agent.effort))
        warm = self.node.warm_prefix(self.prompt, self.task.world.clock.now_us)
        warm = max(warm, min(session.found, self.prompt))
        return self._hit(warm, session.context.base) if warm else 0

    def _hit(self, warm: int, base: int) -> int:
        """Return what is left of a warm prefix after a miss of the history or of the base (M15)."""
        misses, keys = self.task.agent.misses, self.task.keys_for(self.key)
        first = self.kind in (Kind.TURN, Kind.JUDGE) and self.task.first_of_user
        often = misses.user_turn if first else misses.tool_turn
        if luck.happens(misses.base, keys, luck.BASE_MISS, self.ordinal):
            return 0
        if warm > base and luck.happens(often, keys, luck.HISTORY_MISS, self.ordinal):
            return base
        return warm

    def needs(self, terms: Account) -> tuple[int, int, int, int]:
        """Return what this try takes from the account's buckets: requests, input, output, all tokens."""
        self.look()
        output, longest = self.output + self.reasoning, self.offer.max_output_tokens
        taken = self.prompt if terms.counts_cache_reads else self.prompt - self.read
        debited = longest if terms.debits_max_output and longest < NO_LIMIT else output
        return 1, taken, debited, self.prompt + output

    def refuse(self, retry_after_us: int) -> None:
        """Write the 429 down and let the client know."""
        self.retry_after_us = retry_after_us
        now = self.task.world.clock.now_us
        self.write(Status.REFUSED, (NONE, NONE, now))
        self._end(now, Status.REFUSED)

    @property
    def is_held(self) -> bool:
        """Whether a budget or a plan wants the call, whose turn has come, not to be made, or not by this offer."""
        return self.task.held(self)

    def withdraw(self) -> None:
        """Give the call back to its task, which decides anew; nothing has happened."""
        self.withdrawn = True
        self._end(self.task.world.clock.now_us, Status.STOPPED)

    def _end(self, at_us: int, status: Status) -> None:
        self.answer.happen_at(at_us, Moment.CALL_END, self.task.number, 0, status)

    def grant(self) -> None:
        """Serve the call: fix its times, bill it, touch the cache, and let it end."""
        now, offer, uncached = self.task.world.clock.now_us, self.offer, self.prompt - self.read
        factor = self._drawn(offer.time_factor, luck.TIME)
        treasury = self.task.world.treasury
        if treasury is not None:
            treasury.grant(self, self.task.purse, now)
        first = rules.first_token_us(
            uncached, self.read, offer.first_token_ns, offer.prefill_ns_per_token,
            offer.cached_prefill_ns_per_token, factor,
        )  # fmt: skip
        decode = rules.decode_us(self.output + self.reasoning, offer.decode_ns_per_token, factor)
        if offer.broken and hits(draw(self.key, luck.BROKEN, self.ordinal), offer.broken):
            end = self._break(now, first, decode)
            status = Status.ERROR
        else:
            end, status = now + first + decode, Status.OK
            self.write(status, (now, now + first, end), self._meters(), self.output, self.reasoning)
            self._touch(now, now + first, end)
        self._end(end, status)
        if self.account.terms.concurrent_calls:
            self.answer.callbacks.insert(1, self.account.release)
        if treasury is not None:
            self.answer.callbacks.insert(1, self._book)

    def _book(self, _: Event) -> None:
        treasury = self.task.world.treasury
        assert treasury is not None
        treasury.book(self, self.task.purse, self.task.world.clock.now_us)

    def _break(self, now: int, first: int, decode: int) -> int:
        """Let the call break at a drawn share of its time; return when."""
        cut = rules.share_of(first + decode, draw(self.key, luck.BREAK_AT, self.ordinal))
        reached = cut >= first
        streamed = 0
        if reached and self.offer.broken_bills == BrokenBills.ALL:
            streamed = (self.output + self.reasoning) * (cut - first) // decode if decode else 0
        meters = None if self.offer.broken_bills == BrokenBills.NOTHING else self._meters()
        reasoning = min(streamed, self.reasoning)
        times = (now, now + first if reached else NONE, now + cut)
        self.write(Status.ERROR, times, meters, streamed - reasoning, reasoning)
        if reached:
            self._touch(now, now + first, NONE)
        return now + cut

    def _drawn(self, table: Table, salt: int) -> int:
        return look_up(table, draw(self.key, salt, self.ordinal)) if table.kind else table.values[0]

    def _meters(self) -> tuple[int, int, int, int]:
        """Return input, cache read, five-minute write, one-hour write: disjoint, together the prompt."""
        rest, cache = self.prompt - self.read, self.offer.cache
        if not self.uses_cache or cache.kind != CacheKind.EXPLICIT or self.prompt < cache.minimum_tokens:
            return rest, self.read, 0, 0
        if self.task.retention == Retention.LONG:
            return 0, self.read, 0, rest
        return 0, self.read, rest, 0

    def _touch(self, now: int, readable_us: int, end_us: int) -> None:
        """Leave the prompt (and the output, where outputs are cached) in the cache, and as seen by the session."""
        session, cache = self.task.session, self.offer.cache
        if self.is_side:
            return
        session.context.seen, session.found = self.prompt, 0
        if not self.base_known:
            self.task.world.base_seen.add((session.base_agent, self.leg))
        if not self.uses_cache or self.prompt < cache.minimum_tokens:
            return
        long = cache.kind == CacheKind.EXPLICIT and self.task.retention == Retention.LONG
        expiry = now + self._drawn(cache.long_us if long else cache.short_us, luck.LIFE)
        self.node.touch(self.prompt, self.warm, now, readable_us, expiry)
        if cache.caches_output and self.grows and end_us >= 0:
            self.node.extend(self.context_after, end_us, expiry)

    @property
    def context_after(self) -> int:
        """Context of the session once this call has been answered."""
        if self.after >= 0:
            return self.after
        grown = sum(self.task.staying(self.output, self.reasoning)) if self.grows else 0
        return self.task.session.context.tokens + grown

    def write(
        self, status: Status, times: tuple[int, int, int], meters: tuple[int, int, int, int] | None = None,
        output: int = 0, reasoning: int = 0,
    ) -> None:  # fmt: skip
        """Append the row of this try, in the order of the ledger's columns."""
        task, world = self.task, self.task.world
        origins, fresh, fresh_agents = self._split() if meters else (NO_ORIGINS, 0, 0)
        after = self.context_after if status == Status.OK else task.session.context.tokens
        searches, task.searches = (task.searches, 0) if status == Status.OK else (0, task.searches)
        if len(world.rows) > LARGEST_RUN:
            raise InputError(Problem("scenario", TOO_MANY, "cap spawning, turns or the horizon"))
        world.rows.extend((
            *task.columns, task.turn, self.attempt, self.kind, *self.leg, *world.offer_columns[self.leg.offer],
            self.plan, status, self.asked_us, *times,
            *(meters or (0, 0, 0, 0)), output, reasoning, searches, after, *origins, fresh, fresh_agents,
        ))  # fmt: skip
        if world.treasury is not None and times[0] >= 0:
            billed = (*(meters or (0, 0, 0, 0)), output, reasoning, searches)
            world.treasury.take(self, task.purse, billed, times)

    def _split(self) -> tuple[Sequence[int], int, int]:
        """Return the prompt by origin, how much of it is fresh, and how much of that came from agents."""
        if self.is_side:
            return (0, self.prompt, 0, 0, 0, 0, 0), self.prompt, 0
        session, context = self.task.session, self.task.session.context
        base_known = self.base_known = (session.base_agent, self.leg) in self.task.world.base_seen
        known = max(context.seen, context.base if base_known else 0, self.read)
        tail = context.tokens - max(known, context.base)
        hidden_base = context.base if not base_known and self.read == 0 else 0
        fresh = tail + hidden_base
        return context.by_origin, fresh, context.tail_from(Origin.AGENTS, tail)


def _in_use(kind: CacheKind, retention: Retention) -> bool:
    """Say whether prompts are cached: explicit caches only where the client asks for it."""
    return kind == CacheKind.AUTOMATIC or (kind == CacheKind.EXPLICIT and retention != Retention.OFF)
