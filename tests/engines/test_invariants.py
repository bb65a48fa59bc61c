"""Drawn workloads on drawn deployments: what must hold, and what must not change what."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from burncurve.deployment import NO_LIMIT, UNKNOWN, Deployment
from burncurve.ledger import SCHEMA, Kind, Ledger, Status, merged
from burncurve.words import PPM
from burncurve.workload import Overlap, Reset, Workload

from . import strategies
from .build import played, replace, same
from .happened import told
from .invariants import hold
from .strategies import Case, cases

NUMBERING = ("session", "task", "parent")  # numbers in order of appearance, which neighbours may shift


def rows_of(ledger: Ledger, *without: str, status: int | None = None) -> list[tuple[int, ...]]:
    """Return the rows as tuples in an order of their own, without some columns."""
    names = [name for name in SCHEMA.names if name not in without]
    which = np.ones(len(ledger), bool) if status is None else ledger["status"] == status
    return sorted(zip(*(ledger[name][which].tolist() for name in names), strict=True))


@settings(max_examples=500)
@given(cases())
def test_what_must_hold_holds(case: Case) -> None:
    ledger = played(case.workload, case.deployment)
    told(case, ledger)
    hold(case, ledger)


@settings(max_examples=100)
@given(cases(endless=True))
def test_what_must_hold_holds_in_every_replication_and_nothing_is_left_undone(case: Case) -> None:
    ledger = played(case.workload, case.deployment, range(3))
    told(case, ledger)
    hold(case, ledger)


@settings(max_examples=40)
@given(cases())
def test_the_same_is_the_same_in_any_order_of_replications(case: Case) -> None:
    whole = played(case.workload, case.deployment, range(3))
    same(whole, played(case.workload, case.deployment, range(3)))
    parts = [played(case.workload, case.deployment, range(i, i + 1)) for i in (2, 0, 1)]
    same(whole, merged(parts))


@st.composite
def free_cases(draw: strategies.Draw) -> Case:
    """Draw a case in which nobody waits for anybody: no places, no limits, nothing shared between triggers."""
    work = draw(strategies.workloads())
    served = draw(strategies.deployments(len(work.roles), free=True))
    return Case(replace(work, places=0), served)


@settings(max_examples=100)
@given(free_cases(), st.data())
def test_a_new_agent_and_its_trigger_leave_all_other_rows_as_they_were(case: Case, data: st.DataObject) -> None:
    before = case.workload
    newcomer = strategies.agents(data.draw, "newcomer", 1, len(before.roles))
    newcomer = replace(newcomer, spawns=tuple(replace(rule, child=len(before.agents)) for rule in newcomer.spawns))
    start = replace(strategies.triggers(data.draw, "newcomer", 1), agent=len(before.agents), session="")
    after = replace(before, agents=(*before.agents, newcomer), triggers=(*before.triggers, start))
    ledger = played(after, case.deployment)
    old = ledger["agent"] < len(before.agents)
    left = Ledger({name: ledger[name][old] for name in SCHEMA.names}, ledger.names, ledger.outcomes, 0, 0)
    assert rows_of(left, *NUMBERING) == rows_of(played(before, case.deployment), *NUMBERING)


def timeless(work: Workload) -> Workload:
    """Return the workload without the rules by which time or space would change what is asked."""
    steady = {"timeout_us": 0, "window_tokens": 0, "compaction": None, "slide": None, "clear": None}
    return replace(
        work,
        horizon_us=strategies.ENDLESS,
        agents=tuple(replace(each, **steady) for each in work.agents),
        triggers=tuple(replace(each, overlap=Overlap.QUEUE, reset=Reset()) for each in work.triggers),
    )


def faithful(served: Deployment) -> Deployment:
    """Return the deployment with offers that differ in time, cache and limits, but not in what they answer."""
    alike = {"tokenizer_ppm": PPM, "verbosity_ppm": PPM, "turns_ppm": PPM, "max_output_tokens": NO_LIMIT, "broken": 0,
             "success": UNKNOWN, "window_tokens": 1 << 30}  # fmt: skip
    return replace(
        served,
        offers=tuple(replace(each, **alike) for each in served.offers),
        accounts=tuple(replace(each, refuses=False) for each in served.accounts),
    )


@settings(max_examples=100)
@given(strategies.workloads(), st.data())
def test_another_deployment_has_the_same_luck(work: Workload, data: st.DataObject) -> None:
    work = timeless(work)
    sizes = []
    for _ in range(2):
        served = faithful(data.draw(strategies.deployments(len(work.roles))))
        ledger = played(work, served)
        assert (ledger["status"] == Status.OK).all()
        turn = np.where(
            ledger["kind"] == Kind.ANNOUNCE, 0, ledger["turn"]
        )  # when results come back is a matter of time
        names = ("agent", "depth", "request", "kind", "output", "reasoning")
        sizes.append(Counter(zip(turn.tolist(), *(ledger[name].tolist() for name in names), strict=True)))
    assert sizes[0] == sizes[1]


EXPECTED = {
    *(f"kind {name}" for name in ("turn", "announce", "compaction", "flush", "side", "judge")),
    *(f"status {name}" for name in ("ok", "error", "refused", "stopped", "overflow")),
    *(f"outcome {name}" for name in ("finished", "unfinished", "failed", "skipped", "succeeded")),
    "cache_read", "cache_write_5m", "cache_write_1h", "reasoning", "web_searches", "from_summary", "miss", "wait",
    "no time", "tie", "retry", "failover", "task tried again", "child", "grandchild", "late request",
    "past the horizon", "broken and billed", "nothing", "context cut", "with compaction", "with slide", "with clear",
    "with loop", "with first_turns", "with timeout_us", "with window_tokens", "with join wait", "with join announce",
    "with join background", "with fork", "with fork of another effort", "with active", "with base change",
    "with places", "with people",
    "with renewal", "with shared session", "with reset", "with output cached",
}  # fmt: skip


def test_the_drawn_cases_leave_no_mechanism_out() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=300)
    @given(cases())
    def look(case: Case) -> None:
        seen.update(told(case, played(case.workload, case.deployment)))

    look()
    assert {name: seen[name] for name in EXPECTED if seen[name] < 2} == {}
    assert set(seen) <= EXPECTED
