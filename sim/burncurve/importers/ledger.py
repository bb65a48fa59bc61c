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
from burncurve.importers.sorting import Sorted, evenly
from burncurve.importers.spilled import Ints, Spilled, Wide, distinct, part_of, pieces
from burncurve.importers.tasks import Seen, Tasks, seen, tasks
from burncurve.ledger import METERS, SCHEMA, Ledger, Outcome

MOST_TURNS = 32_767
ROWS_AT_ONCE = 10_000
AS_OBSERVED = (*METERS, "session", "agent", "request", "kind", "status")
ORIGINS_KNOWN = ("from_base", "from_user", "from_output", "from_tools", "from_summary")
_DTYPES = {column.name: column.dtype for column in SCHEMA}
_BY_TIME = {name: _DTYPES[name] for name in ("request_us", "task")} | {"row": "int64"}
WORKED_OUT = "fresh tokens, misses and origins are worked out from how prompts grew: logs do not say them"


@dataclass(frozen=True)
class Logged:
    """The ledger of observed calls, on disk: row for row in their order, which is by session, and in that of time.

    `spawning` are the tasks that spawned others, in order.
    """

    by_session: Ledger
    spawning: Wide
    by_time: Sorted

    def __len__(self) -> int:
        return len(self.by_session)

    def part(self, rows: slice) -> Ledger:
        """Return some rows, in the order of the observed calls."""
        return replace(self.by_session, columns=part_of(self.by_session.columns, rows))

    def in_time(self) -> Iterator[Ledger]:
        """Yield all rows in the order of ledgers, some thousand of them at a time."""
        for columns in evenly(self.by_time.ranges()):
            yield replace(self.by_session, columns={name: columns[name] for name in _DTYPES})


def ledger(observed: Observed, otherwise_us: int) -> tuple[Ledger, Wide]:
    """Return the ledger of observed calls, in memory, and which of them each of its rows is; as `logged`."""
    found = logged(observed, otherwise_us)
    parts = list(found.by_time.ranges())
    none = {name: np.zeros(0, dtype=dtype) for name, dtype in (_DTYPES | {"row": "int64"}).items()}
    columns = {name: np.concatenate([none[name], *(part[name] for part in parts)]) for name in none}
    order = columns.pop("row")
    return replace(found.by_session, columns=columns), order


def logged(observed: Observed, otherwise_us: int) -> Logged:
    """Return the ledger of observed calls, some thousand rows of whole sessions being worked on at a time.

    Calls of sessions without any time are placed at `otherwise_us` (UTC since 1970).
    """
    work = tasks(observed, otherwise_us)
    names, numbered = _names(observed)
    bases = _Bases(observed)
    by_session, by_time = Spilled(_DTYPES), Sorted(_BY_TIME | _DTYPES, keys=3, together=3)
    roots = count = horizon_us = 0
    for part in seen(observed, otherwise_us):
        found = dict(_columns(part, work, bases)) | {name: number(part.some) for name, number in numbered.items()}
        nothing = np.zeros(len(part.some), dtype=np.int8)
        columns = {name: found.get(name, nothing).astype(dtype) for name, dtype in _DTYPES.items()}
        by_session.add(columns.items())
        by_time.add(columns | {"row": np.arange(part.rows.start, part.rows.stop)})
        roots += int((columns["depth"][part.first] == 0).sum())
        count += len(part.first)
        horizon_us = max(horizon_us, int(columns["request_us"].max()), int(columns["end_us"].max()))
    outcome = _outcome(roots, count, horizon_us)
    whole = Ledger(by_session, names, (outcome,), horizon_us + 1, work.start_us, (WORKED_OUT,))
    return Logged(whole, np.unique(work.children.task[work.children.task >= 0]), by_time)


def _columns(part: Seen, work: Tasks, bases: _Bases) -> Iterator[tuple[str, Ints]]:
    """Yield the columns that are as observed, or follow from what was, by the name in the ledger."""
    some, task, children = part.some, work.of(part), work.children
    yield from ((name, some[name]) for name in AS_OBSERVED)
    yield "plan", np.full(len(some), -1)
    yield "task", task
    yield "parent", children.of(children.task + 1, some["session"]) - 1
    yield "depth", children.of(children.depth, some["session"])
    yield "turn", _turns(task)
    yield from _times(some, part.at_us, work.start_us)
    yield from _contexts(some, bases.of(some))


