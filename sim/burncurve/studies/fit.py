"""A scenario's figures read off observed turns: distributions by agent, with how well they fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from burncurve.errors import InputError, Problem
from burncurve.studies import fit_parts as parts
from burncurve.studies.families import Fitted, fitted
from burncurve.studies.fit_cuts import Compacting, compacting
from burncurve.studies.fit_parts import Share, Spawning
from burncurve.studies.session_kinds import FEWEST_OF_A_KIND, told_apart
from burncurve.studies.turns import Flags, Floats, Ints, Turns
from burncurve.words import US_PER_DAY

EARLY = 5  # steps in which a session reads itself in
EARLY_FACTOR, EARLY_Z = 1.5, 3.0  # how much more, and how surely, so that they are taken apart
FIRST_Z = 3.0  # how surely first requests take more or fewer turns than others, so that they are taken apart


@dataclass(frozen=True)
class AgentFit:
    """One agent's figures; None where nothing was seen that tells it."""

    name: str
    role: str  # the agent as it was observed, where kinds of session are told apart
    root: bool
    sessions: int
    calls: int
    base: int
    history: Fitted | None
    reads_in: bool
    message: Fitted | None
    turns: Fitted
    first_turns: Fitted | None  # of the first request; None: as the others
    output: Fitted
    reasoning: Fitted | None
    keeps_reasoning: bool
    result: Fitted | None
    time_us: Fitted | None
    returned: Fitted | None
    compacting: Compacting | None
    user_miss: Share
    tool_miss: Share
    spawns: tuple[Spawning, ...]


@dataclass(frozen=True)
class PeopleFit:
    """How often sessions of an agent are opened, and what is asked in one."""

    agent: str
    requests: Fitted
    think_us: Fitted | None
    sessions_per_day: Fitted | None  # None: the log tells no dates


@dataclass(frozen=True)
class Fit:
    """All figures of a scenario."""

    agents: tuple[AgentFit, ...]
    people: tuple[PeopleFit, ...]
    sessions: int
    calls: int


def fit(turns: Turns, dated: bool = True) -> Fit:
    """Return the figures of all agents; `dated`: sessions lie on one clock. Raises InputError without any call."""
    if not len(turns):
        raise InputError(Problem("", "there is no answered call to fit to", "give a folder or file with logs in it"))
    told, bounds = told_apart(turns)
    kinds = parts.session_agents(told)
    there = np.unique(kinds).tolist()
    before = parts.session_agents(turns)
    was = {agent: int(before[np.flatnonzero(kinds == agent)[0]]) for agent in there}
    roles = {agent: turns.agents[was[agent]] for agent in there}
    base_of = {agent: parts.base_of(turns, np.flatnonzero(before == agent)) for agent in set(was.values())}
    bases = [base_of[was[agent]] if agent in there else 0 for agent in range(len(told.agents))]
    windows = {agent: (roles[agent], bounds[name].largest if name in bounds else None)
               for agent in there for name in (told.agents[agent],)}  # fmt: skip
    kin = {agent: np.isin(kinds, [other for other in there if windows[other] == windows[agent]]) for agent in there}
    apart = {role: _first_differs(turns, before == turns.agents.index(role)) for role in set(roles.values())}
    agents = tuple(_agent(told, agent, roles[agent], kinds, bases, kin[agent], apart[roles[agent]]) for agent in there)
    opened = [agent for agent in there if _opened_by_people(told, agent, kinds).any()]
    return Fit(agents, tuple(_people(told, agent, kinds, dated) for agent in opened), told.sessions, len(told))


def _opened_by_people(turns: Turns, agent: int, kinds: Ints) -> Flags:
    opened: Flags = (kinds == agent) & parts.roots(turns)
    return opened


def _people(turns: Turns, agent: int, kinds: Ints, dated: bool) -> PeopleFit:
    mine = _opened_by_people(turns, agent, kinds)
    rows = mine[turns.session]
    counts = np.bincount(turns.session[turns.asks], minlength=turns.sessions)[mine]
    thinks = turns.gap_us[rows & turns.asks & ~turns.opens]
    per_day = fitted(_by_day(turns, mine)) if dated else None
    return PeopleFit(turns.agents[agent], fitted(counts), fitted(thinks) if len(thinks) else None, per_day)


def _by_day(turns: Turns, sessions: Flags) -> Ints:
    """Return how many of the sessions began in each span of 24 hours from the first call on, empty ones too."""
    begins = (turns.start_us[turns.first[:-1]] - turns.start_us.min()) // US_PER_DAY
    days = int(turns.start_us.max() - turns.start_us.min()) // US_PER_DAY + 1
    return np.bincount(begins[sessions], minlength=days)


