"""Claude Code: one response over several lines, resumed sessions, sub-agents and what they replay."""

from __future__ import annotations

from pathlib import Path

import pytest

from burncurve.importers import claude_code
from burncurve.importers.calls import SUB_AGENT
from burncurve.ledger import Kind
from importers.written import MODEL, answer, asked, claude_usage, jsonl, read_all, remarks, result, skipped, sums


def test_lines_of_one_response_are_one_call_with_its_largest_output_and_all_its_tools(tmp_path: Path) -> None:
    lines = [
        asked(0),
        answer(3, "m1", ("Bash",), usage=claude_usage(output=1)),
        answer(4, "m1", ("Read",), usage=claude_usage(output=25)),
        answer(5, "m1", ("Bash",), usage=claude_usage(output=25)),
        result(9),
        answer(12, "m2"),
        asked(40),
        answer(44, "m3"),
    ]
    reading = read_all(jsonl(tmp_path / "s1.jsonl", lines))
    found = reading.observed
    assert sums(reading) == {
        "input": 30, "cache_read": 3_000, "cache_write_5m": 300, "cache_write_1h": 0, "output": 65, "reasoning": 0,
        "web_searches": 0,
    }  # fmt: skip
    assert skipped(reading) == {claude_code.FURTHER_LINE: 2}
    assert found.named("tools") == ["Bash,Read", "", ""]
    assert found["tool_calls"].tolist() == [3, 0, 0]
    assert found["request"].tolist() == [0, 0, 1]
    assert found["user_turn"].tolist() == [1, 0, 1]
    seconds = [(start % 60_000_000 / 1e6, end % 60_000_000 / 1e6) for start, end in
               zip(found["start_us"].tolist(), found["end_us"].tolist(), strict=True)]  # fmt: skip
    assert seconds == [(0.0, 5.0), (9.0, 12.0), (40.0, 44.0)]
    assert found.named("model") == [MODEL] * 3
    assert found.named("project") == ["/srv/demo"] * 3


def test_a_resumed_session_repeats_responses_in_its_own_file_and_they_count_once(tmp_path: Path) -> None:
    first = [asked(0), answer(1, "m1"), asked(10), answer(11, "m2")]
    resumed = [{**line, "sessionId": "s2"} for line in first] + [
        asked(20, session="s2"),
        answer(21, "m3", session="s2"),
    ]
    jsonl(tmp_path / "p/s1.jsonl", first)
    jsonl(tmp_path / "p/s2.jsonl", resumed)
    reading = read_all(tmp_path)
    assert len(reading.observed) == 3
    assert skipped(reading) == {claude_code.REPEATED: 2}
    assert tuple(reading.observed.names["sessions"]) == ("s1", "s2")
    assert reading.observed["user_turn"].tolist() == [1, 1, 1]


def test_writes_for_five_minutes_and_an_hour_are_told_apart(tmp_path: Path) -> None:
    old = claude_usage(write=70)
    del old["cache_creation"]
    lines = [asked(0), answer(1, "m1", usage=claude_usage(write=100, hour=40)), answer(2, "m2", usage=old)]
    reading = read_all(jsonl(tmp_path / "s.jsonl", lines))
    assert reading.observed["cache_write_1h"].tolist() == [40, 0]
    assert reading.observed["cache_write_5m"].tolist() == [60, 70]
    assert list(remarks(reading).values()) == [1]


def with_sub_agent(folder: Path) -> Path:
    task = answer(2, "m1")
    task["message"]["content"] = [
        {"type": "tool_use", "id": "t_task", "name": "Task", "input": {"subagent_type": "Explore", "prompt": "secret"}}
    ]
    back = result(30, "t_task", toolUseResult={"agentId": "a7", "content": "secret"})
    jsonl(folder / "p/s1.jsonl", [asked(0), task, back, answer(33, "m2")])
    side = {"isSidechain": True, "agentId": "a7"}
    lines = [
        answer(2, "m1", request="req_other", **side),  # the parent's, under another request id
        asked(3, **side),
        answer(6, "m8", ("Grep",), **side),
        result(7, **side),
        answer(9, "m9", **side),
    ]
    jsonl(folder / "p/s1/subagents/agent-a7.jsonl", lines)
    return folder


