"""Exports of gateways and observers: inclusive counters taken apart, what is no call left out, doubtful cases said."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from burncurve.importers import (
    claude_code,
    frame,
    inclusive,
    langfuse,
    litellm,
    openclaw,
    openrouter,
    plain,
    records,
    tally,
    telemetry,
    usage,
)
from burncurve.importers.offers import offer_of
from burncurve.ledger import Kind, Status
from importers.written import files_skipped, jsonl, read_all, remarks, skipped, sums


def table(path: Path, rows: list[dict[str, Any]]) -> Path:
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


ROUTED = {
    "generation_id": "gen-1", "created_at": "2026-02-20 10:00:00.250", "cost_total": "0.0123", "tokens_prompt": 1000,
    "tokens_completion": 120, "tokens_reasoning": 20, "tokens_cached": 600,
    "model_permaslug": "anthropic/claude-4.6-opus", "provider_name": "Anthropic", "cancelled": "false",
    "finish_reason_normalized": "stop",
    "generation_time_ms": "2500", "time_to_first_token_ms": "900", "api_key_name": "team", "app_name": "demo",
}  # fmt: skip


def test_openrouter(tmp_path: Path) -> None:
    failed = {
        **ROUTED,
        "generation_id": "gen-2",
        "finish_reason_normalized": "error",
        "cost_total": "",
        "tokens_cached": "",
    }
    reading = read_all(table(tmp_path / "activity.csv", [ROUTED, ROUTED, failed, {**ROUTED, "model_permaslug": ""}]))
    found = reading.observed
    assert skipped(reading) == {openrouter.REPEATED: 1, openrouter.NO_MODEL: 1}
    assert sums(reading) == {
        "input": 1_400, "cache_read": 600, "cache_write_5m": 0, "cache_write_1h": 0, "output": 200, "reasoning": 40,
        "web_searches": 0,
    }  # fmt: skip
    assert found["stated_pico"].tolist() == [12_300_000_000, -1]
    assert found["status"].tolist() == [Status.OK, Status.ERROR]
    assert (int(found["end_us"][0] - found["start_us"][0]), int(found["first_token_us"][0] - found["start_us"][0])) == (
        2_500_000,
        900_000,
    )
    assert found.named("agent") == ["team"] * 2
    assert found.named("project") == ["demo"] * 2


def test_a_variant_of_openrouter_is_another_offer(tmp_path: Path) -> None:
    rows = [
        {**ROUTED, "generation_id": f"g{place}", "variant": variant}
        for place, variant in enumerate(("", "standard", "free", "nitro"))
    ]
    found = read_all(table(tmp_path / "activity.csv", rows)).observed
    model = ROUTED["model_permaslug"]
    assert found.named("model") == [model, model, f"{model}:free", f"{model}:nitro"]
    assert [offer_of(each) for each in found.named("model")[2:]] == [
        "anthropic/claude-4.6-opus:free",  # that nobody prices as the other
        "anthropic/claude-opus-4.6",
    ]


SPENT = {
    "request_id": "r1", "call_type": "acompletion", "spend": 0.5, "total_tokens": 1100, "prompt_tokens": 1000,
    "completion_tokens": 100, "startTime": "2026-02-20T10:00:00+00:00", "endTime": "2026-02-20T10:00:04+00:00",
    "model": "anthropic/claude-opus-4-6", "cache_hit": "False", "session_id": "s", "agent_id": "a", "team_id": "t",
    "metadata": {"usage_object": {"cache_read_input_tokens": 700, "cache_creation_input_tokens": 200,
                                  "completion_tokens_details": {"reasoning_tokens": 30}}},
}  # fmt: skip


@pytest.mark.parametrize("form", ["json", "page", "jsonl", "csv"])
def test_litellm(tmp_path: Path, form: str) -> None:
    rows = [SPENT, {**SPENT, "request_id": "r2", "cache_hit": "True"}]
    path = tmp_path / f"spend.{'json' if form == 'page' else form}"
    if form == "csv":
        table(path, [{**row, "metadata": json.dumps(row["metadata"])} for row in rows])
    elif form == "jsonl":
        jsonl(path, rows)
    else:
        path.write_text(json.dumps({"data": rows} if form == "page" else rows, indent=1), encoding="utf-8")
    reading = read_all(path)
    assert skipped(reading) == {litellm.OWN_CACHE: 1}
    assert sums(reading) == {
        "input": 100, "cache_read": 700, "cache_write_5m": 200, "cache_write_1h": 0, "output": 70, "reasoning": 30,
        "web_searches": 0,
    }  # fmt: skip
    assert reading.observed["stated_pico"].tolist() == [500_000_000_000]
    assert remarks(reading) == {inclusive.RETENTION: 1}


def test_litellm_tells_usage_in_other_places_too(tmp_path: Path) -> None:
    """Hours of writing, searches, values beside the usage, and versions whose prompt lacks what was written."""
    written = {"cache_creation_tokens": 300, "cache_creation_token_details": {"ephemeral_1h_input_tokens": 250}}
    usage = {"prompt_tokens_details": written, "server_tool_use": {"web_search_requests": 2}}
    older = {"cache_read_input_tokens": 900, "cache_creation_input_tokens": 400}
    rows = [
        {**SPENT, "metadata": {"additional_usage_values": usage, "usage_object": None}},
        {**SPENT, "request_id": "r2", "metadata": {"usage_object": older}},
    ]
    reading = read_all(jsonl(tmp_path / "spend.jsonl", rows))
    found = reading.observed
    assert found["input"].tolist() == [700, 100]
    assert found["cache_read"].tolist() == [0, 900]
    assert found["cache_write_5m"].tolist() == [50, 400]
    assert found["cache_write_1h"].tolist() == [250, 0]
    assert found["web_searches"].tolist() == [2, 0]
    assert remarks(reading)[litellm.WRITTEN_APART] == 1


def observation(identity: str, usage: dict[str, int], **fields: Any) -> dict[str, Any]:
    return {
        "id": identity, "trace_id": "t1", "project_id": "p", "type": "GENERATION", "session_id": "s1",
        "start_time": "2026-02-20 10:00:00.000000", "end_time": "2026-02-20 10:00:02.000000",
        "provided_model_name": "gpt-5.2", "usage_details": usage, "cost_details": {"total": 0.25}, **fields,
    }  # fmt: skip


def test_langfuse_tells_by_the_total_whether_the_input_includes_what_was_cached(tmp_path: Path) -> None:
    rows = [
        observation("1", {"input": 100, "output": 20, "input_cached_tokens": 60, "total": 120}),
        observation("2", {"input": 40, "output": 20, "cache_read_input_tokens": 60, "total": 120}),
        observation("3", {"input": 100, "output": 20, "cache_read_input_tokens": 60}),
        observation("4", {"input": 5, "output": 1}, type="SPAN"),
        observation("5", {}),
    ]
    reading = read_all(jsonl(tmp_path / "observations.jsonl", rows))
    assert reading.observed["input"].tolist() == [40, 40, 100]
    assert reading.observed["cache_read"].tolist() == [60, 60, 60]
    assert skipped(reading) == {langfuse.NOT_A_CALL: 1, langfuse.NO_USAGE: 1}
    assert remarks(reading) == {usage.AMBIGUOUS: 1}
    assert reading.observed["user_turn"].tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("told", "meters"),
    [
        # the prices of Langfuse's own models have keys for each retention, and several names for most counters
        ({"input": 100, "output": 50, "total": 8150, "input_cache_creation_5m": 5000, "input_cache_creation_1h": 3000},
         (100, 0, 5000, 3000, 50, 0)),
        ({"input_tokens": 100, "output_tokens": 50, "total": 750, "cache_read_input_tokens": 600},
         (100, 600, 0, 0, 50, 0)),
        ({"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}, (100, 0, 0, 0, 50, 0)),
        ({"input": 700, "output": 50, "total": 750, "cache_read.input_tokens": 600}, (100, 600, 0, 0, 50, 0)),
        ({"promptTokenCount": 90, "candidatesTokenCount": 5, "thoughtsTokenCount": 20, "cachedContentTokenCount": 60,
          "totalTokenCount": 115}, (30, 60, 0, 0, 5, 20)),  # the input includes, the output does not
        ({"input": 30, "output": 25, "input_cached_tokens": 60, "output_reasoning": 20, "total": 115},
         (30, 60, 0, 0, 5, 20)),  # and the other way round
        ({"input": 10, "output": 5, "cache_read_input_tokens": 0, "input_cache_read": 60, "total": 75},
         (10, 60, 0, 0, 5, 0)),
        ({"input": 10, "output": 5, "cache_creation_input_tokens": 80, "input_cache_creation_5m": 50,
          "input_cache_creation_1h": 30, "total": 95}, (10, 0, 50, 30, 5, 0)),  # the parts of a count beside it
        ({"input": 10, "output": 5, "input_cache_creation": 80, "input_cache_creation_1h": 30, "total": 125},
         (10, 0, 80, 30, 5, 0)),  # where the total says that they add up
        ({"input": 0, "input_modality_1": 40, "output": 5, "total": 45}, (40, 0, 0, 0, 5, 0)),
    ],
)  # fmt: skip
def test_langfuse_counts_under_all_names_by_which_it_prices(
    tmp_path: Path, told: dict[str, int], meters: tuple[int, ...]
) -> None:
    reading = read_all(jsonl(tmp_path / "o.jsonl", [observation("1", told)]))
    assert tuple(list(sums(reading).values())[:6]) == meters
    assert set(remarks(reading)) <= {inclusive.RETENTION}


def test_langfuse_names_what_it_cannot_place(tmp_path: Path) -> None:
    """No token is lost without a word: kinds without a meter, totals that say more, counts that contradict."""
    rows = [
        observation("1", {"input": 100, "output": 50, "total": 8150, "input_audio_tokens": 8000}),
        observation("2", {"input": 100, "output": 50, "total": 170, "output_audio": 20}),
        observation("3", {"input": 100, "output": 50, "total": 157, "images": 7}),
        observation("4", {"input": 100, "output": 50, "total": 900}),
        observation("5", {"input": 100, "input_tokens": 90, "output": 50, "total": 150}),
        observation("6", {"input": 1, "output": 1, "total": 2, "a secret\nname": 9, "unit": "TOKENS"}),
    ]
    reading = read_all(jsonl(tmp_path / "o.jsonl", rows))
    assert reading.observed["input"].tolist() == [8100, 100, 100, 100, 100, 1]
    assert reading.observed["output"].tolist() == [50, 70, 50, 50, 50, 1]
    assert remarks(reading) == {
        inclusive.unknown_usage("input_audio_tokens", "input"): 1,
        inclusive.unknown_usage("output_audio", "output"): 1,
        inclusive.unknown_usage("images", ""): 1,
        "usage of a kind that is not known, not counted: (no plain name)": 1,
        inclusive.LARGER_TOTAL: 2,
        usage.DIFFERENT: 1,
    }


def test_names_of_unknown_usage_are_no_end_of_reasons(tmp_path: Path) -> None:
    rows = [observation(str(n), {"input": 1, "output": 1, f"kind{n}": 5}) for n in range(2 * tally.MOST_REASONS)]
    told = remarks(read_all(jsonl(tmp_path / "o.jsonl", rows)))
    assert len(told) == tally.MOST_REASONS + 1
    assert sum(told.values()) == 2 * tally.MOST_REASONS
    assert told[tally.OTHER_REASONS] == tally.MOST_REASONS


def test_spans_with_usage_under_other_names_say_so(tmp_path: Path) -> None:
    told = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 700,
            "gen_ai.usage.output_tokens": 50, "gen_ai.usage.pages": 600, "gen_ai.usage.nothing": 0,
            "gen_ai.usage.total_tokens": 1350}  # fmt: skip
    attributes = [{"key": key, "value": {"intValue" if isinstance(value, int) else "stringValue": value}}
                  for key, value in told.items()]  # fmt: skip
    span = {"traceId": "T", "spanId": "1", "startTimeUnixNano": "1780308000000000000", "attributes": attributes}
    batch = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
    reading = read_all(jsonl(tmp_path / "spans.jsonl", [batch]))
    assert remarks(reading) == {
        inclusive.unknown_usage("gen_ai.usage.pages", ""): 1,
        inclusive.LARGER_TOTAL: 1,
    }


def test_litellm_says_what_it_knows_of_retention_and_of_damaged_metadata(tmp_path: Path) -> None:
    split = {"cache_creation_token_details": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200}}
    usage_object = {"prompt_tokens_details": {"cache_creation_tokens": 300, **split}}
    rows = [
        {**SPENT, "metadata": json.dumps({"usage_object": usage_object})},
        {**SPENT, "request_id": "r2", "metadata": "{broken"},
        {**SPENT, "request_id": "r3", "metadata": ""},
        {**SPENT, "request_id": "r4", "metadata": "{}", "total_tokens": 1200},
    ]
    reading = read_all(table(tmp_path / "spend.csv", rows))
    assert sums(reading)["cache_write_1h"] == 200
    assert remarks(reading) == {litellm.DAMAGED_METADATA: 1, inclusive.LARGER_TOTAL: 1}


def test_langfuse_in_the_words_of_its_api_and_as_csv(tmp_path: Path) -> None:
    row = {
        "id": "1", "traceId": "t", "type": "GENERATION", "startTime": "2026-02-20T10:00:00.000Z", "model": "gpt-5.2",
        "endTime": "2026-02-20T10:00:01.000Z", "usageDetails": {"input": 7, "output": 3}, "totalCost": 0.5,
    }  # fmt: skip
    (tmp_path / "page.json").write_text(json.dumps({"data": [row], "meta": {}}), encoding="utf-8")
    table(tmp_path / "rows.csv", [{**row, "id": "2", "usageDetails": json.dumps(row["usageDetails"])}])
    reading = read_all(tmp_path)
    assert reading.formats == ("langfuse",)
    assert sums(reading)["input"] == 14


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_langfuse_names_the_tools_that_were_called(tmp_path: Path, form: str) -> None:
    row = observation("1", {"input": 1, "output": 1}, tool_call_names=["search", "open", "search"])
    path = tmp_path / f"o.{form}"
    packed = {name: json.dumps(value) if isinstance(value, dict | list) else value for name, value in row.items()}
    found = read_all(table(path, [packed]) if form == "csv" else jsonl(path, [row])).observed
    assert found.named("tools") == ["search,open"]
    assert found["tool_calls"].tolist() == [3]


def span(identity: str, attributes: dict[str, Any], **fields: Any) -> dict[str, Any]:
    values = [
        {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
        for key, value in attributes.items()
    ]
    return {
        "traceId": "t1", "spanId": identity, "name": "chat", "startTimeUnixNano": "1771581600000000000",
        "endTimeUnixNano": "1771581602500000000", "attributes": values, "status": {}, **fields,
    }  # fmt: skip


def batch(*spans: dict[str, Any]) -> dict[str, Any]:
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {}, "spans": list(spans)}]}]}


CHAT = {
    "gen_ai.operation.name": "chat", "gen_ai.provider.name": "anthropic", "gen_ai.request.model": "claude-opus-4-6",
    "gen_ai.conversation.id": "c1", "gen_ai.agent.name": "clerk", "gen_ai.usage.input_tokens": 1_000,
    "gen_ai.usage.output_tokens": 50, "gen_ai.usage.cache_read.input_tokens": 800,
    "gen_ai.usage.cache_creation.input_tokens": 150,
}  # fmt: skip
OLD = {"gen_ai.system": "openai", "gen_ai.usage.prompt_tokens": 10, "gen_ai.usage.completion_tokens": 5}
APART = {**CHAT, "gen_ai.usage.input_tokens": 100}


@pytest.mark.parametrize("pretty", [False, True])
def test_opentelemetry(tmp_path: Path, pretty: bool) -> None:
    agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 99_999}
    whole = batch(span("1", CHAT), span("2", agent), span("3", OLD), span("4", APART), span("1", CHAT))
    path = tmp_path / "spans.json"
    path.write_text(json.dumps(whole, indent=2 if pretty else None), encoding="utf-8")
    reading = read_all(path)
    assert skipped(reading) == {telemetry.NOT_A_CALL: 1, telemetry.REPEATED: 1}
    assert sums(reading) == {
        "input": 50 + 10 + 100, "cache_read": 1_600, "cache_write_5m": 300, "cache_write_1h": 0,
        "output": 105, "reasoning": 0, "web_searches": 0,
    }  # fmt: skip
    assert remarks(reading)[inclusive.LARGER_PARTS] == 1
    assert set(reading.observed.named("project")) == {"shop"}
    assert set(reading.observed.named("agent")) == {"clerk", "main"}


def test_opentelemetry_in_the_words_of_today(tmp_path: Path) -> None:
    renamed = {name.replace("cache_creation", "cache_write"): value for name, value in CHAT.items()}
    one = span("1", renamed)
    one["attributes"] += [
        {"key": "gen_ai.response.time_to_first_chunk", "value": {"doubleValue": 0.75}},
        {"key": "gen_ai.usage.cost", "value": {"doubleValue": 0.02}},
    ]
    path = tmp_path / "spans.json"
    path.write_text(json.dumps(batch(one)), encoding="utf-8")
    found = read_all(path).observed
    assert (found["input"][0], found["cache_write_5m"][0]) == (50, 150)
    assert found["first_token_us"][0] - found["start_us"][0] == 750_000
    assert found["stated_pico"].tolist() == [20_000_000_000]


def claw(second: int, usage: dict[str, Any] | None, identity: str = "", **fields: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": [], "model": "claude-opus-4-6", "usage": usage, **fields}
    stamp = f"2026-02-20T10:00:{second:02d}.000Z"
    return {"type": "message", "id": identity or f"i{second}", "timestamp": stamp, "message": message}


def test_sessions_of_openclaw_that_were_put_aside_count_and_copies_do_not(tmp_path: Path) -> None:
    head = {"type": "session", "version": 3, "id": "s1", "timestamp": "2026-02-20T10:00:00.000Z", "cwd": "/w"}
    usage = {"input": 10, "output": 5}
    folder, copy = tmp_path / "agents/a/sessions", "0d9c1d52-3f0e-4a0f-9d53-7a8a9d0c1b2e"
    jsonl(folder / "s1.jsonl", [head, claw(1, usage), {"type": "compaction", "id": "c", "timestamp": "x"}])
    jsonl(folder / "s1.jsonl.reset.2026-02-20T10-00-00.000Z", [head, claw(2, usage)])
    jsonl(folder / "s3.jsonl.deleted.2026-02-20T10-00-00.000Z", [{**head, "id": "s3"}, claw(3, usage)])
    jsonl(folder / f"s1.checkpoint.{copy}.jsonl", [head, claw(4, usage)])
    jsonl(folder / "s5.jsonl", [{**head, "id": "s5"}, claw(1, usage), claw(5, usage)])  # a branch: one message repeated
    reading = read_all(tmp_path)
    assert reading.account.files == 5
    assert len(reading.observed) == 4
    assert skipped(reading) == {openclaw.COPY: 2, openclaw.REPEATED: 1}
    assert remarks(reading) == {openclaw.COMPACTED: 1}


def test_openclaw_in_the_words_of_providers(tmp_path: Path) -> None:
    lines = [
        {"type": "session", "version": 3, "id": "s1", "timestamp": "2026-02-20T10:00:00.000Z", "cwd": "/w"},
        claw(1, {"input_tokens": 7, "output_tokens": 3, "cache_read_input_tokens": 50}),
        claw(2, {"input": -4, "output": 1, "cacheRead": 90}),
        claw(3, {"input": 0, "output": 0}, model="delivery-mirror", provider="openclaw"),
    ]
    reading = read_all(jsonl(tmp_path / "s1.jsonl", lines))
    assert reading.observed["input"].tolist() == [7, 0]
    assert reading.observed["cache_read"].tolist() == [50, 90]
    assert skipped(reading) == {openclaw.PROGRAM_TEXT: 1}
    assert remarks(reading) == {openclaw.NEGATIVE: 1}


def test_openclaw(tmp_path: Path) -> None:
    def message(second: int, role: str, **fields: Any) -> dict[str, Any]:
        stamp = f"2026-02-20T10:00:{second:02d}.000Z"
        inner = {"role": role, "content": [{"type": "text", "text": "secret"}], **fields}
        return {"type": "message", "id": f"i{second}", "timestamp": stamp, "message": inner}

    usage = {"input": 10, "output": 5, "cacheRead": 100, "cacheWrite": 20, "totalTokens": 135, "cost": {"total": 0.01}}
    call = [{"type": "toolCall", "name": "exec", "arguments": {}}]
    lines = [
        {"type": "session", "version": 3, "id": "s1", "timestamp": "2026-02-20T10:00:00.000Z", "cwd": "/srv/claw"},
        {"type": "model_change", "id": "x", "timestamp": "2026-02-20T10:00:00.000Z", "provider": "anthropic"},
        message(1, "user"),
        message(4, "assistant", model="claude-opus-4-6", provider="anthropic", usage=usage, content=call),
        message(6, "toolResult"),
        message(9, "assistant", model="claude-opus-4-6", provider="anthropic", usage=usage, stopReason="error"),
        message(9, "assistant", model="claude-opus-4-6", provider="anthropic", usage=usage),
        message(10, "assistant", model="claude-opus-4-6"),
    ]
    reading = read_all(jsonl(tmp_path / "agents/stocks/sessions/s1.jsonl", lines))
    found = reading.observed
    assert skipped(reading) == {openclaw.NO_MESSAGE: 1, openclaw.REPEATED: 1, openclaw.NO_USAGE: 1}
    assert found.prompt.tolist() == [130, 130]
    assert found.named("agent") == ["stocks"] * 2
    assert found["user_turn"].tolist() == [1, 0]
    assert found["status"].tolist() == [Status.OK, Status.ERROR]
    assert found["stated_pico"].tolist() == [10_000_000_000] * 2


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_the_plain_format(tmp_path: Path, form: str) -> None:
    rows = [
        {"time": "2026-02-20T10:00:00", "end": "2026-02-20T10:00:03", "session": "s", "agent": "lead", "model": "m/x",
         "input": 10, "cache_read": 5, "output": 7, "reasoning": 1, "request": "one", "tools": "a, b",
         "cost_usd": "0.1"},
        {"time": "2026-02-20T10:00:09", "session": "s", "model": "m/x", "input": 1, "output": 1, "kind": "compaction",
         "status": "error", "request": "one", "web_searches": 2},
        {"model": "", "input": 1, "output": 1},
        {"model": "m/x", "input": 1, "output": 1, "kind": "dance"},
        {"model": "m/x", "input": 1, "output": "none"},
    ]  # fmt: skip
    path = tmp_path / f"calls.{form}"
    reading = read_all(table(path, rows) if form == "csv" else jsonl(path, rows))
    found = reading.observed
    assert skipped(reading) == {plain.NO_MODEL: 1, "unknown kind": 1, "impossible count in output": 1}
    assert found["kind"].tolist() == [Kind.TURN, Kind.COMPACTION]
    assert found.named("tools") == ["a,b", ""]
    assert found["user_turn"].tolist() == [1, 0]
    assert found["web_searches"].tolist() == [0, 2]
    assert found["stated_pico"].tolist() == [100_000_000_000, -1]


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("plain.csv", "model,input,output\nm/x,,\nm/x,0,0\n", plain.NO_COUNTS),
        ("router.csv", "generation_id,model_permaslug,tokens_prompt,tokens_completion\na,m/x,,\nb,m/x,0,0\n",
         openrouter.NO_COUNTS),
        ("lite.csv", "request_id,model,startTime,prompt_tokens,completion_tokens\na,m,2026,,\nb,m,2026,0,0\n",
         litellm.NO_COUNTS),
        ("fuse.jsonl", '{"id":"a","trace_id":"t","type":"GENERATION","start_time":"2026","usage_details":{"x":1}}\n'
         '{"id":"b","trace_id":"t","type":"GENERATION","start_time":"2026","usage_details":{"input":0}}\n',
         langfuse.NO_USAGE),
        ("code.jsonl", '{"sessionId":"s","type":"assistant","message":{"id":"a","model":"m","usage":{}}}\n'
         '{"sessionId":"s","type":"assistant","message":{"id":"b","model":"m","usage":{"input_tokens":0}}}\n',
         claude_code.NO_USAGE),
    ],
)  # fmt: skip
def test_a_record_that_counts_nothing_is_no_call_of_zero_tokens(
    tmp_path: Path, name: str, text: str, reason: str
) -> None:
    (tmp_path / name).write_text(text)
    found = read_all(tmp_path / name)
    assert skipped(found) == {reason: 1}
    assert len(found.observed) == found.account.used == 1


def test_of_every_kind_of_log_each_line_is_used_or_skipped() -> None:
    """Lines as any other program counts them; a batch of spans and one document hold several records."""
    kinds = [*(Path(__file__).parent / "corpus").glob("*.csv"), *(Path(__file__).parent / "corpus").glob("*.jsonl")]
    paths = [path for path in sorted(kinds) if "telemetry" not in path.name]
    assert len(paths) > 10
    for path in paths:
        found = read_all(path).account
        lines = len(path.read_bytes().splitlines()) - (path.suffix == ".csv")
        assert found.files_skipped or found.records == lines, path


def test_times_and_costs_that_are_none_are_named(tmp_path: Path) -> None:
    told = (("0000-01-01", "-5"), ("9999-01-01", "nan"), ("junk", "1e9"), ("", "$3"), ("2026-03-02", ""))
    rows = [{"model": "m/x", "input": 1, "output": 1, "time": time, "cost_usd": cost} for time, cost in told]
    reading = read_all(table(tmp_path / "plain.csv", rows))
    assert remarks(reading) == {frame.NO_TIME: 3, frame.NO_COST: 4}
    assert reading.observed["stated_pico"].tolist() == [-1] * 5
    assert sorted(reading.observed["start_us"].tolist())[:4] == [-1] * 4


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_tables_with_other_signs_between_cells(tmp_path: Path, between: str) -> None:
    text = 'model,input,output,tools\nm/x,1,2,"a;b,c\td"\n'
    rows = list(csv.reader(text.splitlines()))
    with open(tmp_path / "plain.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=between).writerows(rows)
    reading = read_all(tmp_path)
    assert (sums(reading)["input"], sums(reading)["output"]) == (1, 2)


def test_tables_that_could_mean_either_are_refused_by_their_reason(tmp_path: Path) -> None:
    (tmp_path / "twice.csv").write_text("model,input,output,input\nm/x,1,2,9\n")
    (tmp_path / "wide.csv").write_text("model,input,output\nm/x,1,2\n", encoding="utf-16")
    (tmp_path / "unnamed.csv").write_text("model,input,output,,\nm/x,1,2,,\n")
    reading = read_all(tmp_path)
    assert files_skipped(reading) == {records.TWICE: 1, records.UTF_16: 1}
    assert len(reading.observed) == 1


def test_what_openrouter_took_for_searches_is_named(tmp_path: Path) -> None:
    rows = [{**ROUTED, "generation_id": f"g{n}", "cost_web_search": cost} for n, cost in enumerate(("0.02", "0", ""))]
    assert remarks(read_all(table(tmp_path / "activity.csv", rows))) == {openrouter.SEARCHED: 1}


def test_a_column_named_as_what_holds_records_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("model,input,output,data\nm/x,1,2,x\n")
    reading = read_all(tmp_path)
    assert (reading.account.records, reading.account.used) == (1, 1)