def _names(observed: Observed) -> tuple[dict[str, Sequence[str]], dict[str, Callable[[Observed], Ints]]]:
    """Return the names of the ledger by kind, and what gives the columns that point to names not observed."""
    models, providers = observed.names["models"], observed.names["providers"]
    pairs = distinct(_pair(observed.part(rows), len(providers)) for rows in pieces(len(observed)))
    told = [offer_of(models[pair // len(providers)], providers[pair % len(providers)]) for pair in pairs.tolist()]
    offers = tuple(sorted(set(told)))
    accounts = tuple(sorted({name.partition("/")[0] for name in told}))
    offer = np.array([offers.index(name) for name in told], dtype=np.int64)
    account = np.array([accounts.index(name.partition("/")[0]) for name in told], dtype=np.int64)
    tiers, tier = _turned(observed, "service_tier", tier_of)
    regions, region = _turned(observed, "region", str)
    names: dict[str, Sequence[str]] = {
        "agents": observed.names["agents"],
        "offers": offers,
        "accounts": accounts,
        "regions": regions,
        "service_tiers": tiers,
        "plans": (),
    }
    return names, {
        "offer": lambda some: offer[np.searchsorted(pairs, _pair(some, len(providers)))],
        "account": lambda some: account[np.searchsorted(pairs, _pair(some, len(providers)))],
        "service_tier": lambda some: tier[some["service_tier"]],
        "region": lambda some: region[some["region"]],
    }


def _pair(some: Observed, providers: int) -> Wide:
    """Return one number for each row's model and provider."""
    return some["model"].astype(np.int64) * providers + some["provider"]


def _turned(observed: Observed, column: str, word: Callable[[str], str]) -> tuple[tuple[str, ...], Wide]:
    """Return the names of a column in the words of price books, and which of them each of the log's is."""
    known = observed.names[f"{column}s"]
    used = distinct(observed.part(rows)[column] for rows in pieces(len(observed))).tolist()
    words = tuple(sorted({word(known[number]) for number in used}))
    turned = np.zeros(len(known), dtype=np.int64)
    turned[used] = [words.index(word(known[number])) for number in used]
    return words, turned


def _turns(task: Wide) -> Wide:
    """Return how many-th call of its task each row is, from 1; calls of a task lie in order, not always together."""
    order = np.argsort(task, kind="stable")
    ordered = task[order]
    begins = np.flatnonzero(np.diff(ordered, prepend=-1))
    turn = np.empty(len(task), dtype=np.int64)
    turn[order] = np.arange(len(task)) - np.repeat(begins, np.diff(np.append(begins, len(task)))) + 1
    return np.minimum(turn, MOST_TURNS)


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
        for rows in pieces(len(observed)):
            some = observed.part(rows)
            kinds, group = np.unique(np.concatenate((self._kinds, _kind(some))), return_inverse=True)
            shortest = np.full(len(kinds), np.iinfo(np.int64).max)
            np.minimum.at(shortest, group.reshape(-1), np.concatenate((self._shortest, some.prompt)))
            self._kinds, self._shortest = kinds, shortest

    def of(self, some: Observed) -> Wide:
        """Return it for each call."""
        return self._shortest[np.searchsorted(self._kinds, _kind(some))]


def _kind(observed: Observed) -> Wide:
    """Return one number for the program, agent and project of each call."""
    client, agent = observed["client"].astype(np.int64), observed["agent"].astype(np.int64)
    return (client << 48) | (agent << 32) | observed["project"]


def _rows(columns: Sequence[Ints]) -> Iterator[tuple[int, ...]]:
    """Yield the values of columns row by row, as Python's integers, of which few are there at a time."""
    for begin in range(0, len(columns[0]), ROWS_AT_ONCE):
        yield from zip(*(values[begin : begin + ROWS_AT_ONCE].tolist() for values in columns), strict=True)


def _outcome(roots: int, count: int, last_us: int) -> Outcome:
    """Logs hold what was done; whether it succeeded they do not say."""
    return Outcome(0, roots, roots, -1, 0, 0, 0, count, last_us)
