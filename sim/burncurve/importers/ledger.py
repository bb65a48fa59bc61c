"""From observed calls to an observed Ledger: what the logs say, and what follows from it.

The meters, times and names are those of the logs. Logs do not say which tokens of a prompt were there before, nor
where they came from; `fresh` and the origins are worked out from how the prompt of a session grew from call to call:

- What a prompt has more than the one before it is new; what is paid in full beyond that is a miss.
- Of the growth, as much as the model wrote last is its own output; the rest is a person's message on the first call
  of a request, else results of tools.
- A prompt less than half as long as the one before was rewritten (compacted): all of it but the base is summary,
  and nothing paid in full is a miss.
- The base is the shortest prompt of any call of the agent, of one program, in its project.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from burncurve.importers.observed import Observed
from burncurve.importers.offers import offer_of, tier_of
from burncurve.importers.spilled import Ints, Spilled, Wide, distinct, pieces
from burncurve.ledger import METERS, PROMPT_METERS, SCHEMA, Ledger, Outcome

MOST_TURNS = 32_767
DEEPEST = 100
ROWS_AT_ONCE = 10_000
AS_OBSERVED = (*METERS, "session", "agent", "request", "kind", "status")
ORIGINS_KNOWN = ("from_base", "from_user", "from_output", "from_tools", "from_summary")
_DTYPES = {column.name: column.dtype for column in SCHEMA}
WORKED_OUT = "fresh tokens, misses and origins are worked out from how prompts grew: logs do not say them"


def ledger(observed: Observed, otherwise_us: int) -> tuple[Ledger, Wide]:
    """Return the ledger of observed calls, and which of them each of its rows is.

    Calls of sessions without any time are placed at `otherwise_us` (UTC since 1970). Its columns lie on disk; some
    thousand rows at a time are worked on, of whole sessions.
    """
    at_us = observed.asked_us(otherwise_us)
    start_us = int(at_us.min(initial=otherwise_us))
    tasks = _tasks(observed, at_us)
    names, numbered = _names(observed)
    bases = _Bases(observed)
    by_session = Spilled(_DTYPES)
    for part in observed.sessions():
        some = replace(observed, columns={name: values[part] for name, values in observed.columns.items()})
        found = dict(_columns(some, at_us[part], start_us, tasks, part, bases))
        found |= {name: number(some) for name, number in numbered.items()}
        nothing = np.zeros(len(some), dtype=np.int8)
        by_session.add((name, found.get(name, nothing).astype(dtype)) for name, dtype in _DTYPES.items())
    order = np.lexsort((tasks.of_row, at_us))
    columns = _taken(by_session, order)
    horizon_us = int(max(columns["request_us"].max(initial=0), columns["end_us"].max(initial=0))) + 1
    return Ledger(columns, names, (_outcome(tasks, horizon_us),), horizon_us, start_us, (WORKED_OUT,)), order


def _taken(columns: Spilled, order: Wide) -> Spilled:
    """Return columns with their rows in another order."""
    found = Spilled(_DTYPES)
    for name in _DTYPES:
        values = columns[name]
        found.add((name, values[order[part]]) for part in pieces(len(order)))
    return found


def _columns(
    some: Observed, at_us: Wide, start_us: int, tasks: _Tasks, part: slice, bases: _Bases
) -> Iterator[tuple[str, Ints]]:
    """Yield the columns that are as observed, or follow from what was, by the name in the ledger."""
    yield from ((name, some[name]) for name in AS_OBSERVED)
    yield "plan", np.full(len(some), -1)
    of_row, session = tasks.of_row[part], some["session"]
    yield from (("task", of_row), ("parent", tasks.parent[session]), ("depth", tasks.depth[session]))
    yield "turn", _turns(of_row)
    yield from _times(some, at_us, start_us)
    yield from _contexts(some, bases.of(some))


def _names(observed: Observed) -> tuple[dict[str, Sequence[str]], dict[str, Callable[[Observed], Ints]]]:
    """Return the names of the ledger by kind, and what gives the columns that point to names not observed."""
    models, providers = observed.names["models"], observed.names["providers"]
    pairs = distinct(_pair(observed, part, len(providers)) for part in pieces(len(observed)))
    told = [offer_of(models[pair // len(providers)], providers[pair % len(providers)]) for pair in pairs.tolist()]
    offers = tuple(sorted(set(told)))
    accounts = tuple(sorted({name.partition("/")[0] for name in told}))
    offer = np.array([offers.index(name) for name in told], dtype=np.int64)
    account = np.array([accounts.index(name.partition("/")[0]) for name in told], dtype=np.int64)
    tiers, tier = _tiers(observed)
    everything = slice(None)
    names: dict[str, Sequence[str]] = {
        "agents": observed.names["agents"],
        "offers": offers,
        "accounts": accounts,
        "regions": ("",),
        "service_tiers": tiers,
        "plans": (),
    }
    return names, {
        "offer": lambda some: offer[np.searchsorted(pairs, _pair(some, everything, len(providers)))],
        "account": lambda some: account[np.searchsorted(pairs, _pair(some, everything, len(providers)))],
        "service_tier": lambda some: tier[some["service_tier"]],
    }


def _pair(observed: Observed, part: slice, providers: int) -> Wide:
    """Return one number for each row's model and provider."""
    return observed["model"][part].astype(np.int64) * providers + observed["provider"][part]


