"""Thousands of drawn workloads and deployments, forced ties included: one ledger from both engines."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.happened import mechanisms
from engines.happened_money import money_mechanisms
from engines.mattered import WITHOUT, mattered
from engines.spending import spending
from engines.strategies import Case, cases

from .law import same

PAIRS = 3_000  # two thirds of them with budgets, monthly limits, plans or stages
SELDOM = 20  # each mechanism is met at least so often
ENOUGH = 30  # so often met, what can only be seen by playing the case without it is looked for no more

# what the generator can bring about; a mechanism that it stops drawing fails the test
EXPECTED = (
    "kind turn", "kind announce", "kind compaction", "kind flush", "kind side", "kind judge",
    "status ok", "status error", "status refused", "status stopped", "status overflow",
    "outcome finished", "outcome unfinished", "outcome failed", "outcome skipped", "outcome succeeded",
    "cache_read", "cache_write_5m", "cache_write_1h", "reasoning", "web_searches", "from_summary", "miss", "wait",
    "no time", "tie", "retry", "failover", "task tried again", "child", "grandchild", "late request",
    "past the horizon", "broken and billed", "nothing", "context cut", "with compaction", "with slide", "with clear",
    "with loop", "with first_turns", "with timeout_us", "with window_tokens", "with join wait", "with join announce",
    "with join background", "with fork", "with fork of another effort", "with active", "with base change",
    "with places", "with people",
    "with renewal", "with shared session", "with reset", "with output cached",
    "stop task", "stop session", "stop day", "stop run", "pause task", "pause session", "pause day", "pause run",
    "cheaper task", "cheaper session", "cheaper day", "cheaper run", "warn task", "warn session", "warn day",
    "warn run", "dollars reached", "tokens reached", "several budgets reached", "beyond a budget", "another currency",
    "rates change", "bands", "excess", "waits when the run ends", "goes on as the day turns", "child not made",
    "side call not made", "month waited for", "plan block", "plan wait", "plan pay", "covered", "terms change",
    "quota begins or ends", "seats", "charged by request", "charged by call", "charged by token", "weights",
    "weights by hour", "hours that do not count", "counts from first_use", "counts from each_use",
    "counts from purchase",
    "full, counts from first_use", "full, counts from each_use", "full, counts from purchase", "bought again",
    "covered as a use comes back",
    "plan and budget", "another stage", "context sized anew", "asked for as a stage begins",
)  # fmt: skip


def test_both_engines_give_the_same_ledger_for_everything_that_can_be_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=PAIRS)
    @given(st.one_of(cases(), spending(), spending()))
    def one(case: Case) -> None:
        ledger = same(case.workload, case.deployment)
        seen.update(mechanisms(case, ledger) | money_mechanisms(case, ledger))
        rest = [name for name in WITHOUT if seen[f"{name} matters"] < ENOUGH]
        seen.update(f"{name} matters" for name in mattered(case, ledger, rest))

    one()
    with capsys.disabled():
        print("\n" + "\n".join(f"{count:6} {name}" for name, count in sorted(seen.items(), key=lambda met: met[1])))
    expected = (*EXPECTED, *(f"{name} matters" for name in WITHOUT))
    assert not [name for name in expected if seen[name] < SELDOM]
