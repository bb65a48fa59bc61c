"""OpenClaw: ~/.openclaw/agents/AGENT/sessions/SESSION.jsonl, as far as its public source and documentation say.

A file begins with {type: session, id, cwd}; messages are {type: message, timestamp, message: {role, content, ...}}.
Those of the role assistant carry provider, model and usage {input, output, cacheRead, cacheWrite, totalTokens, cost},
disjoint (docs.openclaw.ai; github.com/openclaw/openclaw, session-cost-usage). No real file was at hand.
"""

from __future__ import annotations

from pathlib import PurePath

from burncurve.importers.calls import MAIN, MOST_TOOL_CALLS, UNKNOWN, Call, Calls, joined_tools
from burncurve.importers.frame import USED, Format, Reader, Record, put
from burncurve.importers.parts import NONE
from burncurve.importers.spans import Span
from burncurve.importers.values import UNKNOWN_US, count, listed, mapping, moment_us, name, pico_usd
from burncurve.ledger import Status

CLIENT = "OpenClaw"
NO_MESSAGE = "no message of a conversation"
NO_USAGE = "answer without usage"
REPEATED = "message repeated"
_KINDS = ("model_change", "thinking_level_change", "custom", "custom_message", "compaction", "branch_summary")


class Transcript(Reader):
    """Reads one session."""

    def __init__(self, span: Span, calls: Calls) -> None:
        super().__init__(span, calls)
        path = PurePath(span.path)
        self._session, self._project = name(path.name.split(".")[0]) or UNKNOWN, ""
        self._agent = name(path.parent.parent.name) or MAIN if path.parent.name == "sessions" else MAIN
        self._person, self._request, self._last_us = True, NONE, UNKNOWN_US

    def take(self, record: Record) -> str:
        kind, message = record.get("type"), mapping(record.get("message"))
        if kind == "session":
            self._session = name(record.get("id")) or self._session
            self._project = name(record.get("cwd"))
            return USED
        if kind != "message":
            return NO_MESSAGE
        at_us = moment_us(record.get("timestamp", message.get("timestamp")))
        if message.get("role") == "assistant":
            return self._answer(record, message, at_us)
        self._person = self._person or message.get("role") == "user"
        self._last_us = at_us if at_us != UNKNOWN_US else self._last_us
        return USED

    def _answer(self, record: Record, message: Record, at_us: int) -> str:
        usage = message.get("usage")
        if not isinstance(usage, dict):
            return NO_USAGE
        key = (CLIENT, self._session, name(record.get("id")))
        request = len(self._calls) if self._person else self._request
        reason = put(self._calls, key, lambda: self._call(message, usage, at_us, request), REPEATED)
        if not reason:
            self._request = request
            self._person = False
            self._last_us = at_us if at_us != UNKNOWN_US else self._last_us
        return reason

    def _call(self, message: Record, usage: Record, at_us: int, request: int) -> Call:
        blocks = [mapping(block) for block in listed(message.get("content"))]
        tools = [name(block.get("name")) for block in blocks if block.get("type") == "toolCall"]
        written = count(usage, "cacheWrite")
        call = Call(
            session=self._session,
            agent=self._agent,
            project=self._project,
            model=name(message.get("model")) or UNKNOWN,
            provider=name(message.get("provider")),
            client=CLIENT,
            status=int(Status.ERROR if message.get("stopReason") in ("error", "aborted") else Status.OK),
            request=request,
            user_turn=int(self._person),
            tools=joined_tools(tools),
            tool_calls=min(len(tools), MOST_TOOL_CALLS),
            start_us=self._last_us if at_us != UNKNOWN_US else UNKNOWN_US,
            end_us=at_us,
            input=count(usage, "input"),
            cache_read=count(usage, "cacheRead"),
            cache_write_5m=written,
            output=count(usage, "output"),
            stated_pico=pico_usd(mapping(usage.get("cost")).get("total")),
        )
        if written:
            self._calls.tally.remark("how long the cache was written for is not said: taken as five minutes")
        return call


def recognises(record: Record) -> bool:
    """Say whether a record is of OpenClaw."""
    if record.get("type") == "session":
        return "sessionId" not in record and "id" in record and "version" in record
    told = "sessionId" not in record and "timestamp" in record
    return told and (record.get("type") in _KINDS or isinstance(mapping(record.get("message")).get("role"), str))


FORMAT = Format("openclaw", CLIENT, (".openclaw/agents",), recognises, Transcript, repeated=REPEATED)
