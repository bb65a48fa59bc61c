"""OpenClaw: ~/.openclaw/agents/AGENT/sessions/SESSION.jsonl, as far as its public source and documentation say.

A file begins with {type: session, id, cwd}; messages are {type: message, timestamp, message: {role, content, ...}}.
Those of the role assistant carry provider, model and usage {input, output, cacheRead, cacheWrite, totalTokens, cost},
disjoint (docs.openclaw.ai; github.com/openclaw/openclaw, src/infra/session-cost-usage.ts), or in the words of the
provider (src/agents/usage.ts, which takes a negative input for none: more was cached than the provider counted).
Model "delivery-mirror" is a copy of what was sent elsewhere. Files SESSION.jsonl.reset.TIME and .deleted.TIME are
sessions put aside and count, SESSION.checkpoint.ID.jsonl is a copy and does not (src/config/sessions/artifacts.ts). A
branch into a new file repeats messages with their ids and times; what a compaction took is not written down
(github.com/badlogic/pi-mono, coding-agent/docs/session.md). No real file was at hand.
"""

from __future__ import annotations

import re
from pathlib import PurePath

from burncurve.importers.calls import MAIN, MOST_TOOL_CALLS, UNKNOWN, Call, Calls, joined_tools
from burncurve.importers.frame import USED, Format, Reader, Record, put
from burncurve.importers.parts import NONE
from burncurve.importers.spans import Span
from burncurve.importers.values import UNKNOWN_US, count, listed, mapping, name
from burncurve.ledger import Status

CLIENT = "OpenClaw"
NO_MESSAGE = "no message of a conversation"
NO_USAGE = "answer without usage"
REPEATED = "message repeated"
PROGRAM_TEXT = "text of the program, no call"
COPY = "copy of a session from before a compaction"
COMPACTED = "a compaction: what it took is not in the log"
NEGATIVE = "negative input taken as none"
_MIRROR = "delivery-mirror"
_CHECKPOINT = re.compile(r"\.checkpoint\.[0-9a-f-]{36}\.jsonl")
_INPUT = ("input", "inputTokens", "input_tokens", "promptTokens", "prompt_tokens")
_OUTPUT = ("output", "outputTokens", "output_tokens", "completionTokens", "completion_tokens")
_READ = ("cacheRead", "cache_read", "cache_read_input_tokens", "cached_tokens")
_WRITTEN = ("cacheWrite", "cache_write", "cache_creation_input_tokens")
_KINDS = ("model_change", "thinking_level_change", "custom", "custom_message", "compaction", "branch_summary")


class Transcript(Reader):
    """Reads one session."""

    def __init__(self, span: Span, calls: Calls) -> None:
        super().__init__(span, calls)
        path = PurePath(span.path)
        self._session, self._project = name(path.name.split(".")[0]) or UNKNOWN, ""
        self._agent = name(path.parent.parent.name) or MAIN if path.parent.name == "sessions" else MAIN
        self._copy = _CHECKPOINT.search(path.name) is not None
        self._person, self._request, self._last_us = True, NONE, UNKNOWN_US

    def take(self, record: Record) -> str:
        if self._copy:
            return COPY
        kind, message = record.get("type"), mapping(record.get("message"))
        if kind == "session":
            self._session = name(record.get("id")) or self._session
            self._project = name(record.get("cwd"))
            return USED
        if kind == "compaction":
            self._calls.tally.remark(COMPACTED)
            return USED
        if kind != "message":
            return NO_MESSAGE
        at_us = self._moment_us(record.get("timestamp", message.get("timestamp")))
        if message.get("role") == "assistant":
            return self._answer(record, message, at_us)
        self._person = self._person or message.get("role") == "user"
        self._last_us = at_us if at_us != UNKNOWN_US else self._last_us
        return USED

    def _answer(self, record: Record, message: Record, at_us: int) -> str:
        usage = message.get("usage", record.get("usage"))
        if _told(record, message, "model") == _MIRROR:
            return PROGRAM_TEXT
        if not isinstance(usage, dict):
            return NO_USAGE
        key = (CLIENT, name(record.get("timestamp")) or self._session, name(record.get("id")))
        request = len(self._calls) if self._person else self._request
        reason = put(self._calls, key, lambda: self._call(record, message, usage, at_us, request), REPEATED)
        if not reason:
            self._request = request
            self._person = False
            self._last_us = at_us if at_us != UNKNOWN_US else self._last_us
        return reason

    def _call(self, record: Record, message: Record, usage: Record, at_us: int, request: int) -> Call:
        blocks = [mapping(block) for block in listed(message.get("content"))]
        tools = [name(block.get("name")) for block in blocks if block.get("type") == "toolCall"]
        written = count(usage, *_WRITTEN)
        call = Call(
            session=self._session,
            agent=self._agent,
            project=self._project,
            model=_told(record, message, "model") or UNKNOWN,
            provider=_told(record, message, "provider"),
            client=CLIENT,
            status=int(Status.ERROR if message.get("stopReason") in ("error", "aborted") else Status.OK),
            request=request,
            user_turn=int(self._person),
            tools=joined_tools(tools),
            tool_calls=min(len(tools), MOST_TOOL_CALLS),
            start_us=self._last_us if at_us != UNKNOWN_US else UNKNOWN_US,
            end_us=at_us,
            input=self._input(usage),
            cache_read=count(usage, *_READ),
            cache_write_5m=written,
            output=count(usage, *_OUTPUT),
            stated_pico=self._stated_pico(mapping(usage.get("cost")).get("total")),
        )
        if written:
            self._calls.tally.remark("how long the cache was written for is not said: taken as five minutes")
        return call

    def _input(self, usage: Record) -> int:
        """Return the input; raises Absurd."""
        value = usage.get("input")
        if isinstance(value, int) and value < 0:
            self._calls.tally.remark(NEGATIVE)
            return 0
        return count(usage, *_INPUT)


def _told(record: Record, message: Record, field: str) -> str:
    return name(message.get(field)) or name(record.get(field))


def recognises(record: Record) -> bool:
    """Say whether a record is of OpenClaw."""
    if record.get("type") == "session":
        return "sessionId" not in record and "id" in record and "version" in record
    told = "sessionId" not in record and "timestamp" in record
    return told and (record.get("type") in _KINDS or isinstance(mapping(record.get("message")).get("role"), str))


FORMAT = Format(
    "openclaw", CLIENT, (".openclaw/agents", ".clawdbot/agents", ".moltbot/agents"), recognises, Transcript,
    repeated=REPEATED, not_mine=NO_MESSAGE,
)  # fmt: skip
