"""Codex: ~/.codex/sessions/YYYY/MM/DD/rollout-*.jsonl.

Facts, from the files themselves: `last_token_usage` is of the call just made and `total_token_usage` the sum so far;
input includes what was read from the cache, output includes reasoning; the same event can come twice with unchanged
sums; the file of a forked session begins with the events of its parent, all written within a second. A rollout lies
in another folder once it is archived, and may be packed: calls of one session, time and counters are one. Rollouts that
somebody joined into one file follow each other there, in whatever order.

From the program's source (github.com/openai/codex, codex-rs/core/src/compact.rs, compact_remote.rs): when Codex
summarises by itself, the usage of that call is the last token count before the record `compacted`, which carries the
summary as its message; where the provider compacts, the message is empty and no usage is written.
"""

from __future__ import annotations

from pathlib import PurePath

from burncurve.importers.calls import MAIN, MOST_TOOL_CALLS, SUB_AGENT, UNKNOWN, Call, Calls, hashed, joined_tools
from burncurve.importers.frame import USED, Format, Reader, Record
from burncurve.importers.parts import NONE
from burncurve.importers.spans import Span
from burncurve.importers.values import NOTHING, UNKNOWN_US, Absurd, count, mapping, name
from burncurve.ledger import Kind
from burncurve.words import US_PER_S

CLIENT = "Codex"
NO_CALL = "event without token counts"
NO_FIGURES = "token count without figures"
REPEATED = "token count repeated"
REPLAYED = "token count of the parent replayed by a fork"
COPIED = "token count repeated from another file"
COUNTERS = (
    "input_tokens",
    "cached_input_tokens",
    "cache_write_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
)
_CALLED = ("function_call", "custom_tool_call", "local_shell_call", "web_search_call", "tool_search_call")
_RESULTS = ("function_call_output", "custom_tool_call_output", "tool_search_output")
PROVIDER_COMPACTED = "the provider compacted: what that took is not in the log"
_KINDS = ("session_meta", "turn_context", "event_msg", "response_item", "compacted")


