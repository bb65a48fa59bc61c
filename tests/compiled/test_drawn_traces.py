"""A thousand drawn traces, with ties, pauses of nothing and caches that die: one ledger from both engines."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings

from engines.drawn_traces import asked_for, traced_cases
from engines.happened import mechanisms
from engines.strategies import Case
from engines.test_hand_trace import served, traced

from .law import same

PAIRS = 1_000
SELDOM = 20  # each mechanism is met at least so often

EXPECTED = (
    "trace: child", "trace: children of one turn", "trace: child awaited",
    "trace: children awaited at different turns", "trace: child that nobody waits for",
    "trace: conversation that opens warm", "trace: child that opens warm",
    "trace: child without a pause", "trace: several requests", "trace: several conversations",
    "trace: request at once", "trace: task without turns", "trace: no gap", "trace: context cut",
    "trace: context cut to nothing", "trace: answer that does not stay", "trace: reasoning that stays",
    "kind turn", "kind announce", "kind compaction", "kind flush", "kind judge", "kind side",
    "status ok", "status error", "status refused", "status stopped", "status overflow",
    "outcome finished", "outcome unfinished", "outcome failed", "outcome succeeded",
    "cache_read", "cache_write_5m", "cache_write_1h", "reasoning", "from_summary", "miss", "wait", "no time", "tie",
    "retry", "failover", "child", "grandchild", "late request", "past the horizon", "broken and billed",
    "context cut", "with compaction", "with slide", "with clear", "with timeout_us", "with window_tokens",
    "with places", "with output cached", "beside triggers", "alone",
)  # fmt: skip


def test_both_engines_play_every_trace_that_can_be_drawn_alike(capsys: pytest.CaptureFixture[str]) -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=PAIRS)
    @given(traced_cases())
    def one(case: Case) -> None:
        assert case.workload.trace is not None
        beside = "beside triggers" if case.workload.triggers else "alone"
        happened = mechanisms(case, same(case.workload, case.deployment))
        seen.update(happened | asked_for(case.workload.trace) | {beside})

    one()
    with capsys.disabled():
        print("\n" + "\n".join(f"{count:6} {name}" for name, count in sorted(seen.items(), key=lambda met: met[1])))
    assert not [name for name in EXPECTED if seen[name] < SELDOM]


def test_both_engines_play_the_trace_worked_by_hand_alike() -> None:
    assert len(same(traced(), served(), range(1))) == 5
    same(traced(), served(tokenizer_ppm=1_500_000, window_tokens=17_000))
