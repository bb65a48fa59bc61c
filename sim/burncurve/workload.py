"""A Workload: everything that is asked, in integers, independent of who serves it (mechanics R5).

Tokens are reference tokens (the serving offer scales them), times are microseconds since the start,
probabilities are counted in 2**-30 and factors in parts per million.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from burncurve.draws import CERTAIN, Table, constant
from burncurve.words import Reasoning


class Per(IntEnum):
    """How often a quantity is drawn anew."""

    TURN = 0
    REQUEST = 1
    SESSION = 2
    RUN = 3


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor in ppm, drawn at its own level, that multiplies a quantity."""

    table: Table
    per: Per
    salt: int


@dataclass(frozen=True, slots=True)
class Quantity:
    """A drawn number: table value, times its factors (each product rounded half up), held within low..high."""

    table: Table
    per: Per = Per.TURN
    salt: int = 0
    times: tuple[Factor, ...] = ()
    low: int = 0
    high: int = 1 << 42


def fixed(value: int) -> Quantity:
    """Return the quantity that is always `value`."""
    return Quantity(constant(value), Per.RUN)


ZERO = fixed(0)
ONE = fixed(1)
NEVER = ZERO
SURE = fixed(CERTAIN)


class Overlap(IntEnum):
    """What a trigger does when its session is at work (M2)."""

    QUEUE = 0
    SKIP = 1
    COALESCE = 2


class Join(IntEnum):
    """How children's results come back (M7)."""

    WAIT = 0
    ANNOUNCE = 1
    BACKGROUND = 2


class Each(IntEnum):
    """When a side call is made (M6)."""

    REQUEST = 0
    TURN = 1


@dataclass(frozen=True, slots=True)
class Tool:
    """One kind of tool: size of its result (capped), how long it takes, and the web searches the provider charges.

    Searches are written down with the next call of the task.
    """

    name: str
    result: Quantity
    time_us: Quantity
    cap_tokens: int = 1 << 40
    searches: int = 0


@dataclass(frozen=True, slots=True)
class Tools:
    """The tools of a turn (M6): how many run, which (cumulative `thresholds` in 2**-62), in parallel or not.

    At most 64 run in one turn; in sequence their times add up, in parallel the longest counts.
    """

    calls: Quantity
    choices: tuple[Tool, ...]
    thresholds: tuple[int, ...]
    salt: int
    parallel: bool = False


@dataclass(frozen=True, slots=True)
class SideCall:
    """A small call beside the turns (titles, memory, safety checks): its own prompt, no context, no cache."""

    name: str
    role: int
    each: Each
    prompt: Quantity
    output: Quantity
    salt: int = 0


@dataclass(frozen=True, slots=True)
class Spawn:
    """A rule by which a turn starts children (M7); `on_turns` empty means every turn, `depth` the deepest child."""

    child: int
    salt: int
    probability: Quantity
    count: Quantity
    brief: Quantity
    join: Join
    on_turns: tuple[int, ...] = ()
    active: int = 0  # children of one parent at work at once; 0: no limit
    depth: int = 5
    fork: bool = False


@dataclass(frozen=True, slots=True)
class Compaction:
    """Before a call: above `at_tokens` one call summarises; base, `keep_tokens`, summary and `restore` remain (M11)."""

    at_tokens: int
    keep_tokens: int
    summary: Quantity
    restore: Quantity = ZERO
    reuse_prefix: bool = True
    flush: bool = False  # one more full turn before compacting, to save memory


@dataclass(frozen=True, slots=True)
class Slide:
    """Sliding window: above `at_tokens` the oldest history goes until `to_tokens` are left (M11)."""

    at_tokens: int
    to_tokens: int


@dataclass(frozen=True, slots=True)
class Clear:
    """Above `at_tokens` old tool results go, the newest `keep_results` stay, if that frees `at_least_tokens` (M11)."""

    at_tokens: int
    keep_results: int
    at_least_tokens: int


@dataclass(frozen=True, slots=True)
class Loop:
    """A request may fall into a loop of extra turns, up to the guard (M9)."""

    probability: Quantity
    extra_turns: Quantity
    guard: int


@dataclass(frozen=True, slots=True)
class Misses:
    """Cache misses within the time to live (M15): of the history, by kind of turn, and of the base too."""

    user_turn: Quantity = NEVER
    tool_turn: Quantity = NEVER
    base: Quantity = NEVER


