"""Real, redacted sessions (github.com/uw-syfi/TraceLab, Apache-2.0), where they are at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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