def _agent(turns: Turns, agent: int, role: str, kinds: Ints, bases: Sequence[int], kin: Flags, apart: bool) -> AgentFit:
    """Return the figures of one agent; `kin` are the sessions whose contexts are cut as its own are.

    `apart`: the first requests of sessions take other numbers of turns than later ones.
    """
    sessions = np.flatnonzero(kinds == agent)
    within, back, base = (kinds == agent)[turns.session], parts.returns(turns), bases[agent]
    rows = within & ~turns.summarises
    keeps = parts.keeps_reasoning(turns, rows)
    added = turns.grown - parts.written_before(turns, np.full(len(turns), keeps))
    follows = rows & ~turns.opens & ~turns.shrunk & (turns.before >= 0)
    later = follows & ~turns.asks & ~back & (turns.previous(back.astype(np.int64)) == 0)  # after it no tool has run
    messages = added[follows & turns.asks & ~back]
    root = bool(parts.roots(turns)[sessions].all())
    late, extra = _read_in(turns, added, later, sessions)
    history, message = _opening(turns.prompt[turns.first[sessions]] - base, messages, extra) if root else (None, None)
    user_miss, tool_miss = parts.misses(turns, rows, base)
    thought = turns.reasoning[rows]
    ended = turns.output[turns.first[1:] - 1][sessions]
    asked, is_first = _turns_per_request(turns, rows & ~back)
    apart = apart and not is_first.all()
    return AgentFit(
        name=turns.agents[agent],
        role=role,
        root=root,
        sessions=len(sessions),
        calls=int(rows.sum()),
        base=base,
        history=history,
        reads_in=extra is not None,
        message=message,
        turns=fitted(asked[~is_first] if apart else asked),
        first_turns=fitted(asked[is_first]) if apart else None,
        output=fitted(turns.output[rows]),
        reasoning=fitted(thought) if thought.any() else None,
        keeps_reasoning=keeps,
        result=_some(added[late]),
        time_us=_some(turns.gap_us[later]),
        returned=None if root else fitted(ended),
        compacting=compacting(turns, kinds == agent, kin, base),
        user_miss=user_miss,
        tool_miss=tool_miss,
        spawns=tuple(parts.spawning(turns, agent, bases)),
    )


def _some(values: Ints) -> Fitted | None:
    return fitted(values) if len(values) and values.any() else None


def _turns_per_request(turns: Turns, rows: Flags) -> tuple[Ints, Flags]:
    """Return the calls of each request (runs of the same session and request), and which are first in a session."""
    session, request = turns.session[rows], turns.request[rows]
    opens = np.diff(session, prepend=-1) != 0
    starts = np.flatnonzero(opens | (np.diff(request, prepend=-1) != 0))
    return np.diff(np.append(starts, len(session))), opens[starts]


def _first_differs(turns: Turns, sessions: Flags) -> bool:
    """Say whether first requests surely take other numbers of turns than later ones of the same session do."""
    rows = sessions[turns.session] & ~turns.summarises & ~parts.returns(turns)
    asked, is_first = _turns_per_request(turns, rows)
    begins = np.flatnonzero(is_first)
    length = np.diff(np.append(begins, len(asked)))
    several = length > 1
    if several.sum() < FEWEST_OF_A_KIND:
        return False
    sums = np.add.reduceat(asked, begins)[several]
    first = asked[begins[several]]
    more: Floats = first - (sums - first) / (length[several] - 1)
    return abs(float(more.mean())) > FIRST_Z * float(more.std()) / float(np.sqrt(len(more)))


def _read_in(turns: Turns, added: Ints, later: Flags, sessions: Ints) -> tuple[Flags, Floats | None]:
    """Return the steps that tell the size of results, and what each session reads in beyond them as it opens.

    The first steps of a session often read far more than the others. A scenario's results are all of one kind, so
    that reading is counted as history, there from the start, if it is surely and much more; else None.
    """
    place = np.arange(len(turns)) - turns.first[turns.session]
    early, late = later & (place <= EARLY), later & (place > EARLY)
    if min(early.sum(), late.sum()) < FEWEST_OF_A_KIND:
        return later, None
    usual = float(added[late].mean())
    excess = added[early] - usual
    error = float(excess.std()) / np.sqrt(len(excess))
    if excess.mean() < (EARLY_FACTOR - 1) * usual or excess.mean() < EARLY_Z * error:
        return later, None
    sums: Floats = np.bincount(turns.session[early], weights=excess, minlength=turns.sessions).astype(np.float64)
    return late, sums[sessions]


def _opening(firsts: Ints, messages: Ints, extra: Floats | None) -> tuple[Fitted | None, Fitted | None]:
    """Return history and message: what first prompts hold beyond the base, and what later requests bring.

    Where first prompts hold about what messages bring there is no history. Where no later request was seen, the
    first prompt is all message, unless the session reads itself in.
    """
    beyond = np.maximum(firsts, 0)
    if extra is None and (not len(messages) or np.median(beyond) <= 2 * max(float(np.median(messages)), 1.0)):
        return None, _some(np.concatenate((messages, beyond)))
    whole = beyond + (0.0 if extra is None else extra)
    return _some(np.maximum(np.rint(whole - _drawn_again(messages, whole)), 0).astype(np.int64)), _some(messages)


def _drawn_again(messages: Ints, openings: Floats) -> Floats:
    """Return by opening what a drawn message will bring to it: the largest to the largest, their mean as it is."""
    if not len(messages):
        return np.zeros(len(openings))
    sums = np.concatenate(([0.0], np.cumsum(np.sort(messages)))) / len(messages)
    levels = np.linspace(0.0, 1.0, len(openings) + 1)
    each = np.diff(np.interp(levels, np.linspace(0.0, 1.0, len(sums)), sums)) * len(openings)
    return each[np.argsort(np.argsort(openings, kind="stable"), kind="stable")]