@dataclass(frozen=True, slots=True)
class Agent:
    """A kind of worker. `role` and the child of a spawn point into Workload.roles and Workload.agents."""

    name: str
    role: int
    base: Quantity  # per run: every session of the agent shares it
    turns: Quantity  # per request
    output: Quantity
    first_turns: Quantity | None = None  # of the first request of a session; None: as the others
    history: Quantity = ZERO  # per session
    message: Quantity = ZERO  # per request; a child's brief stands in its spawn rule
    reasoning: Quantity = ZERO
    result: Quantity = ZERO  # what a child returns; per request
    window_tokens: int = 0  # 0: the offer's own
    reserve_tokens: int = 0
    step_cap: int = 250
    children_cap: int = 0  # children of one task over its life; 0: no limit
    timeout_us: int = 0  # of a task, acts between calls; 0: none
    reasoning_kept: Reasoning | None = None  # None: as the offer does
    tools: Tools | None = None
    sides: tuple[SideCall, ...] = ()
    spawns: tuple[Spawn, ...] = ()
    loop: Loop | None = None
    misses: Misses = Misses()
    base_change: Quantity = NEVER  # probability per request that the base changes (M12)
    compaction: Compaction | None = None
    slide: Slide | None = None
    clear: Clear | None = None
    judge: bool = False  # its turns are written down as kind "judge"
    effort: str = ""  # of its calls; each has caches of its own (M16); empty: the offer's own
    behaviour: str = ""  # the name of a Python generator registered by the user; empty: the standard one


@dataclass(frozen=True, slots=True)
class Reset:
    """When a shared session starts afresh (M2): after so long idle, or at these times of the run."""

    idle_us: int = 0
    at_us: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Renewal:
    """Arrivals as a renewal process in operational time, mapped to the clock by integer interpolation (M1).

    Arrival n stands at the sum of n + 1 drawn gaps in operational microseconds (a time in which the
    rate is even; it stands still while the profile is 0); `knots_operational_us` (strictly
    increasing from 0) and `knots_us` say where that is on the clock. After the last knot: none.
    """

    gap_us: Quantity
    knots_operational_us: tuple[int, ...]
    knots_us: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Trigger:
    """What starts root tasks of one agent: at literal `times_us`, or by a renewal process."""

    name: str
    salt: int
    agent: int
    times_us: tuple[int, ...] = ()
    renewal: Renewal | None = None
    session: str = ""  # name of a shared session; empty: each arrival opens one of its own
    overlap: Overlap = Overlap.QUEUE
    reset: Reset = Reset()
    attempts: int = 1  # how often a root task may be tried (M9)


@dataclass(frozen=True, slots=True)
class Users:
    """People in a closed loop (M1): each opens sessions inside the windows, asks, waits, thinks, asks again.

    `windows_us` holds (open, close) of each working day. A session starts at a time drawn evenly
    over its window, never before the same person's last one has ended.
    """

    name: str
    salt: int
    agent: int
    count: int
    windows_us: tuple[tuple[int, int], ...]
    sessions: Quantity  # per person and window; drawn per request (of the day)
    requests: Quantity  # per session
    think_us: Quantity  # per request
    attempts: int = 1


ALL = -1
NOBODY = -1
Ints = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TraceTasks:
    """Tasks as a trace has them, a column each; the root tasks of a session stand together, in their order.

    A task's turns are the rows from its `first_turn` to that of the next task. `session` counts the root sessions in
    order of the first task (a child's is NOBODY: it opens its own). `base_tokens` begin each prompt of the session.
    `wait_us`: a session's first task comes so long after the start of the run, each later one after the end of the
    one before, a child after the end of the call in row `spawned_by` (NOBODY: a root). `awaited_by` is the row of the
    parent's turn that waits for the child, NOBODY if none does. `warm_tokens` of the first prompt of a session that the
    task opens are in the cache at least, whoever left them there.
    """

    session: Ints
    agent: Ints
    base_tokens: Ints
    wait_us: Ints
    spawned_by: Ints
    awaited_by: Ints
    first_turn: Ints
    warm_tokens: Ints


@dataclass(frozen=True, slots=True)
class TraceTurns:
    """Calls as a trace has them, a column each, in reference tokens.

    `wait_us` since the end of the call before in the task (or the task's start), and since children awaited are back.
    Of the context only the first `kept_tokens` go on (ALL: every one); then what people, tools, agents and summaries
    bring is appended, and the whole is the prompt. Of what the call writes, `stays_tokens` join the context. `kind` is
    that of the ledger.
    """

    wait_us: Ints
    kept_tokens: Ints
    user_tokens: Ints
    tool_tokens: Ints
    agent_tokens: Ints
    summary_tokens: Ints
    output_tokens: Ints
    reasoning_tokens: Ints
    stays_tokens: Ints
    kind: Ints


@dataclass(frozen=True, slots=True)
class Trace:
    """What was asked, value by value: it stands in the place of draws (R5)."""

    tasks: TraceTasks
    turns: TraceTurns


@dataclass(frozen=True, slots=True)
class Workload:
    """What is asked; `places` limits the agents at work at once (0: no limit).

    What is drawn per run, replication n draws as replication n - `parameters_shift` does; all its other
    luck is its own. Pairs of replications with the same parameters tell luck from not knowing (M4).
    """

    name: str
    seed: int
    start_utc_us: int
    horizon_us: int
    roles: tuple[str, ...]
    agents: tuple[Agent, ...]
    triggers: tuple[Trigger, ...] = ()
    users: tuple[Users, ...] = ()
    places: int = 0
    parameters_shift: int = 0
    trace: Trace | None = None
