"""Small logs written by hand, in the shape in which each program writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from burncurve.importers.reading import Reading, read

START = "2026-03-02T10:00:{:02d}.000Z"
COMPACT = (",", ":")  # as programs write; some readers look for the very bytes
MODEL = "claude-opus-4-6"


def jsonl(path: Path, records: Iterable[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(record, separators=COMPACT)}\n" for record in records), encoding="utf-8")
    return path


def claude_usage(
    prompt: int = 10, write: int = 100, read: int = 1_000, output: int = 20, hour: int = 0
) -> dict[str, Any]:
    return {
        "input_tokens": prompt,
        "cache_creation_input_tokens": write,
        "cache_read_input_tokens": read,
        "output_tokens": output,
        "cache_creation": {"ephemeral_5m_input_tokens": write - hour, "ephemeral_1h_input_tokens": hour},
        "server_tool_use": {"web_search_requests": 0},
        "service_tier": "standard",
    }


def claude_line(second: int, kind: str, session: str = "s1", **fields: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "uuid": f"u{second}",
        "sessionId": session,
        "timestamp": START.format(second),
        "cwd": "/srv/demo",
        "isSidechain": False,
        "userType": "external",
        **fields,
    }


def asked(second: int, **fields: Any) -> dict[str, Any]:
    return claude_line(second, "user", message={"role": "user", "content": "do it"}, **fields)


def result(second: int, tool: str = "t1", **fields: Any) -> dict[str, Any]:
    block = {"type": "tool_result", "tool_use_id": tool, "content": "done"}
    return claude_line(second, "user", message={"role": "user", "content": [block]}, **fields)


def answer(second: int, identity: str, tools: tuple[str, ...] = (), **fields: Any) -> dict[str, Any]:
    usage, request = fields.pop("usage", None) or claude_usage(), fields.pop("request", f"req_{identity}")
    content = [{"type": "tool_use", "id": f"t_{tool}", "name": tool, "input": {}} for tool in tools]
    message = {
        "id": identity, "type": "message", "role": "assistant", "model": fields.pop("model", MODEL),
        "content": content or [{"type": "text", "text": "secret words"}], "usage": usage,
    }  # fmt: skip
    return claude_line(second, "assistant", message=message, requestId=request, **fields)


SILENT = claude_usage(0, 0, 0, 0)


def sums(reading: Reading) -> dict[str, int]:
    meters = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning", "web_searches")
    return {meter: int(reading.observed[meter].sum()) for meter in meters}


def skipped(reading: Reading) -> dict[str, int]:
    return {reason: found.count for reason, found in reading.account.skipped.items()}


def files_skipped(reading: Reading) -> dict[str, int]:
    return {reason: found.count for reason, found in reading.account.files_skipped.items()}


def remarks(reading: Reading) -> dict[str, int]:
    return {what: found.count for what, found in reading.account.remarks.items()}


def read_all(*paths: Path) -> Reading:
    """Read, and hold that every record is counted: used, or skipped by a reason."""
    reading = read(*paths)
    account = reading.account
    assert account.records == account.used + sum(found.count for found in account.skipped.values())
    return reading