class Rollout(Reader):
    """Reads one rollout."""

    def __init__(self, span: Span, calls: Calls) -> None:
        super().__init__(span, calls)
        self._file = name(PurePath(span.path).name.split(".")[0]) or UNKNOWN
        self._last: Call | None = None  # the last call, put down when what follows tells what it was for
        self._begin()

    def _begin(self) -> None:
        """Know nothing of the rollout that begins."""
        self._session, self._parent, self._forked_from, self._agent = self._file, "", "", MAIN
        self._project, self._model, self._provider = "", UNKNOWN, ""
        self._begun_us = self._last_us = UNKNOWN_US
        self._known = self._fork = False
        self._person, self._request = True, NONE
        self._totals: tuple[int, ...] | None = None
        self._tools: list[str] = []
        self._before = NONE  # the request before the one of the last call

    def take(self, record: Record) -> str:
        payload = mapping(record.get("payload"))
        kind = record.get("type")
        if record.get("kind") == "codex_event":  # the log of old versions
            kind, payload = "event_msg", mapping(payload.get("msg"))
        at_us = self._moment_us(record.get("timestamp", record.get("ts")))
        if kind == "session_meta":
            return self._meta(payload, at_us)
        if kind == "turn_context":
            self._model = name(payload.get("model")) or self._model
            self._project = name(payload.get("cwd")) or self._project
            return USED
        if kind == "event_msg" and payload.get("type") == "token_count":
            return self._counted(payload, at_us)
        return self._compacted(payload) if kind == "compacted" else self._other(payload, at_us)

    def finish(self, goes_on: bool) -> None:
        self._put_down()

    def _put_down(self) -> None:
        if self._last:
            if self._last.key in self._calls.keys:  # twice in this file, and not called a repetition: both count
                self._last.key = 0
            self._calls.keys.add(self._last.key)
            self._calls.add(self._last)
            self._last = None

    def _compacted(self, payload: Record) -> str:
        """Know that the last call wrote a summary; a person who had spoken then waits for the next call."""
        if not payload.get("message"):
            self._calls.tally.remark(PROVIDER_COMPACTED)
        elif self._last:
            self._last.kind = int(Kind.COMPACTION)
            if self._last.user_turn and self._before != NONE:
                self._person, self._request = True, self._before
                self._last.user_turn, self._last.request = 0, self._before
            self._put_down()
        return USED

    def _meta(self, payload: Record, at_us: int) -> str:
        identity = name(payload.get("id"))
        if self._known and (identity in ("", self._session) or self._replays(identity, at_us)):
            self._fork = self._fork or identity != self._session
            return USED
        if self._known:  # another rollout, joined to the one before
            self._put_down()
            self._begin()
        self._known, self._begun_us = True, at_us
        self._session = identity or self._session
        self._project = name(payload.get("cwd"))
        self._provider = name(payload.get("model_provider"))
        spawned = mapping(mapping(mapping(payload.get("source")).get("subagent")).get("thread_spawn"))
        self._parent = name(spawned.get("parent_thread_id"))
        if self._parent:
            self._agent = name(spawned.get("agent_role")) or SUB_AGENT
        self._forked_from = name(payload.get("forked_from_id"))
        self._fork = bool(self._parent or self._forked_from)
        return USED

    def _replays(self, identity: str, at_us: int) -> bool:
        """Say whether the head of another session is that of the parent: named as such, or written at once."""
        return identity in (self._parent, self._forked_from) or at_us == UNKNOWN_US or self._at_once(at_us)

    def _at_once(self, at_us: int) -> bool:
        """Say whether a record was written as the file began, as those of a parent are; a clock may run back later."""
        return self._begun_us == UNKNOWN_US or 0 <= at_us - self._begun_us < US_PER_S

    def _other(self, payload: Record, at_us: int) -> str:
        """Take what tells where a request begins, when a call was asked for, and which tools it called."""
        kind = payload.get("type")
        if kind == "user_message":
            self._put_down()
            self._person = True
        elif kind in _CALLED:
            self._put_down()
            self._tools.append(name(payload.get("name")) or str(kind).removesuffix("_call"))
            return USED
        elif kind not in _RESULTS:
            return NO_CALL
        else:
            self._put_down()
        self._last_us = at_us if at_us != UNKNOWN_US else self._last_us
        return USED

    def _counted(self, payload: Record, at_us: int) -> str:
        info = payload.get("info", payload if "input_tokens" in payload else None)
        if not isinstance(info, dict):
            return NO_FIGURES
        try:
            used, reason = self._of_this_call(info, at_us)
        except Absurd as field:
            return f"impossible count in {field}"
        if reason:
            return reason
        self._put_down()
        self._before, self._request = self._request, len(self._calls) if self._person else self._request
        self._last = self._call(used, at_us)
        self._last.record = self._calls.tally.record
        self._person, self._tools = False, []
        self._last_us = at_us if at_us != UNKNOWN_US else self._last_us
        return USED

    def _of_this_call(self, info: Record, at_us: int) -> tuple[tuple[int, ...], str]:
        """Return the counters of the call just made, and why they are to be skipped."""
        last, total = info.get("last_token_usage"), info.get("total_token_usage")
        if not isinstance(last, dict) and not isinstance(total, dict):
            total = info if "input_tokens" in info else None
        before = self._totals or (0,) * len(COUNTERS)
        totals = _counters(mapping(total)) if isinstance(total, dict) else None
        repeated = totals is not None and totals == self._totals
        self._totals = totals or self._totals
        if isinstance(last, dict):
            used = _counters(last)
        elif totals is None:
            return (), NO_FIGURES
        else:
            grown = tuple(now - then for now, then in zip(totals, before, strict=True))
            used = totals if min(grown) < 0 else grown  # the sums began anew
        if self._fork and UNKNOWN_US not in (at_us, self._begun_us) and self._at_once(at_us):
            return (), REPLAYED
        if repeated or not any(used):
            return (), REPEATED
        return used, USED

    def _call(self, used: tuple[int, ...], at_us: int) -> Call:
        whole, cached, written, output, reasoning = used
        if cached + written > whole or reasoning > output:
            self._calls.tally.remark("parts larger than their whole: cut to it")
        cached = min(cached, whole)
        written, reasoning = min(written, whole - cached), min(reasoning, output)
        return Call(
            session=self._session,
            parent=self._parent,
            agent=self._agent,
            sub_agent=int(bool(self._parent)),
            project=self._project,
            model=self._model,
            provider=self._provider,
            client=CLIENT,
            request=self._request,
            user_turn=int(self._person),
            tools=joined_tools(self._tools),
            tool_calls=min(len(self._tools), MOST_TOOL_CALLS),
            start_us=self._last_us if at_us != UNKNOWN_US else UNKNOWN_US,
            end_us=at_us,
            input=whole - cached - written,
            cache_read=cached,
            cache_write_5m=written,
            output=output - reasoning,
            reasoning=reasoning,
            key=self._key(used, at_us),
        )

    def _key(self, used: tuple[int, ...], at_us: int) -> int:
        """Return what a copy of the rollout has in common with it; 0 where the time is not known."""
        return hashed(CLIENT, self._session, str(at_us), str(used), str(self._totals)) if at_us != UNKNOWN_US else 0


def _counters(usage: Record) -> tuple[int, ...]:
    return tuple(count(usage, counter) for counter in COUNTERS)


def recognises(record: Record) -> bool:
    """Say whether a record is of Codex."""
    payload = record.get("payload", NOTHING)
    return isinstance(payload, dict) and (record.get("type") in _KINDS or record.get("kind") == "codex_event")


FORMAT = Format(
    "codex", CLIENT, (".codex/sessions", ".codex/archived_sessions"), recognises, Rollout,
    repeated=COPIED, not_mine=NO_CALL,
)  # fmt: skip
