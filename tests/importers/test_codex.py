"""Codex: sums so far, repeated events, forks that replay their parent, input that includes the cache."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

from burncurve.importers import codex
from burncurve.ledger import Kind
from importers.written import jsonl, read_all, remarks, skipped, sums

AT = "2026-03-02T10:00:{:02d}.{:03d}Z"


def event(second: int, payload: dict[str, Any], kind: str = "event_msg", ms: int = 0) -> dict[str, Any]:
    return {"timestamp": AT.format(second, ms), "type": kind, "payload": payload}


def usage(prompt: int, cached: int, output: int, reasoning: int) -> dict[str, int]:
    return {
        "input_tokens": prompt, "cached_input_tokens": cached, "output_tokens": output,
        "reasoning_output_tokens": reasoning, "total_tokens": prompt + output,
    }  # fmt: skip


def counted(second: int, total: dict[str, int], last: dict[str, int] | None, ms: int = 0) -> dict[str, Any]:
    info = {"total_token_usage": total, **({"last_token_usage": last} if last else {})}
    return event(second, {"type": "token_count", "info": info}, ms=ms)


def meta(second: int, identity: str = "c1", **fields: Any) -> dict[str, Any]:
    return event(second, {"id": identity, "cwd": "/w", "model_provider": "openai", **fields}, "session_meta")


CONTEXT = event(1, {"model": "gpt-5.2", "cwd": "/w"}, "turn_context")
ASKED = event(2, {"type": "user_message", "message": "secret"})


def test_parts_are_taken_out_of_their_whole(tmp_path: Path) -> None:
    one, two = usage(100, 60, 20, 5), usage(150, 128, 10, 0)
    total = usage(250, 188, 30, 5)
    tool = event(4, {"type": "function_call", "name": "shell", "arguments": "secret"}, "response_item")
    back = event(6, {"type": "function_call_output", "output": "secret"}, "response_item")
    lines = [meta(0), CONTEXT, ASKED, tool, counted(5, one, one), back, counted(9, total, two)]
    reading = read_all(jsonl(tmp_path / "rollout-1.jsonl", lines))
    found = reading.observed
    assert sums(reading) == {
        "input": 62, "cache_read": 188, "cache_write_5m": 0, "cache_write_1h": 0, "output": 25, "reasoning": 5,
        "web_searches": 0,
    }  # fmt: skip
    assert found.named("model") == ["gpt-5.2"] * 2
    assert found.named("tools") == ["shell", ""]
    assert found["user_turn"].tolist() == [1, 0]
    assert [(int(e) - int(s)) / 1e6 for s, e in zip(found["start_us"], found["end_us"], strict=True)] == [3.0, 3.0]
    assert "secret" not in repr(found.names)


def test_without_figures_of_the_last_call_sums_are_subtracted_and_repeats_ignored(tmp_path: Path) -> None:
    first, second = usage(100, 0, 10, 0), usage(260, 90, 25, 4)
    begun_anew = usage(40, 0, 5, 0)
    lines = [
        meta(0), CONTEXT, counted(3, first, None), counted(4, first, None), counted(5, second, None),
        counted(6, begun_anew, None), event(7, {"type": "token_count", "info": None}),
    ]  # fmt: skip
    reading = read_all(jsonl(tmp_path / "rollout-1.jsonl", lines))
    assert reading.observed.prompt.tolist() == [100, 160, 40]
    assert reading.observed["output"].tolist() == [10, 11, 5]
    assert skipped(reading) == {codex.REPEATED: 1, codex.NO_FIGURES: 1}


def test_a_fork_begins_with_its_parents_events_which_are_not_its_own(tmp_path: Path) -> None:
    one, two = usage(100, 0, 10, 0), usage(120, 100, 10, 0)
    source = {"subagent": {"thread_spawn": {"parent_thread_id": "c1", "agent_role": "explorer"}}}
    both = usage(220, 100, 20, 0)
    lines = [
        meta(0, "c2", source=source), meta(0, "c1"), CONTEXT, counted(0, one, one, ms=300), counted(9, both, two),
    ]  # fmt: skip
    reading = read_all(jsonl(tmp_path / "rollout-2.jsonl", lines))
    assert skipped(reading) == {codex.REPLAYED: 1}
    assert reading.observed.prompt.tolist() == [120]
    assert reading.observed.named("parent") == ["c1"]
    assert reading.observed.named("agent") == ["explorer"]


def test_the_log_of_old_versions_is_read_too(tmp_path: Path) -> None:
    lines = [
        {"ts": AT.format(n, 0), "dir": "to_tui", "kind": "codex_event",
         "payload": {"msg": {"type": "token_count", **usage(100 * n, 0, 10 * n, 0)}}}
        for n in (1, 2)
    ]  # fmt: skip
    reading = read_all(jsonl(tmp_path / "session.jsonl", lines))
    assert reading.observed.prompt.tolist() == [100, 100]


def test_parts_larger_than_their_whole_are_cut_and_said(tmp_path: Path) -> None:
    lines = [meta(0), CONTEXT, counted(5, usage(10, 50, 5, 9), usage(10, 50, 5, 9))]
    reading = read_all(jsonl(tmp_path / "rollout-1.jsonl", lines))
    assert sums(reading)["cache_read"] == 10
    assert sums(reading)["reasoning"] == 5
    assert len(remarks(reading)) == 1


def compacted(second: int, message: str) -> dict[str, Any]:
    return event(second, {"message": message, "replacement_history": []}, "compacted")


def test_the_call_before_a_summary_is_a_compaction_and_the_person_waits_for_the_next(tmp_path: Path) -> None:
    """As Codex writes it: the summary's usage, a count of nothing new, the record itself; then the turn goes on."""
    first, summary, answer = usage(100, 0, 10, 0), usage(110, 96, 30, 0), usage(60, 0, 5, 0)
    whole, none = usage(210, 96, 40, 0), usage(0, 0, 0, 0)
    lines = [
        meta(0), CONTEXT, ASKED, counted(5, first, first), event(9, {"type": "user_message"}),
        counted(12, whole, summary), counted(13, whole, none), compacted(14, "what was done"),
        event(15, {"type": "context_compacted"}), counted(20, usage(270, 96, 45, 0), answer),
    ]  # fmt: skip
    reading = read_all(jsonl(tmp_path / "rollout-1.jsonl", lines))
    found = reading.observed
    assert found["kind"].tolist() == [Kind.TURN, Kind.COMPACTION, Kind.TURN]
    assert found["request"].tolist() == [0, 0, 1]
    assert found["user_turn"].tolist() == [1, 0, 1]
    assert remarks(reading) == {}
    assert "done" not in repr(found.names)


