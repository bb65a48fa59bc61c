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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from burncurve.importers.observed import Observed
from burncurve.importers.offers import offer_of, tier_of
from burncurve.importers.spilled import Ints
from burncurve.ledger import METERS, SCHEMA, Ledger, Outcome

Wide = NDArray[np.int64]
MOST_TURNS = 32_767
DEEPEST = 100
ROWS_AT_ONCE = 10_000
AS_OBSERVED = (*METERS, "session", "agent", "request", "kind", "status")
ORIGINS_KNOWN = ("from_base", "from_user", "from_output", "from_tools", "from_summary")
_DTYPES = {column.name: column.dtype for column in SCHEMA}
WORKED_OUT = "fresh tokens, misses and origins are worked out from how prompts grew: logs do not say them"


def ledger(observed: Observed, otherwise_us: int) -> tuple[Ledger, Wide]:
    """Return the ledger of observed calls, and which of them each of its rows is.

    Calls of sessions without any time are placed at `otherwise_us` (UTC since 1970).
    """
    at_us = observed.asked_us(otherwise_us)
    start_us = int(at_us.min(initial=otherwise_us))
    tasks = _tasks(observed, at_us)
    order = np.lexsort((np.arange(len(observed)), tasks.of_row, at_us))
    names, numbers = _names(observed)
    found = chain(_columns(observed, at_us, start_us, tasks), numbers.items())
    columns = {name: values[order].astype(_DTYPES[name]) for name, values in found}  # each narrow before the next
    columns |= {name: np.zeros(len(order), dtype=dtype) for name, dtype in _DTYPES.items() if name not in columns}
    horizon_us = int(max(columns["request_us"].max(initial=0), columns["end_us"].max(initial=0))) + 1
    columns = {name: columns[name] for name in _DTYPES}
    return Ledger(columns, names, (_outcome(tasks, horizon_us),), horizon_us, start_us, (WORKED_OUT,)), order


def _columns(observed: Observed, at_us: Wide, start_us: int, tasks: _Tasks) -> Iterator[tuple[str, Ints]]:
    """Yield the columns that are as observed, or follow from what was, by the name in the ledger."""
    yield from ((name, observed[name]) for name in AS_OBSERVED)
    yield "plan", np.full(len(observed), -1)
    yield from (("task", tasks.of_row), ("parent", tasks.parent), ("depth", tasks.depth), ("turn", tasks.turn))
    yield from _times(observed, at_us, start_us)
    yield from _contexts(observed)


def _names(observed: Observed) -> tuple[dict[str, Sequence[str]], dict[str, Wide]]:
    """Return the names of the ledger by kind, and the columns that point to names other than observed ones."""
    offers, offer = _offers(observed)
    accounts, account = _renamed([name.partition("/")[0] for name in offers], offer)
    tiers, tier = _renamed([tier_of(name) for name in observed.names["service_tiers"]], observed["service_tier"])
    names: dict[str, Sequence[str]] = {
        "agents": observed.names["agents"],
        "offers": offers,
        "accounts": accounts,
        "regions": ("",),
        "service_tiers": tiers,
        "plans": (),
    }
    return names, {"offer": offer, "account": account, "service_tier": tier}


@dataclass(frozen=True)
class _Tasks:
    """The work on each request: its number, its parent's, how deep it is, and the turn of each call; by row."""

    of_row: Wide
    parent: Wide
    depth: Wide
    turn: Wide
    roots: int
    count: int


def _tasks(observed: Observed, at_us: Wide) -> _Tasks:
    session, request = observed["session"].astype(np.int64), observed["request"].astype(np.int64)
    # one number for each pair: both count calls at most
    pair = session * (int(request.max(initial=0)) + 1) + request
    _, first, group = np.unique(pair, return_index=True, return_inverse=True)
    number = np.empty(len(first), dtype=np.int64)
    number[np.lexsort((first, at_us[first]))] = np.arange(len(first))
    task = number[group.reshape(-1)]
    parent, depth = _parents(observed, at_us, task)
    roots = int((depth[first] == 0).sum())
    return _Tasks(task, parent, depth, _turns(task), roots, len(first))


def _turns(task: Wide) -> Wide:
    """Return how many-th call of its task each row is, from 1; calls of a task lie in order, not always together."""
    order = np.argsort(task, kind="stable")
    ordered = task[order]
    begins = np.flatnonzero(np.diff(ordered, prepend=-1))
    turn = np.empty(len(task), dtype=np.int64)
    turn[order] = np.arange(len(task)) - np.repeat(begins, np.diff(np.append(begins, len(task)))) + 1
    return np.minimum(turn, MOST_TURNS)