def test_the_fast_mode_is_a_tier_of_its_own(tmp_path: Path) -> None:
    usages = ({"speed": "fast"}, {"speed": "standard"}, {"speed": None}, {"speed": ["fast"]}, {"service_tier": "batch"})
    lines = [asked(0)] + [
        answer(second, f"m{second}", usage={**claude_usage(), **usage}) for second, usage in enumerate(usages, 1)
    ]
    found = read_all(jsonl(tmp_path / "s1.jsonl", lines)).observed
    assert found.named("service_tier") == ["fast", "standard", "standard", "standard", "batch"]


def test_a_sub_agent_is_a_session_of_its_own_named_after_its_type_and_its_replays_are_dropped(tmp_path: Path) -> None:
    reading = read_all(with_sub_agent(tmp_path))
    found = reading.observed
    assert skipped(reading) == {claude_code.REPLAYED: 1}
    assert found.named("session") == ["s1", "s1", "s1/a7", "s1/a7"]
    assert found.named("parent") == ["", "", "s1", "s1"]
    assert found.named("agent") == ["main", "main", "Explore", "Explore"]
    assert found["sub_agent"].tolist() == [0, 0, 1, 1]
    assert found["user_turn"].tolist() == [1, 0, 1, 0]


def test_progress_of_a_sub_agent_counts_where_no_file_of_its_own_has_it(tmp_path: Path) -> None:
    inner = answer(5, "m5", isSidechain=True)
    line = {"type": "progress", "sessionId": "s1", "timestamp": inner["timestamp"],
            "data": {"type": "agent_progress", "agentId": "a9", "message": inner}}  # fmt: skip
    reading = read_all(jsonl(tmp_path / "s1.jsonl", [asked(0), answer(1, "m1"), line, line]))
    assert reading.observed.named("session") == ["s1", "s1/a9"]
    assert reading.observed.named("agent") == ["main", SUB_AGENT]
    assert skipped(reading) == {claude_code.FURTHER_LINE: 1}


def test_a_compacting_agent_is_a_compaction(tmp_path: Path) -> None:
    lines = [asked(0), answer(1, "m1", isSidechain=True, agentId="acompact-12")]
    reading = read_all(jsonl(tmp_path / "s.jsonl", lines))
    assert reading.observed["kind"].tolist() == [Kind.COMPACTION]


@pytest.mark.parametrize("wrong", [-1, 10**12, 1.5, "many", True, [1], {"a": 1}])
def test_an_impossible_count_is_skipped_by_name(tmp_path: Path, wrong: object) -> None:
    bad = {**claude_usage(), "output_tokens": wrong}
    reading = read_all(jsonl(tmp_path / "s.jsonl", [asked(0), answer(1, "m1", usage=bad), answer(2, "m2")]))
    assert skipped(reading) == {"impossible count in output_tokens": 1}
    assert len(reading.observed) == 1


def test_text_of_the_program_and_answers_without_usage_are_no_calls(tmp_path: Path) -> None:
    bare = answer(2, "m2")
    del bare["message"]["usage"]
    lines = [asked(0), answer(1, "m1", model="<synthetic>"), bare, {"type": "summary", "summary": "x", "leafUuid": "u"}]
    reading = read_all(jsonl(tmp_path / "s.jsonl", lines))
    assert skipped(reading) == {
        claude_code.PROGRAM_TEXT: 1,
        claude_code.NO_USAGE: 1,
        claude_code.NO_MESSAGE: 1,
    }
    assert len(reading.observed) == 0


def test_clocks_that_run_backwards_leave_the_start_unknown(tmp_path: Path) -> None:
    reading = read_all(jsonl(tmp_path / "s.jsonl", [asked(30), answer(10, "m1")]))
    assert reading.observed["start_us"].tolist() == [-1]
    assert reading.observed["end_us"].tolist()[0] > 0
    assert len(remarks(reading)) == 1


def test_no_word_of_a_conversation_is_kept(tmp_path: Path) -> None:
    reading = read_all(with_sub_agent(tmp_path))
    assert "secret" not in repr(reading.observed.names) + repr(reading.account)


def test_what_a_response_cost_beyond_its_counters_is_named_once(tmp_path: Path) -> None:
    usage = claude_usage() | {"inference_geo": "us", "iterations": [{"type": "compaction", "input_tokens": 180_000}]}
    plain = claude_usage() | {"inference_geo": "not_available", "iterations": [{"type": "message"}]}
    lines = [asked(0), answer(1, "m1", usage=usage), answer(2, "m1", usage=usage), answer(3, "m2", usage=plain)]
    reading = read_all(jsonl(tmp_path / "s.jsonl", lines))
    assert remarks(reading) == {claude_code.COMPACTED: 1}
    assert reading.observed.named("region") == ["us", ""]