def test_no_call_is_a_compaction_where_the_provider_compacts_or_something_came_between(tmp_path: Path) -> None:
    one = usage(100, 0, 10, 0)
    back = event(6, {"type": "function_call_output", "output": "secret"}, "response_item")
    called = event(6, {"type": "function_call", "name": "shell"}, "response_item")
    for name, lines in {
        "provider": [counted(5, one, one), compacted(7, "")],
        "between": [counted(5, one, one), back, compacted(7, "summary")],
        "called": [counted(5, one, one), called, compacted(7, "summary")],
        "nothing": [compacted(1, "summary"), counted(5, one, one)],
    }.items():
        reading = read_all(jsonl(tmp_path / name / "rollout-1.jsonl", [meta(0), CONTEXT, ASKED, *lines]))
        assert reading.observed["kind"].tolist() == [Kind.TURN]
        assert remarks(reading) == ({codex.PROVIDER_COMPACTED: 1} if name == "provider" else {})


def test_a_fork_whose_clock_runs_back_keeps_its_own_calls(tmp_path: Path) -> None:
    """Only what was written as the file began is the parent's: a call before that moment is none of it."""
    one, two = usage(100, 60, 20, 5), usage(150, 128, 10, 0)
    head = [meta(20, "c", forked_from_id="p"), meta(20, "p"), counted(20, one, one)]
    own = [event(25, ASKED["payload"]), counted(10, usage(250, 188, 30, 5), two)]
    reading = read_all(jsonl(tmp_path / "rollout-c.jsonl", [*head, *own]))
    assert skipped(reading) == {codex.REPLAYED: 1}
    assert sums(reading)["cache_read"] == 128
    assert reading.observed.named("session") == ["c"]


def test_rollouts_joined_into_one_file_in_any_order(tmp_path: Path) -> None:
    one = usage(100, 60, 20, 5)
    older = [meta(0, "a"), CONTEXT, ASKED, counted(5, one, one)]
    newer = [meta(40, "b"), event(40, ASKED["payload"]), counted(45, one, one), meta(50, "b"), counted(51, one, one)]
    for place, lines in enumerate(([*older, *newer], [*newer, *older])):
        reading = read_all(jsonl(tmp_path / f"rollout-{place}.jsonl", lines))
        assert skipped(reading) == {codex.REPEATED: 1}  # that of 51, after the head that was written again
        assert reading.observed.named("session") == ["a", "b"]
        assert sums(reading)["input"] == 80
        assert reading.observed["user_turn"].tolist() == [1, 1]


def test_the_same_rollout_in_another_place_counts_once(tmp_path: Path) -> None:
    one, two = usage(100, 60, 20, 5), usage(150, 128, 10, 0)
    lines = [meta(0), CONTEXT, ASKED, counted(5, one, one), counted(9, usage(250, 188, 30, 5), two)]
    path = jsonl(tmp_path / "sessions" / "rollout-1.jsonl", lines)
    (path.parent / "rollout-1.jsonl.gz").write_bytes(gzip.compress(path.read_bytes()))
    jsonl(tmp_path / "archived_sessions" / "rollout-1.jsonl", lines[:-1])
    reading = read_all(tmp_path)
    assert skipped(reading) == {codex.COPIED: 3}
    assert sums(reading)["input"] == 62
    assert len(reading.observed) == 2


def test_equal_counts_of_one_moment_in_one_file_are_two_calls_without_sums(tmp_path: Path) -> None:
    one = event(5, {"type": "token_count", "info": {"last_token_usage": usage(100, 60, 20, 5)}})
    reading = read_all(jsonl(tmp_path / "rollout-1.jsonl", [meta(0), CONTEXT, ASKED, one, one]))
    assert len(reading.observed) == 2