def _parents(observed: Observed, at_us: Wide, task: Wide) -> tuple[Wide, Wide]:
    """Return, by row, the task at work in the parent session when its own session began, and the depth."""
    session, parent_session = observed["session"], observed["parent"]
    count = int(max(session.max(initial=-1), parent_session.max(initial=-1))) + 1
    begins = np.searchsorted(session, np.arange(count + 1))  # rows come by session
    parent_of = np.full(count, -1)
    task_of = np.full(count, -1)
    for row in begins[:-1][begins[:-1] < begins[1:]].tolist():
        of = int(parent_session[row])
        if of >= 0 and begins[of] < begins[of + 1] and of != session[row]:
            before = int(np.searchsorted(at_us[begins[of] : begins[of + 1]], at_us[row], side="right"))
            parent_of[session[row]] = of
            task_of[session[row]] = task[begins[of] + max(0, before - 1)]
    depth = _depths(parent_of.tolist())
    return task_of[session], depth[session]


def _depths(parent_of: Sequence[int]) -> Wide:
    """Return how many sessions stand above each; a circle, which no honest log has, ends at DEEPEST."""
    depths = []
    for parent in parent_of:
        depth = 0
        while parent >= 0 and depth < DEEPEST:
            depth, parent = depth + 1, parent_of[parent]
        depths.append(depth)
    return np.array(depths, dtype=np.int64)


def _times(observed: Observed, at_us: Wide, start_us: int) -> Iterator[tuple[str, Wide]]:
    """Yield the times since the start; when a call was admitted no log says, it is taken as when it was asked for."""
    yield from ((name, at_us - start_us) for name in ("request_us", "grant_us"))
    for name in ("first_token_us", "end_us"):
        known = observed[name]
        yield name, np.where(known >= at_us, known - start_us, -1)


def _contexts(observed: Observed) -> Iterator[tuple[str, Wide]]:
    """Yield where the tokens of each prompt came from and which are new, as the module says."""
    prompt = observed.prompt
    uncached = prompt - observed["cache_read"]
    base = _bases(observed, prompt)
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


def _bases(observed: Observed, prompt: Wide) -> Wide:
    """Return the shortest prompt of each call's agent, of one program, in its project."""
    keys = np.stack([observed[name].astype(np.int64) for name in ("client", "agent", "project")], axis=1)
    kinds, group = np.unique(keys, axis=0, return_inverse=True)
    shortest = np.full(len(kinds), np.iinfo(np.int64).max)
    np.minimum.at(shortest, group.reshape(-1), prompt)
    return shortest[group.reshape(-1)]


def _rows(columns: Sequence[Ints]) -> Iterator[tuple[int, ...]]:
    """Yield the values of columns row by row, as Python's integers, of which few are there at a time."""
    for begin in range(0, len(columns[0]), ROWS_AT_ONCE):
        yield from zip(*(values[begin : begin + ROWS_AT_ONCE].tolist() for values in columns), strict=True)


def _offers(observed: Observed) -> tuple[tuple[str, ...], Wide]:
    """Return the offers, and which of them each row is."""
    models, providers = observed.names["models"], observed.names["providers"]
    pair = observed["model"].astype(np.int64) * len(providers) + observed["provider"]
    pairs, place = np.unique(pair, return_inverse=True)
    named = [offer_of(models[each // len(providers)], providers[each % len(providers)]) for each in pairs.tolist()]
    return _renamed(named, place.reshape(-1))


def _renamed(names: Sequence[str], numbers: Ints) -> tuple[tuple[str, ...], Wide]:
    """Return those of the names that rows have, each once and in order, and the number of each row's."""
    used = np.unique(numbers).tolist()
    known = tuple(sorted({names[number] for number in used}))
    turned = np.zeros(len(names), dtype=np.int64)
    turned[used] = [known.index(names[number]) for number in used]
    return known, turned[numbers]


def _outcome(tasks: _Tasks, horizon_us: int) -> Outcome:
    """Logs hold what was done; whether it succeeded they do not say."""
    return Outcome(0, tasks.roots, tasks.roots, -1, 0, 0, 0, tasks.count, horizon_us - 1)
