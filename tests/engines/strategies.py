"""Drawn workloads and deployments, small and full of ties: whole seconds, zero delays, arrivals at one moment.

`cases()` covers every field of a workload and a deployment; `happened.py` names what came of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st

from burncurve.deployment import (
    NO_LIMIT,
    UNKNOWN,
    Account,
    BrokenBills,
    CacheKind,
    CacheRule,
    Deployment,
    Leg,
    Offer,
    Retention,
    Retry,
    Route,
)
from burncurve.draws import ALWAYS, CERTAIN, Table, TableKind, constant, salt_of
from burncurve.prepare.tables import table_of
from burncurve.scenario.kinds import Gamma
from burncurve.words import PPM, Reasoning
from burncurve.workload import (
    NEVER,
    SURE,
    Agent,
    Clear,
    Compaction,
    Each,
    Factor,
    Join,
    Loop,
    Misses,
    Overlap,
    Per,
    Quantity,
    Renewal,
    Reset,
    SideCall,
    Slide,
    Spawn,
    Tool,
    Tools,
    Trigger,
    Users,
    Workload,
    fixed,
)

from .build import S

ENDLESS = 1 << 52  # a horizon at which everything has long come to its end
HALF_AND_DOUBLE = Table(TableKind.STEPS, (PPM // 2, PPM, 2 * PPM), (ALWAYS // 3, 2 * (ALWAYS // 3), ALWAYS))
SHARES = (0, CERTAIN // 5, CERTAIN // 2, CERTAIN)
Draw = Any  # what a composite strategy draws with
T = TypeVar("T")


@cache
def _upto(most: int) -> st.SearchStrategy[int]:
    return st.integers(0, most)


def pick(draw: Draw, *options: T) -> T:
    """Draw one of the options; the first is the simplest. Plain functions, for speed: a case is 300 draws."""
    return options[draw(_upto(len(options) - 1))]


def number(draw: Draw, low: int, high: int) -> int:
    return low + draw(_upto(high - low))


def seldom(draw: Draw) -> bool:
    return pick(draw, False, False, True)


@dataclass(frozen=True)
class Case:
    """A workload and a deployment that fits it."""

    workload: Workload
    deployment: Deployment


@cache
def _spread(mean: int) -> Table:
    return table_of(Gamma[float](mean=float(mean), shape=0.7))


@cache
def _even(values: tuple[int, ...]) -> Table:
    ends = [(i + 1) * (ALWAYS // len(values)) for i in range(len(values) - 1)]
    return Table(TableKind.STEPS, values, (*ends, ALWAYS))


def quantities(draw: Draw, name: str, *values: int, finest: Per = Per.TURN, spread: int = 0) -> Quantity:
    """Draw a quantity of these values: constant, stepped at any level, smooth, with a factor, or held in bounds."""
    shape = pick(draw, "constant", "constant", "stepped", "factor", "bounded", "smooth" if spread else "constant")
    if shape == "constant":
        return fixed(pick(draw, *values))
    per, salt = pick(draw, *[level for level in Per if level >= finest]), salt_of(name)
    if shape == "smooth":
        return Quantity(_spread(spread), per, salt, high=4 * spread)
    table = _even(tuple(sorted(set(values)))) if len(set(values)) > 1 else constant(values[0])
    if shape == "factor":
        level = pick(draw, *[level for level in Per if level >= per])
        times = (Factor(HALF_AND_DOUBLE, level, salt_of(f"{name} factor")),)
        return Quantity(table, per, salt, times, high=2 * max(values))
    if shape == "bounded":
        ordered = sorted(set(values))
        return Quantity(table, per, salt, low=ordered[len(ordered) // 4], high=ordered[len(ordered) // 2])
    return Quantity(table, per, salt)


def chances(draw: Draw, name: str, often: bool = False) -> Quantity:
    """Draw a probability: never, sure, fixed, or drawn itself."""
    if not often and pick(draw, False, True):
        return NEVER
    kind = pick(draw, "sure", "fixed", "fixed", "drawn")
    if kind == "drawn":
        return Quantity(_even(SHARES), pick(draw, *[Per.REQUEST, Per.SESSION, Per.RUN]), salt_of(name))
    return SURE if kind == "sure" else fixed(pick(draw, *SHARES[1:]))


def durations(draw: Draw, name: str, finest: Per = Per.TURN) -> Quantity:
    return quantities(draw, name, 0, S, 2 * S, 7 * S, 400 * S, finest=finest)


def tool_sets(draw: Draw, name: str) -> Tools:
    some = number(draw, 1, 3)
    choices = tuple(
        Tool(
            f"tool {i}",
            quantities(draw, f"{name} result {i}", 0, 7, 40, 300, spread=60),
            durations(draw, f"{name} time {i}"),
            cap_tokens=pick(draw, 1 << 40, 30),
            searches=number(draw, 0, 2),
        )
        for i in range(some)
    )
    calls = quantities(draw, f"{name} tools", 0, 1, 2, 3)
    thresholds = (*((i + 1) << 60 for i in range(some - 1)), ALWAYS)
    return Tools(calls, choices, thresholds, salt_of(f"{name} which tool"), pick(draw, False, True))


def spawns(draw: Draw, name: str, agents: int) -> Spawn:
    return Spawn(
        child=number(draw, 0, agents - 1),
        salt=salt_of(f"{name} spawn"),
        probability=chances(draw, f"{name} spawn often", often=True),
        count=quantities(draw, f"{name} spawn count", 1, 2, 3),
        brief=quantities(draw, f"{name} brief", 0, 5, 50),
        join=pick(draw, *Join),
        on_turns=pick(draw, (), (1,), (1, 2), (2,)),
        active=pick(draw, 0, 1, 2),
        depth=number(draw, 1, 2),
        fork=pick(draw, False, True, True),
    )


def sides(draw: Draw, name: str, roles: int) -> SideCall:
    sizes = (quantities(draw, f"{name} side {part}", 0, 3, 60) for part in ("prompt", "output"))
    return SideCall("side", number(draw, 0, roles - 1), pick(draw, *Each), *sizes, salt=salt_of(f"{name} side"))


def compactions(draw: Draw, name: str) -> Compaction:
    return Compaction(
        at_tokens=pick(draw, 40, 100, 400),
        keep_tokens=pick(draw, 0, 15, 90),
        summary=quantities(draw, f"{name} summary", 1, 20),
        restore=quantities(draw, f"{name} restore", 0, 12),
        reuse_prefix=pick(draw, False, True),
        flush=pick(draw, False, True),
    )


def slides(draw: Draw) -> Slide:
    return Slide(at_tokens=pick(draw, 60, 150, 500), to_tokens=pick(draw, 0, 30, 60))


def clears(draw: Draw) -> Clear:
    return Clear(pick(draw, 30, 120), keep_results=number(draw, 0, 2), at_least_tokens=pick(draw, 0, 50))


def loops(draw: Draw, name: str) -> Loop:
    return Loop(chances(draw, f"{name} loop", often=True), quantities(draw, f"{name} extra", 1, 4), number(draw, 0, 5))


def misses(draw: Draw, name: str) -> Misses:
    return Misses(*(chances(draw, f"{name} {part} miss") for part in ("user", "tool", "base")))


def agents(draw: Draw, name: str, agents: int, roles: int) -> Agent:
    request = {"finest": Per.REQUEST}
    return Agent(
        name,
        role=number(draw, 0, roles - 1),
        base=quantities(draw, f"{name} base", 64, 200, 20, 0, finest=Per.RUN),
        turns=quantities(draw, f"{name} turns", 1, 2, 3, 4, 6, **request),
        output=quantities(draw, f"{name} output", 0, 1, 10, 60, spread=30),
        history=quantities(draw, f"{name} history", 0, 100, finest=Per.SESSION),
        message=quantities(draw, f"{name} message", 0, 5, 30, **request),
        reasoning=quantities(draw, f"{name} reasoning", 0, 0, 8, 30),
        result=quantities(draw, f"{name} answer", 0, 4, 25, **request),
        window_tokens=pick(draw, 0, 0, 0, 0, 150, 700),
        reserve_tokens=pick(draw, 0, 10),
        step_cap=pick(draw, 2, 6, 250),
        children_cap=pick(draw, 1, 2, 4),
        timeout_us=pick(draw, 0, 0, 0, 0, 0, S, 20 * S),
        reasoning_kept=pick(draw, None, *Reasoning),
        tools=tool_sets(draw, name) if pick(draw, False, True, True) else None,
        sides=tuple(sides(draw, f"{name} {i}", roles) for i in range(pick(draw, 0, 0, 0, 1, 2))),
        spawns=tuple(spawns(draw, f"{name} {i}", agents) for i in range(pick(draw, 0, 1, 1, 2))),
        loop=loops(draw, name) if seldom(draw) else None,
        misses=misses(draw, name) if seldom(draw) else Misses(),
        base_change=chances(draw, f"{name} base change") if seldom(draw) else NEVER,
        compaction=compactions(draw, name) if seldom(draw) else None,
        slide=slides(draw) if seldom(draw) else None,
        clear=clears(draw) if seldom(draw) else None,
        judge=pick(draw, False, False, True),
        effort=pick(draw, "", "high", "low"),
        first_turns=quantities(draw, f"{name} first turns", 1, 3, 5, **request) if seldom(draw) else None,
    )  # fmt: skip


def moments(draw: Draw) -> tuple[int, ...]:
    return tuple(sorted(number(draw, 0, 12) * S for _ in range(pick(draw, 1, 2, 3, 4, 0))))


def resets(draw: Draw) -> Reset:
    return Reset(pick(draw, 0, 2 * S, 5 * S), moments(draw))


def triggers(draw: Draw, name: str, agents: int) -> Trigger:
    renewal = None
    if pick(draw, False, False, True):
        gaps = Quantity(_even((0, S, 3 * S)), Per.TURN, salt_of(f"{name} gap"))
        renewal = Renewal(gaps, (0, 4 * S, 8 * S), pick(draw, (0, 4 * S, 8 * S), (S, 2 * S, 20 * S)))
    return Trigger(
        name,
        salt_of(f"trigger {name}"),
        number(draw, 0, agents - 1),
        times_us=() if renewal else moments(draw),
        renewal=renewal,
        session=pick(draw, "", "", "main", "main", "other"),
        overlap=pick(draw, *Overlap),
        reset=resets(draw) if seldom(draw) else Reset(),
        attempts=number(draw, 1, 3),
    )


def people(draw: Draw, name: str, agents: int) -> Users:
    return Users(
        name,
        salt_of(f"users {name}"),
        number(draw, 0, agents - 1),
        count=number(draw, 1, 2),
        windows_us=pick(draw, ((0, 10 * S),), ((0, 0),), ((S, 5 * S), (6 * S, 9 * S))),
        sessions=quantities(draw, f"{name} sessions", 0, 1, 2, finest=Per.REQUEST),
        requests=quantities(draw, f"{name} requests", 1, 3, finest=Per.SESSION),
        think_us=durations(draw, f"{name} think", Per.REQUEST),
        attempts=number(draw, 1, 2),
    )


@st.composite
def workloads(draw: Draw, endless: bool | None = None) -> Workload:
    roles, some = number(draw, 1, 2), number(draw, 1, 3)
    named = tuple(agents(draw, f"agent {i}", some, roles) for i in range(some))
    return Workload(
        "drawn",
        seed=number(draw, 0, 3),
        start_utc_us=0,
        horizon_us=ENDLESS if endless else pick(draw, *[ENDLESS] * 4, 5 * S, 13 * S + 1, 40 * S, 1),
        roles=tuple(f"role {i}" for i in range(roles)),
        agents=named,
        triggers=tuple(triggers(draw, f"trigger {i}", some) for i in range(number(draw, 1, 3))),
        users=tuple(people(draw, f"users {i}", some) for i in range(pick(draw, 0, 0, 1))),
        places=pick(draw, 0, 0, 1, 2),
        parameters_shift=pick(draw, 0, 0, 1),
    )


def caches(draw: Draw) -> CacheRule:
    short_us = (*[constant(300 * S)] * 4, constant(S), constant(0), _even((S, 4 * S)), _even((0, 400 * S)))
    return CacheRule(
        kind=pick(draw, CacheKind.NONE, *[CacheKind.AUTOMATIC] * 2, *[CacheKind.EXPLICIT] * 4),
        minimum_tokens=pick(draw, 0, 0, 30, 100),
        block_tokens=pick(draw, 1, 1, 16),
        caches_output=pick(draw, False, True),
        short_us=pick(draw, *short_us),
        long_us=pick(draw, constant(3_600 * S), _even((5 * S, 9 * S))),
    )


def scale(draw: Draw) -> int:
    return pick(draw, PPM, PPM, 1_300_001, 500_000)


def offers(draw: Draw, name: str) -> Offer:
    return Offer(
        name,
        window_tokens=pick(draw, 1 << 30, 1 << 30, 1 << 30, 900, 250),
        cache=caches(draw),
        region=pick(draw, "", "eu"),
        service_tier=pick(draw, "standard", "batch"),
        tokenizer_ppm=scale(draw),
        verbosity_ppm=scale(draw),
        turns_ppm=scale(draw),
        max_output_tokens=pick(draw, NO_LIMIT, NO_LIMIT, 200, 200, 20, 1),
        reasoning_kept=pick(draw, *Reasoning),
        first_token_ns=pick(draw, 0, 0, 10**9, 1_700),
        prefill_ns_per_token=pick(draw, 0, 10**6, 333),
        cached_prefill_ns_per_token=pick(draw, 0, 10**5),
        decode_ns_per_token=pick(draw, 0, 10**8, 10**7),
        time_factor=pick(draw, constant(PPM), constant(PPM), constant(0), HALF_AND_DOUBLE),
        broken=pick(draw, 0, 0, 0, *SHARES[1:3]),
        broken_bills=pick(draw, *BrokenBills),
        success=pick(draw, UNKNOWN, UNKNOWN, UNKNOWN, *SHARES[2:]),
    )


def accounts(draw: Draw) -> Account:
    return Account(
        name="account",
        concurrent_calls=pick(draw, 0, 0, 1, 2),
        requests_per_minute=pick(draw, 0, 0, 0, 0, 0, 1, 3, 60),
        input_tokens_per_minute=pick(draw, 0, 0, 0, 0, 0, 60, 2_000),
        output_tokens_per_minute=pick(draw, 0, 0, 0, 0, 10, 100, 600),
        tokens_per_minute=pick(draw, 0, 0, 0, 0, 0, 90, 7_777),
        tokens_per_day=pick(draw, 0, 0, 0, 0, 0, 300, 100_000),
        counts_cache_reads=pick(draw, True, False, False),
        debits_max_output=pick(draw, False, True, True),
        refuses=pick(draw, False, False, False, True),
        says_retry_after=pick(draw, True, False),
    )


def routes(draw: Draw, offers: int, accounts: int) -> Route:
    all_legs = [Leg(offer, account) for offer in range(offers) for account in range(accounts)]
    legs = dict.fromkeys(pick(draw, *all_legs) for _ in range(number(draw, 1, 3)))
    return Route(
        tuple(legs), pick(draw, Retention.SHORT, Retention.SHORT, Retention.LONG, Retention.LONG, Retention.OFF)
    )


@st.composite
def deployments(draw: Draw, roles: int, free: bool = False) -> Deployment:
    """Draw a deployment for so many roles; `free`: its accounts have no limits."""
    served = tuple(offers(draw, f"maker/model-{i}") for i in range(number(draw, 1, 2)))
    limited = tuple(Account("account") if free else accounts(draw) for _ in range(number(draw, 1, 2)))
    retry = Retry(
        retries=number(draw, 0, 2),
        first_us=pick(draw, 0, 500_000, S),
        cap_us=pick(draw, S, 8 * S),
    )
    some = tuple(routes(draw, len(served), len(limited)) for _ in range(roles))
    return Deployment("drawn", served, limited, some, retry)


@st.composite
def cases(draw: Draw, endless: bool | None = None) -> Case:
    """Draw a workload and a deployment for it; `endless`: nothing is cut off."""
    work = draw(workloads(endless))
    return Case(work, draw(deployments(len(work.roles))))
