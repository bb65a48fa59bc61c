"""Real, redacted sessions (github.com/uw-syfi/TraceLab, Apache-2.0), where they are at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from burncurve.billing import bill
from burncurve.importers.ledger import ledger
from burncurve.prices import load
from importers.written import read_all, sums

EXAMPLES = Path(os.environ.get("BURNCURVE_EXAMPLE_SESSIONS", ""))
there = pytest.mark.skipif(
    not os.environ.get("BURNCURVE_EXAMPLE_SESSIONS"),
    reason="unproven here: BURNCURVE_EXAMPLE_SESSIONS does not name the folder of TraceLab's example sessions",
)


@there
def test_claude_code() -> None:
    """25 lines of answers are ten messages; their usage, read once for each message."""
    reading = read_all(EXAMPLES / "claude/session.jsonl")
    assert len(reading.observed) == 10
    assert reading.account.records == 64
    assert sums(reading) == {
        "input": 3_039, "cache_read": 394_068, "cache_write_5m": 21_086, "cache_write_1h": 0, "output": 9_423,
        "reasoning": 0, "web_searches": 0,
    }  # fmt: skip
    assert reading.observed["user_turn"].sum() == 2
    tools = {tool for names in reading.observed.named("tools") for tool in names.split(",") if tool}
    assert tools == {"Bash", "WebSearch", "WebFetch", "Write"}


@there
def test_codex() -> None:
    """Nine token counts, and the sum over them that the last one states."""
    reading = read_all(EXAMPLES / "codex/session.jsonl")
    found = sums(reading)
    assert len(reading.observed) == 9
    assert reading.account.records == 72
    assert found["input"] + found["cache_read"] == 95_819
    assert found["cache_read"] == 79_488
    assert found["output"] + found["reasoning"] == 1_912
    assert found["reasoning"] == 581
    assert reading.observed["user_turn"].sum() == 3


@there
@pytest.mark.parametrize(
    ("session", "millionths"),
    [
        # claude-opus-4.8 at 5, 0.5, 6.25 and 25 dollars per million; gpt-5.4 at 2.5, 0.25 and 15: tokens as above
        ("claude", 3_039 * 5 + 394_068 * 0.5 + 21_086 * 6.25 + 9_423 * 25),
        ("codex", (95_819 - 79_488) * 2.5 + 79_488 * 0.25 + 1_912 * 15),
    ],
)
def test_their_bills(session: str, millionths: float) -> None:
    made, _ = ledger(read_all(EXAMPLES / session / "session.jsonl").observed, 0)
    assert bill(made, load("list"), deployment="d").total_pico == millionths * 1_000_000