def _tiers(observed: Observed) -> tuple[tuple[str, ...], Wide]:
    """Return the tiers that rows have, in the words of price books, and which of them each of the log's is."""
    known = observed.names["service_tiers"]
    numbers = observed["service_tier"]
    used = distinct(numbers[part] for part in pieces(len(numbers))).tolist()
    tiers = tuple(sorted({tier_of(known[number]) for number in used}))
    turned = np.zeros(len(known), dtype=np.int64)
    turned[used] = [tiers.index(tier_of(known[number])) for number in used]
    return tiers, turned


@dataclass(frozen=True)
class _Tasks:
    """The work on each request: by row its number; by session its parent's, and how deep it is."""

    of_row: Ints
    parent: Wide
    depth: Wide
    roots: int
    count: int


def _tasks(observed: Observed, at_us: Wide) -> _Tasks:
    of_row = np.empty(len(observed), dtype=_DTYPES["task"])
    firsts, count = [np.zeros(0, dtype=np.int64)], 0
    for part in observed.sessions():
        session, request = observed["session"][part].astype(np.int64), observed["request"][part].astype(np.int64)
        # one number for each pair: both count calls at most
        pair = session * (int(request.max(initial=0)) + 1) + request
        _, first, group = np.unique(pair, return_index=True, return_inverse=True)
        of_row[part] = group.reshape(-1) + count
        firsts.append(part.start + first)
        count += len(first)
    first = np.concatenate(firsts)
    number = np.empty(count, dtype=of_row.dtype)
    number[np.lexsort((first, at_us[first]))] = np.arange(count)
    for part in pieces(len(of_row)):
        of_row[part] = number[of_row[part]]
    parent, depth = _parents(observed, at_us, of_row)
    roots = int((depth[observed["session"][first]] == 0).sum())
    return _Tasks(of_row, parent, depth, roots, count)


def _turns(task: Wide) -> Wide:
    """Return how many-th call of its task each row is, from 1; calls of a task lie in order, not always together."""
    order = np.argsort(task, kind="stable")
    ordered = task[order]
    begins = np.flatnonzero(np.diff(ordered, prepend=-1))
    turn = np.empty(len(task), dtype=np.int64)
    turn[order] = np.arange(len(task)) - np.repeat(begins, np.diff(np.append(begins, len(task)))) + 1
    return np.minimum(turn, MOST_TURNS)


def _parents(observed: Observed, at_us: Wide, task: Ints) -> tuple[Wide, Wide]:
    """Return, by session, the task at work in the parent session when it began, and the depth."""
    session, parent_session = observed["session"], observed["parent"]
    count = int(max(session.max(initial=-1), parent_session.max(initial=-1))) + 1
    begins = np.searchsorted(session, np.arange(count + 1))  # rows come by session
    parent_of, task_of = np.full(count, -1), np.full(count, -1)
    first = begins[:-1][begins[:-1] < begins[1:]]
    for row in first[parent_session[first] >= 0].tolist():
        of = int(parent_session[row])
        if begins[of] < begins[of + 1] and of != session[row]:
            before = int(np.searchsorted(at_us[begins[of] : begins[of + 1]], at_us[row], side="right"))
            parent_of[session[row]] = of
            task_of[session[row]] = task[begins[of] + max(0, before - 1)]
    return task_of, _depths(parent_of)


