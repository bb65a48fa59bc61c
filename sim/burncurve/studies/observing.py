"""Observed calls for studies, from logs or from the folder that `import` kept: which are turns, and who served them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from burncurve.errors import InputError, Problem
from burncurve.importers.observed import Observed
from burncurve.importers.offers import offer_of
from burncurve.ledger import Kind, Status
from burncurve.studies import observed_file, turns
from burncurve.studies.turns import Turns

LONGEST_NAME = 64
ALONE = 0.1  # from this share of the calls on it is said that they stand alone in their sessions
UNFIT = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True)
class Seen:
    """Calls of conversations, as a log has them and as turns, row for row; `offers` serve the turns' agents.

    `left_out` says how many others there were, and of what kind; `remarks` what is taken for granted of these. Where
    the log tells any times, each call has one.
    """

    observed: Observed
    turns: Turns
    offers: tuple[str, ...]
    left_out: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @property
    def dated(self) -> bool:
        """Whether the calls have times."""
        return bool((self.turns.start_us >= 0).any())


def observed_in(paths: Sequence[Path]) -> Observed:
    """Return all calls in logs, or in the folder of one import; raises InputError where there is none."""
    from burncurve.studies import log_reading

    imports = [path for path in paths if os.path.isfile(path / observed_file.OBSERVED)]  # which forgives any path
    if imports and len(paths) == 1:
        return observed_file.read(imports[0] / observed_file.OBSERVED)
    if imports:
        remedy = "Import all logs together, or name the logs themselves."
        raise InputError(*(Problem(str(path), "the folder of an import is taken alone", remedy) for path in imports))
    found = log_reading.read(paths)
    if not len(found.observed):
        account = found.account
        what = f"no call was found: {account.told}"
        remedy = "Name a file or folder of logs; `burncurve import` says what was skipped, and why."
        raise InputError(Problem(str(paths[0]), what, remedy))
    return found.observed


def seen(observed: Observed) -> Seen:
    """Return the calls of conversations; raises InputError where there is none."""
    broken = observed["status"] != Status.OK
    beside = ~broken & (observed["kind"] == Kind.SIDE)
    empty = ~broken & ~beside & (observed.prompt <= 0)
    told = ((broken, "failed calls"), (beside, "calls beside a conversation"), (empty, "calls without a prompt"))
    rows = np.flatnonzero(~(broken | beside | empty))
    if not len(rows):
        raise InputError(Problem("", "there is no answered call of a conversation", "Name other logs."))
    remarks = observed.rows(rows).without_time()
    kept, circled = without_circles(timed(observed).rows(rows))
    names, offers, agent = _agents(kept)
    found = replace(turns.of_observed(kept), agent=agent, agents=names)
    left_out = tuple(f"{int(flags.sum()):,} {what}" for flags, what in told if flags.any())
    return Seen(kept, found, offers, left_out, (*remarks, *circled))


def timed(observed: Observed) -> Observed:
    """Return the calls, each with the time at which it was asked for as far as the log tells any (WITHOUT_TIME)."""
    asked_us = observed.asked_us(observed.last_known_us())
    return replace(observed, columns={**observed.columns, "start_us": asked_us})


def without_circles(observed: Observed) -> tuple[Observed, tuple[str, ...]]:
    """Return the calls, sessions that are parents of each other in a circle being spawned by nobody, and a remark."""
    above = np.full(len(observed.names["sessions"]), -1)
    above[observed["session"]] = observed["parent"]
    for _ in range(len(above).bit_length()):  # each time twice as far up: only a circle has parents without end
        above = np.where(above >= 0, above[above], -1)
    circled = np.unique(above[above >= 0])
    if not len(circled):
        return observed, ()
    free = np.where(np.isin(observed["session"], circled), -1, observed["parent"])
    remark = f"{len(circled):,} sessions have themselves among the parents of their parents: taken as spawned by nobody"
    return replace(observed, columns={**observed.columns, "parent": free}), (remark,)


def standing_alone(found: Seen) -> str:
    """Return a remark where many calls are all of their session, as in logs that name none; else nothing.

    No call before them shows what was in the cache: their reads are the log's word.
    """
    turns = found.turns
    alone = (np.diff(turns.first) == 1)[turns.session] & (turns.parent < 0)
    reads = np.maximum(turns.read, 0)
    if alone.mean() < ALONE or not reads[alone].any():
        return ""
    share = f"{alone.mean():.0%} of the calls stand alone in their session, as where a log names no sessions"
    return f"{share}; they read {reads[alone].sum() / reads.sum():.0%} of all that was read from a cache"


def _agents(observed: Observed) -> tuple[tuple[str, ...], tuple[str, ...], turns.Ints]:
    """Return the agents' names (told apart by who served, where that was several), their offers, and who made a row."""
    served = [offer_of(*pair) for pair in zip(observed.named("model"), observed.named("provider"), strict=True)]
    pairs = list(zip(observed.named("agent"), served, strict=True))
    distinct = sorted(set(pairs))
    counts = {agent: sum(name == agent for name, _ in distinct) for agent, _ in distinct}
    names = _names([agent if counts[agent] == 1 else f"{agent}.{offer.split('/')[-1]}" for agent, offer in distinct])
    place = {pair: number for number, pair in enumerate(distinct)}
    rows = np.array([place[pair] for pair in pairs], dtype=np.int64)
    return names, tuple(offer for _, offer in distinct), rows


def _names(texts: Sequence[str]) -> tuple[str, ...]:
    """Return names that scenario files allow, each its own."""
    used: dict[str, int] = {}
    found = []
    for text in texts:
        name = UNFIT.sub("-", text).strip("-.")[: LONGEST_NAME - 4] or "agent"
        used[name] = used.get(name, 0) + 1
        found.append(name if used[name] == 1 else f"{name}-{used[name]}")
    return tuple(found)


def retentions(found: Seen) -> Mapping[str, str]:
    """Return by agent how long its prompts were written for, as the logs' counters tell; off: never written."""
    written = {"5m": found.observed["cache_write_5m"], "1h": found.observed["cache_write_1h"]}
    told = {}
    for number, name in enumerate(found.turns.agents):
        rows = found.turns.agent == number
        sums = {kept: int(values[rows].sum(dtype=np.int64)) for kept, values in written.items()}
        read = int(found.observed["cache_read"][rows].sum(dtype=np.int64))
        told[name] = max(sums, key=lambda kept: sums[kept]) if any(sums.values()) or read else "off"
    return told