def _depths(parent_of: Wide) -> Wide:
    """Return how many sessions stand above each; a circle, which no honest log has, ends at DEEPEST."""
    depths, above = np.zeros_like(parent_of), parent_of
    for _ in range(DEEPEST):
        if not (above >= 0).any():
            break
        depths += above >= 0
        above = np.where(above >= 0, parent_of[above], -1)
    return depths


def _times(observed: Observed, at_us: Wide, start_us: int) -> Iterator[tuple[str, Wide]]:
    """Yield the times since the start; when a call was admitted no log says, it is taken as when it was asked for."""
    yield from ((name, at_us - start_us) for name in ("request_us", "grant_us"))
    for name in ("first_token_us", "end_us"):
        known = observed[name]
        yield name, np.where(known >= at_us, known - start_us, -1)


def _contexts(observed: Observed, base: Wide) -> Iterator[tuple[str, Wide]]:
    """Yield where the tokens of each prompt came from and which are new, as the module says."""
    prompt = observed.prompt
    uncached = prompt - observed["cache_read"]
    found = array("q")
    last_session, before, written, origins = -1, 0, 0, [0] * len(ORIGINS_KNOWN)
    several = (observed["session"], prompt, base, uncached, observed["output"], observed["user_turn"])
    for session, size, base_size, paid, output, by_person in _rows(several):
        if session != last_session:
            origins, new = [base_size, size - base_size, 0, 0, 0], paid
        elif 2 * size < before:
            origins, new = [base_size, 0, 0, 0, size - base_size], paid
        else:
            new = min(paid, max(size - before, 0) or written)
            _grow(origins, size - before, written, bool(by_person))
        found.extend((*origins, new))
        last_session, before, written = session, size, output
    block = np.frombuffer(found, dtype=np.int64).reshape(-1, len(ORIGINS_KNOWN) + 1)
    yield from ((name, block[:, place]) for place, name in enumerate((*ORIGINS_KNOWN, "fresh")))
    yield "context_after", prompt + observed["output"] + observed["reasoning"]


def _grow(origins: list[int], growth: int, written: int, by_person: bool) -> None:
    """Add what a prompt has more than the one before, or take away what it has less: tool results go first."""
    base, user, output, tools, summary = range(len(ORIGINS_KNOWN))
    if growth >= 0:
        own = min(growth, written)
        origins[output] += own
        origins[user if by_person else tools] += growth - own
        return
    for place in (tools, output, user, summary, base):
        gone = min(origins[place], -growth)
        origins[place] -= gone
        growth += gone


class _Bases:
    """The shortest prompt of each agent, of one program, in one project."""

    def __init__(self, observed: Observed) -> None:
        self._kinds, self._shortest = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        for part in observed.sessions():
            some = replace(observed, columns={name: observed[name][part] for name in (*_OF_BASE, *PROMPT_METERS)})
            kinds, group = np.unique(np.concatenate((self._kinds, _kind(some))), return_inverse=True)
            shortest = np.full(len(kinds), np.iinfo(np.int64).max)
            np.minimum.at(shortest, group.reshape(-1), np.concatenate((self._shortest, some.prompt)))
            self._kinds, self._shortest = kinds, shortest

    def of(self, some: Observed) -> Wide:
        """Return it for each call."""
        return self._shortest[np.searchsorted(self._kinds, _kind(some))]


_OF_BASE = ("session", "client", "agent", "project")


def _kind(observed: Observed) -> Wide:
    """Return one number for the program, agent and project of each call."""
    client, agent = observed["client"].astype(np.int64), observed["agent"].astype(np.int64)
    return (client << 48) | (agent << 32) | observed["project"]


def _rows(columns: Sequence[Ints]) -> Iterator[tuple[int, ...]]:
    """Yield the values of columns row by row, as Python's integers, of which few are there at a time."""
    for begin in range(0, len(columns[0]), ROWS_AT_ONCE):
        yield from zip(*(values[begin : begin + ROWS_AT_ONCE].tolist() for values in columns), strict=True)


def _outcome(tasks: _Tasks, horizon_us: int) -> Outcome:
    """Logs hold what was done; whether it succeeded they do not say."""
    return Outcome(0, tasks.roots, tasks.roots, -1, 0, 0, 0, tasks.count, horizon_us - 1)
